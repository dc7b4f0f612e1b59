"""Paints with an eraser of the user's through spandrel: one pass over the hole and its surroundings, no words.

https://github.com/chaiNNer-org/spandrel. What is known of LaMa and MAT without torch is in `models.eraser_families`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.capabilities import Capabilities
from inlay.engines.canvas import plane, to_pixels, to_tensor
from inlay.engines.interface import Painting, Progress, Scene
from inlay.engines.models.cache import ModelCache, enduring
from inlay.engines.models.catalog import ModelEntry, check_unchanged
from inlay.engines.models.eraser_families import ERASERS, EraserFamily
from inlay.engines.models.files import readable
from inlay.engines.tiles import OVERLAP, Tile, tiles_of
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import Recipe

MULTIPLE = 8
"""Both sides of what a model is shown; spandrel adds what its architecture needs beyond that."""

CONTEXT = 1.0
"""Surroundings that a hole is cropped with, as a part of its longer side; at least CONTEXT_MIN_PX."""

CONTEXT_MIN_PX = 64

SHORT = "Memory was short: it was erased in smaller tiles."

Paint = Callable[[Tensor, Tensor], Tensor]
"""1 x 3 x H x W in 0..1 and 1 x 1 x H x W of 0 and 1 (1: to be painted) to 1 x 3 x H x W; sides divide by MULTIPLE."""

Tell = Callable[[int, int], None]
"""Called with the tiles done and in all."""


class Mend(Protocol):
    """As Paint, with the seed of the answer."""

    def __call__(self, picture: Tensor, hole: Tensor, *, seed: int) -> Tensor: ...


@dataclass(frozen=True)
class Mender:
    """An eraser in memory. versions: of the libraries that decide its pixels. bytes: what its weights take."""

    mend: Mend
    bytes: int
    device: str
    versions: dict[str, str]


Loader = Callable[[ModelEntry, Any], Mender]
"""From an entry, and a progress that can tell what is being loaded, to an eraser in memory."""


def engine_of(entry: ModelEntry, models: ModelCache) -> "SpandrelEraser":
    """The eraser that `entry` names, whose weights share a device's memory with all other models."""
    return SpandrelEraser(entry, kept_in(models))


def kept_in(models: ModelCache) -> Loader:
    """A loader that shares a device's memory with all other models: what was used least recently leaves first."""

    def loader(entry: ModelEntry, progress: Any) -> Mender:
        def loaded() -> Mender:
            progress.loading(entry.id)
            return load(entry, models.device)

        return models.get(entry, loaded, progress.check)

    return loader


def load(entry: ModelEntry, device: str = "cpu") -> Mender:
    """Read the weights of `entry` to `device` (cpu, cuda, mps).

    Raises InvalidInput (pickles, keys that mean nothing here, a file that is not whole), FilesChanged, Unsupported where
    spandrel cannot be used.
    """
    facts = ERASERS[entry.family]
    facts.check(entry)
    readable(entry.location)  # refuses pickles
    check_unchanged(entry)
    spandrel = _spandrel(facts)
    limit = f"it must be a whole {facts.title}, the generator alone"
    try:
        model: Any = spandrel.ModelLoader(device).load_from_file(entry.path)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # spandrel, torch and safetensors each have their own
        raise InvalidInput("path", entry.path, f"{limit}: {str(error).partition(chr(10))[0]}") from error
    if not isinstance(model, spandrel.MaskedImageModelDescriptor):
        raise InvalidInput("path", entry.path, f"{limit}; it holds {model.architecture.name}")
    model.eval()
    weights = [*model.model.parameters(), *model.model.buffers()]

    @torch.no_grad()
    def mend(picture: Tensor, hole: Tensor, *, seed: int) -> Tensor:
        with torch.random.fork_rng():
            torch.manual_seed(seed)  # MAT drops features at random even when it is not trained
            if facts.varies:
                model.model.z = torch.randn(model.model.z.shape).to(device)
            return model(picture.to(device), hole.to(device)).float().cpu()

    versions = {"torch": str(torch.__version__), "spandrel": str(spandrel.__version__)}
    return Mender(mend, sum(part.numel() * part.element_size() for part in weights), device, versions)


class SpandrelEraser:
    """One eraser. It keeps nothing of its own; the model is the loader's."""

    def __init__(self, entry: ModelEntry, loader: Loader) -> None:
        self._entry = entry
        self._facts = ERASERS[entry.family]
        self._loader = loader

    def capabilities(self) -> Capabilities:
        return self._facts.capabilities_of(self._entry)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        """Yield `recipe.sampling.count` paintings; those of an eraser that does not vary are all the same.

        Raises Unsupported for other verbs, Cancelled between tiles, MemoryError where the smallest tile does not fit.
        """
        name, count = self._entry.id, recipe.sampling.count
        if recipe.verb not in self._facts.verbs:
            raise Unsupported(f"{name} cannot {recipe.verb.replace('_', ' ')}; it erases", field="verb")
        notes: list[str] = []
        if count > 1 and not self._facts.varies:
            notes.append(f"{name} has one answer: all variations are the same.")
        progress.check()
        mender = self._loader(self._entry, progress)
        answers = count if self._facts.varies else 1
        settled = recipe.sampling.resolved
        promised = settled.tile_px if settled else 0
        pixels, side = scene.pixels, promised or self._facts.tile_px
        for variation in range(count):
            seed = recipe.sampling.seed_of(variation)
            if variation < answers:
                tell = partial(_tell, progress, variation, answers)
                pixels, side = self._fitting(scene, partial(mender.mend, seed=seed), side, tell, bool(promised))
            short = (SHORT,) if side < self._facts.tile_px else ()
            receipt = self._receipt(mender, side)
            yield Painting(
                variation,
                seed,
                pixels.copy(),
                (*notes, *short),
                receipt,
                opacity=recipe.sampling.strength,
                settled={"tile_px": side, "device": mender.device.partition(":")[0]},
            )

    def _receipt(self, mender: Mender, side: int) -> dict[str, str]:
        return {
            "model": self._entry.id,
            "family": self._entry.family,
            "model_sha256": self._entry.sha256,
            "device": mender.device,
            "tile_px": str(side),
            **mender.versions,
        }

    def _fitting(
        self, scene: Scene, mend: Paint, side: int, tell: Tell, promised: bool
    ) -> tuple[NDArray[np.float32], int]:
        """The window with its hole painted, in tiles as large as the memory bears; and how large they were."""

        def smaller(short: str) -> None:
            nonlocal side
            if promised or side // 2 < self._facts.least_px:
                raise MemoryError(f"{short} Tried: tiles of {side} px")
            side //= 2

        return enduring(lambda: erased(scene, mend, side, self._facts.least_px, tell), smaller), side


