"""Draws docs/match.jpg: a cat's eye pasted into a photograph, before and after `match`, at 200 %.

    python -m bench.match.picture docs/match.jpg

Both photographs are scikit-image's. The document is soft and has the grain of film; the eye is sharp, has none, and kept the green
that it was cut from in its soft edge.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from inlay.fidelity import match

AT, RADIUS_PX, EYE = (96, 104), 82, (176, 114)
"""Row and column of the disc's middle in what is shown, and of the eye's in the cat."""
SHOWN = (170, 180)
CORNER = (128, 52)
"""Of what is shown, in the document: x and y."""
OLD = np.array([0.3, 0.75, 0.25])
GAP_PX = 8


def scene() -> tuple[np.ndarray, np.ndarray]:
    """The document and the layer on it, uint8."""
    document = cv2.GaussianBlur(data.coffee() / 255, (0, 0), 0.9)
    grain = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, document.shape), (0, 0), 0.8)
    document += 0.03 * grain / grain.std()
    y, x = np.mgrid[: document.shape[0], : document.shape[1]]
    top, left = CORNER[1] + AT[0], CORNER[0] + AT[1]
    alpha = cv2.GaussianBlur((np.hypot(y - top, x - left) < RADIUS_PX).astype(float), (0, 0), 2.0)
    cat = np.zeros_like(document)
    there = data.chelsea() / 255
    shift = np.float64([[1, 0, left - EYE[0]], [0, 1, top - EYE[1]]])
    cat = cv2.warpAffine(there, shift, document.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
    mixed = cat * alpha[..., None] + OLD * (1 - alpha[..., None])
    samples = (np.rint(np.clip(part, 0, 1) * 255).astype(np.uint8) for part in (document, np.dstack([mixed, alpha])))
    document, layer = samples
    return document, layer


def seen(document: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """What shows of both, twice as large."""
    alpha = layer[..., 3:] / 255
    (left, top), (width, height) = CORNER, SHOWN
    both = (document * (1 - alpha) + layer[..., :3] * alpha)[top : top + height, left : left + width]
    return cv2.resize(np.rint(both).astype(np.uint8), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    document, layer = scene()
    pasted, matched = seen(document, layer), seen(document, match(document, layer))
    picture = np.hstack([pasted, np.full((len(pasted), GAP_PX, 3), 255, np.uint8), matched])
    cv2.imwrite(str(parser.parse_args().out), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
