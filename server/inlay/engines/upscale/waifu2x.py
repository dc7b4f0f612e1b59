"""waifu2x' upconv_7 for photographs, by OpenCV's dnn: twice the size, on any CPU. https://github.com/nagadomi/waifu2x"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from inlay.engines.interface import Progress
from inlay.engines.models.catalog import ModelEntry, check_unchanged
from inlay.engines.models.families import FAMILIES
from inlay.engines.upscale.network import F32, Network, NetworkEngine

FILE = "upconv_7_photo.onnx"
SCALE = 2
REACH_PX = 7
"""Six convolutions and the transposed one: so much more on each side goes in than comes out."""
TILE_PX = 242
"""A side, without what it sees beyond: 256 together, some 200 MB. Tiles with their reach are exactly the whole picture."""


def engine_of(entry: ModelEntry) -> NetworkEngine:
    """The engine of `inlay models pull upscale2x`."""
    return NetworkEngine(entry, FAMILIES[entry.family].capabilities_of(entry), partial(_loaded, entry))


def _loaded(entry: ModelEntry, progress: Progress) -> Network:
    check_unchanged(entry)
    progress.check()
    return network_in(entry.location)


def network_in(folder: Path) -> Network:
    """The network of a folder."""
    net: Any = cv2.dnn.readNetFromONNX(str(folder / FILE))

    def run(picture: F32) -> F32:
        """1 x 3 x H x W, to twice what lies REACH_PX within."""
        net.setInput(picture)
        return np.asarray(net.forward(), np.float32)

    return Network(partial(in_tiles, run), SCALE, REACH_PX, {"opencv": cv2.__version__})


def in_tiles(run: Callable[[F32], F32], pixels: F32, check: Callable[[], None]) -> F32:
    """All of `pixels` (height x width x 3), twice as large. Tiles have one size: each new one costs OpenCV a plan of its own."""
    height, width = pixels.shape[:2]
    tall, wide = min(TILE_PX, height), min(TILE_PX, width)
    room = np.pad(pixels, ((REACH_PX, REACH_PX), (REACH_PX, REACH_PX), (0, 0)), mode="symmetric")
    larger = np.empty((height * SCALE, width * SCALE, 3), np.float32)
    for top in _starts(height, tall):
        for left in _starts(width, wide):
            check()
            seen = room[top : top + tall + 2 * REACH_PX, left : left + wide + 2 * REACH_PX]
            made = run(np.ascontiguousarray(seen.transpose(2, 0, 1)[None]))[0]
            rows, columns = slice(top * SCALE, (top + tall) * SCALE), slice(left * SCALE, (left + wide) * SCALE)
            larger[rows, columns] = made.transpose(1, 2, 0)
    return larger


def _starts(length: int, side: int) -> list[int]:
    return [*range(0, length - side, side), length - side]
