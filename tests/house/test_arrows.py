"""The arrows of the server: which room may know which, who may know protobuf, and where torch may be.

A room is a folder of `inlay`, or a module beside them. An import counts wherever it stands, under TYPE_CHECKING too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[2] / "server" / "inlay"

VALUES = {
    "errors",
    "region",
    "color",
    "recipe",
    "structure",
    "variation",
    "events",
    "job",
    "capabilities",
    "clip",
    "form",
    "memory",
    "person",
}
"""What passes from room to room; `__init__` is the version."""

ARROWS: dict[str, set[str]] = {
    "__init__": set(),
    "errors": set(),
    "lock": set(),
    "pairing": set(),
    "nearby": set(),
    "introduction": {"pairing", "v1"},
    "node": {"__init__", "errors"},
    "anchor": {"errors"},
    "config": {"errors"},
    "hindrances": {"errors"},
    "statuses": {"errors", "hindrances"},
    "region": {"errors"},
    "color": {"errors"},
    "plain": {"errors"},
    "toml_text": set(),
    "recipe": {"region", "color", "plain"},
    "structure": {"recipe"},
    "variation": {"errors", "region", "color"},
    "events": {"errors", "region", "variation"},
    "person": set(),
    "job": {"errors", "recipe", "person"},
    "clip": set(),
    "capabilities": {"clip", "recipe", "region"},
    "form": set(),
    "memory": {"errors", "recipe", "variation"},
    "fidelity": {"errors"},
    "studio": {"errors", "person", "pairing"},
    "siblings": set(),
    "formats": {"errors", "region"},
    "blobs": {"errors", "config", "lock", "anchor"},
    "documents": {"__init__", "errors", "region", "color"},
    "styles": {"errors", "lock", "plain", "recipe", "color", "toml_text"},
    "engines": {*VALUES, "__init__", "config", "hindrances", "lock", "documents", "toml_text"},
    "forms": {*VALUES, "engines", "styles"},
    "edit": {*VALUES, "hindrances", "__init__", "engines", "fidelity", "siblings", "styles"},
    "jobs": {
        *VALUES,
        "logs",
        "spool",
        "__init__",
        "review",
        "plain",
        "hindrances",
        "statuses",
        "anchor",
        "lock",
        "node",
        "blobs",
        "edit",
        "engines",
        "styles",
    },
    "review": {"errors", "region", "color", "variation"},
    "wire": {*VALUES, "plain", "hindrances", "statuses", "v1"},
    "rpc": {
        *VALUES,
        "review",
        "hindrances",
        "__init__",
        "statuses",
        "config",
        "lock",
        "v1",
        "wire",
        "blobs",
        "edit",
        "engines",
        "formats",
        "forms",
        "jobs",
        "operations",
        "provenance",
        "report",
        "styles",
        "studio",
        "node",
        "nearby",
    },
    "client": {*VALUES, "review", "node", "config", "lock", "v1", "wire", "documents", "krita_install", "krita_python"},
    "batch": {*VALUES, "formats", "siblings", "plain", "lock", "client", "documents", "review", "provenance"},
    "provenance": {"__init__", "errors", "region", "recipe", "lock", "documents"},
    "report": {*VALUES, "blobs", "edit", "forms", "jobs", "review"},
    "cli": {
        *VALUES,
        "review",
        "batch",
        "formats",
        "provenance",
        "report",
        "hindrances",
        "__init__",
        "config",
        "logs",
        "documents",
        "client",
        "service",
        "plain",
        "toml_text",
        "lock",
        "node",
        "krita_install",
        "krita_python",
        "nearby",
        "introduction",
    },
    "krita_install": {"__init__", "errors", "v1"},
    "krita_python": {"krita_install"},
    "spool": set(),
    "logs": {"recipe", "spool"},
    "operations": {"__init__", "errors", "events", "job", "jobs", "wire"},
    "service": set(),
    "v1": set(),
    "demo": set(),
}
"""What each room may know. The design, `docs/architecture.md`, draws it."""

STARTS_THE_SERVER = {
    ("cli.serve", "rpc.memory"),
    ("cli.serve", "rpc.proxy"),
    ("cli.serve", "rpc.security"),
    ("cli.serve", "rpc.server"),
    ("cli.serve", "engines.devices"),
    ("cli.serve", "wire.request_id"),
}
LENDS_CARDS = {("cli.join", "engines.devices"), ("cli.join", "engines.models.catalog")}
BACKS_THE_DATA_UP = {("cli.backup", "jobs.backup"), ("cli.backup", "jobs.restore")}
KEEPS_THE_PEOPLE = {("cli.people", "studio.people"), ("cli.audit", "jobs.audit")}
KEEPS_THE_MODELS = {
    ("cli.models", "engines.models.catalog"),
    ("cli.adding", "engines.models.catalog"),
    ("cli.adding", "engines.models.assembly"),
    ("cli.adding", "engines.models.beside"),
    ("cli.adding", "engines.models.steering_parts"),
    ("cli.adding", "engines.models.inspection"),
    ("cli.models", "engines.models.carriers"),
    ("cli.models", "engines.models.carry"),
    ("cli.models", "engines.models.eye_families"),
    ("cli.adding", "engines.models.detect"),
    ("cli.adding", "engines.models.skeleton"),
    ("cli.adding", "engines.models.families"),
    ("cli.adding", "engines.models.licence"),
    ("cli.adding", "engines.models.files"),
    ("cli.models", "engines.models.pull"),
    ("cli.models", "engines.registry"),
    ("cli.models", "engines.models.files"),
    ("cli.model_words", "engines.models.catalog"),
    ("cli.scan", "engines.models.catalog"),
    ("cli.scan", "engines.models.scan"),
    ("cli.setup", "engines.models.catalog"),
    ("cli.setup", "engines.models.setup"),
    ("cli.setup", "forms.catalogue"),
    ("cli.setup", "forms.setup"),
    ("cli.doctor", "forms.catalogue"),
    ("cli.remote_models", "engines.models.catalog"),
    ("cli.remote_models", "engines.models.remote_entry"),
    ("cli.remote_models", "engines.models.remote_families"),
    ("cli.remote_models", "engines.remote.comfy_graph_file"),
}
"""`inlay serve` is the server, `inlay join` brings it workers and `inlay models` works on its machine's files; none is a client."""

