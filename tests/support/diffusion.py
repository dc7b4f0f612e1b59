"""Diffusion engines on tiny models, without files: what to paint, who watches, and what came out in latents."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inlay.color.raster import Raster, SampleType
from inlay.engines import Painting, Scene
from inlay.engines.diffusion import painter
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.diffusion.families.base import Adapter, Run
from inlay.engines.diffusion.loading import LoadedModel
from inlay.engines.diffusion.loras import Wardrobe
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where, Words
from inlay.region import Rect, Size
from support import tiny_models
from support.edits import Silent, photo

torch.set_num_threads(1)  # threads that wait for each other spin, and the other tests of the run make them wait

STRIP = Size(192, 64)


def loaded(family: str, components: dict[str, Any] | None = None, **entry: Any) -> LoadedModel:
    """A tiny model as the loader hands it over."""
    found = ModelEntry(family, family, "/models/" + family, "folder", "0" * 64, **entry)
    parts = components or tiny_models.FAMILIES[family]()
    return LoadedModel(found, DIFFUSION[family], parts, torch.device("cpu"), torch.float32, Wardrobe())


def engine(family: str, batch: int = 1, components: dict[str, Any] | None = None, **entry: Any) -> DiffusionEngine:
    model = loaded(family, components, **entry)
    return DiffusionEngine(model.entry, lambda _entry, _progress: model, batch)


def scene(mask: NDArray[np.float32] | None = None, width: int = 192, height: int = 64) -> Scene:
    """A strip of a photograph; the mask is a box unless given."""
    if mask is None:
        mask = np.zeros((height, width), np.float32)
        mask[16:48, 64:128] = 1
    height, width = mask.shape
    pixels = np.tile(photo(), (-(-height // 200), -(-width // 240), 1))[:height, :width]
    return Scene(np.ascontiguousarray(pixels), mask, np.ones(mask.shape, np.bool_))


def ramp(width: int = 192, height: int = 64, bands: int = 12) -> NDArray[np.float32]:
    """A mask that rises from 0 in the first band to 1 in the last."""
    return np.tile(np.repeat(np.linspace(0, 1, bands, dtype=np.float32), width // bands), (height, 1))


def recipe(verb: str = Verb.FILL, size: Size = STRIP, **changes: Any) -> Recipe:
    raster = Raster(size.width, size.height, "RGBA", SampleType.U8, 255, "sRGB-elle-V2-srgbtrc.icc", "")
    whole = Rect(0, 0, *size)
    plain = Recipe(
        verb, Canvas(size, whole, raster), Where(whole, raster), Words("a red kite"), Sampling(11, tier=Tier.DRAFT)
    )
    return plain.altered(**changes)


class Watch(Silent):
    """Writes down what an engine tells; `at` is called with the number of each call and may raise."""

    def __init__(self, at: Callable[[int], None] = lambda _: None) -> None:
        self.steps: list[tuple[int, int]] = []
        self.previews: list[tuple[int, NDArray[np.float32]]] = []
        self.calls = 0
        self._at = at

    def step(self, index: int, total: int, phase: str) -> None:
        self.steps.append((index, total))
        self.check()

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        self.previews.append((variation, pixels))
        self.check()

    def check(self) -> None:
        self.calls += 1
        self._at(self.calls)


def painted(
    found: DiffusionEngine, wanted: Recipe, seen: Scene | None = None, watch: Silent | None = None
) -> list[Painting]:
    return list(found.paint(seen or scene(), wanted, watch or Watch()))


@pytest.fixture
def latents(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """The latents of every painting, before the VAE (which mixes all pixels) decodes them."""
    found: list[torch.Tensor] = []
    decoded = painter.decoded

    def noting(adapter: Any, painted: torch.Tensor, progress: Any, **more: Any) -> Any:
        found.append(painted.clone())
        return decoded(adapter, painted, progress, **more)

    monkeypatch.setattr(painter, "decoded", noting)
    return found


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """The latents that each run starts from, and of which the mask keeps its part."""
    found: list[torch.Tensor] = []
    denoise = Adapter.denoise

    def noting(self: Adapter, run: Run) -> torch.Tensor:
        found.append(run.start.clone())
        return denoise(self, run)

    monkeypatch.setattr(Adapter, "denoise", noting)
    return found
