"""What is plain stays plain: paper stays white, a panel keeps its colour to the code, beside lettering and line art too."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from support.retouching import retouch

SIDE = 140
COLORS = {"white": (255, 255, 255), "red": (228, 0, 43), "yellow": (255, 209, 0), "gray": (235, 235, 235)}


def lettering(text: str, scale: float, thickness: int) -> np.ndarray:
    """Ink 0..1, SIDE x SIDE."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    cv2.putText(ink, text, (20, 76), cv2.FONT_HERSHEY_DUPLEX, scale, 255, thickness, cv2.LINE_AA)
    return ink[..., None] / 255.0


def box(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", COLORS)
def test_lettering_leaves_the_panel_as_it_is(name: str, bits: int) -> None:
    scale, dtype = (1, np.uint8) if bits == 8 else (257, np.uint16)
    clean = np.broadcast_to(np.array(COLORS[name]) * scale, (SIDE, SIDE, 3)).astype(dtype)
    ink = lettering("word", 1.0, 2)
    printed = np.rint(clean * (1 - ink) + 20 * scale * ink).astype(dtype)

    done = retouch(printed, box(40, 96, 8, 132))

    assert np.array_equal(done.shown, clean)


def test_lettering_in_a_speech_bubble_leaves_white() -> None:
    page = cv2.resize(data.astronaut()[:200, 200:400], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    cv2.ellipse(page, (70, 70), (64, 40), 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.ellipse(page, (70, 70), (64, 40), 0, 0, 360, (0, 0, 0), 2, cv2.LINE_AA)
    ink = np.roll(lettering("ouch", 0.6, 1), 24, axis=1)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(mask, (70, 70), (46, 22), 0, 0, 360, 255, -1)

    shown = retouch(np.rint(page * (1 - ink)).astype(np.uint8), mask).shown

    assert shown[mask > 0].min() >= 254, (
        "an engine's mean of whites may be a code off, but nothing is sprinkled into it"
    )


def test_wires_over_a_burnt_out_sky_leave_white() -> None:
    grainy = cv2.resize(data.grass()[:SIDE, :SIDE], (SIDE, SIDE))[..., None].repeat(3, 2)
    picture = np.full((SIDE, SIDE, 3), 255, np.uint8)
    picture[80:] = grainy[80:]
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for start in (10, 50):
        cv2.line(mask, (0, start), (SIDE, start + 55), 255, 4)
    wired = np.where(mask[..., None] > 0, np.uint8(40), picture)

    shown = retouch(wired, mask).shown

    sky = (mask > 0) & (np.arange(SIDE)[:, None] < 70)
    assert shown[sky].min() == 255


@pytest.mark.parametrize("quality", [80, 92])
@pytest.mark.parametrize("name", COLORS)
def test_a_packshot_out_of_a_jpeg_keeps_its_ground_to_the_code(name: str, quality: int) -> None:
    product, thing = np.zeros((2, SIDE, 2 * SIDE), np.uint8)
    cv2.ellipse(product, (90, 70), (70, 52), 10, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.circle(thing, (200, 70), 26, 255, -1, cv2.LINE_AA)
    cup = data.coffee()[100 : 100 + SIDE, 150 : 150 + 2 * SIDE]
    alone = laid_on(np.broadcast_to(np.uint8(COLORS[name]), cup.shape), cup, product)
    pair = through_jpeg(laid_on(alone, cup[::-1, ::-1], thing), quality)
    mask = cv2.dilate(thing, np.ones((25, 25)))
    mask[cv2.dilate(product, np.ones((5, 5))) > 0] = 0
    ground = pair[-20:, -20:].reshape(-1, 3)[0]
    assert (pair[-20:, -20:] == ground).all(), "far from every edge a JPEG leaves the ground one exact color"

    shown = retouch(pair, (mask > 0) * np.uint8(255)).shown

    beside = (mask > 0) & (cv2.dilate(product, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))) == 0)
    assert (shown[beside] == ground).all()


def test_a_soft_shadow_on_white_is_no_fringe() -> None:
    bar, thing = np.zeros((2, SIDE, 2 * SIDE), np.uint8)
    bar[30:60] = 255
    cv2.circle(thing, (140, 95), 24, 255, -1, cv2.LINE_AA)
    shadow = 255 - 90 * cv2.GaussianBlur(bar / np.float32(255), (0, 0), 10)
    alone = laid_on(np.repeat(shadow[..., None], 3, axis=2), np.full((SIDE, 2 * SIDE, 3), 70), bar)
    alone = through_jpeg(alone, 92)
    with_thing = laid_on(alone, np.full((SIDE, 2 * SIDE, 3), 40), thing)
    mask = cv2.dilate(thing, np.ones((9, 9)))

    shown = retouch(with_thing, (mask > 0) * np.uint8(255)).shown

    apart = cv2.GaussianBlur(shown.astype(np.float32) - alone, (0, 0), 2)[mask > 0]
    assert np.abs(apart).max() <= 3


def laid_on(ground: np.ndarray, picture: np.ndarray, cover: np.ndarray) -> np.ndarray:
    share = cover[..., None] / 255.0
    return np.rint(ground * (1 - share) + picture * share).astype(np.uint8)


def through_jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    _, encoded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1])
