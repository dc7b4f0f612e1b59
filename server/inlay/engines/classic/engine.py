"""The classic engine: fills a hole with the picture's own pixels; no weights, any CPU, and it says what it cannot do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.engines.classic.facts import CLASSIC
from inlay.engines.interface import LARGEST, Painting, Progress, Scene
from inlay.errors import Unsupported
from inlay.recipe import Recipe, Tier, Verb

if TYPE_CHECKING:
    from inlay.engines.classic.sources import Task
    from inlay.engines.classic.workshop import Workshop

ALGORITHM = "patchmatch 4"
"""Rises when the same recipe gives other pixels than before."""

NO_SOURCE = (
    "The selection leaves nothing around it to continue from, so nothing was changed: select less, or add context."
)

THINNEST_PX = 7
"""Thinner windows are widened to one patch by repeating their border."""

ROUNDS_OF_TIER = {Tier.DRAFT: (8, 3, 1, 2), Tier.STANDARD: (16, 8, 2, 4), Tier.FINAL: (30, 16, 6, 6)}
"""Rounds at the coarsest, middle and finest size, and sweeps a round. Every tier paints at the document's own scale."""


class ClassicEngine:
    """PatchMatch completion of the masked pixels, voted with the document's own samples.

    * erase, fill, expand continue the surroundings into the mask.
    * recolor yields the scene's pixels unchanged: the exact colour is given by the colour step after the engine.
    * strength is how opaque the fill is to lie over what is there: it is the same at every strength; at 0 there is none.

    The window outside the mask is returned as it came.
    """

    def __init__(self, threads: int = 0) -> None:
        """threads: 0 takes every core this process may use. The result does not depend on it."""
        self._threads = threads
        self._shop: Workshop | None = None

    def capabilities(self) -> Capabilities:
        return CLASSIC

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Painting]:
        """Yield `recipe.sampling.count` paintings, each as soon as it is finished.

        Raises Unsupported for other verbs and for windows that show nothing at all; Cancelled.
        """
        if recipe.verb not in CLASSIC.verbs:
            able = ", ".join(sorted(CLASSIC.verbs))
            raise Unsupported(
                f"the classic engine cannot {recipe.verb.replace('_', ' ')}, only {able}; install a model", field="verb"
            )
        if recipe.verb == Verb.RECOLOR or recipe.sampling.strength <= 0 or not (scene.mask > 0).any():
            yield from _same_for_all(scene.pixels, recipe, progress, ())
            return
        readable = _readable(scene)
        if not readable.known.any():
            raise Unsupported(_why_nothing(scene), field="window")
        from inlay.engines.classic.sources import task_of

        padded = _widened(readable)
        task = task_of(padded.mask, padded.known)
        if task is None:
            yield from _same_for_all(scene.pixels, recipe, progress, (NO_SOURCE,))
        elif task.radius == 0:
            pixels = _smoothed(padded, task)
            yield from _same_for_all(_cropped(pixels, scene), recipe, progress, task.notes)
        else:
            for painting in self._painted(padded, task, recipe, progress, task.notes):
                yield replace(painting, pixels=_cropped(painting.pixels, scene))

    def _painted(
        self, scene: Scene, task: "Task", recipe: Recipe, progress: Progress, notes: tuple[str, ...]
    ) -> Iterator[Painting]:
        """On smooth ground its light is continued, and only what lies on it is copied."""
        from inlay.engines.classic.backdrop import SEEN, backdrop_of, low_of

        ground = backdrop_of(scene.pixels, task.source, task.wanted)
        if ground is None:
            yield from self._filled(scene, task, recipe, progress, notes)
        elif ground.spread < SEEN:
            smooth = np.where(task.wanted[..., None], ground.surface, scene.pixels)
            yield from _same_for_all(smooth, recipe, progress, notes)
        else:
            level = ground.surface[task.wanted].mean(axis=0)
            light = np.asarray(ground.surface - level, np.float32)
            even = replace(scene, pixels=scene.pixels - light)
            on_ground = task._replace(source=task.source & ground.learned)
            for painting in self._filled(even, on_ground, recipe, _Lit(progress, light), notes):
                copied = painting.pixels - level
                grain = copied - low_of(copied, on_ground.source | task.wanted)
                pixels = np.where(task.wanted[..., None], ground.surface + grain, scene.pixels)
                yield replace(painting, pixels=pixels)

    def _filled(
        self, scene: Scene, task: "Task", recipe: Recipe, progress: Progress, notes: tuple[str, ...]
    ) -> Iterator[Painting]:
        from inlay.engines.classic.flats import without_fringe
        from inlay.engines.classic.pyramid import levels_of
        from inlay.engines.classic.synthesis import Effort, Synthesis

        shop = self._workshop()
        colors, flats = without_fringe(np.where(task.source[..., None], scene.pixels, np.float32(0)), task.source)
        progress.check()
        feat = shop.features(colors, task.source, progress.check)
        levels = levels_of(feat, colors, task.source, task.wanted, task.radius, progress.check)
        effort = Effort(*ROUNDS_OF_TIER[recipe.sampling.tier])
        synthesis = Synthesis(levels, flats, effort, shop, progress.check)
        total = recipe.sampling.count * synthesis.rounds
        receipt = {
            "algorithm": ALGORITHM,
            "patch_px": str(2 * task.radius + 1),
            "levels": str(len(levels)),
            "rounds": "/".join(map(str, ROUNDS_OF_TIER[recipe.sampling.tier])),
        }
        for variation in range(recipe.sampling.count):
            seed = recipe.sampling.seed_of(variation)
            begun = variation * synthesis.rounds
            filled = synthesis.fill(
                seed,
                lambda done, begun=begun: progress.step(begun + done, total, "painting"),
                lambda picture, variation=variation: progress.preview(variation, picture),
            )
            progress.step(begun + synthesis.rounds, total, "painting")
            filled[~task.wanted] = scene.pixels[~task.wanted]
            yield Painting(variation, seed, filled, notes, receipt, own_pixels=True, opacity=recipe.sampling.strength)

    def _workshop(self) -> "Workshop":
        from inlay.engines.classic.workshop import Workshop

        if self._shop is None:
            self._shop = Workshop(self._threads)
        return self._shop


