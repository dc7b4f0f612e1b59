"""The Krita plugin: put together, packed as a zip that Krita's own importer takes, or copied into a user's Krita.

Krita has no package manager, and two plugins that bring `google.protobuf` would load each other's. So the plugin carries
protobuf's pure Python runtime under a name of its own (`inlay_krita.vendor`), copied from this environment when it is built.
"""

import os
import re
import shutil
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import inlay
from inlay.errors import NotFound

PLUGIN = "inlay_krita"
VENDOR = f"{PLUGIN}.vendor"

RUNTIME_MODULES = (
    "__init__",
    "descriptor",
    "descriptor_database",
    "descriptor_pb2",
    "descriptor_pool",
    "internal/__init__",
    "internal/builder",
    "internal/containers",
    "internal/decoder",
    "internal/encoder",
    "internal/enum_type_wrapper",
    "internal/extension_dict",
    "internal/field_mask",
    "internal/message_listener",
    "internal/python_edition_defaults",
    "internal/python_message",
    "internal/type_checkers",
    "internal/well_known_types",
    "internal/wire_format",
    "message",
    "message_factory",
    "reflection",
    "runtime_version",
    "symbol_database",
    "text_encoding",
    "text_format",
    "unknown_fields",
)
"""What of google.protobuf the plugin loads (tests/krita/test_package.py loads it without any other copy around)."""

CONTRACT_MODULES = tuple(sorted(path.stem for path in (Path(inlay.__file__).parent / "v1").glob("*_pb2.py")))

SHARED_MODULES = ("lock", "pairing", "introduction", "nearby")
"""What the plugin and the server have in common: modules that need nothing but Python, the contract and each other."""

_PURE_PYTHON = '''"""Which protobuf this is: the pure Python one, whatever else the process has loaded. Written by Inlay's build."""

_c_module = None


def Type():
    return "python"


def IsPythonDefaultSerializationDeterministic():
    return False
'''

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can hold: the same sources give the same bytes."""


@dataclass(frozen=True)
class Step:
    """One thing that `install` does, or would do."""

    what: str
    path: Path


@dataclass(frozen=True)
class KritaFolders:
    """Where a user's Krita keeps what it loads."""

    resources: Path
    """Holds `pykrita` and `actions`."""
    kritarc: Path
    """Krita's settings, which name the enabled plugins."""


def sources() -> Path:
    """The folder with the plugin's own files: beside this package in a checkout, inside it in an install."""
    packed = Path(__file__).parent / "krita_plugin"
    checkout = Path(__file__).parents[2] / "krita_plugin"
    for folder in (packed, checkout):
        if (folder / f"{PLUGIN}.desktop").exists():
            return folder
    raise NotFound("the Krita plugin's files", str(packed))


def assemble(folder: Path) -> None:
    """Write the whole plugin into `folder`: its .desktop file, its package and, inside that, what it vendors."""
    origin = sources()
    shutil.copy(origin / f"{PLUGIN}.desktop", folder)
    ignored = shutil.ignore_patterns("__pycache__", "vendor")
    shutil.copytree(origin / PLUGIN, folder / PLUGIN, ignore=ignored, dirs_exist_ok=True)
    (folder / PLUGIN / "version.py").write_text(
        f'"""The plugin\'s version. Written by Inlay\'s build."""\n\nVERSION = "{inlay.__version__}"\n'
    )
    shutil.copy(_license(origin), folder / PLUGIN / "LICENSE")
    _vendor(folder / PLUGIN / "vendor")


def _license(origin: Path) -> Path:
    """Inlay's licence: among the plugin's files in an install, above them in a checkout."""
    packed = origin / "LICENSE"
    return packed if packed.exists() else origin.parent / "LICENSE"


def _vendor(folder: Path) -> None:
    import google.protobuf

    import inlay.v1

    runtime, contract = Path(google.protobuf.__path__[0]), Path(inlay.v1.__path__[0])
    for name in RUNTIME_MODULES:
        _write(folder / "google/protobuf" / f"{name}.py", _renamed((runtime / f"{name}.py").read_text("utf-8")))
    for name in CONTRACT_MODULES:
        _write(folder / "inlay/v1" / f"{name}.py", _renamed((contract / f"{name}.py").read_text("utf-8")))
    for name in SHARED_MODULES:
        _write(folder / "inlay" / f"{name}.py", _renamed((Path(inlay.__path__[0]) / f"{name}.py").read_text("utf-8")))
    _write(folder / "google/protobuf/internal/api_implementation.py", _PURE_PYTHON)
    for package in ("", "google", "inlay", "inlay/v1"):
        _write(folder / package / "__init__.py", "")
    _write(folder / "google/protobuf/LICENSE", _protobuf_license())


