"""What the retoucher said of the object: where it may lie, what surely belongs to it, and what surely does not."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.interface import Scene, SceneInput
from inlay.engines.selecting.facts import EXCLUDE, INCLUDE
from inlay.errors import InvalidInput
from inlay.recipe import Recipe
from inlay.region import Rect

Flags = NDArray[np.bool_]

CLICK_PX = 32
"""A selection whose sides are no longer than this, or than CLICK_SHARE of the window's shorter side, points at something."""
CLICK_SHARE = 0.03
POINT_PX, POINT_SHARE = 4, 0.008
"""Radius of what a point of `options.points` says, at least, and of the side of a square as large as the scene."""
_POINT = re.compile(r"([+-])\s*(\d+)\s*,\s*(\d+)")


class Hints(NamedTuple):
    """Height x width, bool, each of the scene's size. is_click: the object may lie anywhere, at what is surely inside."""

    may: Flags
    inside: Flags
    outside: Flags
    is_click: bool


def hints_of(scene: Scene, recipe: Recipe, points: int | None = None) -> Hints:
    """From the selection, the layers with strokes and `options.points`, of which only the first `points` count, or all. Raises
    InvalidInput for points that are none."""
    selected = scene.mask > 0
    strokes = {role: _stroked(scene, role) for role in (INCLUDE, EXCLUDE)}
    _add_points(strokes, recipe, scene, points)
    inside, outside = strokes[INCLUDE], strokes[EXCLUDE]
    if _is_click(selected):
        inside |= selected
        return Hints(np.ones_like(selected), inside & ~outside, outside, True)
    may = selected | _near(inside)
    is_click = bool(may.all() and inside.any())
    return Hints(may, inside & ~outside, outside | ~may, is_click)


def _is_click(selected: Flags) -> bool:
    _, _, width, height = cv2.boundingRect(selected.astype(np.uint8))
    return max(width, height) <= max(CLICK_PX, CLICK_SHARE * min(selected.shape))


def _near(inside: Flags) -> Flags:
    """Around strokes that leave the selection, the object may go on: as far again as they are from its middle."""
    if not inside.any():
        return inside
    x, y, width, height = cv2.boundingRect(inside.astype(np.uint8))
    reach = max(width, height) // 2 + CLICK_PX
    grown = Rect(x, y, width, height).padded(reach).intersection(Rect(0, 0, inside.shape[1], inside.shape[0]))
    near = np.zeros_like(inside)
    near[grown.slices] = True
    return near


def _stroked(scene: Scene, role: str) -> Flags:
    drawn = np.zeros(scene.mask.shape, np.bool_)
    for one in scene.inputs:
        if one.role == role:
            drawn |= _shown(one, scene)
    return drawn


def _shown(one: SceneInput, scene: Scene) -> Flags:
    """Where a layer shows something; one without alpha, where it shows something else than the scene."""
    if one.shows is not None and (one.shows < 1).any():
        return one.shows > 0.5
    return np.abs(one.pixels - scene.pixels).max(axis=-1) > 1 / 64


def points_of(recipe: Recipe) -> tuple[tuple[str, str, str], ...]:
    """The sign, x and y of each of `options.points`, in the order of clicks. Raises InvalidInput for points that are none."""
    text = str(recipe.options.get("points", ""))
    if _POINT.sub("", text).strip(" ;"):
        raise InvalidInput("options.points", repr(text), "it must be points such as +120,80 -40,60")
    return tuple(_POINT.findall(text))


def _add_points(strokes: dict[str, Flags], recipe: Recipe, scene: Scene, count: int | None) -> None:
    window = recipe.canvas.window
    scale = scene.size.width / window.width
    radius = max(POINT_PX, round(POINT_SHARE * math.sqrt(scene.mask.size)))
    for sign, x, y in points_of(recipe)[:count]:
        at = round((int(x) - window.x) * scale), round((int(y) - window.y) * scale)
        canvas = strokes[INCLUDE if sign == "+" else EXCLUDE].view(np.uint8)
        cv2.circle(canvas, at, radius, 1, -1)
