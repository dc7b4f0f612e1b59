"""What every test of an edit starts from."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.engines import Scene
from inlay.engines.registry import Registry
from support.edits import MemoryBlobs, Painter, Silent


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def silent() -> Silent:
    return Silent()


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def paint_with(registry: Registry) -> Callable[..., None]:
    """Let a function stand in for the engine."""

    def use(brush: Callable[[Scene], NDArray[np.float32]], own_pixels: bool = False) -> None:
        registry.register(Painter(brush, own_pixels))

    return use
