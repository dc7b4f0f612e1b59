"""The engine that selects: hints in, what belongs together out, at the scene's own size.

With the small network for subjects (`inlay models pull subject`) a cut begins with what that sees; hands, faces and lettering are
found by theirs. Without any, colours and edges of the picture alone decide.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.capabilities import Capabilities
from inlay.engines.eyes import Eyes
from inlay.engines.interface import Loading, Mask, Progress, Scene
from inlay.engines.selecting import nets
from inlay.engines.selecting.clicks import Found, first, further
from inlay.engines.selecting.cutting import Small, found_in
from inlay.engines.selecting.facts import SELECTING
from inlay.engines.selecting.hints import Flags, Hints, hints_of, points_of
from inlay.recipe import Recipe

F32 = NDArray[np.float32]

CUT_PX = 60_000
CLICK_PX = 40_000
"""At which area a cut is made; a click is answered sooner."""
AROUND = 0.35
"""Of the longer side: so much of the surroundings of a box is looked at."""
KEPT, KEPT_CLICKS = 8, 32
"""Parts of windows that are remembered, and what was found in them at the last clicks."""
BETTER_WITH = "Subjects are found better with a small network: inlay models pull subject"


class Seen(NamedTuple):
    """A part of a window, encoded once. subject: what the network takes for the main thing, 0..1; None without the network, and
    then nobody asks for the half."""

    small: Small
    half: Small | None
    subject: F32 | None


class Selecting:
    """Selects from hints and by words. eyes: the small networks that are here."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._seen: OrderedDict[tuple[object, ...], Seen] = OrderedDict()
        self._clicked: OrderedDict[tuple[object, ...], Found] = OrderedDict()
        self._nets: dict[str, Any] = {}

    def capabilities(self) -> Capabilities:
        return SELECTING

    def rehearse(self, progress: Loading) -> None:
        """Compiles what cuts, where nobody did on this machine."""
        progress.loading(SELECTING.name)
        rgb = np.zeros((16, 16, 3), np.uint8)
        rgb[4:12, 4:12] = 200
        inside = np.zeros((16, 16), np.bool_)
        inside[7:9, 7:9] = True
        found_in(Small.of(rgb), Hints(np.ones_like(inside), inside, np.zeros_like(inside), True), None)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Mask]:
        """One mask. Raises Unsupported for a word that only a small network knows which is not here, InvalidInput, Cancelled."""
        what = str(recipe.options.get("what", "object"))
        if what == "edge":
            share, notes, reduction = scene.mask, (), 1.0
        elif finder := nets.FINDERS.get(what):
            share, notes, reduction = self._named(scene, what, finder), (), 1.0
        else:
            share, reduction = self._cut(scene, recipe)
            share = 1 - share if what == "background" else share
            notes = () if what == "object" or self._eyes.has(nets.SUBJECT) else (BETTER_WITH,)
        progress.step(1, 1, "selecting")
        receipt = {"reduction": f"{reduction:.3f}", **self._receipt()}
        yield Mask(0, recipe.sampling.seed, share, notes, receipt, goes_on=what == "background")

    def _receipt(self) -> dict[str, str]:
        return {f"{name}_sha256": self._eyes.sha256(name) for name in self._nets}

    def _named(self, scene: Scene, what: str, finder: Callable[..., list[F32]]) -> F32:
        """All of one kind inside the selection."""
        found = finder(self._net(what), np.clip(scene.pixels, 0, 1))
        return nets.together(found, scene.mask.shape) * (scene.mask > 0)

    def _net(self, name: str) -> Any:
        if name not in self._nets:
            self._nets[name] = nets.loaded(name, self._eyes.place(name))
        return self._nets[name]

    def _cut(self, scene: Scene, recipe: Recipe) -> tuple[F32, float]:
        """What the hints point at, and how much smaller the picture was in which it was found."""
        hints = hints_of(scene, recipe)
        place = around(hints)
        height, width = hints.may[place].shape
        scale = min(1.0, math.sqrt((CLICK_PX if hints.is_click else CUT_PX) / (height * width)))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        rows, columns = place
        key = (recipe.canvas.source.blob, rows.start, rows.stop, columns.start, columns.stop, size)
        seen = self._encoded(scene.pixels[place], size, key)
        found = self._found(scene, recipe, seen, hints, (key, recipe.canvas.window)).inside
        wide = _enlarged(found, (width, height))
        if wide.shape == scene.mask.shape:
            return wide, 1 / scale
        share = np.zeros(scene.mask.shape, np.float32)
        share[place] = wide
        return share, 1 / scale

    def _found(self, scene: Scene, recipe: Recipe, seen: Seen, hints: Hints, where: object) -> Found:
        """What hints mean, point after point: a further click changes what was found before it."""
        points = points_of(recipe)
        keys = [(where, recipe.where, recipe.inputs, points[:count]) for count in range(len(points) + 1)]
        known = next((count for count in range(len(points), 0, -1) if keys[count] in self._clicked), 0)
        found = self._clicked.get(keys[known])
        size = seen.small.rgb.shape[1], seen.small.rgb.shape[0]
        for count in range(known + 1 if found else 0, len(keys)):
            said = hints if count == len(points) else hints_of(scene, recipe, count)
            if count < len(points) and not (said.is_click and said.inside.any()):
                continue
            small = _resized(_part(said), size)
            if found:
                found = further(seen.small, small, seen.subject, found, seen.half)
            else:
                found = first(seen.small, small, seen.subject, seen.half)
            if count and recipe.canvas.source.blob:
                self._clicked[keys[count]] = found
        assert found is not None
        if keys[-1] in self._clicked:
            self._clicked.move_to_end(keys[-1])
        while len(self._clicked) > KEPT_CLICKS:
            self._clicked.popitem(last=False)
        return found

    def _encoded(self, pixels: F32, size: tuple[int, int], key: tuple[object, ...]) -> Seen:
        """A part of a window as cuts see it; the last ones are remembered, by the pixels' own name."""
        if key in self._seen:
            self._seen.move_to_end(key)
            return self._seen[key]
        reduced = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
        subject = None
        if self._eyes.has(nets.SUBJECT):
            alpha = self._net(nets.SUBJECT).alpha(np.clip(pixels, 0, 1))
            subject = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA))
        small = Small.of(np.rint(np.clip(reduced, 0, 1) * 255).astype(np.uint8))
        seen = Seen(small, None if subject is None else small.half(), subject)
        self._seen[key] = seen
        while len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        return seen


