"""A painter of known duration, as a card is one: its steps take the time they are told to and no processor."""

# pyright: reportMissingImports=false

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inlay.blobs import BlobStore
from inlay.jobs.workers.progress import Progress
from inlay.recipe import Recipe
from inlay.variation import Patch, Report, Variation

STEPS = 20
SHOWN = 5
"""Every so many steps there is a preview."""


def paint(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """The prompt: seconds, and the file in which is noted when the first step began, for whom (the seed)."""
    told, notes = recipe.words.prompt.split(maxsplit=1)
    seconds, source = float(told), recipe.canvas.source
    progress.loading("nothing")
    began, clock = time.time(), time.monotonic()
    for step in range(1, STEPS + 1 if seconds else 2):
        time.sleep(max(0.0, clock + seconds * step / STEPS - time.monotonic()))
        if seconds and step % SHOWN == 0:
            progress.preview(0, np.full((source.height, source.width, 3), step / STEPS, np.float32))
        progress.step(step, STEPS if seconds else 1, "painting")
    with Path(notes).open("a") as file:
        file.write(f"{recipe.sampling.seed} {began} {time.time()}\n")
    pixels = np.full(source.byte_length, recipe.sampling.seed % 251, np.uint8)
    patch = Patch(
        recipe.where.region,
        dataclasses.replace(source, blob=blobs.add(pixels.tobytes())),
        dataclasses.replace(recipe.where.mask, blob=blobs.add(blobs.read(recipe.where.mask.blob))),
    )
    yield Variation(0, recipe.sampling.seed, patch, Report(1.0, None, (), {"engine": "known"}), {})
