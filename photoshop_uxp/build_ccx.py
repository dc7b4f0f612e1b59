"""Builds dist/inlay-<version>.ccx, which Creative Cloud installs into Photoshop: a zip of the plugin's folder.

Beside it dist/inlay-selftest-<version>.ccx, a plugin of its own, which finds out whether Photoshop does what Inlay expects of it.
Where photoshop_uxp/studio.json names a server, `{"origin": "https://inlay.studio.example:50052"}`, one more package is built:
dist/inlay-<version>-studio.ccx, which may talk to that server and to no other.
"""

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import inlay

PLUGIN = Path(__file__).parent
STUDIO = PLUGIN / "studio.json"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can hold: the same sources give the same bytes."""


def build(path: Path, *options: str) -> Path:
    """Write the package to `path`, byte for byte the same from the same sources; `options`: as build.mjs takes them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "inlay"
        subprocess.run(["node", PLUGIN / "build.mjs", built, inlay.__version__, *options], check=True)
        # Stored: another zlib would deflate to other bytes, and there is little to gain.
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
            for file in sorted(entry for entry in built.rglob("*") if entry.is_file()):
                info = zipfile.ZipInfo(file.relative_to(built).as_posix(), ZIP_TIME)
                info.create_system = 3
                info.external_attr = 0o100644 << 16
                package.writestr(info, file.read_bytes())
    return path


def build_all(folder: Path, studio: Path = STUDIO) -> list[Path]:
    """Build Inlay and Inlay Self-Test into `folder`, and the studio's Inlay where the file `studio` names its server."""
    name = f"inlay-{inlay.__version__}"
    packages = [build(folder / f"{name}.ccx"), build(folder / f"inlay-selftest-{inlay.__version__}.ccx", "--self-test")]
    if studio.exists():
        packages.append(build(folder / f"{name}-studio.ccx", json.loads(studio.read_text("utf-8"))["origin"]))
    return packages


if __name__ == "__main__":
    for package in build_all(Path(sys.argv[1]) if len(sys.argv) > 1 else PLUGIN.parent / "dist"):
        print(package)