PROBES_A_FILE = {("cli.demo", "edit.probe"), ("cli.probe", "edit.probe"), ("cli.probe", "edit.target")}
"""`inlay probe` reads a file where it lies."""

READS_STYLES = {("cli.style", "styles"), ("cli.style", "styles.foreign"), ("cli.brand", "styles.palettes")}
"""`inlay style check` reads a file where it lies, `import` those of other programs; what they hold goes to the server."""

EXCEPTIONS = (
    STARTS_THE_SERVER
    | LENDS_CARDS
    | BACKS_THE_DATA_UP
    | KEEPS_THE_PEOPLE
    | KEEPS_THE_MODELS
    | PROBES_A_FILE
    | READS_STYLES
)

KNOW_PROTOBUF = {"v1", "wire", "rpc", "client", "krita_install", "introduction"}
KNOW_TORCH = (
    "engines.diffusion.",
    "engines.eraser.engine",
    "engines.upscale.spandrel",
    "engines.canvas",
    "engines.tiles",
    "engines.models.skeleton",
    "engines.models.cache",
    "engines.selecting.sam2",
    "engines.describing.engine",
)
KNOW_RAY = ("jobs.workers.cluster.bridge",)
"""It comes with the extra `cluster`, which not everybody has."""
TORCH = {"torch", "diffusers", "transformers", "accelerate", "safetensors", "compel", "spandrel", "torchvision"}


class Import(NamedTuple):
    """Both as module names without `inlay.` before them; what is not Inlay's keeps its own name."""

    by: str
    what: str
    ours: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
FOLDERS = {name.rpartition(".")[0] for name in MODULES} - {""}


