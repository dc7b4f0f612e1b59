"""A pasted layer takes the document's light and colour where something tells them: the same thing in both, or the same colours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inlay.fidelity import match
from support.pasted import (
    HEIGHT,
    MIDDLE,
    NOTHING,
    WIDTH,
    Picture,
    blurred,
    disc,
    fine,
    grain,
    layer_of,
    of,
    samples,
    things,
)

pytestmark = pytest.mark.slow


def tiles(seed: int, palette: int = 1) -> Picture:
    """Squares in 24 colours, HxWx3 without grain; which colours, `palette` says, and `seed` where they lie."""
    colors = np.random.default_rng((palette, 24)).uniform(0.15, 0.8, (24, 3))
    laid = np.random.default_rng(seed).integers(0, 24, (HEIGHT // 20 + 1, WIDTH // 20 + 1))
    return blurred(np.repeat(np.repeat(colors[laid], 20, 0), 20, 1)[:HEIGHT, :WIDTH], 0.6)


LOOKS = {
    "darker": lambda x: x * 0.8,
    "warmer": lambda x: x * [1.12, 1, 0.8],
    "milky": lambda x: x * 0.85 + 0.08,
    "paler": lambda x: x + 0.25 * (x.mean(2, keepdims=True) - x),
}


def beside(document: Picture, colors: Picture, own: tuple[float, float] = (0.004, 0), **amounts: Any) -> Picture:
    """`colors` on a disc with its `own` grain (deviation, px), matched to a document with other grain: light and colour alone."""
    layer = layer_of(colors + grain(*own, seed=1), disc())
    off = {"sharpness": 0, "grain": 0, "fringe": 0}
    return of(match(samples(document + grain(0.02, 0.9, 2)), layer, **off, **amounts))


def apart(one: Picture, other: Picture) -> float:
    return float(np.abs(blurred(one - other, 3)[MIDDLE]).mean())


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_goes_where_the_layers_colours_then_are_the_documents(look: str):
    true, foreign = tiles(1), LOOKS[look](tiles(1))
    new, half = (beside(tiles(2), foreign, light=x, color=x) for x in (1.0, 0.5))
    assert apart(new, true) < 0.95 * apart(foreign, true)
    assert apart(new, true) < apart(half, true) < apart(foreign, true)


@pytest.mark.parametrize("look", LOOKS)
def test_colours_that_the_document_has_nowhere_tell_next_to_nothing_of_a_look(look: str):
    foreign = LOOKS[look](tiles(1, palette=2))
    assert apart(beside(tiles(2), foreign), foreign) < 0.01


def test_a_look_is_doubted_where_colours_remain_that_the_document_has_not():
    foreign = LOOKS["darker"](tiles(1, palette=4))
    assert apart(beside(tiles(2), foreign), foreign) < 0.02


def test_a_layer_in_the_documents_colours_keeps_them_whatever_its_grain():
    assert apart(beside(tiles(2), tiles(1)), tiles(1)) < 0.002


OTHER_LIGHT = np.array([1.3, 1.05, 0.8])


def pasted_from(frame: Picture) -> Picture:
    return layer_of(frame * OTHER_LIGHT + 0.04 + grain(0.01, 0, 1), disc())


@pytest.mark.parametrize("moved", [(0, 0), (60, -40)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_thing_that_the_document_shows_too_takes_the_light_it_has_there(moved: tuple[int, int], mirrored: bool):
    shown = things(1)
    frame = np.roll(shown[:, ::-1] if mirrored else shown, moved, (0, 1))
    layer = pasted_from(frame)
    document = samples(shown + grain(0.01, 0, 2))

    def error(**amounts: Any) -> float:
        return float(np.abs(blurred(of(match(document, layer, **amounts)) - frame, 3)[MIDDLE]).mean())

    assert error(**NOTHING) > 0.07
    assert error() < 0.012
    assert error(light=0.5, color=0.5) < 0.6 * error(**NOTHING)
    new_grain, their_grain = fine(of(match(document, layer)) - frame, MIDDLE), fine(grain(0.01, 0, 2), MIDDLE)
    assert abs(np.log2(new_grain / their_grain)) < 0.4


def test_with_light_or_color_alone_the_other_stays():
    document, layer = samples(things(1) + grain(0.01, 0, 2)), pasted_from(things(1))

    def luma_of(**amounts: Any) -> Picture:
        return blurred(
            of(match(document, layer, sharpness=0, grain=0, fringe=0, **amounts)) @ [0.299, 0.587, 0.114], 3
        )[MIDDLE]

    def hue_of(**amounts: Any) -> Picture:
        low = blurred(of(match(document, layer, sharpness=0, grain=0, fringe=0, **amounts)), 3)[MIDDLE]
        return low / low.sum(1, keepdims=True)

    assert np.abs(luma_of(light=0, color=1) - luma_of(light=0, color=0)).mean() < 0.003
    assert np.abs(hue_of(light=1, color=0) - hue_of(light=0, color=0)).mean() < 0.003
    assert np.abs(luma_of(light=1, color=0) - luma_of(light=0, color=0)).mean() > 0.03
    assert np.abs(hue_of(light=0, color=1) - hue_of(light=0, color=0)).mean() > 0.02


def test_another_thing_of_the_same_kind_lends_no_light():
    document = samples(things(2) + grain(0.01, 0, 2))
    new = of(match(document, pasted_from(things(1)), sharpness=0, grain=0))
    assert np.abs(blurred(new - things(1), 3)[MIDDLE]).mean() > 0.05


def test_of_a_large_change_only_a_part_is_believed_for_what_is_far_off_is_mostly_content():
    true, foreign = tiles(1), tiles(1) * 0.55
    assert 0.15 < apart(beside(tiles(2), foreign), foreign) / apart(true, foreign) < 0.6


def test_a_milky_layer_gets_some_of_the_documents_black_though_its_colours_are_its_own():
    milky, black = tiles(1, palette=2) * 0.7 + 0.2, np.clip(tiles(2) * 1.3 - 0.25, 0, 1)
    new = beside(black, milky)
    assert 0.04 < np.quantile(milky[MIDDLE].min(1), 0.01) - np.quantile(new[MIDDLE].min(1), 0.01) < 0.2


def test_a_layer_of_which_nothing_else_is_foreign_mostly_keeps_its_look():
    true, foreign = tiles(1), LOOKS["darker"](tiles(1))
    moved, kept = (apart(beside(tiles(2), foreign, own), foreign) for own in ((0.004, 0), (0.03, 0.9)))
    assert kept < 0.5 * moved
    assert apart(foreign, true) > 0.05
