"""What is wrong with a keyframe before a model multiplies it by eighty: everything is read from the written file.

A check passes, fails, or leaves it to a person (None); none of them changes the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay import documents
from inlay.batch.keyframe_cut import Cut, Kind, Target
from inlay.color.curves import SRGB
from inlay.documents import Document
from inlay.documents.document import UNTAGGED_RGB

CLIPPED_SHARE = 0.001
"""Of a channel's samples that the conversion may cut off."""
BANDED_SHARE = 0.03
"""Of the picture that may lie in gradients with empty bins."""
SEAM_RATIO = 1.5
"""How much steeper than beside it a picture may be across the mask's edge."""
_BLOCKS_PX = (32, 128)
"""Sides of the squares in which gradients are looked for: those of a bottle, and those of a sky."""
_SMOOTH_STEP = 20
"""Codes of 8 bit: a larger step between neighbours is drawing or texture, no gradient."""
_LEAST_SPAN = 12
"""Codes that a gradient must run through in a square to be judged."""
_EMPTY = 0.3
"""Of the bins between a square's darkest and lightest: so many are never left out by light."""
_RARE = 0.25
"""Of its fuller neighbours' share, below which a bin counts as empty: a resampled band has a seam of codes in between."""
_STEP_MOST = 18
"""Codes from band to band."""
_FLAT = 0.4
"""Of the steps between neighbours that are none: fewer, and the gradient is merely steep."""
_SINGLE = 0.5
"""Of the steps that are some, those of a single code: more, and it is smooth, with a small steep thing in it."""
_NEAR_PX, _FAR_PX = 1.5, 8.0
_LEAST_STEEPNESS = 0.5
"""Codes of 8 bit a pixel: what noise of rounding alone makes of a plain surface."""


@dataclass(frozen=True)
class Frame:
    """A written file, and the values that it should hold: height x width x 3 or 4, sRGB curve, neither rounded nor clipped."""

    file: Path
    kind: Kind
    wanted: NDArray[np.float32]


@dataclass(frozen=True)
class Check:
    """name: what was looked at. passed: None where a person has to look. said: a sentence. figures: what was measured."""

    name: str
    passed: bool | None
    said: str
    figures: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "passed": self.passed, "said": self.said, **self.figures}


@dataclass(frozen=True)
class _Read:
    """A file's samples: codes as they are stored, and as shares 0..1 with the sRGB curve. height x width x 3, alpha apart."""

    frame: Frame
    codes: NDArray[Any]
    shares: NDArray[np.float32]


def checked(
    frames: Sequence[Frame], target: Target, cut: Cut, mask: NDArray[np.bool_] | None = None
) -> tuple[Check, ...]:
    """Read the files again and judge them. mask: the file's pixels that an edit reached, height x width; None: not known."""
    read = [_read(frame) for frame in frames]
    found = [_size(read, target, cut)]
    if target.most_bytes:
        found.append(_bytes(read, target))
    found += [check for one in read for check in (_clipping(one), _banding(one))]
    if mask is not None:
        found.append(_seam(read[-1], mask))
    if len(read) == 2:
        found.append(_pair(read[0], read[1], mask))
    return tuple(found)


def shown(frame: Frame) -> Document:
    """What the file shows, in 8 bit sRGB."""
    samples = np.rint(np.clip(_read(frame).shares, 0, 1) * 255).astype(np.uint8)
    return Document(samples, "RGB", UNTAGGED_RGB, b"", frame.file, "png")


def _read(frame: Frame) -> _Read:
    if frame.kind == "exr":
        import OpenEXR

        held: Any = OpenEXR.File(str(frame.file)).channels()
        codes = np.asarray(next(held[name].pixels for name in ("RGB", "RGBA") if name in held))
        linear = codes.astype(np.float64)
        if codes.shape[2] == 4:
            alpha = linear[..., 3:]
            linear = np.divide(linear[..., :3], alpha, out=np.zeros_like(linear[..., :3]), where=alpha > 0)
        return _Read(frame, codes, SRGB.encode(linear).astype(np.float32))
    document = documents.read(frame.file)
    return _Read(
        frame, document.samples, document.samples[..., :3].astype(np.float32) / np.float32(document.white_level)
    )


def _size(read: Sequence[_Read], target: Target, cut: Cut) -> Check:
    height, width = read[0].codes.shape[:2]
    figures = {"width": width, "height": height, "long_edge_wanted": cut.long_edge}
    alike = all(one.codes.shape[:2] == (height, width) for one in read)
    if not alike or width % target.grid or height % target.grid or (width, height) != cut.size:
        return Check("size", False, f"{width} x {height} px is not what {target.title} takes", figures)
    if max(width, height) < cut.long_edge:
        said = f"the long edge has {max(width, height)} px and should have {cut.long_edge}: the picture is too small"
        return Check("size", False, said, figures)
    return Check("size", True, f"{width} x {height} px", figures)


def _bytes(read: Sequence[_Read], target: Target) -> Check:
    largest = max(one.frame.file.stat().st_size for one in read)
    said = f"{largest / 1e6:.1f} MB of {target.most_bytes / 1e6:.0f}"
    return Check("bytes", largest <= target.most_bytes, said, {"bytes": largest})


