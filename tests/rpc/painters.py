"""A painter for tests of the server: no engine, real blobs, real events. Imported by the worker process."""

import dataclasses
import time
from collections.abc import Iterator

import numpy as np

from inlay.blobs import BlobStore
from inlay.errors import InvalidInput
from inlay.jobs.workers.progress import Progress
from inlay.recipe import Recipe
from inlay.variation import Patch, Report, Variation

STEPS = 4


def invert(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int) -> Iterator[Variation]:
    """The window's samples turned round and shifted by the seed. The prompt `slow` makes it take twenty seconds."""
    progress.loading("inverter")
    pixels = recipe.canvas.source.array(blobs.read(recipe.canvas.source.blob), "source")
    mask = recipe.where.mask.array(blobs.read(recipe.where.mask.blob), "mask")
    if not mask.any():
        raise InvalidInput("where.mask", "empty (every sample is 0)", "select at least one pixel")
    steps = 400 if recipe.words.prompt == "slow" else STEPS
    for variation in range(first, recipe.sampling.count):
        for step in range(1, steps + 1):
            time.sleep(0.06)  # so that the worker's limit on the rate of events lets each one through
            progress.step(variation * steps + step, recipe.sampling.count * steps, "inverting")
        progress.preview(variation, np.zeros((8, 12, 3), np.float32))
        painted = np.ascontiguousarray(pixels[::-1]) + pixels.dtype.type(recipe.sampling.seed_of(variation) % 7)
        patch = Patch(
            recipe.canvas.window,
            dataclasses.replace(recipe.canvas.source, blob=blobs.add(painted.tobytes())),
            recipe.where.mask,
        )
        report = Report(1.5, None, ("a note",), {"seconds": {"invert": 0.1}, "unmeasured": float("nan")})
        yield Variation(variation, recipe.sampling.seed_of(variation), patch, report, {"engine": "inverter"})


def turn(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int) -> Iterator[Variation]:
    """What is selected becomes the part of the window, upside down, that lies there, raised by the seed."""
    source = recipe.canvas.source
    place = recipe.where.region
    pixels = source.array(blobs.read(source.blob), "source")[::-1]
    turned = pixels[place.relative_to(recipe.canvas.window).slices]
    for variation in range(first, recipe.sampling.count):
        seed = recipe.sampling.seed_of(variation)
        painted = np.ascontiguousarray(turned) + pixels.dtype.type(seed % 7)
        raster = dataclasses.replace(source, width=place.width, height=place.height, blob=blobs.add(painted.tobytes()))
        yield Variation(variation, seed, Patch(place, raster, recipe.where.mask), Report(0.1, None, ()), {})
