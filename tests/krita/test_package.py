"""The plugin as a package: the same bytes every time, importable by Krita, with a protobuf nobody else can reach."""

import ast
import functools
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from inlay.krita_install import KritaFolders, build, install, krita_folders, sources

IMPORTER = Path("/usr/share/krita/pykrita/plugin_importer/plugin_importer.py")


def test_the_zip_is_the_same_byte_for_byte(tmp_path: Path):
    first, second = build(tmp_path / "one"), build(tmp_path / "two")
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()


def test_kritas_own_importer_takes_the_zip(real_krita, tmp_path: Path):
    spec = importlib.util.spec_from_file_location("plugin_importer", IMPORTER)
    importer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(importer)
    imported = importer.PluginImporter(str(build(tmp_path)), str(tmp_path), lambda plugin: True).import_all()
    assert [plugin["name"] for plugin in imported] == ["inlay_krita"]
    assert (tmp_path / "pykrita/inlay_krita/vendor/inlay/v1/inlay_pb2.py").exists()
    assert (tmp_path / "pykrita/inlay_krita/vendor/google/protobuf/LICENSE").exists()
    assert (tmp_path / "pykrita/inlay_krita.desktop").exists()
    assert (tmp_path / "actions/inlay_krita.action").exists()


def test_the_vendored_protobuf_works_beside_a_broken_one(plugin: Path, tmp_path: Path):
    """Another plugin's google.protobuf is neither loaded nor harmed, and ours needs nothing from this environment."""
    other = tmp_path / "google" / "protobuf"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("raise RuntimeError('another plugin')")
    (tmp_path / "google" / "__init__.py").write_text("")
    code = f"""
import sys, types
sys.path[:0] = [{str(tmp_path)!r}]
package = types.ModuleType("inlay_krita")
package.__path__ = [{str(plugin / "inlay_krita")!r}]
sys.modules["inlay_krita"] = package
from inlay_krita.client.messages import inlay_pb2, job_pb2, recipe_pb2
chunk = inlay_pb2.PutBlobRequest(sha256="a" * 64, offset=2**40, total=2**41, data=bytes(range(256)))
assert inlay_pb2.PutBlobRequest.FromString(chunk.SerializeToString()) == chunk
recipe = recipe_pb2.Recipe(verb="erase", sampling={{"strength": 0.25}}, where={{"grow_px": -4}})
assert recipe_pb2.Recipe.FromString(recipe.SerializeToString()).where.grow_px == -4
loaded = [name for name in sys.modules if name == "google" or name.startswith("google.")]
assert not loaded, loaded
print("works")
"""
    answer = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert answer.stdout.strip() == "works", answer.stderr


def test_only_host_and_entry_know_krita_and_no_room_knows_the_one_above_it():
    root = sources() / "inlay_krita"
    for path in root.rglob("*.py"):
        room = path.relative_to(root).parts[0]
        if room == "vendor":
            continue
        modules = {
            (node.module or "").split(".")[0] if not node.level else f"{'.' * node.level}{node.module or ''}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
        }
        if room not in ("host", "entry.py"):
            assert "krita" not in modules, path
        if room == "host":
            assert not any("ui" in name.split(".") for name in modules), path
        if room == "client":
            assert not any("host" in name or "ui" in name.split(".") for name in modules), path


def test_whatever_one_module_takes_from_another_is_there():
    """Python would only tell when the retoucher presses the button."""
    root = sources() / "inlay_krita"
    modules = {
        ".".join(path.relative_to(root).with_suffix("").parts): ast.parse(path.read_text())
        for path in root.rglob("*.py")
        if path.relative_to(root).parts[0] != "vendor"
    }
    missing = []
    for name, tree in modules.items():
        taken: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                room = [*name.split(".")[: -node.level], *(node.module.split(".") if node.module else [])]
                for alias in node.names:
                    taken[alias.asname or alias.name] = ".".join([*room, alias.name])
                    if ".".join(room) in modules and alias.name not in _bound(modules[".".join(room)]):
                        missing.append(f"{name}: {'.'.join(room)}.{alias.name}")
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = taken.get(node.value.id)
                if module in modules and node.attr not in _bound(modules[module]):
                    missing.append(f"{name}:{node.lineno}: {module}.{node.attr}")
    assert len(modules) > 20
    assert missing == []


@functools.cache
def _bound(tree: ast.Module) -> set[str]:
    """The names that a module binds, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def test_installing_enables_the_plugin_and_keeps_the_users_settings(tmp_path: Path):
    folders = KritaFolders(tmp_path / "krita", tmp_path / "kritarc")
    folders.kritarc.write_text(
        "[theme]\nTheme=Krita bright\n\n[python]\nenable_tenscripts=true\nenable_inlay_krita=false\n"
    )
    install(folders)
    install(folders)
    assert folders.kritarc.read_text() == (
        "[theme]\nTheme=Krita bright\n\n[python]\nenable_inlay_krita=true\nenable_tenscripts=true\n"
    )
    assert (tmp_path / "krita/pykrita/inlay_krita/vendor/google/protobuf/message.py").exists()
    assert (tmp_path / "krita/actions/inlay_krita.action").exists()


def test_a_dry_run_writes_nothing_and_names_every_path(tmp_path: Path):
    folders = KritaFolders(tmp_path / "krita", tmp_path / "kritarc")
    steps = install(folders, dry_run=True)
    assert list(tmp_path.iterdir()) == []
    install(folders)
    assert all(step.path.exists() for step in steps)


@pytest.mark.parametrize(
    ("platform", "resources", "kritarc"),
    [
        ("linux", ".local/share/krita", ".config/kritarc"),
        ("darwin", "Library/Application Support/krita", "Library/Preferences/kritarc"),
        ("win32", "AppData/Roaming/krita", "AppData/Local/kritarc"),
    ],
)
def test_each_system_has_its_folders(tmp_path: Path, platform: str, resources: str, kritarc: str):
    assert krita_folders(tmp_path, platform) == KritaFolders(tmp_path / resources, tmp_path / kritarc)


@pytest.mark.slow
def test_a_wheel_brings_the_plugin(tmp_path: Path):
    """Installed without a checkout around it, `inlay krita install` still has what to copy."""
    repository, copy = Path(__file__).parents[2], tmp_path / "copy"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "vendor")
    for folder in ("server", "krita_plugin"):
        shutil.copytree(repository / folder, copy / folder, ignore=ignored)
    for file in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(repository / file, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(copy)], check=True)
    (wheel,) = tmp_path.glob("inlay-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "inlay/krita_plugin/inlay_krita.desktop" in names
    assert "inlay/krita_plugin/LICENSE" in names  # for the plugin that is put together from this install
    assert any(re.fullmatch(r"inlay-[^/]+\.dist-info/licenses/LICENSE", name) for name in names)
    assert "inlay/krita_plugin/inlay_krita/host/place.py" in names
    assert "inlay/krita_plugin/inlay_krita/actions/inlay_krita.action" in names
