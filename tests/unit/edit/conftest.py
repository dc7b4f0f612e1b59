"""What every test of an edit starts from."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.edit import perform as perform_module
from inlay.engines import Scene
from inlay.engines.registry import CLASSIC
from support.edits import MemoryBlobs, Painter, Silent


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def silent() -> Silent:
    return Silent()


@pytest.fixture
def paint_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a function stand in for the engine."""

    def use(brush: Callable[[Scene], NDArray[np.float32]], own_pixels: bool = False) -> None:
        monkeypatch.setitem(perform_module._loaded, CLASSIC.name, Painter(brush, own_pixels))

    return use
