"""What separate lifts off: what is selected as one, each piece of it, or each face, hand or line of lettering in it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.edit.edges import with_edge
from inlay.edit.sight import Sight
from inlay.engines.eyes import Eyes
from inlay.engines.lettering.measure import measured
from inlay.engines.selecting import nets
from inlay.errors import InvalidInput
from inlay.fidelity.light import pull_push
from inlay.recipe import Recipe

F32 = NDArray[np.float32]

APART = "apart"
"""The option that says what gets a layer of its own: whole, pieces, faces, hands or text."""
WHOLE, PIECES = "whole", "pieces"
SUBJECT = "Subject"
NAMES = {"faces": "Face", "hands": "Hand"}
"""Lettering is named for its words."""
MOST_WORDS = 80
"""Characters of a layer's name."""
MOST_PIECES = 15
"""Smaller ones than these are in the last layer."""
SELECTED = 0.5
"""Of a face, hand or line, how much must be selected for it to be meant."""
SOLID = 0.95
"""Where so much of a pixel is the subject's, its colour is the subject's."""
LEAST_TRUST = 1e-3


class Cut(NamedTuple):
    """What is to be lifted off, the largest first. alphas: a layer each, height x width 0 .. 1; they have no pixel in common.

    colors: height x width x 3, without what is behind.
    """

    names: tuple[str, ...]
    alphas: tuple[F32, ...]
    colors: F32

    @property
    def shown(self) -> F32:
        return np.maximum.reduce(self.alphas)


def cut_out(recipe: Recipe, sight: Sight, eyes: Eyes) -> tuple[Sight, Cut]:
    """The sight whose mask is what is lifted off, with the edge that the recipe asks for, and each layer's share and colours.

    Raises Unsupported where the network that finds is not here, InvalidInput where there is nothing of that kind.
    """
    what = str(recipe.options.get(APART, WHOLE))
    found = [] if what in (WHOLE, PIECES) else _found(what, sight, eyes)
    if found:
        sight = replace(sight, mask=np.maximum.reduce([part.mask for part in found]))
    alpha = with_edge(recipe, sight.pixels, sight.mask)
    sight = replace(sight, mask=alpha) if alpha.any() else sight
    if found:
        owner = _nearest([part.mask for part in found])
    elif what == PIECES:
        owner = np.asarray(cv2.connectedComponents((sight.mask > 0).astype(np.uint8), connectivity=8)[1], np.int32)
    else:
        owner = np.ones(sight.mask.shape, np.int32)
    order = _by_size(sight.mask, owner)
    alphas = tuple(_shares(sight.mask, owner, order))
    own = [found[number - 1].name if found else "" for number in order[: len(alphas)]]
    name = NAMES.get(what, SUBJECT)
    counted = (name,) if len(alphas) == 1 else tuple(f"{name} {number}" for number in range(1, len(alphas) + 1))
    names = tuple(mine or other for mine, other in zip(own, counted, strict=True))
    return sight, Cut(names, alphas, _own_colors(sight))


class _Part(NamedTuple):
    """name: its own, or none."""

    name: str
    mask: F32


def _found(what: str, sight: Sight, eyes: Eyes) -> list[_Part]:
    """Each face, hand or line's letters that lie mostly in the selection."""
    finder, pixels = nets.loaded(what, eyes.place(what)), np.clip(sight.pixels, 0, 1)
    if what == "text":
        parts = [_Part(line.words[:MOST_WORDS], measured(pixels, line).ink) for line in finder.read(pixels)]
    else:
        parts = [_Part("", mask) for mask in nets.FINDERS[what](finder, pixels)]
    found = [_Part(name, np.minimum(mask, sight.mask)) for name, mask in parts if _is_meant(mask, sight.mask)]
    if not found:
        raise InvalidInput(f"options.{APART}", repr(what), "there must be such in the selection, and none was found")
    return found


def _is_meant(mask: F32, selection: F32) -> bool:
    shape = mask > 0.5
    return bool(shape.any() and selection[shape].mean() > SELECTED)


def _nearest(masks: list[F32]) -> NDArray[np.int32]:
    """For each pixel which of the masks, from 1 on, holds most of it, or is nearest."""
    stack = np.stack(masks)
    owner = np.where(stack.max(axis=0) > 0, stack.argmax(axis=0) + 1, 0).astype(np.int32)
    _, labels = cv2.distanceTransformWithLabels(
        (owner == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(int(labels.max()) + 1, np.int32)
    of_label[labels[owner > 0]] = owner[owner > 0]
    return of_label[labels]


def _by_size(alpha: F32, owner: NDArray[np.int32]) -> list[int]:
    """The owners that have any of it, the largest first."""
    areas = np.bincount(owner[alpha > 0])
    return [int(number) for number in np.argsort(-areas, kind="stable") if number and areas[number]]


def _shares(alpha: F32, owner: NDArray[np.int32], order: list[int]) -> Iterator[F32]:
    """Each owner's share of `alpha`; the last has what would be too many."""
    rank = np.zeros(int(owner.max()) + 1, np.int32)
    rank[order] = np.minimum(np.arange(1, len(order) + 1), MOST_PIECES)
    ranked = rank[owner]
    for number in range(1, int(rank.max()) + 1):
        yield np.where(ranked == number, alpha, np.float32(0))


def _own_colors(sight: Sight) -> F32:
    """What the subject's colours are where only a part of a pixel is its."""
    alpha = sight.mask
    inner = (alpha > SOLID) & sight.known
    weight = np.where(inner, np.float32(1), np.where(sight.known, alpha**4 * np.float32(LEAST_TRUST), np.float32(0)))
    carried = pull_push(sight.pixels, weight.astype(np.float32), LEAST_TRUST)
    return np.where(inner[..., None], sight.pixels, carried)
