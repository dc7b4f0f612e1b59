"""The version stands in `inlay/__init__.py`; everything else reads it there or is built from it."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import inlay
from inlay import krita_install

ROOT = Path(__file__).parents[2]
SOURCE = Path("server/inlay/__init__.py")
OTHER = "7.8.9"


@pytest.fixture
def renumbered(tmp_path: Path) -> Path:
    """What the package's version is read from, with another version written into its one source."""
    for file in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, tmp_path)
    source = tmp_path / SOURCE
    source.parent.mkdir(parents=True)
    text = (ROOT / SOURCE).read_text("utf-8")
    source.write_text(text.replace(f'__version__ = "{inlay.__version__}"', f'__version__ = "{OTHER}"'), "utf-8")
    return tmp_path


def test_the_packages_version_is_built_from_the_one_source(renumbered: Path) -> None:
    command = [sys.executable, "setup.py", "--quiet", "--version"]
    said = subprocess.run(command, cwd=renumbered, capture_output=True, text=True, check=True)
    assert said.stdout.split()[-1] == OTHER


def test_the_krita_plugin_is_built_from_the_one_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlay, "__version__", OTHER)
    built = krita_install.build(tmp_path)
    assert built.name == f"inlay_krita-{OTHER}.zip"
    with zipfile.ZipFile(built) as archive:
        assert f'VERSION = "{OTHER}"' in archive.read("inlay_krita/version.py").decode()


@pytest.mark.parametrize("options", [(), ("--self-test",)])
def test_the_photoshop_plugins_are_built_with_the_version_they_are_told(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    folder = tmp_path / "plugin"
    subprocess.run(["node", ROOT / "photoshop_uxp/build.mjs", folder, OTHER, *options], check=True)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["version"] == OTHER


def test_no_other_file_of_the_product_has_a_version_of_its_own() -> None:
    named = [
        "pyproject.toml",
        "setup.py",
        "package.json",
        "photoshop_uxp/manifest.json",
        "photoshop_uxp/self_test/manifest.json",
        "krita_plugin/inlay_krita.desktop",
    ]
    found = [ROOT / name for name in named]
    sources = (
        ("server/inlay", "*.py"),
        ("krita_plugin", "*.py"),
        ("photoshop_uxp/src", "*.ts"),
        ("photoshop_uxp/self_test", "*.ts"),
    )
    for folder, kind in sources:
        found += (ROOT / folder).rglob(kind)
    number = re.compile(rf"(?<![\d.]){re.escape(inlay.__version__)}(?![\d.])")
    assert [path.relative_to(ROOT) for path in found if number.search(path.read_text("utf-8"))] == [SOURCE]


def test_neither_the_project_nor_the_manifest_has_a_field_for_it() -> None:
    """The one is told by setuptools, the other by the build."""
    assert "version" not in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for name in ("photoshop_uxp/manifest.json", "photoshop_uxp/self_test/manifest.json", "package.json"):
        assert "version" not in json.loads((ROOT / name).read_text("utf-8"))
