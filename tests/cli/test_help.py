"""What `inlay --help` tells, and that telling it is cheap."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer.core
import typer.main
from typer.testing import CliRunner

import inlay as package
from cli.conftest import Run
from inlay.cli.app import app


def leaves(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command below one."""
    if not isinstance(command, typer.core.TyperGroup):
        yield path
        return
    for name, below in command.commands.items():
        yield from leaves(below, (*path, name))


COMMANDS = list(leaves(typer.main.get_command(app)))
WAY_TO_A_SERVER = ["--server", "--token", "--token-file", "--ca", "--data"]
HEAVY = ("numpy", "grpc", "cv2", "numba", "google.protobuf", "uvicorn", "connectrpc", "rich", "cryptography", "torch")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_its_exit_codes(command: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})

    assert said.exit_code == 0
    assert "Exit codes: 0 done" in said.output
    assert "130 interrupted" in said.output


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_that_asks_a_server_takes_all_that_leads_to_one(command: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"}).output
    offered = [option for option in WAY_TO_A_SERVER if re.search(rf"│ {option} ", said)]

    assert offered == WAY_TO_A_SERVER or "--server" not in offered


def test_the_command_tree_imports_nothing_heavy() -> None:
    script = f"import sys, inlay.cli.app; print([name for name in {HEAVY!r} if name in sys.modules])"

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_the_version_is_printed(inlay: Run) -> None:
    assert inlay("--version").out.strip() == package.__version__


def test_an_unknown_command_is_wrong_usage(inlay: Run) -> None:
    assert inlay("paint").code == 2