def _part(hints: Hints) -> Hints:
    """What the hints say of the part of the scene that is looked at."""
    may, inside, outside = (flags[around(hints)] for flags in hints[:3])
    return Hints(may, inside, outside, hints.is_click)


def around(hints: Hints) -> tuple[slice, slice]:
    """The part of the scene that is looked at: the box and its surroundings; for a click all of it."""
    if hints.is_click:
        return slice(0, hints.may.shape[0]), slice(0, hints.may.shape[1])
    x, y, width, height = cv2.boundingRect(hints.may.astype(np.uint8))
    reach = round(AROUND * max(width, height))
    bottom, right = min(hints.may.shape[0], y + height + reach), min(hints.may.shape[1], x + width + reach)
    return slice(max(0, y - reach), bottom), slice(max(0, x - reach), right)


def _resized(hints: Hints, size: tuple[int, int]) -> Hints:
    """At another size; not even the thinnest stroke is lost."""

    def smaller(flags: Flags) -> Flags:
        if flags.all() or not flags.any():
            return np.full(size[::-1], flags.any())
        return np.asarray(cv2.resize(flags.astype(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA) > 2)

    may, inside, drawn = (smaller(flags) for flags in (hints.may, hints.inside, hints.outside & hints.may))
    return Hints(may, inside, (drawn | ~may) & ~inside, hints.is_click)


def _enlarged(found: Flags, size: tuple[int, int]) -> F32:
    soft = cv2.GaussianBlur(found.astype(np.float32), (0, 0), 0.7)
    wide = np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC), np.float32)
    sharpness = max(1.0, size[0] / found.shape[1])
    x, y, width, height = cv2.boundingRect((wide != 0).view(np.uint8))
    part = wide[y : y + height, x : x + width]  # nothing becomes of nothing
    part -= np.float32(0.5)
    part *= np.float32(sharpness)
    part += np.float32(0.5)
    np.clip(part, 0, 1, out=part)
    return wide
