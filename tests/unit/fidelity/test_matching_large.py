"""A large layer is made to belong in parts that do not show, and beside few copies of it."""

from __future__ import annotations

import tracemalloc
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.fidelity import compression, fringe, light, match

pytestmark = pytest.mark.slow

Picture = NDArray[Any]
HEIGHT, WIDTH = 1180, 1290
MOST_BYTES_A_PX = 130
OLD = np.array([0.15, 0.3, 0.8])


def smooth(seed: int, sigma: float) -> Picture:
    noise = np.random.default_rng(seed).standard_normal((HEIGHT, WIDTH, 3), np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigma) if sigma else noise
    return noise / noise.std()


def cut_out() -> tuple[Picture, Picture, Picture]:
    """What is pasted with its old background in soft alpha, without it, and its alpha; float32."""
    edge = smooth(5, 25)[..., 0] > 0
    alpha = np.clip(cv2.GaussianBlur(edge.astype(np.float32), (0, 0), 2.0) * 1.06 - 0.03, 0, 1)
    own = 0.5 + 0.06 * smooth(4, 30) + 0.01 * smooth(3, 0)
    mixed = own * alpha[..., None] + OLD * (1 - alpha[..., None])
    return mixed.astype(np.float32), own.astype(np.float32), alpha.astype(np.float32)


def test_a_fringe_goes_in_all_parts_alike_and_leaves_no_border_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    mixed, own, alpha = cut_out()
    clean = fringe.without_fringe(mixed, alpha)
    assert clean is not None
    soft = (alpha > 0.1) & (alpha < 0.9)
    for rows in np.array_split(np.arange(HEIGHT), 8):
        there = np.zeros_like(soft)
        there[rows] = soft[rows]
        left = ((clean - own) * (mixed - own))[there].sum() / np.square((mixed - own)[there]).sum()
        assert abs(left) < 0.2
    monkeypatch.setattr(fringe, "TILE_PX", 4096)
    whole = fringe.without_fringe(mixed, alpha)
    assert whole is not None
    assert np.abs(clean - whole).max() < 0.004


def test_jpegs_lattice_goes_in_bands_as_it_does_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = 0.5 + 0.1 * smooth(1, 3)
    in_bands = compression.without_lattice(picture, 0.06)
    monkeypatch.setattr(compression, "BAND_PX", HEIGHT * WIDTH)
    assert np.abs(in_bands - compression.without_lattice(picture, 0.06)).max() < 2e-6
    assert np.abs(in_bands - picture).max() > 0.01


def test_colours_are_carried_on_in_parts_as_they_are_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, weight = smooth(1, 3), (smooth(2, 9)[..., 0] > 0.8).astype(np.float32)
    at_once = light.pull_push(picture, weight)
    monkeypatch.setattr(light, "LARGE_PX", 1_000_000)
    assert np.abs(light.pull_push(picture, weight) - at_once).max() < 1e-5


def test_a_match_takes_few_copies_of_the_layer() -> None:
    mixed, _, alpha = cut_out()
    ok, data = cv2.imencode(
        ".jpg", np.rint(np.clip(mixed, 0, 1) * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 50]
    )
    assert ok
    pasted = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert pasted is not None
    samples = [
        np.rint(np.clip(x, 0, 1) * 65535).astype(np.uint16) for x in (pasted / 255, alpha, 0.4 + 0.03 * smooth(8, 1))
    ]
    layer, document = np.dstack(samples[:2]), samples[2]
    match(document[:300, :300], layer[:300, :300])

    tracemalloc.start()
    try:
        new = match(document, layer)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert not np.array_equal(new, layer)
    assert most / alpha.size <= MOST_BYTES_A_PX
