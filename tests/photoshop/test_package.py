"""The .ccx that Creative Cloud installs: what is in it, that it asks for little, and that anyone can build the same one."""

import importlib.util
import json
import re
import shutil
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import inlay

PLUGIN = Path(__file__).parents[2] / "photoshop_uxp"
STUDIO = "https://inlay.studio.example:50052"


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_ccx", PLUGIN / "build_ccx.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packages(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The general package and a studio's."""
    folder = tmp_path_factory.mktemp("ccx")
    studio = folder / "studio.json"
    studio.write_text(json.dumps({"origin": STUDIO}) + "\n")
    return builder.build_all(folder / "dist", studio)


def manifest_of(package: Path) -> dict[str, Any]:
    with zipfile.ZipFile(package) as archive:
        return json.loads(archive.read("manifest.json"))


def script_of(package: Path) -> str:
    with zipfile.ZipFile(package) as archive:
        return archive.read("main.js").decode()


def test_the_same_sources_give_the_same_bytes_wherever_they_are_built(
    builder: ModuleType, packages: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    again = builder.build(tmp_path / "elsewhere" / "again.ccx")
    assert again.read_bytes() == packages[0].read_bytes()


def test_packages_are_named_for_the_version(packages: list[Path]):
    names = [f"inlay-{inlay.__version__}.ccx", f"inlay-{inlay.__version__}-studio.ccx"]
    assert [package.name for package in packages] == names
    assert {manifest_of(package)["version"] for package in packages} == {inlay.__version__}


def test_without_a_studio_there_is_one_package(builder: ModuleType, tmp_path: Path):
    assert len(builder.build_all(tmp_path / "dist", tmp_path / "studio.json")) == 1


def test_the_script_is_small_and_without_the_sources_lines(packages: list[Path]):
    script = script_of(packages[0])
    assert len(script) < 450_000
    assert script.count("\n") < 100


def test_the_package_holds_what_its_manifest_names_and_nothing_else(packages: list[Path]):
    manifest = manifest_of(packages[0])
    icons = [icon for place in [manifest, *manifest["entrypoints"]] for icon in place.get("icons", [])]
    stems = [icon["path"].removesuffix(".png") for icon in icons]
    named = {f"{stem}{scale}.png" for stem in stems for scale in ("", "@2x")}
    with zipfile.ZipFile(packages[0]) as archive:
        assert set(archive.namelist()) == {
            "manifest.json",
            "index.html",
            "main.js",
            "panel.css",
            "licenses.txt",
            *named,
        }
        assert manifest["main"] == "index.html"
        page = archive.read("index.html").decode()
    assert re.findall(r'<script src="(.*?)">', page) == ["main.js"]
    assert re.findall(r'href="(.*?)"', page) == ["panel.css"]


def test_the_manifest_is_for_photoshop_26_and_asks_for_no_more_than_it_needs(packages: list[Path]):
    manifest = manifest_of(packages[0])
    assert manifest["manifestVersion"] == 5
    assert manifest["host"]["app"] == "PS"
    assert manifest["host"]["minVersion"] == "26.0.0"
    assert manifest["requiredPermissions"] == {
        "network": {"domains": "all"},
        "localFileSystem": "request",
        "clipboard": "readAndWrite",
    }


def test_every_command_of_the_panel_is_in_the_manifest_under_its_title(packages: list[Path]):
    source = (PLUGIN / "src/ui/commands.ts").read_text()
    body = source.split("export const COMMANDS = {")[1].split("}")[0]
    commands = dict(re.findall(r'(\w+): "(.*?)"', body))
    entrypoints = manifest_of(packages[0])["entrypoints"]
    assert {entry["id"]: entry["label"]["default"] for entry in entrypoints if entry["type"] == "command"} == commands
    assert [entry["id"] for entry in entrypoints if entry["type"] == "panel"] == ["main"]


def test_the_script_is_a_classic_one_without_code_from_strings(packages: list[Path]):
    script = script_of(packages[0])
    assert not re.search(r"^\s*(import|export)\s", script, re.MULTILINE)
    assert not re.search(r"\beval\(|\bnew Function\(|\bimport\(|async \*|async\*|for await", script)
    assert set(re.findall(r'require\("(.*?)"\)', script)) == {"photoshop", "uxp"}


def test_inlays_licence_and_those_of_what_is_in_the_script_are_in_the_package(packages: list[Path]):
    with zipfile.ZipFile(packages[0]) as archive:
        licenses = archive.read("licenses.txt").decode()
    assert licenses.startswith("Inlay, by the Inlay developers\n\n")
    assert (PLUGIN.parent / "LICENSE").read_text().strip() in licenses
    assert "Packages in main.js: @bufbuild/protobuf, @noble/hashes\n" in licenses
    for notice in (
        "Apache License",
        "Buf Technologies",
        "Paul Miller",
        "Google Inc.",
        "WARRANTIES",
    ):
        assert notice in licenses


def test_a_studios_package_reaches_its_own_server_and_no_other(packages: list[Path]):
    general, studio = packages
    assert manifest_of(studio)["requiredPermissions"]["network"] == {"domains": [STUDIO]}
    assert STUDIO in script_of(studio)
    assert STUDIO not in script_of(general)
    assert manifest_of(studio)["id"] == manifest_of(general)["id"]


@pytest.mark.parametrize(
    "origin", ["inlay.studio.example", "https://inlay.studio.example/", "https://*.example", "HTTPS://A"]
)
def test_an_origin_that_is_none_is_refused(
    builder: ModuleType, origin: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    with pytest.raises(Exception, match="returned non-zero"):
        builder.build(tmp_path / "bad.ccx", origin)
    assert "is no scheme, host and port" in capfd.readouterr().err


@pytest.fixture(autouse=True, scope="module")
def _node():
    assert shutil.which("node"), "node is missing; `make .venv/.dev` installs it"
