"""The verb fix: hands, faces or eyes are found, each is painted large in its own crop, and the surest result comes first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from inlay.color.raster import Raster
from inlay.edit.sight import Sight, resized
from inlay.engines import Engine, Progress, Scene
from inlay.engines.eyes import Eyes
from inlay.engines.eyes.parts import EYES, HANDS, Finder, Part
from inlay.engines.interface import Answer, Mask, Painting
from inlay.engines.wording import FIX_PROMPTS
from inlay.recipe import Recipe, Verb
from inlay.region import Rect, Size

PART_PX = 512
"""What the longer side of a part is painted at, at least, as far as the engine can paint its crop."""

CONTEXT = 0.5
"""Around a part, of its longer side: what the engine sees of its surroundings."""

FACE_AROUND_EYES = 2.0
"""Of the width of both eyes: so much around them holds the face without which no detector finds any."""

_SELECTED = 0.02
"""Of a part's mask, how much must be selected for it to be meant."""


@dataclass(frozen=True)
class Mending:
    """What is to be mended in a window. parts: with their masks, inside the selection."""

    finder: Finder
    parts: tuple[Part, ...]
    sight: Sight


def mending(recipe: Recipe, sight: Sight, eyes: Eyes) -> Mending:
    """Find it. The sight's mask becomes that of the parts: everything else is locked, selected or not.

    Raises Unsupported where the network that finds is not here.
    """
    finder = Finder(str(recipe.options.get("fix", HANDS)), eyes)
    found: list[Part] = []
    for part in finder.parts(np.clip(sight.pixels, 0, 1)):
        inside = np.minimum(part.mask, sight.mask)
        if float(inside.sum()) > _SELECTED * float(part.mask.sum()):
            found.append(part._replace(mask=inside))
    if not found:
        return Mending(finder, (), sight)
    mask = np.asarray(np.max([part.mask for part in found], axis=0), np.float32)
    return Mending(finder, tuple(found), _masked(sight, mask, recipe.where.mask, recipe.canvas.window))


def mended(engine: Engine, job: Mending, recipe: Recipe, progress: Progress) -> Iterator[Answer]:
    """The engine's variations, each with all parts painted, the one first of which the detector is surest.

    Where nothing was found: empty masks. Raises as the engine does.
    """
    sampling = recipe.sampling
    if not job.parts:
        for variation in range(sampling.count):
            yield Mask(variation, sampling.seed_of(variation), np.zeros_like(job.sight.mask))
        return
    pictures = [job.sight.pixels.copy() for _ in range(sampling.count)]
    seen = job.sight.pixels.copy()
    last: dict[int, Painting] = {}
    for part in job.parts:
        crop, size = _crop(part, engine, job.sight)
        for painting in _painted(engine, job.sight, part, crop, size, recipe, progress):
            pictures[painting.variation][crop.slices] = resized(painting.pixels, crop.size)
            if painting.roundtrip is not None and painting.variation == 0:
                seen[crop.slices] = resized(painting.roundtrip, crop.size)
            last[painting.variation] = painting
        progress.check()
    sure = [min(_presence(job.finder, part, picture) for part in job.parts) for picture in pictures]
    before = min(part.presence for part in job.parts)
    order = sorted(last, key=lambda variation: -sure[variation])
    for place, variation in enumerate(order):
        painting = last[variation]
        told = f"The detector was {round(100 * before)} % sure before, and is {round(100 * sure[variation])} % sure of this."
        yield replace(
            painting,
            variation=place,
            pixels=pictures[variation],
            roundtrip=None if painting.roundtrip is None else seen,
            notes=(told, *painting.notes),
            receipt={**painting.receipt, "presence": f"{sure[variation]:.3f}", "parts": str(len(job.parts))},
        )


def _painted(
    engine: Engine, sight: Sight, part: Part, crop: Rect, size: Size, recipe: Recipe, progress: Progress
) -> Iterator[Painting]:
    """One part in its crop, at the size at which it is painted."""
    asked = recipe.altered(
        verb=Verb.REFINE,
        options={},
        prompt=recipe.words.prompt or FIX_PROMPTS[str(recipe.options.get("fix", HANDS))],
    )
    if recipe.sampling.resolved:
        asked = asked.altered(resolved=replace(recipe.sampling.resolved, working=size))
    known = resized(sight.known[crop.slices].astype(np.float32), size) > 0.5
    mask = np.clip(resized(np.ascontiguousarray(part.mask[crop.slices]), size), 0, 1)
    scene = Scene(resized(np.ascontiguousarray(sight.pixels[crop.slices]), size), mask, known)
    for answer in engine.paint(scene, asked, progress):
        if isinstance(answer, Painting):
            yield answer


def _crop(part: Part, engine: Engine, sight: Sight) -> tuple[Rect, Size]:
    """The part with its surroundings, in the window's pixels, and the size at which it is painted."""
    height, width = sight.mask.shape
    rows, columns = np.flatnonzero(part.mask.any(axis=1)), np.flatnonzero(part.mask.any(axis=0))
    pad = round(CONTEXT * part.side_px)
    tight = Rect(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    crop = tight.padded(pad).intersection(Rect(0, 0, width, height))
    can = engine.capabilities()
    scale = max(1.0, PART_PX / max(part.side_px, 1.0))
    scale = min(scale, (can.max_px / crop.area) ** 0.5)

    def side(length: int) -> int:
        return max(1, ceil(length * scale / can.multiple)) * can.multiple

    size = Size(side(crop.width), side(crop.height))
    while size.area > can.max_px and min(size) > can.multiple:
        size = Size(size.width - can.multiple, size.height - can.multiple)
    return crop, size


def _presence(finder: Finder, part: Part, picture: NDArray[np.float32]) -> float:
    """How sure the detector is of a part, now that it was painted."""
    height, width = picture.shape[:2]
    left, top, right, bottom = part.box
    pad = (FACE_AROUND_EYES if finder.kind == EYES else CONTEXT) * part.side_px
    rows = slice(max(0, int(top - pad)), min(height, int(bottom + pad) + 1))
    columns = slice(max(0, int(left - pad)), min(width, int(right + pad) + 1))
    return finder.presence(np.clip(picture[rows, columns], 0, 1))


def _masked(sight: Sight, mask: NDArray[np.float32], raster: Raster, window: Rect) -> Sight:
    """The sight with another mask, inside the patch that it has."""
    patch = mask[sight.patch.relative_to(window).slices] * np.float32(raster.white_level)
    kind = sight.mask_samples.dtype
    samples = (np.rint(patch) if kind.kind == "u" else patch).astype(kind)
    laid = np.zeros_like(mask)
    laid[sight.patch.relative_to(window).slices] = samples.astype(np.float32) / np.float32(raster.white_level)
    return replace(sight, mask=laid, mask_samples=samples)
