"""Click after click: a first one finds a thing, or a part of one, and a further one changes what was found around itself."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.selecting.cutting import Flags, Small, begun, contradicted, cut_out, found_in, grown, tidied
from inlay.engines.selecting.hints import Hints

F32 = NDArray[np.float32]

STAYS = 1.0
"""What it costs to change what was found before, against a likelihood e times as large."""
MIDDLE = 0.85
"""Of how deep a part is: from there on a click means it."""
MOST_CHANGED = 0.5
"""Of what was found: a click at its edge that would add more, or take away half as much, means its edge alone."""


class Found(NamedTuple):
    """What hints mean. inside: height x width of the small picture. alone: whether colours and edges decided, no network."""

    inside: Flags
    hints: Hints
    alone: bool


def first(small: Small, hints: Hints, subject: F32 | None, half: Small | None = None) -> Found:
    """From hints of which none is known to be a further click. subject, half: as of `found_in`.

    Who clicks into the middle of what the network sees means all of it; who clicks into the middle of a part of it, that part.
    """
    if subject is None or contradicted(subject, hints):
        return Found(found_in(small, hints, None), hints, True)
    whole = found_in(small, hints, subject, half)
    if hints.is_click and hints.inside.any():
        part = cut_out(small, hints, begun(small, hints, None))
        if not (part & ~whole).any() and _depth(part, hints.inside) > max(MIDDLE, _depth(whole, hints.inside)):
            return Found(part, hints, True)
    return Found(whole, hints, False)


def further(small: Small, hints: Hints, subject: F32 | None, before: Found, half: Small | None = None) -> Found:
    """With a click more than `before`. Beside what it lies on, what was found rather stays, whoever found it.
    subject, half: as of `found_in`."""
    if subject is not None and not before.alone and not contradicted(subject, hints):
        return Found(found_in(small, hints, subject, half), hints, False)
    added, taken = hints.inside & ~before.hints.inside, hints.outside & ~before.hints.outside
    likely = begun(small, hints, None)
    likely = (before.inside | _at(likely, added)) & ~_at(before.inside & ~likely, taken)
    rather = np.where(before.inside, np.float32(STAYS), np.float32(-STAYS))
    found = cut_out(small, hints, likely, rather)
    most = MOST_CHANGED * before.inside.sum()
    floods = _floods(found & ~before.inside, added, before.inside, most)
    if floods or _floods(before.inside & ~found, taken, ~before.inside, most / 2):
        found = tidied((before.inside | hints.inside) & ~hints.outside, hints)
    return Found(found, hints, True)


def _floods(changed: Flags, clicked: Flags, side: Flags, most: float) -> bool:
    """Whether a click that touches the other side's edge changes more than the most."""
    if not (grown(clicked, 1) & side).any():
        return False
    return bool(_at(changed | (clicked & ~side), clicked).sum() > most)


def _at(flags: Flags, clicked: Flags) -> Flags:
    """The parts of it that a click lies on."""
    _, parts = cv2.connectedComponents(flags.astype(np.uint8))
    touched = np.unique(parts[clicked & flags])
    return np.isin(parts, touched) if touched.size else np.zeros_like(flags)


def _depth(found: Flags, clicked: Flags) -> float:
    """How far the middle of a click lies inside it: 1 where nothing lies farther."""
    depth = cv2.distanceTransform(np.pad(found, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.argwhere(clicked).mean(axis=0).round().astype(np.intp)
    return float(depth[row, column] / max(float(depth.max()), 1e-6))