def _renamed(source: str) -> str:
    """`source` with its imports of protobuf, of the contract and of shared modules turned to the vendored copies."""
    source = re.sub(
        r"^(\s*)(from|import) google\.protobuf\b", rf"\1\2 {VENDOR}.google.protobuf", source, flags=re.MULTILINE
    )
    return re.sub(r"^(\s*)from inlay\b", rf"\1from {VENDOR}.inlay", source, flags=re.MULTILINE)


def _protobuf_license() -> str:
    files = metadata.files("protobuf") or []
    license_file = next((file for file in files if file.name == "LICENSE"), None)
    if license_file is None:
        raise NotFound("protobuf's license", "the installed protobuf")
    return license_file.read_text("utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")


def build(folder: Path) -> Path:
    """Pack the plugin as `folder/inlay_krita-<version>.zip`, byte for byte the same from the same sources."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{PLUGIN}-{inlay.__version__}.zip"
    with tempfile.TemporaryDirectory() as built:
        assemble(Path(built))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            # Krita's importer looks for entries of folders, so they are written too.
            for entry in sorted(Path(built).rglob("*")):
                name = entry.relative_to(built).as_posix()
                info = zipfile.ZipInfo(name + "/" * entry.is_dir(), _ZIP_TIME)
                info.create_system = 3
                info.external_attr = (0o40755 if entry.is_dir() else 0o100644) << 16
                info.compress_type = zipfile.ZIP_STORED if entry.is_dir() else zipfile.ZIP_DEFLATED
                archive.writestr(info, b"" if entry.is_dir() else entry.read_bytes())
    return path


def krita_folders(home: Path | None = None, platform: str = sys.platform) -> KritaFolders:
    """Where Krita keeps things for this user on this system; `home` and `platform` stand in for tests."""
    user = home or Path.home()
    if platform == "win32":
        roaming = _folder("APPDATA", user / "AppData/Roaming", home)
        return KritaFolders(roaming / "krita", _folder("LOCALAPPDATA", user / "AppData/Local", home) / "kritarc")
    if platform == "darwin":
        return KritaFolders(user / "Library/Application Support/krita", user / "Library/Preferences/kritarc")
    flatpak = user / ".var/app/org.kde.krita"
    if flatpak.exists():
        return KritaFolders(flatpak / "data/krita", flatpak / "config/kritarc")
    data = _folder("XDG_DATA_HOME", user / ".local/share", home)
    return KritaFolders(data / "krita", _folder("XDG_CONFIG_HOME", user / ".config", home) / "kritarc")


def _folder(variable: str, otherwise: Path, home: Path | None) -> Path:
    named = None if home else os.environ.get(variable)
    return Path(named) if named else otherwise


def install(folders: KritaFolders | None = None, *, dry_run: bool = False) -> list[Step]:
    """Copy the plugin into the user's Krita and enable it there; Krita loads it at its next start.

    An older copy is replaced; settings stay. With `dry_run` nothing is written. Returns what was, or would be, done.
    """
    folders = folders or krita_folders()
    package = folders.resources / "pykrita" / PLUGIN
    desktop = folders.resources / "pykrita" / f"{PLUGIN}.desktop"
    action = folders.resources / "actions" / f"{PLUGIN}.action"
    steps = [
        Step("replace" if package.exists() else "write", package),
        Step("write", desktop),
        Step("write", action),
        Step("enable the plugin in", folders.kritarc),
    ]
    if dry_run:
        return steps
    with tempfile.TemporaryDirectory() as built:
        assemble(Path(built))
        if package.exists():
            shutil.rmtree(package)
        action.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(Path(built) / PLUGIN, package)
        shutil.copy(Path(built) / f"{PLUGIN}.desktop", desktop)
        shutil.copy(package / "actions" / f"{PLUGIN}.action", action)
    _enable(folders.kritarc)
    return steps


def _enable(kritarc: Path) -> None:
    """Set `enable_inlay_krita=true` in the group `[python]`, leaving every other line as it is."""
    key = f"enable_{PLUGIN}"
    lines = kritarc.read_text("utf-8").splitlines() if kritarc.exists() else []
    lines = [line for line in lines if not re.match(rf"{key}\s*=", line)]
    if "[python]" not in lines:
        lines += ["", "[python]"] if lines else ["[python]"]
    lines.insert(lines.index("[python]") + 1, f"{key}=true")
    kritarc.parent.mkdir(parents=True, exist_ok=True)
    kritarc.write_text("\n".join(lines) + "\n", "utf-8")
