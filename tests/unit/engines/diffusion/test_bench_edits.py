"""The edit that `make bench` measures is painted as a server paints it, so that its figures are of the product as it is."""

from pathlib import Path

import pytest
from bench import diffusion

from support import tiny_models

pytestmark = pytest.mark.slow


def test_what_an_edit_costs_outside_the_engine_is_measured(tmp_path: Path) -> None:
    diffusion.cataloged(tiny_models.sd15(), tmp_path)
    found = diffusion.outside(tmp_path / "models.toml", 1)
    assert 0 < found["outside_s"] < found["request_s"]
