"""One recipe painted: encode, denoise, decode; a window larger than the model is painted small first, then refined in tiles."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.color.blend import blended
from inlay.engines.canvas import Pixels, continued, plane, resized, to_tensor
from inlay.engines.diffusion.control import Hold
from inlay.engines.diffusion.families.base import Adapter, Conditioning, Pictures, Purpose, Run
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.intent import STARTS_EMPTY, walked_steps
from inlay.engines.diffusion.prefill import prefilled
from inlay.engines.diffusion.previews import Previews, TinyVae
from inlay.engines.diffusion.softmask import pooled
from inlay.engines.diffusion.sources import Recent, Source, decoded, digest, encoded, source_key, source_of, with_alpha
from inlay.engines.interface import Progress, Scene, SceneInput, tell_preparing
from inlay.engines.models.diffusion_family import Shown
from inlay.engines.tiles import Tile, feather, tiles_of
from inlay.recipe import CONTROL, DRAFT, LOOKED_AT, Recipe
from inlay.region import Rect, Size
from inlay.region.window import working_size
from inlay.structure import TILE, Structure, structure_of

ONE_PASS = 1.5
"""A window of up to this many times the native area is painted in one pass: families were trained on that much."""

REFERENCE_PX = 1024 * 1024
"""The makers' own pipelines make larger references as small as that; their cost grows with the square."""

SEEN = np.float32(1e-3)
"""A pixel that shows less than this share of what is not masked shows none of it."""

UNSEEN = 1 / 255
"""What is less opaque shows no colour in 8 bit, and models paint any there."""

TILE_STRENGTH = 0.35
"""How far tiles may move from the enlarged first pass: enough for sharp detail, too little for new content."""


class Order(NamedTuple):
    """What a recipe and its tier come to. identity: what else decides latents and embeddings (model, dtype, LoRAs)."""

    words: Words
    steps: int
    walked: int
    still: bool
    """Nothing may move at all."""
    guidance: float
    scheduler: str
    cache: bool
    draft_hold: float
    """How firmly a draft that is finished holds what is painted, 0 .. 1."""
    identity: object


class Canvas(NamedTuple):
    """One variation: the painted window and the unedited one through the VAE, both height x width x 3 float32 0..1.

    alpha: height x width 0..1, how opaque what was painted is, where the scene has an alpha.
    """

    pixels: Pixels
    roundtrip: Pixels
    alpha: NDArray[np.float32] | None = None


class Memories(Protocol):
    """What an engine remembers from one recipe to the next."""

    @property
    def windows(self) -> Recent[Source]: ...

    @property
    def starts(self) -> Recent[Tensor]: ...

    @property
    def words(self) -> Recent[Conditioning]: ...


