"""The small networks for tests: real ones, pulled by `make eyes`. Without them a test is left out, saying so, or fails in CI."""

import os
from pathlib import Path

import pytest

from inlay.engines.eyes import Eyes
from inlay.engines.models.catalog import Catalog

DATA = Path(__file__).parents[2] / ".venv" / "eyes"
REQUIRED = os.environ.get("INLAY_REQUIRE_EYES") == "1"


def eyes(*names: str) -> Eyes:
    """The networks of these names, all of them here; else the test ends."""
    found = Eyes(Catalog(DATA / "models.toml"))
    if missing := [name for name in names if not found.has(name)]:
        told = f"the small networks {', '.join(missing)} are not here: make eyes"
        if REQUIRED:
            pytest.fail(told)
        pytest.skip(told)
    return found


def lend(names: tuple[str, ...], data: Path) -> None:
    """Have them in the models.toml of another data folder, where they lie; else the test ends."""
    eyes(*names)
    mine, theirs = Catalog(DATA / "models.toml"), Catalog(data / "models.toml")
    for name in names:
        theirs.add(mine.entry(name))
