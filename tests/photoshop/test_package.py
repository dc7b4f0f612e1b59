"""The packages that Creative Cloud installs: what is in them, that they ask for little, and that anyone can build the same."""

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
    """Inlay's general package, Inlay Self-Test, and a studio's Inlay."""
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
    for package, options in zip(packages, [[], ["--self-test"], [STUDIO]], strict=True):
        again = builder.build(tmp_path / "elsewhere" / package.name, *options)
        assert again.read_bytes() == package.read_bytes()


def test_packages_are_named_for_the_version(packages: list[Path]):
    version = inlay.__version__
    names = [f"inlay-{version}.ccx", f"inlay-selftest-{version}.ccx", f"inlay-{version}-studio.ccx"]
    assert [package.name for package in packages] == names
    assert {manifest_of(package)["version"] for package in packages} == {inlay.__version__}


def test_without_a_studio_there_is_no_package_for_one(builder: ModuleType, tmp_path: Path):
    built = builder.build_all(tmp_path / "dist", tmp_path / "studio.json")
    assert [package.name for package in built if "studio" in package.name] == []
    assert len(built) == 2


def test_the_script_is_small_and_without_the_sources_lines(packages: list[Path]):
    script = script_of(packages[0])
    assert len(script) < 450_000
    assert script.count("\n") < 100


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_package_holds_what_its_manifest_names_and_nothing_else(packages: list[Path], which: int):
    manifest = manifest_of(packages[which])
    icons = [icon for place in [manifest, *manifest["entrypoints"]] for icon in place.get("icons", [])]
    stems = [icon["path"].removesuffix(".png") for icon in icons]
    named = {f"{stem}{scale}.png" for stem in stems for scale in ("", "@2x")}
    with zipfile.ZipFile(packages[which]) as archive:
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


def test_the_manifests_are_for_photoshop_26_and_ask_for_no_more_than_they_need(packages: list[Path]):
    plugin, self_test, _ = map(manifest_of, packages)
    for manifest in (plugin, self_test):
        assert manifest["manifestVersion"] == 5
        assert manifest["host"]["app"] == "PS"
        assert manifest["host"]["minVersion"] == "26.0.0"
    needed = {"network": {"domains": "all"}, "clipboard": "readAndWrite"}
    assert plugin["requiredPermissions"] == needed
    assert self_test["requiredPermissions"] == needed | {
        "localFileSystem": "request"
    }  # It saves its report where one likes.


def test_the_self_test_is_a_plugin_of_its_own_beside_inlay(packages: list[Path]):
    plugin, self_test, _ = map(manifest_of, packages)
    assert [(manifest["id"], manifest["name"]) for manifest in (plugin, self_test)] == [
        ("studio.inlay", "Inlay"),
        ("studio.inlay.selftest", "Inlay Self-Test"),
    ]
    assert [(entry["type"], entry["label"]["default"]) for entry in self_test["entrypoints"]] == [
        ("panel", "Inlay Self-Test")
    ]
    assert "Self-Test" not in json.dumps(plugin)


def test_every_command_of_the_panel_is_in_the_manifest_under_a_title_of_its_own_in_both_languages(
    packages: list[Path],
):
    source = (PLUGIN / "src/entry/commands.ts").read_text()
    body = source.split("COMMANDS")[1].split("= {")[1]
    commands = re.findall(r"^  (\w+): \(", body, re.MULTILINE)
    labels = {
        entry["id"]: entry["label"] for entry in manifest_of(packages[0])["entrypoints"] if entry["type"] == "command"
    }
    assert list(labels) == commands
    languages = {file.stem for file in (PLUGIN.parent / "server/inlay/forms/words").glob("*.toml")}
    for language in {"default"} | languages - {"en"}:
        assert len({label[language] for label in labels.values()}) == len(commands)


ENTRY_POINT = {
    "command": {"type", "id", "label"},
    "panel": {
        *("type", "id", "label", "icons"),
        *("minimumSize", "maximumSize", "preferredDockedSize", "preferredFloatingSize"),
    },
}
"""What Adobe documents of an entry point ("UXP manifest v4", EntryPointDefinition). Its shortcuts are "not yet available"."""


def test_entry_points_have_what_adobe_documents_and_labels_by_language_with_the_default_that_is_always_required(
    packages: list[Path],
):
    """The same page, "Menu Localization": languages are spelt as `fr` and `de` are there."""
    for manifest in map(manifest_of, packages):
        for entry in manifest["entrypoints"]:
            assert set(entry) <= ENTRY_POINT[entry["type"]]
            assert entry["label"]["default"]
            for language, label in entry["label"].items():
                assert language == "default" or re.fullmatch("[a-z]{2}", language)
                assert label == label.strip() != ""


@pytest.mark.parametrize("which", [0, 1])
def test_the_script_is_a_classic_one_without_code_from_strings(packages: list[Path], which: int):
    script = script_of(packages[which])
    assert not re.search(r"^\s*(import|export)\s", script, re.MULTILINE)
    assert not re.search(r"\beval\(|\bnew Function\(|\bimport\(|async \*|async\*|for await", script)
    assert set(re.findall(r'require\("(.*?)"\)', script)) == {"photoshop", "uxp"}


@pytest.mark.parametrize("which", [0, 1])
def test_inlays_licence_and_those_of_what_is_in_the_script_are_in_the_package(packages: list[Path], which: int):
    with zipfile.ZipFile(packages[which]) as archive:
        licenses = archive.read("licenses.txt").decode()
    assert licenses.startswith("Inlay, by the Inlay developers\n\n")
    assert (PLUGIN.parent / "LICENSE").read_text().strip() in licenses
    hashes = ", @noble/hashes" if which == 0 else ""  # the self-test sends nothing that has to be named
    assert f"Packages in main.js: @bufbuild/protobuf{hashes}\n" in licenses
    for notice in ("Apache License", "Buf Technologies", *["Paul Miller"][: 1 - which], "Google Inc.", "WARRANTIES"):
        assert notice in licenses


def test_a_studios_package_reaches_its_own_server_and_no_other(packages: list[Path]):
    general, _, studio = packages
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
