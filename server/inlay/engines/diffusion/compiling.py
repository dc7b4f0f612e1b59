"""Compiling a denoiser's repeated blocks, and rehearsing with them, so that no edit waits for the compiler.

Regional compilation (https://docs.pytorch.org/tutorials/recipes/regional_compilation.html): the kind of block that a denoiser
repeats is compiled once for all of them. The first size is compiled as it is; at the second PyTorch compiles for any size,
and from then on no size is compiled again. So two sizes are rehearsed: the native one, which keeps a program of its own, and
another.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.color.raster import Raster, SampleType
from inlay.engines.interface import Loading, Scene
from inlay.errors import clipped
from inlay.recipe import Canvas, Recipe, Tier, Verb, Where, Words
from inlay.region import Rect, Size
from inlay.region.window import working_size

BACKEND = "inductor"

PROGRAMS_PER_BLOCK = 64
"""PyTorch gives up on a block after 8 programs; SDXL has two widths of it, each alone, in a batch and in two of them."""

OTHER_SHAPE = (2, 1)
"""Sides of the second size that is rehearsed, against each other; far from square, or both would round to one size."""


STUMBLED = "The compiler failed at a part of the model, which ran as it is: it paints as well, only slower. It said:"


class Rehearsal(NamedTuple):
    """What is painted for the compiler: a size, and how many at once."""

    size: Size
    batch: int


def compile_blocks(denoiser: Any, device: torch.device) -> str:
    """Have the denoiser's repeated blocks compiled when they are first run. Where they cannot be: a sentence about it, else "".

    A block that the compiler stumbles over is run as it is; `stumbled` says so afterwards.
    """
    if reason := missing_for(device):
        return f"The model is not compiled: {reason} It paints as well, only slower."
    import torch._dynamo

    torch._dynamo.config.suppress_errors = True
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, PROGRAMS_PER_BLOCK)
    denoiser.compile_repeated_blocks(backend=BACKEND)
    return ""


def missing_for(device: torch.device) -> str:
    """What PyTorch's compiler lacks on this machine, in a sentence; empty where it lacks nothing."""
    if device.type == "cuda":
        from torch.utils._triton import has_triton

        return "" if has_triton() else "Triton is not installed, which PyTorch compiles for this card with."
    if device.type == "cpu":
        from torch._inductor.cpp_builder import get_cpp_compiler
        from torch._inductor.exc import InvalidCxxCompiler

        try:
            get_cpp_compiler()
        except (InvalidCxxCompiler, RuntimeError):
            return "there is no C++ compiler on this machine (on Debian: apt install g++)."
    return ""


def stumbled() -> str:
    """What this process's compiler failed at, as a sentence; empty where it made every program it was asked for."""
    from torch._dynamo.utils import get_compilation_metrics

    reasons = [f"{seen.fail_type}: {seen.fail_reason}" for seen in get_compilation_metrics() if seen.fail_type]
    return f"{STUMBLED} {clipped(' '.join(reasons[-1].split()))}" if reasons else ""


def rehearsals(engine: Capabilities, batch: int) -> Iterator[Rehearsal]:
    """All that has to be painted once, so that nothing is compiled later. batch: variations at once."""
    for shape in ((1, 1), OTHER_SHAPE):
        size = working_size(
            Rect(0, 0, *shape), multiple=engine.multiple, least_px=engine.native_px, max_px=engine.max_px
        )
        yield Rehearsal(size, 1)
    if batch > 1:
        yield Rehearsal(size, batch)


def scene_and_recipe(rehearsal: Rehearsal, name: str) -> tuple[Scene, Recipe]:
    """A grey picture that is to be refined as little as can be: one step."""
    size, batch = rehearsal
    grey = np.full((size.height, size.width, 3), 0.5, np.float32)
    scene = Scene(grey, np.ones(grey.shape[:2], np.float32), np.ones(grey.shape[:2], np.bool_))
    raster = Raster(size.width, size.height, "RGB", SampleType.U8, 255, "", "")
    whole = size.bounds
    made = Recipe(Verb.REFINE, Canvas(size, whole, raster), Where(whole, raster), Words("grey"))
    return scene, made.altered(model=name, tier=Tier.FINAL, strength=1e-6, count=batch)


class Unheard:
    """The progress of a rehearsal's paintings: only that it was taken back is of interest."""

    def __init__(self, heard: Loading) -> None:
        self._heard = heard

    def step(self, index: int, total: int, phase: str) -> None:
        self._heard.check()

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None:
        self._heard.check()

    def loading(self, what: str) -> None: ...


def rehearse(
    engine: Capabilities,
    batch: int,
    paint: Callable[[Scene, Recipe], Iterator[object]],
    tell: Callable[[str], None],
    check: Callable[[], None],
) -> None:
    """Paint what has to be painted once. Raises whatever `check` raises, between two paintings at the latest."""
    planned = list(rehearsals(engine, batch))
    for number, rehearsal in enumerate(planned, 1):
        check()
        width, height = rehearsal.size
        tell(f"{engine.name}: compiler ({number} of {len(planned)}, {width} x {height})")
        for _ in paint(*scene_and_recipe(rehearsal, engine.name)):
            check()
