"""What a worker can be made to do instead of painting: finish, linger, refuse, break, die. Named by dotted path."""

# pyright: reportMatchNotExhaustive=false

import dataclasses
import errno
import logging
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inlay.blobs import BlobStore
from inlay.errors import InvalidInput
from inlay.jobs.workers.progress import Progress
from inlay.recipe import Recipe
from inlay.variation import Patch, Report, Variation

STEPS = 4


def paint(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Finish at once. A variation's pixels follow from its seed alone."""
    progress.loading("nothing")
    for index in range(first, recipe.sampling.count):
        for step in range(1, STEPS + 1):
            progress.step(index * STEPS + step, recipe.sampling.count * STEPS, "painting")
        yield _variation(recipe, blobs, index)


def paint_slowly(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """A variation takes about half a second, in small steps."""
    progress.loading("nothing")
    for index in range(first, recipe.sampling.count):
        for step in range(1, 11):
            progress.step(index * 10 + step, recipe.sampling.count * 10, "painting")
            time.sleep(0.05)
        yield _variation(recipe, blobs, index)


def never_finish(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Go on until cancelled."""
    progress.loading("nothing")
    step = 0
    while True:
        step += 1
        progress.step(step, 10**6, "painting")
        time.sleep(0.01)
    yield _variation(recipe, blobs, 0)


def hear_nothing(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Hang in something that looks neither left nor right, if the recipe says so; else paint."""
    progress.loading("nothing")
    if recipe.words.prompt == "hang":
        time.sleep(3600)
    yield from paint(recipe, blobs, progress, first)


def hang_midway(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Hang after the third of the steps, for ever, unless the file that the prompt names is there; it is made meanwhile. An empty
    prompt: paint."""
    progress.loading("nothing")
    for index in range(first, recipe.sampling.count):
        for step in range(1, STEPS + 1):
            progress.step(index * STEPS + step, recipe.sampling.count * STEPS, "painting")
            time.sleep(0.06)
            if step == STEPS - 1 and recipe.words.prompt and not Path(recipe.words.prompt).exists():
                Path(recipe.words.prompt).touch()
                time.sleep(10**6)
        yield _variation(recipe, blobs, index)


def begin_late(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Load so many seconds as the prompt says, then paint."""
    progress.loading("weights")
    time.sleep(float(recipe.words.prompt or 0))
    yield from paint(recipe, blobs, progress, first)


def paint_where_it_can(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Paint, but not on a device that is broken: one for which a file named `broken DEVICE` lies in the folder BROKEN names."""
    progress.loading("nothing")
    _fail_where_broken(os.environ["DEVICE"])
    yield from paint(recipe, blobs, progress, first)


def _fail_where_broken(device: str) -> None:
    os.environ["DEVICE"] = device
    folder = os.environ.get("BROKEN")
    if folder and (Path(folder) / f"broken {device}").exists():
        raise RuntimeError(f"the fan of {device} stands still")


paint_where_it_can.proof = _fail_where_broken  # pyright: ignore[reportFunctionMemberAccess]


def prove_the_second_time(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Paint. The proof hangs for ever, unless the file that HANGS names is there; it is made meanwhile."""
    yield from paint(recipe, blobs, progress, first)


def _hang_once(device: str) -> None:
    hung = Path(os.environ["HANGS"])
    if not hung.exists():
        hung.touch()
        time.sleep(10**6)


prove_the_second_time.proof = _hang_once  # pyright: ignore[reportFunctionMemberAccess]


def show_much(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Report a thousand steps and previews in a fraction of a second."""
    pixels = np.full((100, 1500, 3), 0.5, np.float32)
    for step in range(1, 1001):
        progress.step(step, 1000, "painting")
        progress.preview(0, pixels)
    yield _variation(recipe, blobs, 0)


def die_once(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """After the first variation the worker is killed, but only the first time; `prompt` names the file that remembers."""
    for variation in paint(recipe, blobs, progress, first):
        yield variation
        remembered = Path(recipe.words.prompt)
        if not remembered.exists():
            remembered.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def die_always(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """The worker ends with exit code 3, unless the recipe asks for nothing of the kind."""
    if recipe.words.prompt == "die":
        os._exit(3)
    yield from paint(recipe, blobs, progress, first)


def be_told_to_end(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """SIGTERM arrives twice, as when a service manager stops all processes; `prompt` names the file that counts."""
    counted = Path(recipe.words.prompt)
    times = len(counted.read_text()) if counted.exists() else 0
    if times < 2:
        counted.write_text("x" * (times + 1))
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(3600)
    yield from paint(recipe, blobs, progress, first)


def fail(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Raise what the prompt names; paint where it names nothing."""
    match recipe.words.prompt:
        case "InvalidInput":
            raise InvalidInput("mask", "empty", "it must not be")
        case "MemoryError":
            np.empty((1 << 50,), np.uint8)
        case "ValueError":
            raise ValueError("something nobody thought of")
        case "report":
            yield _variation(recipe, blobs, 0, details={"a number that JSON does not know": np.float32(1)})
        case "fewer":
            return
        case "lost":
            lost = _variation(recipe, blobs, 0)
            name = lost.patch.pixels.blob
            (blobs.folder / name[:2] / name).unlink()
            yield lost
            return
    yield from paint(recipe, blobs, progress, first)


def repeat_everything(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Paint all variations, also those that are there already, each of them twice."""
    for index in range(recipe.sampling.count):
        yield _variation(recipe, blobs, index)
        yield _variation(recipe, blobs, index)


def _variation(recipe: Recipe, blobs: BlobStore, index: int, details: dict[str, object] | None = None) -> Variation:
    seed = recipe.sampling.seed_of(index)
    pixels = np.random.default_rng(seed).integers(0, 256, recipe.canvas.source.byte_length, np.uint8)
    patch = Patch(
        recipe.where.region,
        dataclasses.replace(recipe.canvas.source, blob=blobs.add(pixels.tobytes())),
        dataclasses.replace(recipe.where.mask, blob=blobs.add(blobs.read(recipe.where.mask.blob))),
    )
    report = Report(1.5, None, ("as a test wants it",), details or {"engine": "test"})
    return Variation(index, seed, patch, report, {"seed": seed})


def paint_when_told(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Step until the file that `prompt` names is there, then finish."""
    progress.loading("nothing")
    step = 0
    while not Path(recipe.words.prompt).exists():
        step += 1
        progress.step(step, 10**6, "painting")
        time.sleep(0.01)
    for index in range(first, recipe.sampling.count):
        yield _variation(recipe, blobs, index)


def talk(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Log as many numbered lines as the prompt says, then paint."""
    for number in range(int(recipe.words.prompt)):
        logging.getLogger("painter").info("line %d of what a painter says", number)
    yield from paint(recipe, blobs, progress, first)


def operate(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """What the prompt's first word says, `die`, `fail`, `wait FILE`, or else paint; and say how long each phase took."""
    progress.loading("nothing")
    match recipe.words.prompt.split(" ", 1):
        case ["die", *_]:
            os._exit(3)
        case ["fail", *_]:
            raise ValueError(recipe.words.prompt)
        case ["wait", told]:
            while not Path(told).exists():
                progress.step(1, 10**6, "painting")
                time.sleep(0.01)
    for index in range(first, recipe.sampling.count):
        progress.step(index + 1, recipe.sampling.count, "painting")
        seconds = {"read": 0.25, "paint": 0.5 * (index + 1), "unmeasured": float("nan")}
        yield _variation(recipe, blobs, index, details={"seconds": seconds})


def edit_unless_told_to_wait(
    recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0
) -> Iterator[Variation]:
    """What the product paints without a model; where the prompt is `wait FILE`, once that is there."""
    from inlay.edit.perform import perform  # no other painter here needs what edits in earnest
    from inlay.engines.registry import Registry

    match recipe.words.prompt.split(" ", 1):
        case ["wait", told]:
            progress.loading("nothing")
            while not Path(told).exists():
                progress.step(1, 10**6, "painting")
                time.sleep(0.01)
    yield from perform(recipe, blobs, progress, Registry(), first)


def find_the_disk_full(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """There is no room for a result as long as the file that `prompt` names is there."""
    progress.loading("nothing")
    if recipe.words.prompt and Path(recipe.words.prompt).exists():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    yield from paint(recipe, blobs, progress, first)


def paint_in_pairs(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Two variations at a time, as a card does that has room for both; each pair waits for its own file, prompt and number."""
    progress.loading("nothing")
    for index in range(first, recipe.sampling.count, 2):
        while not Path(f"{recipe.words.prompt}{index}").exists():
            progress.step(index + 1, recipe.sampling.count, "painting")
            time.sleep(0.005)
        progress.step(index + 1, recipe.sampling.count, "painting")
        for one in range(index, min(index + 2, recipe.sampling.count)):
            yield _variation(recipe, blobs, one)


paint_in_pairs.proof = _fail_where_broken  # pyright: ignore[reportFunctionMemberAccess]


def begin_visibly(recipe: Recipe, blobs: BlobStore, progress: Progress, first: int = 0) -> Iterator[Variation]:
    """Write the job's first line into the file that `prompt` names, step as long as one of that name with `.hold` is there, paint.

    What the prompt says after it: `die` once all is told but the end, the first time; `lose` the result; be `deaf`.
    """
    name, *fate = recipe.words.prompt.split()
    path, hold = Path(name), Path(f"{name}.hold")
    again = path.exists()
    with path.open("a") as file:
        file.write("began\n")
    if fate == ["deaf"]:
        time.sleep(3600)
    while hold.exists():
        progress.step(1, 10**6, "painting")
        time.sleep(0.01)
    for index in range(first, recipe.sampling.count):
        progress.step(index + 1, recipe.sampling.count, "painting")
        made = _variation(recipe, blobs, index)
        if fate == ["lose"]:
            name = made.patch.pixels.blob
            (blobs.folder / name[:2] / name).unlink()
        yield made
    if fate == ["die"] and not again:
        os.kill(os.getpid(), signal.SIGKILL)
