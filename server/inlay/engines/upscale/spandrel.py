"""Enlarges with a network of the user's through spandrel: Real-ESRGAN, SPAN, DAT and whatever else it knows.

https://github.com/chaiNNer-org/spandrel. What is known of them without torch is in `models.upscaler_families`.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import torch

from inlay.engines.interface import Progress
from inlay.engines.models.cache import ModelCache, enduring
from inlay.engines.models.catalog import ModelEntry, check_unchanged
from inlay.engines.models.families import FAMILIES
from inlay.engines.models.files import readable
from inlay.engines.upscale.network import F32, Network, NetworkEngine
from inlay.errors import InvalidInput, Unsupported

TILE_PX = 192
"""A side, halved where the memory is short."""
LEAST_TILE_PX = 48
REACH_PX = 16
"""Networks of this kind see further, but little of it counts; what is left is under what the faithful stage takes away."""
SCALES = (2, 3, 4, 8)


def engine_of(entry: ModelEntry, models: ModelCache) -> NetworkEngine:
    """The engine of a model in the catalog, whose weights share a device's memory with all other models."""

    def load(progress: Progress) -> Network:
        def loaded() -> Held:
            tell: Any = getattr(progress, "loading", None)
            if tell:
                tell(entry.id)
            return held(entry, models.device)

        return models.get(entry, loaded, progress.check).network

    return NetworkEngine(entry, FAMILIES[entry.family].capabilities_of(entry), load)


class Held:
    """A network in memory. bytes: what its weights take."""

    def __init__(self, network: Network, bytes_: int) -> None:
        self.network, self.bytes = network, bytes_


def held(entry: ModelEntry, device: str = "cpu") -> Held:
    """Read the weights of `entry` to `device` (cpu, cuda, mps). Raises InvalidInput, FilesChanged, Unsupported."""
    place = next((file for file in readable(entry.location) if file.suffix == ".safetensors"), entry.location)
    check_unchanged(entry)
    try:
        spandrel = import_module("spandrel")
    except (ImportError, OSError, RuntimeError) as error:  # a torchvision of another build fails in each of these ways
        reason = f"spandrel cannot be imported: {error}. torch and torchvision must be of the same build"
        raise Unsupported(f"{entry.id}: {reason}", field="model") from error
    try:
        model: Any = spandrel.ModelLoader(device).load_from_file(str(place))
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # spandrel, torch and safetensors each have their own
        limit = f"spandrel cannot read it: {str(error).partition(chr(10))[0]}"
        raise InvalidInput("path", entry.path, limit) from error
    scale = getattr(model, "scale", 1)
    if not isinstance(model, spandrel.ImageModelDescriptor) or scale not in SCALES:
        raise InvalidInput("path", entry.path, f"it must enlarge; it holds {model.architecture.name}")
    model.eval()
    weights = [*model.model.parameters(), *model.model.buffers()]
    versions = {"torch": str(torch.__version__), "spandrel": str(spandrel.__version__)}

    @torch.no_grad()
    def run(pixels: F32) -> F32:
        picture = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])).to(device)
        return model(picture).float().cpu().numpy()[0].transpose(1, 2, 0)

    network = Network(partial(in_tiles, run, scale), scale, REACH_PX, versions, device)
    return Held(network, sum(part.numel() * part.element_size() for part in weights))


def in_tiles(run: Callable[[F32], F32], scale: int, pixels: F32, check: Callable[[], None]) -> F32:
    """All of `pixels` (height x width x 3), `scale` times as large; in smaller tiles where the memory is short."""
    side = TILE_PX

    def smaller(short: str) -> None:
        nonlocal side
        if side // 2 < LEAST_TILE_PX:
            raise MemoryError(f"{short} Tried: tiles of {side} px")
        side //= 2

    return enduring(lambda: _tiled(run, scale, pixels, side, check), smaller)


def _tiled(run: Callable[[F32], F32], scale: int, pixels: F32, side: int, check: Callable[[], None]) -> F32:
    height, width = pixels.shape[:2]
    larger = np.empty((height * scale, width * scale, 3), np.float32)
    for top in range(0, height, side):
        for left in range(0, width, side):
            check()
            bottom, right = min(top + side, height), min(left + side, width)
            up, before = max(0, top - REACH_PX), max(0, left - REACH_PX)
            made = run(pixels[up : bottom + REACH_PX, before : right + REACH_PX])
            y, x = (top - up) * scale, (left - before) * scale
            tall, wide = (bottom - top) * scale, (right - left) * scale
            larger[top * scale : bottom * scale, left * scale : right * scale] = made[y : y + tall, x : x + wide]
    return larger
