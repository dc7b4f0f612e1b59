"""What the soak's workers paint with: pixels that follow from the recipe alone, and a note of each step that was begun.

Every process of the soak is on one machine, whose monotonic clock they share.
"""

import dataclasses
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inlay.blobs import BlobStore
from inlay.jobs.workers.child import Progress
from inlay.recipe import Recipe
from inlay.variation import Patch, Report, Variation

DOTTED = "bench.soak.painting:paint"
STEPS = 10
STEP_S = 0.1


def pixels_of(recipe: Recipe, index: int) -> bytes:
    """The samples of variation `index`: SHAKE-128 (FIPS 202) of its seed and of the pixels that it is painted over."""
    asked = f"{recipe.sampling.seed_of(index)} {recipe.canvas.source.blob}"
    return hashlib.shake_128(asked.encode()).digest(recipe.canvas.source.byte_length)


def prompt_for(notes: Path, step_s: float) -> str:
    """What tells a painter where its notes go, and how long a step takes."""
    return f"{step_s} {notes}"


def paint(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """In steps, each with a preview; as `prompt_for` says, else in steps of STEP_S and without notes."""
    pace, _, folder = recipe.words.prompt.partition(" ")
    step_s = float(pace) if folder else STEP_S
    count = recipe.sampling.count
    progress.loading("nothing")
    assert len(blobs.read(recipe.canvas.source.blob)) == recipe.canvas.source.byte_length
    for index in range(first, count):
        for step in range(1, STEPS + 1):
            progress.step(index * STEPS + step, count * STEPS, "painting")
            if folder:
                with (Path(folder) / f"{recipe.sampling.seed}").open("a") as notes:
                    notes.write(f"{index} {step} {time.monotonic()} {os.getpid()}\n")
            progress.preview(index, np.full((8, 12, 3), step / STEPS, np.float32))
            time.sleep(step_s)
        patch = Patch(
            recipe.where.region,
            dataclasses.replace(recipe.canvas.source, blob=blobs.add(pixels_of(recipe, index))),
            dataclasses.replace(recipe.where.mask, blob=blobs.add(blobs.read(recipe.where.mask.blob))),
        )
        report = Report(1.0, None, (), {"engine": "soak"})
        yield Variation(index, recipe.sampling.seed_of(index), patch, report, {"seed": recipe.sampling.seed})


class Begun(NamedTuple):
    """A painter began a step."""

    variation: int
    step: int
    at_s: float
    """On the machine's monotonic clock."""
    pid: int


def begun(notes: Path, seed: int) -> list[Begun]:
    """The steps that were begun of the job with this seed; a line that a killed painter left unfinished is none."""
    path = notes / f"{seed}"
    lines = [line.split() for line in path.read_text().split("\n")[:-1]] if path.exists() else []
    return [Begun(int(one[0]), int(one[1]), float(one[2]), int(one[3])) for one in lines if len(one) == 4]
