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
