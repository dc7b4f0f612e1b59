"""The same painter without server, queue, journal and pipe, on the same machine at the same time: what that machine allows.

python -m bench.studio.bare SECONDS     one job after the other until the standard input ends; then the share that was painting
"""

# pyright: basic

import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench.studio.clients import SIDE
from bench.studio.painting import paint
from inlay.blobs import BlobStore
from inlay.color.raster import Raster, SampleType
from inlay.edit.thumbnail import thumbnail
from inlay.recipe import Canvas, Recipe, Verb, Where
from inlay.region import Rect, Size


class Silent:
    """Progress of which nobody hears."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def share(seconds: float) -> float:
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        blobs, notes, window = BlobStore(Path(name) / "blobs"), Path(name) / "notes", Rect(0, 0, SIDE, SIDE)
        source = Raster(SIDE, SIDE, "RGBA", SampleType.U8, 255, "sRGB", blobs.add(bytes(4 * SIDE**2)))
        mask = Raster(SIDE, SIDE, "Y", SampleType.U8, 255, "", blobs.add(b"\xff" * SIDE**2))
        recipe = Recipe(Verb.ERASE, Canvas(Size(SIDE, SIDE), window, source), Where(window, mask))
        began = time.time()
        count = 0
        while not over.is_set():
            asked = recipe.altered(prompt=f"{seconds} {notes}", seed=count % 20)
            for variation in paint(asked, blobs, Silent()):  # pyright: ignore[reportArgumentType]
                thumbnail(variation.result, blobs)
            count += 1
        return count * seconds / (time.time() - began)


if __name__ == "__main__":
    print(share(float(sys.argv[1])))
