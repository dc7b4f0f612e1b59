"""What the tests of marks share: a studio's certificate, one erased place, and a photograph."""

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from skimage import data as pictures

from inlay.provenance import Act, acts_in

ERASED = {"verb": "erase", "engine": "classic", "region": [10, 20, 30, 40], "recipe_sha256": "ab" * 32}
PAINTED = {"verb": "fill", "engine": "sdxl", "region": [5, 6, 7, 8], "recipe_sha256": "cd" * 32}


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder; its certificate is made by the first who signs."""
    return tmp_path_factory.mktemp("studio")


@pytest.fixture
def acts() -> tuple[Act, ...]:
    return acts_in([ERASED])


@pytest.fixture(scope="session")
def pixels() -> np.ndarray:
    return np.ascontiguousarray(pictures.astronaut()[:90, 100:220])


@pytest.fixture(scope="session")
def png(pixels: np.ndarray) -> bytes:
    return bytes(imagecodecs.png_encode(pixels))
