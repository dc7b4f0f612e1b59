"""A distribution's Krita starts without PyQt and then loads no plugin: `krita install` and `doctor` say so, with the package."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from cli.conftest import INLAY
from inlay.krita_python import look

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' Krita brings its Python")

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A Krita as a distribution installs it, linked against this Python and Qt 5, with no PyQt anywhere."""
    made = tmp_path / "usr"
    venv.create(made, symlinks=True)
    krita = made / "bin/krita"
    krita.write_bytes(b"\x7fELF and so on")
    krita.chmod(0o755)
    plugins = made / "lib/x86_64-linux-gnu/kritaplugins"
    plugins.mkdir(parents=True)
    (plugins / "kritapykrita.so").write_bytes(f"\x7fELF\0libpython{VERSION}.so.1.0\0libQt5Core.so.5\0".encode())
    return made


def add_pyqt(prefix: Path) -> None:
    (package,) = prefix.glob("lib/python*/site-packages")
    (package / "PyQt5").mkdir()
    for name in ("__init__", "QtCore", "QtGui", "QtWidgets"):
        (package / f"PyQt5/{name}.py").touch()


@pytest.mark.parametrize(
    ("distribution", "package"),
    [
        ("ID=debian\n", "sudo apt install python3-pyqt5"),
        ('ID=ubuntu\nID_LIKE="debian"\n', "sudo apt install python3-pyqt5"),
        ("ID=fedora\n", "sudo dnf install python3-qt5"),
        ("ID=manjaro\nID_LIKE=arch\n", "sudo pacman -S python-pyqt5"),
        ("ID=plan9\n", "install PyQt5"),
    ],
)
def test_a_krita_without_pyqt_is_found_and_the_package_named(
    prefix: Path, tmp_path: Path, distribution: str, package: str
) -> None:
    release = tmp_path / "os-release"
    release.write_text(distribution)
    seen = look(prefix / "bin/krita", release)
    assert seen
    assert "No module named 'PyQt5'" in seen.found
    assert package in seen.cure


def test_a_krita_with_pyqt_is_well(prefix: Path) -> None:
    add_pyqt(prefix)
    seen = look(prefix / "bin/krita")
    assert seen
    assert seen.cure == ""
    assert f"python{VERSION}" in seen.found


def test_a_krita_that_was_built_without_python_is_found(prefix: Path) -> None:
    next(prefix.rglob("kritapykrita.so")).unlink()
    seen = look(prefix / "bin/krita")
    assert seen
    assert "built without Python" in seen.found
    assert "AppImage" in seen.cure


def test_nothing_is_said_of_a_krita_that_brings_its_own_python(tmp_path: Path) -> None:
    """A script or an AppImage somewhere in the home folder."""
    program = tmp_path / "bin/krita"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec flatpak run org.kde.krita\n")
    assert look(program) is None


@pytest.mark.slow
def test_install_and_doctor_tell_and_go_quiet_once_pyqt_is_there(
    prefix: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    home = tmp_path / "home"
    ours = environment | {"HOME": str(home), "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}"}
    ours |= {"XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}

    def said(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*INLAY, *words], capture_output=True, text=True, env=ours, timeout=120)

    doctor = ("doctor", "--server", "127.0.0.1:1")
    assert "Krita" not in said(*doctor).stdout, "no plugin is installed, so its Krita is nobody's matter"
    install = said("krita", "install")
    assert install.returncode == 0
    assert "cannot load PyQt5" in install.stderr
    sick = said(*doctor).stdout
    assert "cannot load PyQt5" in sick
    assert "start Krita again" in sick
    add_pyqt(prefix)
    assert "PyQt5" not in said("krita", "install").stderr
    assert "has PyQt5" in said(*doctor).stdout