def imports_of(by: str, source: str) -> Iterator[Import]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{by}: imports are absolute here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first != "inlay":
                yield Import(by, name, ours=False)
            elif rest in MODULES or rest in FOLDERS:
                yield Import(by, rest, ours=True)
            else:  # a name out of a module, or the package itself
                yield Import(by, rest.rpartition(".")[0] or "__init__", ours=True)


IMPORTS = [found for name, path in MODULES.items() for found in imports_of(name, path.read_text("utf-8"))]


def room(module: str) -> str:
    return module.partition(".")[0]


def against_the_arrows(imports: list[Import]) -> set[tuple[str, str]]:
    return {
        (by, what)
        for by, what, ours in imports
        if ours and room(by) != room(what) and room(what) not in ARROWS[room(by)]
    }


def with_names_of_others(imports: list[Import], others: set[str]) -> set[str]:
    return {by for by, what, ours in imports if not ours and what.partition(".")[0] in others}


def test_every_room_is_on_the_map_and_the_map_has_no_way_round() -> None:
    assert {room(name) for name in MODULES} == set(ARROWS)
    list(TopologicalSorter(ARROWS).static_order())


def test_the_rooms_know_each_other_one_way_only() -> None:
    assert against_the_arrows(IMPORTS) - EXCEPTIONS == set()


def test_an_exception_that_is_not_needed_any_more_is_taken_off_the_list() -> None:
    assert EXCEPTIONS - against_the_arrows(IMPORTS) == set()


def test_engines_know_nothing_of_fidelity_and_fidelity_nothing_but_errors() -> None:
    """An engine's answer is fitted by the one exact stage, whichever engine it was; that stage is pure."""
    assert "fidelity" not in ARROWS["engines"]
    assert ARROWS["fidelity"] == {"errors"}


def test_no_module_knows_itself_by_way_of_others() -> None:
    graph: dict[str, set[str]] = {name: set() for name in MODULES.keys() | FOLDERS}
    for by, what, ours in IMPORTS:
        if ours and by != what:
            graph[by].add(what)
    list(TopologicalSorter(graph).static_order())


def test_protobuf_and_the_contract_stay_where_the_wire_ends() -> None:
    knowing = with_names_of_others(IMPORTS, {"google"}) | {
        by for by, what, ours in IMPORTS if ours and room(what) == "v1"
    }
    assert {room(name) for name in knowing} == KNOW_PROTOBUF
    assert {room(name) for name in with_names_of_others(IMPORTS, {"grpc"})} == {"rpc", "client"}
    assert with_names_of_others(IMPORTS, {"ray"}) == {"jobs.workers.cluster.bridge"}
    assert {room(name) for name in with_names_of_others(IMPORTS, {"connectrpc", "uvicorn"})} == {"rpc"}


def test_torch_is_named_by_the_engines_that_need_it_only() -> None:
    assert {name for name in with_names_of_others(IMPORTS, TORCH) if not name.startswith(KNOW_TORCH)} == set()


@pytest.mark.slow
def test_nothing_brings_torch_along_but_the_engines_that_need_it() -> None:
    """Whatever a server, a client or a command imports before a worker opens a model."""
    modules = [f"inlay.{name}" for name in MODULES if name != "__init__" and not name.startswith(KNOW_TORCH + KNOW_RAY)]
    modules.remove("inlay.cli.__main__")
    code = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
print(sorted({TORCH!r} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert said.stdout.strip() == "[]", said.stderr


@pytest.mark.parametrize(
    ("by", "line"),
    [
        ("engines.registry", "from inlay.fidelity import belonging"),
        ("region.window", "from inlay import color"),
        ("jobs.queue", "def f():\n    import inlay.rpc.server"),
        (
            "edit.perform",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from inlay.jobs.journal import Journal",
        ),
        ("blobs.store", "from inlay.client import Client"),
    ],
)
def test_an_arrow_back_would_be_seen(by: str, line: str) -> None:
    assert against_the_arrows(list(imports_of(by, line))) - EXCEPTIONS