class _Lit:
    """A progress whose previews get the light back that was taken away."""

    def __init__(self, progress: Progress, light: NDArray[np.float32]) -> None:
        self._progress, self._light = progress, light
        self.step, self.check = progress.step, progress.check

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None:
        import cv2

        height, width = pixels.shape[:2]
        light = cv2.resize(self._light, (width, height), interpolation=cv2.INTER_AREA)
        self._progress.preview(variation, np.asarray(pixels + light, np.float32))


def _same_for_all(
    pixels: NDArray[np.float32], recipe: Recipe, progress: Progress, notes: tuple[str, ...]
) -> Iterator[Painting]:
    """One painting for each variation, where no chance is at play."""
    for variation in range(recipe.sampling.count):
        progress.step(variation + 1, recipe.sampling.count, "painting")
        seed = recipe.sampling.seed_of(variation)
        opacity = 1.0 if recipe.verb == Verb.RECOLOR else recipe.sampling.strength
        receipt = {"algorithm": ALGORITHM}
        yield Painting(variation, seed, pixels.copy(), notes, receipt, own_pixels=True, opacity=opacity)


def _smoothed(scene: Scene, task: "Task") -> NDArray[np.float32]:
    from inlay.engines.classic.smooth import smoothly_filled

    return np.where(task.wanted[..., None], smoothly_filled(scene.pixels, task.source), scene.pixels)


def _readable(scene: Scene) -> Scene:
    """The scene with 0 for what is not known, where a pixel without a value is not known either."""
    known = scene.known & (np.abs(scene.pixels) <= LARGEST).all(axis=-1)
    return replace(scene, pixels=np.where(known[..., None], scene.pixels, np.float32(0)), known=known)


def _why_nothing(scene: Scene) -> str:
    nothing = "the window shows nothing at all"
    if scene.known.any():
        sample = float(scene.pixels[scene.known].flat[0])
        nothing = f"every pixel of the window is {sample:.3g} or the like: no color, {LARGEST:g} is the most"
    return (
        f"{nothing}, so there is nothing to continue; include some of the picture, "
        "or install a model to paint on an empty canvas"
    )


def _widened(scene: Scene) -> Scene:
    """The scene, at least one patch wide and high."""
    height, width = scene.mask.shape
    margins = ((0, max(0, THINNEST_PX - height)), (0, max(0, THINNEST_PX - width)))
    if margins == ((0, 0), (0, 0)):
        return scene
    return Scene(
        np.pad(scene.pixels, (*margins, (0, 0)), mode="edge"),
        np.pad(scene.mask, margins, mode="edge"),
        np.pad(scene.known, margins, mode="edge"),
    )


def _cropped(pixels: NDArray[np.float32], scene: Scene) -> NDArray[np.float32]:
    """`pixels` of the widened scene at the scene's own size, and as the scene has them where the mask is 0."""
    height, width = scene.mask.shape
    return np.where(scene.mask[..., None] > 0, pixels[:height, :width], scene.pixels)