def erased(
    scene: Scene,
    mend: Paint,
    side: int,
    least_px: int = 0,
    tell: Tell = lambda done, tiles: None,
) -> NDArray[np.float32]:
    """The window with its hole painted, height x width x 3 float32; outside the hole the scene's own values.

    A hole larger than a tile is painted from its first corner on: what a tile painted is known to those after it, so that
    they continue it instead of inventing a second answer. side: of a tile. least_px: the side a crop gets where the window
    has it. tell: called with the tiles done and in all, also before the first. Raises what `tell` raises.
    """
    hole = (scene.mask > 0) | ~scene.known
    tell(0, 1)
    if not hole.any():
        tell(1, 1)
        return scene.pixels.copy()
    picture, gap = (to_tensor(scene.pixels) + 1) / 2, plane(hole.astype(np.float32))
    crop = _around(hole, least_px)
    tiles = [tile for tile in _within(crop, side) if bool(tile.of(gap).any())]
    for number, tile in enumerate(tiles, 1):
        if bool(tile.of(gap).any()):  # an earlier one may have painted all of it
            painted = _padded(mend, tile.of(picture), tile.of(gap))
            rows = _settled(tile.height, tile.top, crop.top + crop.height)
            columns = _settled(tile.width, tile.left, crop.left + crop.width)
            part = Tile(tile.top, tile.left, rows, columns)
            part.of(picture).copy_(torch.where(part.of(gap) > 0, painted[..., :rows, :columns], part.of(picture)))
            part.of(gap).zero_()
        tell(number, len(tiles))
    return np.where(hole[..., None], to_pixels(picture * 2 - 1), scene.pixels).astype(np.float32)


def _settled(length: int, start: int, end: int) -> int:
    """How much of a tile's side stays: half of the overlap with the next tile is left to that one, which sees beyond it."""
    return length if start + length >= end else length - int(length * OVERLAP / 2)


def _tell(progress: Progress, before: int, answers: int, done: int, tiles: int) -> None:
    progress.check()
    if done:
        progress.step(before * tiles + done, answers * tiles, "painting")


def _padded(mend: Paint, picture: Tensor, gap: Tensor) -> Tensor:
    height, width = picture.shape[-2:]
    more = (0, -width % MULTIPLE, 0, -height % MULTIPLE)
    wide, deep = (torch.nn.functional.pad(values, more, mode="replicate") for values in (picture, gap))
    return mend(wide.contiguous(), deep.contiguous())[..., :height, :width]


def _around(hole: NDArray[np.bool_], least_px: int) -> Tile:
    """The hole's bounding box with its surroundings, in the window's pixels."""
    x, y, width, height = cv2.boundingRect(hole.astype(np.uint8))
    more = max(CONTEXT_MIN_PX, round(max(width, height) * CONTEXT))
    top, tall = _stretch(y, height, more, least_px, hole.shape[0])
    left, wide = _stretch(x, width, more, least_px, hole.shape[1])
    return Tile(top, left, tall, wide)


def _stretch(start: int, length: int, more: int, least: int, limit: int) -> tuple[int, int]:
    """`start` and `length` with `more` on both sides, grown to `least`, moved and cut to 0 .. `limit`."""
    wanted = min(limit, max(length + 2 * more, least))
    first = min(max(0, start - (wanted - length) // 2), limit - wanted)
    return first, wanted


def _within(crop: Tile, side: int) -> Iterator[Tile]:
    """Tiles of the crop, in the window's pixels."""
    for tile in tiles_of(crop.height, crop.width, side, 1):
        yield Tile(tile.top + crop.top, tile.left + crop.left, tile.height, tile.width)


def _spandrel(facts: EraserFamily) -> Any:
    """The library, with the architectures that `facts` needs. Raises Unsupported."""
    try:
        library = import_module("spandrel")
        if "spandrel_extra_arches" in facts.libraries:
            import_module("spandrel_extra_arches").install(ignore_duplicates=True)
    except (ImportError, OSError, RuntimeError) as error:  # a torchvision of another build fails in each of these ways
        reason = f"spandrel cannot be imported: {error}. torch and torchvision must be of the same build"
        raise Unsupported(f"{facts.title}: {reason}", field="model") from error
    return library
