"""What `inlay --help` tells, and that telling it is cheap."""

import subprocess
import sys

import pytest

import inlay as package
from cli.conftest import Run

COMMANDS = [
    ("edit",),
    ("select",),
    ("demo",),
    ("serve",),
    ("doctor",),
    ("probe",),
    ("models", "list"),
    ("models", "add"),
    ("models", "pull"),
    ("models", "remove"),
    ("models", "check"),
    ("jobs", "list"),
    ("jobs", "show"),
    ("jobs", "cancel"),
    ("jobs", "watch"),
    ("jobs", "fetch"),
    ("jobs", "promote"),
    ("krita", "install"),
]
HEAVY = ("numpy", "grpc", "cv2", "numba", "google.protobuf", "uvicorn", "connectrpc", "rich", "cryptography", "torch")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_its_exit_codes(command: tuple[str, ...], inlay: Run) -> None:
    said = inlay(*command, "--help")

    assert said.code == 0
    assert "Exit codes: 0 done" in said.out
    assert "130 interrupted" in said.out


def test_the_command_tree_imports_nothing_heavy() -> None:
    script = f"import sys, inlay.cli.app; print([name for name in {HEAVY!r} if name in sys.modules])"

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_the_version_is_printed(inlay: Run) -> None:
    assert inlay("--version").out.strip() == package.__version__


def test_an_unknown_command_is_wrong_usage(inlay: Run) -> None:
    assert inlay("paint").code == 2
