"""How well something was erased: 0 to 100 by what matters in each group of cases.

Errors are in codes of 255. "Likeness" of detail is 1 where the fine energy (what a blur of 1.5 px takes away) is that of the
truth, 0 at a quarter of it or four times as much.

| group | score |
| --- | --- |
| faint | 100 x (1 - |share of the object's contrast left| / 0.5) x likeness of detail |
| flat, line-art | 100 x share of pixels right to the code x (1 - error of the worst hundredth / 64), where the truth is flat |
| thin | 100 x geometric mean of (1 - smooth color error / 10 Lab) and likeness of detail |
| cut-out | 100 x share of empty pixels left empty x (1 - smooth color error / 20 Lab) |
| gradient | 100 x (1 - (largest smooth error - 1) / 7) x likeness of detail |
| texture | 100 x geometric mean of (1 - Gabor log-energy error / 1.2), (1 - mean color error / 10 Lab), likeness of detail |
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from bench.erase.methods import Erased
from bench.erase.scenes import Case

Floats = NDArray[np.float32]
QUANTUM = 0.3
"""Spread of rounding to 8 bit, in codes: detail below it is none."""


def score_of(case: Case, erased: Erased) -> float:
    """0 (not erased, or spoiled) to 100."""
    return 100 * float(np.clip(_SCORES[case.group](case, erased), 0, 1))


def changed_outside(case: Case, erased: Erased) -> int:
    """Samples outside the selection that are not what they were."""
    return int(np.count_nonzero((erased.pixels != case.pixels)[~case.hole]))


def _faint(case: Case, erased: Erased) -> float:
    thing = (_codes(case.pixels) - _codes(case.truth)).mean(axis=2)
    rest = (_codes(erased.pixels) - _codes(case.truth)).mean(axis=2)
    inside = case.hole
    thing, rest = thing[inside], rest[inside]
    thing, rest = thing - thing[np.abs(thing) < 0.6].mean(), rest - rest.mean()
    left = float((thing * rest).sum() / np.square(thing).sum())
    return (1 - _beyond(abs(left), 0.03) / 0.5) * _likeness(case, erased)


def _to_the_code(case: Case, erased: Erased) -> float:
    wrong = np.abs(_codes(erased.pixels) - _codes(case.truth)).max(axis=2)[_meant(case)]
    return float((wrong < 0.5).mean()) * max(0.0, 1 - float(np.quantile(wrong, 0.99)) / 64)


def _thin(case: Case, erased: Erased) -> float:
    return float(np.sqrt(max(0.0, 1 - _smooth_color_error(case, erased, case.hole) / 10) * _likeness(case, erased)))


def _cut_out(case: Case, erased: Erased) -> float:
    assert case.alpha is not None
    assert erased.alpha is not None
    empty = case.hole & (case.alpha == 0)
    kept = float((erased.alpha[empty] == 0).mean())
    solid = case.hole & (cv2.erode(case.alpha, np.ones((5, 5), np.uint8)) == case.white)
    return kept * max(0.0, 1 - _smooth_color_error(case, erased, solid) / 20)


def _gradient(case: Case, erased: Erased) -> float:
    apart = cv2.GaussianBlur(_codes(erased.pixels) - _codes(case.truth), (0, 0), 4)[case.hole]
    return (1 - _beyond(float(np.abs(apart).max()), 1) / 7) * _likeness(case, erased)


def _texture(case: Case, erased: Erased) -> float:
    energy = [_gabor_energies(_gray(pixels))[case.hole].mean(axis=0) for pixels in (erased.pixels, case.truth)]
    gabor = float(np.abs(np.log((energy[0] + 1) / (energy[1] + 1))).mean())
    color = np.linalg.norm(_lab(erased.pixels)[case.hole].mean(axis=0) - _lab(case.truth)[case.hole].mean(axis=0))
    parts = (1 - gabor / 1.2, 1 - float(color) / 10, _likeness(case, erased))
    return float(np.prod(np.maximum(parts, 0)) ** (1 / 3))


_SCORES: dict[str, Callable[[Case, Erased], float]] = {
    "faint": _faint,
    "flat": _to_the_code,
    "line-art": _to_the_code,
    "thin": _thin,
    "cut-out": _cut_out,
    "gradient": _gradient,
    "texture": _texture,
}


def _meant(case: Case) -> NDArray[np.bool_]:
    """Hole pixels whose surroundings are one flat color in the truth: what continues there is not a matter of taste."""
    truth = case.truth
    even = (cv2.dilate(truth, np.ones((5, 5), np.uint8)) == cv2.erode(truth, np.ones((5, 5), np.uint8))).all(axis=2)
    return case.hole & even


def _likeness(case: Case, erased: Erased) -> float:
    inside = case.hole if case.group in ("thin", "faint") else cv2.erode(case.selection, np.ones((7, 7), np.uint8)) > 0
    found, right = (float(_detail(pixels)[inside].std()) + QUANTUM for pixels in (erased.pixels, case.truth))
    return max(0.0, 1 - abs(float(np.log2(found / right))) / 2)


def _smooth_color_error(case: Case, erased: Erased, where: NDArray[np.bool_]) -> float:
    apart = cv2.GaussianBlur(_lab(erased.pixels), (0, 0), 2) - cv2.GaussianBlur(_lab(case.truth), (0, 0), 2)
    return float(np.linalg.norm(apart, axis=2)[where].mean())


def _detail(pixels: NDArray[np.generic]) -> Floats:
    gray = _gray(pixels)
    return gray - cv2.GaussianBlur(gray, (0, 0), 1.5)


def _gabor_energies(gray: Floats) -> Floats:
    """height x width x 16: energy of Gabor filters of four wavelengths and four directions."""
    planes: list[Floats] = []
    for wavelength in (3.0, 5.0, 9.0, 16.0):
        for angle in np.arange(4) * np.pi / 4:
            side = int(2 * wavelength) | 1
            parts = [
                cv2.filter2D(
                    gray, -1, cv2.getGaborKernel((side, side), wavelength * 0.45, angle, wavelength, 1.0, phase)
                )
                for phase in (0.0, np.pi / 2)
            ]
            planes.append(np.square(parts[0] - cv2.blur(parts[0], (side, side))) + np.square(parts[1]))
    return np.dstack(planes)


def _codes(pixels: NDArray[np.generic]) -> Floats:
    return np.asarray(pixels * np.float32(255 / np.iinfo(pixels.dtype).max), np.float32)


def _gray(pixels: NDArray[np.generic]) -> Floats:
    return _codes(pixels).mean(axis=2)


def _lab(pixels: NDArray[np.generic]) -> Floats:
    return rgb2lab(_codes(pixels) / 255).astype(np.float32)


def _beyond(value: float, free: float) -> float:
    return max(0.0, value - free)