@dataclass
class Painter:
    """Paints the variations of one recipe with one adapter."""

    adapter: Adapter
    order: Order
    native_px: int
    memories: Memories
    tiny_vae: TinyVae | None = None
    notes: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict[str, str])

    def paint(self, scene: Scene, recipe: Recipe, first: int, most: int, progress: Progress) -> list[Canvas]:
        """Up to `most` variations from number `first` on."""
        if scene.alpha is not None and recipe.verb not in self.adapter.facts.alpha:
            scene = replace(scene, alpha=None)
        if self.order.still:
            return [Canvas(scene.pixels.copy(), scene.pixels, scene.alpha)]
        seeds = tuple(
            recipe.sampling.seed_of(index) for index in range(first, min(recipe.sampling.count, first + most))
        )
        if scene.size.area <= self.native_px * ONE_PASS:
            window = self._window(scene, recipe, progress)
            ticks = _Ticks(
                progress, first, len(seeds), recipe.sampling.count, self.order.walked, self._previews(window)
            )
            latents = self._denoised(self._run(window, seeds, ticks.seen), window.shown, window.others)
            return [self._canvas(window, latents[index : index + 1], progress) for index in range(len(seeds))]
        return [self._in_tiles(scene, recipe, first + index, progress) for index in range(len(seeds))]

    def _window(self, scene: Scene, recipe: Recipe, progress: Progress, *, begins: bool = True) -> "_Window":
        """The scene in latents, with what is remembered of it. begins: the first noise will lie on it."""
        key = source_key(scene)
        adapter, identity = self.adapter, self.order.identity
        source = self.memories.windows.get((identity, key), lambda: source_of(adapter, scene, key, progress))
        mask = digest(scene.mask)

        def remembered(name: str, make: Callable[[], Tensor]) -> Tensor:
            """Something further that belongs to this window and mask."""
            return self.memories.starts.get((identity, key, mask, name), make)

        def latents_of(name: str, picture: Callable[[], Tensor]) -> Tensor:
            return remembered(name, lambda: encoded(adapter, picture(), progress))

        def emptied() -> Tensor:
            """The picture without what is to be replaced."""
            empty = f"emptied {recipe.sampling.tier}"
            return remembered(empty, lambda: to_tensor(prefilled(scene, source.pixels, recipe, progress)))

        def cut_out() -> Tensor:
            """The picture with middle grey in the hole."""
            return to_tensor(np.where(scene.mask[..., None] > 0, np.float32(0.5), source.pixels))

        start, hidden, shown = source.latents, None, None
        draft, holds = scene.input(DRAFT), ()
        shows = None if draft is None else _laid_on(scene, draft)
        # A VAE carries what a pixel shows into latents around it, so what is kept comes from the same picture: latents of the
        # original would tell of what goes, over the mask's edge.
        if begins and shows is not None:
            start = latents_of(digest(shows), lambda: to_tensor(shows))
        elif begins and _replaces(recipe):
            start = latents_of(
                f"prefill {recipe.sampling.tier}", lambda: torch.lerp(source.picture, emptied(), plane(scene.mask))
            )
        structure = structure_of(recipe)
        if structure and (drawn := scene.input(CONTROL)) is not None:
            holds = (Hold(structure, (to_tensor(drawn.pixels) + 1) / 2),)
        elif structure:
            holds = (Hold(structure, (remembered("depth", lambda: adapter.depth_of(source.picture)) + 1) / 2),)
        if adapter.sees_hidden or (structure and adapter.holds_by_hidden):
            hidden = latents_of("hidden", cut_out)
        brought = [one for one in scene.inputs if one.role in LOOKED_AT]
        others = tuple(to_tensor(_reference(one.pixels)) for one in brought)
        match adapter.facts.shows.get(recipe.verb, Shown.NOTHING):
            case Shown.WHOLE:
                shown = source.picture
            case Shown.EMPTIED:
                shown = emptied()
            case Shown.HIDDEN:
                shown = cut_out()
            case Shown.MAP:
                shown = holds[0].shape * 2 - 1 if holds else remembered("map", lambda: adapter.map_of(source.picture))
                holds = ()
            case Shown.NOTHING:
                pass
        if shows is not None and self.order.draft_hold > 0:
            holds = (*holds, Hold(Structure(TILE, self.order.draft_hold), (to_tensor(shows[..., :3]) + 1) / 2))
        return _Window(
            source,
            start,
            hidden,
            shown,
            others,
            tuple(Purpose(one.role, one.weight) for one in brought),
            holds,
            plane(scene.mask).to(adapter.device),
            self._conditioning((*(() if shown is None else (shown,)), *others), progress),
        )

    def _conditioning(self, shown: Pictures, progress: Progress) -> Conditioning:
        order, adapter = self.order, self.adapter
        looked_at = tuple(digest(one.numpy()) for one in shown)
        key = (order.identity, order.words, order.guidance > 1, looked_at)

        def made() -> Conditioning:
            progress.check()
            found = adapter.condition(order.words, order.guidance, shown)
            progress.check()
            return found

        found = self.memories.words.get(key, made)
        self.notes = tuple(dict.fromkeys((*self.notes, *found.notes)))
        return found

    def _run(self, window: "_Window", seeds: tuple[int, ...], seen: "Callable[..., None]") -> Run:
        adapter, order = self.adapter, self.order
        mask = pooled(window.hole, adapter.factor).to(adapter.dtype)
        return Run(
            conditioning=window.conditioning,
            start=window.start,
            noise=noise_for(seeds, window.start),
            mask=mask,
            hole=window.hole,
            hidden=window.hidden,
            references=(),
            seeds=seeds,
            steps=order.steps,
            walked=order.walked,
            guidance=order.guidance,
            scheduler=order.scheduler,
            cache=order.cache,
            seen=seen,
            purposes=window.purposes,
            holds=window.holds,
        )

    def _denoised(self, run: Run, shown: Tensor | None, others: Pictures) -> Tensor:
        """The run, with what it is shown: 1 x 3 x H x W of the run's own size, or nothing; and the retoucher's references."""
        seen = () if shown is None else (self._looked_at(shown),)
        brought = (self._looked_at(one, of.role) for one, of in zip(others, run.purposes, strict=True))
        return self.adapter.denoise(replace(run, references=(*seen, *brought)))

    def _looked_at(self, picture: Tensor, role: str = "") -> Tensor:
        key = (self.order.identity, "reference", role, tuple(picture.shape), digest(picture.numpy()))
        look, look_for = self.adapter.look, self.adapter.look_for
        return self.memories.starts.get(key, lambda: look_for(picture, role) if role else look(picture))

    def _canvas(self, window: "_Window", latents: Tensor, progress: Progress) -> Canvas:
        painted = self._decoded(window, latents, progress)
        seen = window.source.roundtrip
        if not window.source.has_alpha:
            return Canvas(painted, seen)
        colors, alpha = np.ascontiguousarray(painted[..., :3]), np.ascontiguousarray(painted[..., 3])
        return Canvas(continued(colors, alpha > UNSEEN), np.ascontiguousarray(seen[..., :3]), alpha)

    def _decoded(self, window: "_Window", latents: Tensor, progress: Progress) -> Pixels:
        return decoded(self.adapter, latents, progress, alpha=window.source.has_alpha)

    def _in_tiles(self, scene: Scene, recipe: Recipe, index: int, progress: Progress) -> Canvas:
        """One variation: the composition at native size, then its detail tile by tile at the window's own size."""
        adapter, order = self.adapter, self.order
        seeds = (recipe.sampling.seed_of(index),)
        small = shrunk(scene, self.native_px, adapter.facts.multiple, hides=_replaces(recipe))
        first = self._window(small, recipe, progress)
        window = self._window(scene, recipe, progress, begins=False)
        height, width = window.source.latents.shape[-2:]
        tiles = [tile for tile in self._tiles(height, width) if bool((tile.of(window.hole, adapter.factor) > 0).any())]
        walked = min(order.walked, walked_steps(order.steps, TILE_STRENGTH))
        a_variation = order.walked + len(tiles) * walked
        ticks = _Ticks(progress, index, 1, recipe.sampling.count, a_variation, self._previews(first))
        latents = self._denoised(self._run(first, seeds, ticks.seen), first.shown, first.others)
        rough = self._decoded(first, latents, progress)
        begun = blended(window.source.pixels, resized(rough, scene.size), scene.mask)
        start = encoded(adapter, to_tensor(begun), progress)
        run = replace(self._run(window, seeds, ticks.seen), start=start, walked=walked)
        total, weights = (
            torch.zeros_like(start, dtype=torch.float32),
            torch.zeros_like(start[:, :1], dtype=torch.float32),
        )
        tell_preparing(progress, "pixels")
        for number, tile in enumerate(tiles):
            ticks.walked_before, ticks.previews = order.walked + number * walked, None
            weight = feather(tile, height, width).to(start.device)
            shown = None if window.shown is None else tile.of(window.shown, adapter.factor).contiguous()
            painted = self._denoised(_part(run, tile, adapter.factor), shown, window.others)
            tile.of(total).add_(painted.float() * weight)
            tile.of(weights).add_(weight)
        joined = (total / weights.clamp_min(1e-6)).to(start.dtype)
        latents = torch.where(run.mask > 0, joined, start)  # sums of weights round; what is kept must not
        self._note_tiles(small.size, scene.size, len(tiles))
        return self._canvas(window, latents, progress)

    def _previews(self, window: "_Window") -> Previews:
        return Previews(window.source.colors, self.tiny_vae, time.monotonic())

    def _tiles(self, height: int, width: int) -> list[Tile]:
        side = round(self.native_px**0.5) // self.adapter.factor
        return list(tiles_of(height, width, side, max(1, self.adapter.facts.multiple // self.adapter.factor)))

    def _note_tiles(self, small: Size, full: Size, tiles: int) -> None:
        scale = small.width / full.width
        note = (
            f"The window is larger than the model paints at once: it was composed at {scale * 100:.0f} % "
            f"and its detail painted at full size in {tiles} tiles."
        )
        self.notes = tuple(dict.fromkeys((*self.notes, note)))
        self.details |= {"first_pass": f"{small.width} x {small.height}", "tiles": str(tiles)}


@dataclass(frozen=True)
class _Window:
    """A scene in latents. hole: 1 x 1 x H x W. shown: 1 x 3 x H x W in -1..1, what the family is shown for this verb.

    others: the retoucher's references. purposes: theirs. holds: as a run's.
    """

    source: Source
    start: Tensor
    hidden: Tensor | None
    shown: Tensor | None
    others: Pictures
    purposes: tuple[Purpose, ...]
    holds: tuple[Hold, ...]
    hole: Tensor
    conditioning: Conditioning


class _Ticks:
    """Turns what an adapter tells after each step into progress of the whole recipe, and into previews."""

    def __init__(
        self, progress: Progress, first: int, batch: int, count: int, walked: int, previews: Previews | None
    ) -> None:
        """walked: steps of one variation, over all its passes."""
        self._progress = progress
        self._first, self._batch, self._count, self._walked = first, batch, count, walked
        self._shown = 0
        self.walked_before = 0
        self.previews = previews
        """None: nothing is shown."""

    def seen(self, done: int, total: int, latents: Callable[[], Tensor]) -> None:
        walked = self.walked_before + done
        steps = self._first * self._walked + walked * self._batch
        self._progress.step(min(steps, self._count * self._walked), self._count * self._walked, "painting")
        now = time.monotonic()
        if self.previews is None or not self.previews.due(now):
            return
        which = self._shown % self._batch
        self._shown += 1
        picture = self.previews.look(latents()[which], now, walked / self._walked)
        self._progress.preview(self._first + which, picture)


def _laid_on(scene: Scene, draft: SceneInput) -> Pixels:
    """The scene's pixels with the draft's under the mask; with alpha where the scene has one."""
    if scene.alpha is None:
        return blended(scene.pixels, draft.pixels, scene.mask)
    shows = np.ones(scene.mask.shape, np.float32) if draft.shows is None else draft.shows
    return blended(with_alpha(scene.pixels, scene.alpha), with_alpha(draft.pixels, shows), scene.mask)


def _reference(pixels: Pixels) -> Pixels:
    """A reference no larger than models look at, its sides multiples of 32."""
    height, width = pixels.shape[:2]
    scale = min(1.0, (REFERENCE_PX / (height * width)) ** 0.5)
    wide, high = (max(32, round(side * scale / 32) * 32) for side in (width, height))
    return resized(pixels, Size(wide, high))


def noise_for(seeds: tuple[int, ...], like: Tensor) -> Tensor:
    """One sample of noise per seed, from the CPU's generator: the same on every device, alone and in any batch."""
    samples = [torch.randn(like.shape, generator=torch.Generator("cpu").manual_seed(seed)) for seed in seeds]
    return torch.cat(samples).to(like)


def _replaces(recipe: Recipe) -> bool:
    """Whether nothing of what is under the mask may be seen."""
    return recipe.verb in STARTS_EMPTY and recipe.sampling.strength >= 1


def shrunk(scene: Scene, native_px: int, multiple: int, *, hides: bool = False) -> Scene:
    """The scene at the model's native area. hides: a pixel shows only what is not masked of it, and grey where all of it is."""
    size = working_size(Rect(0, 0, *scene.size), multiple=multiple, least_px=native_px, max_px=native_px)
    pixels = resized(scene.pixels, size)
    if hides:
        kept = 1 - scene.mask[..., None]
        shares = resized(kept[..., 0], size)[..., None]
        pixels = np.where(shares > SEEN, resized(scene.pixels * kept, size) / np.maximum(shares, SEEN), np.float32(0.5))
    known = resized(scene.known.astype(np.float32), size) > 0.5
    inputs = tuple(_shrunk_input(one, size) if one.is_placed else one for one in scene.inputs)
    alpha = None if scene.alpha is None else np.clip(resized(scene.alpha, size), 0, 1)
    return Scene(pixels, np.clip(resized(scene.mask, size), 0, 1), known, inputs, alpha)


def _shrunk_input(one: SceneInput, size: Size) -> SceneInput:
    """Thin marks of a map stay as bright as they are."""
    pixels = one.pixels
    if one.role == CONTROL and (reach := round(pixels.shape[1] / size.width)) > 1:
        pixels = np.asarray(cv2.dilate(pixels, np.ones((reach, reach), np.uint8)), np.float32)
    return replace(one, pixels=resized(pixels, size), shows=None if one.shows is None else resized(one.shows, size))


def _part(run: Run, tile: Tile, factor: int) -> Run:
    return replace(
        run,
        start=tile.of(run.start),
        noise=tile.of(run.noise),
        mask=tile.of(run.mask),
        hole=tile.of(run.hole, factor),
        holds=tuple(Hold(structure, tile.of(shape, factor)) for structure, shape in run.holds),
        hidden=None if run.hidden is None else tile.of(run.hidden),
    )
