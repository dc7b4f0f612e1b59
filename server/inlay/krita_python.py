"""Whether this machine's Krita can run Python plugins: a distribution's Krita needs PyQt beside it, and starts without.

Krita's own builds (AppImage, Flatpak, Windows, macOS) bring their Python; what they lack cannot be seen from outside, and is
not looked for.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from inlay.krita_install import krita_folders

TIMEOUT_S = 30.0

_ELF = b"\x7fELF"
_PLUGIN = "kritapykrita.so"
"""The part of Krita that runs Python; it is linked against one Python and one Qt."""

_MODULES = ("QtCore", "QtGui", "QtWidgets")

_INSTALL = {
    "debian": {5: "sudo apt install python3-pyqt5", 6: "sudo apt install python3-pyqt6"},
    "arch": {5: "sudo pacman -S python-pyqt5", 6: "sudo pacman -S python-pyqt6"},
    "fedora": {5: "sudo dnf install python3-qt5", 6: "sudo dnf install python3-pyqt6"},
}
"""How a distribution's users get PyQt, by its ID or ID_LIKE in os-release(5) and by Qt's number."""


@dataclass(frozen=True)
class KritaPython:
    """What was found, and the cure where Krita loads no plugin; empty where all is well."""

    found: str
    cure: str = ""


def of_this_user() -> KritaPython | None:
    """That of the Krita which this user starts; None where there is none, or where it brings its own."""
    if not sys.platform.startswith("linux") or ".var/app" in krita_folders().resources.as_posix():
        return None
    program = shutil.which("krita")
    return look(Path(program).resolve()) if program else None


def look(program: Path, os_release: Path = Path("/etc/os-release")) -> KritaPython | None:
    """That of a Krita program in the `bin` of a prefix, as distributions install it; None where that cannot be known."""
    prefix = program.parent.parent
    rooms = [room for pattern in ("lib*/kritaplugins", "lib*/*/kritaplugins") for room in prefix.glob(pattern)]
    if not rooms or not _begins_as_elf(program):
        return None
    plugin = next((path for room in rooms if (path := room / _PLUGIN).exists()), None)
    if plugin is None:
        return KritaPython(
            f"{program} was built without Python, so it loads no plugins",
            "use the AppImage or the Flatpak of krita.org, which bring it",
        )
    return _try(prefix, plugin.read_bytes(), os_release)


def _begins_as_elf(program: Path) -> bool:
    with program.open("rb") as file:
        return file.read(len(_ELF)) == _ELF


def _try(prefix: Path, linked: bytes, os_release: Path) -> KritaPython | None:
    """Load what the plugin loads, with the interpreter of the Python that Krita's own part is linked against."""
    version, qt = re.search(rb"libpython(3\.\d+)", linked), re.search(rb"libQt(\d)Core", linked)
    if not version or not qt:
        return None
    name, binding = f"python{version[1].decode()}", f"PyQt{qt[1].decode()}"
    python = next((path for path in (prefix / "bin" / name, prefix / "bin/python3") if path.exists()), None)
    if python is None:
        return KritaPython(f"Krita needs {name}, which is not there", f"install {name}, or Krita again")
    imports = "; ".join(f"import {binding}.{module}" for module in _MODULES)
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    try:
        done = subprocess.run(
            [python, "-c", imports], capture_output=True, text=True, env=ours, cwd=prefix, timeout=TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode == 0:
        return KritaPython(f"Krita's Python ({name}) has {binding}")
    reason = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    return KritaPython(
        f"Krita's Python ({name}) cannot load {binding}, so Krita loads no plugins: {reason}",
        f"{_install(int(qt[1]), name, os_release)}; then start Krita again",
    )


def _install(qt: int, python: str, os_release: Path) -> str:
    text = os_release.read_text("utf-8") if os_release.exists() else ""
    kin = " ".join(re.findall(r'^(?:ID|ID_LIKE)="?([^"\n]*)', text, re.MULTILINE)).split()
    return next((_INSTALL[name][qt] for name in kin if qt in _INSTALL.get(name, {})), f"install PyQt{qt} for {python}")
