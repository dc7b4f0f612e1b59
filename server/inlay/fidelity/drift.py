"""The light and colour of a clip, brought back to its first picture: models that paint film drift away from it, picture by picture.

What a picture shows is found again in the first one by optical flow (Kroeger et al. 2016, "Fast optical flow using dense inverse
search"), so that neither a moving camera nor a moving thing is taken for light; what is not found has no say. From pairs that
were found follows a gain and an offset for each channel, by orthogonal regression (Deming 1943), reweighted by Tukey's biweight
(Beaton and Tukey 1974); what is left of it slowly over the picture is an offset that varies as slowly.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

SIDE_PX = 192
"""The longer side at which pictures are compared: light and colour are coarse."""
BLUR_PX = 1.5
"""At that size: what the flow misses by a pixel is no difference."""
ASTRAY_PX = 1.0
"""A place whose flow there and back ends so far from where it began was not found."""
LEAST_FOUND = 0.05
"""Of a picture; where less of it is found again, the last one that was decides."""
ROUNDS = 8
TUKEY = 4.685
LEAST_SPREAD = 2 / 255
"""Differences below this are noise, never a reason to doubt a pair."""
STEADIER = 1e-4
"""Variance of a picture below which a gain cannot be told from an offset; it is then about 1."""
GAINS, OFFSETS = (0.5, 2.0), (-0.25, 0.25)
SLOWLY = 0.12
"""Of the longer side: the width of the Gaussian over which the rest may vary."""
DOUBT = 0.03
"""Share of pairs that stand for no change where nothing was found."""


class Drift(NamedTuple):
    """How far a picture went from the first: `first = gain * picture + offset`, of each channel. found: share of it, 0 .. 1.

    slow: height x width x 3, what else is to be added, of any size.
    """

    gain: F32
    offset: F32
    found: float
    slow: F32

    def change_of(self, picture: F32) -> F32:
        """What is to be added to the picture."""
        slow = _resized(self.slow, (picture.shape[1], picture.shape[0]))
        return np.asarray(picture * (self.gain - 1) + self.offset + slow, np.float32)


class Steady:
    """Tells of the pictures of a clip, one after the other in their order, how far they went."""

    def __init__(self, first: F32) -> None:
        """first: height x width x 3 float32, sRGB-encoded."""
        height, width = first.shape[:2]
        scale = min(1.0, SIDE_PX / max(height, width))
        self._size = (max(16, round(width * scale)), max(16, round(height * scale)))
        self._small = _blurred(_resized(first, self._size))
        self._gray = _gray(self._small)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._last = Drift(np.ones(3, np.float32), np.zeros(3, np.float32), 1.0, np.zeros((2, 2, 3), np.float32))
        self._there: F32 | None = None

    def drift_of(self, picture: F32) -> Drift:
        """How far `picture` went, height x width x 3 of the first one's size. To be asked of each, in their order."""
        small = _blurred(_resized(picture, self._size))
        shown = _gray(np.asarray(small * self._last.gain + self._last.offset, np.float32))
        there = np.asarray(self._flow.calc(shown, self._gray, self._start(self._there)), np.float32)
        back = np.asarray(self._flow.calc(self._gray, shown, self._start(None)), np.float32)
        self._there = there
        seen = _at(self._small, there)
        astray = np.linalg.norm(there + _at(back, there), axis=2)
        found = ((astray < ASTRAY_PX) & _inside(there)).astype(np.float32)
        share = float(found.mean())
        if share < LEAST_FOUND:
            return self._last._replace(found=share)
        fits = [_fit(small[..., one], seen[..., one], found, self._line(one)) for one in range(3)]
        gain, offset = (np.array(values, np.float32) for values in zip(*(fit[:2] for fit in fits), strict=True))
        trust = np.minimum.reduce([fit[2] for fit in fits])
        self._last = Drift(gain, offset, share, _slow(np.asarray(seen - (small * gain + offset), np.float32), trust))
        return self._last

    def _line(self, channel: int) -> tuple[float, float]:
        return float(self._last.gain[channel]), float(self._last.offset[channel])

    def _start(self, flow: F32 | None) -> F32:
        return np.zeros((*self._small.shape[:2], 2), np.float32) if flow is None else flow.copy()


def _fit(picture: F32, first: F32, found: F32, line: tuple[float, float]) -> tuple[float, float, F32]:
    """Gain, offset, and how far each pair is believed, 0 .. 1. line: where the search begins."""
    gain, offset = line
    believed = found
    for _ in range(ROUNDS):
        rest = np.asarray(first - (gain * picture + offset), np.float32)
        middle = _median(rest, found)
        off = np.asarray(np.abs(rest - middle), np.float32)
        reach = np.clip(off / np.float32(TUKEY * max(LEAST_SPREAD, 1.4826 * _median(off, found))), 0, 1)
        believed = found * np.square(1 - np.square(reach))
        total = float(believed.sum())
        x, y = (float((values * believed).sum() / total) for values in (picture, first))
        across, down = picture - np.float32(x), first - np.float32(y)
        xx, yy, xy = (
            float((one * other * believed).sum() / total) + STEADIER
            for one, other in ((across, across), (down, down), (across, down))
        )
        gain = float(np.clip((yy - xx + np.hypot(yy - xx, 2 * xy)) / (2 * max(xy, 1e-6)), *GAINS))
        offset = float(np.clip(y - gain * x, *OFFSETS))
    return gain, offset, np.asarray(believed, np.float32)


def _slow(rest: F32, trust: F32) -> F32:
    """What is left, as slowly as it may vary: normalised convolution (Knutsson and Westin 1993)."""
    width = SLOWLY * max(trust.shape)
    weighted = cv2.GaussianBlur(rest * trust[..., None], (0, 0), width, borderType=cv2.BORDER_REFLECT)
    weight = cv2.GaussianBlur(trust, (0, 0), width, borderType=cv2.BORDER_REFLECT)
    return np.asarray(weighted / (weight + np.float32(DOUBT))[..., None], np.float32)


def _median(values: F32, found: F32) -> float:
    return float(np.median(values[found > 0]))


def _resized(picture: F32, size: tuple[int, int]) -> F32:
    how = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.float32)


def _blurred(picture: F32) -> F32:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), BLUR_PX), np.float32)


def _gray(picture: F32) -> NDArray[np.uint8]:
    return np.rint(np.clip(picture.mean(axis=2), 0, 1) * 255).astype(np.uint8)


def _at(values: F32, flow: F32) -> F32:
    rows, columns = np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float32)
    at = (columns + flow[..., 0], rows + flow[..., 1])
    return np.asarray(cv2.remap(values, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _inside(flow: F32) -> NDArray[np.bool_]:
    height, width = flow.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    across, down = columns + flow[..., 0], rows + flow[..., 1]
    return np.asarray((across >= 0) & (across <= width - 1) & (down >= 0) & (down <= height - 1))