def _clipping(one: _Read) -> Check:
    """A sample at a limit of the file whose value lies beyond it lost something; one that is white, and should be, did not."""
    wanted = one.frame.wanted[..., :3]
    if one.frame.kind == "exr":
        at_limit = np.abs(one.codes[..., :3].astype(np.float32)) >= np.finfo(np.float16).max
        lost = at_limit
    else:
        white = np.iinfo(one.codes.dtype).max
        codes, half = one.codes[..., :3], np.float32(0.5 / white)
        low, high = codes == 0, codes == white
        at_limit = low | high
        lost = (low & (wanted < -half)) | (high & (wanted > 1 + half))
    shares = {name: _by_channel(found) for name, found in (("at_limit", at_limit), ("lost", lost))}
    worst = max(shares["lost"].values())
    told = ", ".join(f"{channel} {100 * share:.2g} %" for channel, share in shares["lost"].items() if share)
    what = f"colours beyond what the file can hold were cut off ({told})" if told else "nothing was cut off"
    name = one.frame.file.name
    return Check("clipping", worst <= CLIPPED_SHARE, f"{name}: {what}", {"file": name, **shares})


def _by_channel(found: NDArray[np.bool_]) -> dict[str, float]:
    return {name: float(found[..., index].mean()) for index, name in enumerate("RGB")}


def _banding(one: _Read) -> Check:
    """Squares that hold a smooth gradient, and of these the ones that leave out codes of 8 bit on the way from dark to light."""
    codes = np.rint(np.clip(one.shares, 0, 1) * 255).astype(np.int32)
    found = {side: _gradients(codes, side) for side in _BLOCKS_PX}
    share = max(banded / max(1, all_of_them) for _, banded, all_of_them in found.values())
    gradients, banded, _ = max(found.values(), key=lambda counts: (counts[1] / max(1, counts[2]), counts[0]))
    figures = {"file": one.frame.file.name, "gradients": gradients, "banded": banded, "share": share}
    said = f"{one.frame.file.name}: {banded} of {gradients} gradients have bands"
    return Check("banding", share <= BANDED_SHARE, said, figures)


def _gradients(codes: NDArray[np.int32], side: int) -> tuple[int, int, int]:
    """How many squares hold a gradient, how many one with bands, and how many there are."""
    height, width = (length // side for length in codes.shape[:2])
    smooth = banded = 0
    for top, left in np.ndindex(height, width):
        block = codes[top * side : (top + 1) * side, left * side : (left + 1) * side]
        kinds = [_has_bands(block[..., channel]) for channel in range(3)]
        smooth += any(kind is not None for kind in kinds)
        banded += any(kinds)
    return smooth, banded, height * width


def _has_bands(block: NDArray[np.int32]) -> bool | None:
    """Whether the gradient in a square of one channel has bands; None where it holds none."""
    least, most = int(block.min()), int(block.max())
    if most - least < _LEAST_SPAN:
        return None
    steps = [np.abs(np.diff(block, axis=axis)) for axis in (0, 1)]
    if max(int(step.max()) for step in steps) > _SMOOTH_STEP:
        return None
    bins = np.bincount(block.ravel() - least)
    is_flat = min(float((step == 0).mean()) for step in steps) >= _FLAT
    every = np.concatenate([step.ravel() for step in steps])
    single, any_step = int((every == 1).sum()), int((every > 0).sum())
    return is_flat and single <= _SINGLE * any_step and float(_valleys(bins).mean()) >= _EMPTY


def _valleys(bins: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Bins that are next to empty between two that are not, near enough to be steps of one gradient."""
    padded = np.pad(bins, _STEP_MOST)
    highest = np.lib.stride_tricks.sliding_window_view(padded, _STEP_MOST).max(axis=1)
    before, after = highest[: len(bins)], highest[-len(bins) :]
    return bins < _RARE * np.minimum(before, after)


def _seam(one: _Read, mask: NDArray[np.bool_]) -> Check:
    """How steep the picture is across the mask's edge, against how steep it is beside it, in luma."""
    luma = 255 * (one.shares @ np.array([0.299, 0.587, 0.114], np.float32))
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    distance = np.where(mask, inside - 0.5, 0.5 - outside)
    across = [np.gradient(distance, axis=axis) for axis in (0, 1)]
    length = np.maximum(np.hypot(*across), 1e-6)
    steps = [np.gradient(luma, axis=axis) for axis in (0, 1)]
    steepness = np.abs((steps[0] * across[0] + steps[1] * across[1]) / length)
    edge = np.abs(distance) < _NEAR_PX
    beside = (np.abs(distance) > 2 * _NEAR_PX) & (np.abs(distance) < _FAR_PX)
    if not edge.any() or not beside.any():
        return Check("seam", None, "the mask has no edge inside the cut", {})
    ratio = float((steepness[edge].mean() + _LEAST_STEEPNESS) / (steepness[beside].mean() + _LEAST_STEEPNESS))
    said = f"{one.frame.file.name}: across the mask's edge it is {ratio:.2f} times as steep as beside it"
    return Check("seam", ratio <= SEAM_RATIO, said, {"file": one.frame.file.name, "ratio": ratio})


def _pair(first: _Read, last: _Read, mask: NDArray[np.bool_] | None) -> Check:
    """Outside the edit, first and last frame must be the same samples."""
    differ = np.any(first.codes != last.codes, axis=-1)
    if mask is None:
        said = f"first and last differ in {int(differ.sum())} px; say with --mask where they may"
        return Check("pair", None, said, {"differing": int(differ.sum())})
    outside = int((differ & ~mask).sum())
    said = f"outside the edit first and last differ in {outside} px, inside in {int((differ & mask).sum())}"
    return Check(
        "pair", outside == 0, said, {"differing_outside": outside, "differing_inside": int((differ & mask).sum())}
    )
