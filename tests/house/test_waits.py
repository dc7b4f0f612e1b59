"""Tests wait for states and not for a while, and no test throws dice: a busy machine changes no verdict, nor does a second run."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]

PACED = {
    "support/comfy_slow_node.py",
    "support/comfy_worker.py",
    "support/painters.py",
    "rpc/painters.py",
    "rpc/noise.py",
    "rpc/still.py",
}
"""What stands in for an engine takes its time, as an engine does; no test waits by it."""

SLEEPS = {"time.sleep", "asyncio.sleep"}
DICE = ("random.", "np.random.", "numpy.random.")
DRAWN_FROM_A_SEED = {"random.Random", "np.random.default_rng", "np.random.Generator", "numpy.random.default_rng"}


@functools.cache
def parsed() -> list[tuple[str, ast.Module]]:
    """The files of tests that name a clock or dice at all."""
    texts = ((path.relative_to(TESTS).as_posix(), path.read_text("utf-8")) for path in sorted(TESTS.rglob("*.py")))
    return [(name, ast.parse(text)) for name, text in texts if "sleep" in text or "random" in text]


def calls(tree: ast.AST, polling: bool = False) -> Iterator[tuple[ast.Call, bool]]:
    """Every call, and whether it stands in a `while` loop, which asks for a state."""
    for node in ast.iter_child_nodes(tree):
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        within = isinstance(node, ast.While) or (polling and not function)
        if isinstance(node, ast.Call):
            yield node, within
        yield from calls(node, within)


def test_nothing_sleeps_but_between_two_looks_at_a_state() -> None:
    sleeping = []
    for name, tree in parsed():
        for call, polls in calls(tree):
            gives_way = bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
            if ast.unparse(call.func) in SLEEPS and not polls and not gives_way and name not in PACED:
                sleeping.append(f"{name}:{call.lineno}: {ast.unparse(call)}")
    assert sleeping == []


def test_what_is_drawn_is_drawn_from_a_seed() -> None:
    drawn = []
    for name, tree in parsed():
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        for call, _ in calls(tree):
            what = ast.unparse(call.func)
            from_dice = (
                "(" not in what and what.startswith(DICE) and (not what.startswith("random.") or "random" in imported)
            )
            if from_dice and (what not in DRAWN_FROM_A_SEED or not call.args):
                drawn.append(f"{name}:{call.lineno}: {ast.unparse(call)}")
    assert drawn == []
