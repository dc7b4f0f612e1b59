"""Which part of a picture becomes a keyframe, at which size: cropped to the shape, on the grid, never stretched nor enlarged."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from inlay.errors import InvalidInput
from inlay.formats import Format, framing
from inlay.region import Rect, Size

Kind = Literal["png8", "png16", "tiff16", "exr"]


@dataclass(frozen=True)
class Target:
    """A video model or an editing program; the fields are those of video_targets.toml."""

    name: str
    title: str
    files: tuple[Kind, ...]
    long_edge: int
    sizes: tuple[Size, ...] = ()
    grid: int = 1
    free: bool = False
    most_px: int = 0
    most_bytes: int = 0
    frames: int = 0
    fps: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_model(self) -> bool:
        """Whether it looks at 8 bit pixels and nothing else of a file."""
        return self.files == ("png8",)


class Cut(NamedTuple):
    """crop: in the picture's px, inside it. size: of the file in px, no larger. long_edge: px that were hoped for."""

    crop: Rect
    size: Size
    long_edge: int

    @property
    def scale(self) -> float:
        """Px of the file per px of the picture."""
        return self.size.width / self.crop.width


@cache
def targets() -> Mapping[str, Target]:
    """By name."""
    text = (resources.files("inlay.batch") / "video_targets.toml").read_text("utf-8")
    return {name: _target(name, table) for name, table in tomllib.loads(text).items()}


def cut(picture: Size, target: Target, shape: Format | None = None, focus: Rect | None = None) -> Cut:
    """Where the keyframe lies in a picture of that size.

    shape: the ratio, or the size in px, that is wanted; None: of the target's own the one that keeps most of the picture. focus: in
    the picture's px, what must be in it, as near to its middle as can be.

    The size decides the crop: both have one ratio. A picture that is too small for the size gets the largest smaller one of its
    ratio, where the grid is free of the nearest ratio. Raises InvalidInput where the target does not take the shape, where the
    picture is smaller than one step of the grid, or where the focus does not fit.
    """
    sizes = _sizes(picture, target, shape)
    hoped = max(shape.size) if shape and shape.size else target.long_edge
    ratio = shape.ratio if shape else Fraction(*(sizes[0] if sizes else picture))
    fitting = [size for size in sizes if size.width <= _framed(picture, size, focus).width]
    size = fitting[0] if fitting else _largest(picture, ratio, target)
    crop = _framed(picture, size, focus)
    return Cut(crop if target.sizes or fitting else _middle(crop, size), size, hoped)


def _framed(picture: Size, size: Size, focus: Rect | None) -> Rect:
    """The largest crop of the size's ratio that holds the focus."""
    ratio = Fraction(*size)
    found = framing(picture, focus, Format("keyframe", ratio))
    if found.grows and focus is not None:
        shown = f"{ratio.numerator}:{ratio.denominator}"
        limit = f"{shown} does not hold it inside the picture; expand that first, with `inlay formats`"
        raise InvalidInput("--focus", ",".join(map(str, focus)), limit)
    return found.crop.intersection(picture.bounds)


def _sizes(picture: Size, target: Target, shape: Format | None) -> list[Size]:
    """What is hoped for: sizes of one ratio, the largest first; none where only a ratio is."""
    if shape is not None and shape.size is not None:
        if shape.size not in target.sizes and not (target.free and _is_on_grid(shape.size, target)):
            raise InvalidInput("--to", shape.name, _takes(target))
        return [shape.size]
    if shape is not None:
        same = [size for size in target.sizes if Fraction(*size) == shape.ratio]
        if not same and not target.free:
            raise InvalidInput("--to", shape.name, _takes(target))
        return same
    if not target.sizes:
        return []
    best = max(target.sizes, key=lambda size: framing(picture, None, Format("", Fraction(*size))).crop.area)
    return [size for size in target.sizes if Fraction(*size) == Fraction(*best)]


def _largest(picture: Size, ratio: Fraction, target: Target) -> Size:
    """Of that ratio, or where the target is free of the nearest on the grid; no larger than the picture."""
    found = _nearest(picture, ratio, target) if target.free else _multiple(picture, ratio)
    if found is None:
        step = Size(target.grid, target.grid) if target.free else Size(*ratio.as_integer_ratio())
        limit = f"{target.title} takes steps of {step.width} x {step.height} px"
        raise InvalidInput("FILE", f"{picture.width} x {picture.height} px", limit)
    return found


def _multiple(picture: Size, ratio: Fraction) -> Size | None:
    width, height = ratio.as_integer_ratio()
    times = min(picture.width // width, picture.height // height)
    return Size(width * times, height * times) if times else None


def _nearest(picture: Size, ratio: Fraction, target: Target) -> Size | None:
    for short in range(min(picture) // target.grid, 0, -1):
        long = short * max(ratio, 1 / ratio)
        for steps in (round(long), math.floor(long)):
            sides = (steps, short) if ratio >= 1 else (short, steps)
            size = Size(*(target.grid * side for side in sides))
            small = not target.most_px or size.area <= target.most_px
            if small and size.width <= picture.width and size.height <= picture.height:
                return size
    return None


def _is_on_grid(size: Size, target: Target) -> bool:
    small = not target.most_px or size.area <= target.most_px
    return small and not size.width % target.grid and not size.height % target.grid


def _middle(crop: Rect, size: Size) -> Rect:
    return Rect(crop.x + (crop.width - size.width) // 2, crop.y + (crop.height - size.height) // 2, *size)


def _takes(target: Target) -> str:
    named = ", ".join(f"{width}x{height}" for width, height in target.sizes)
    area = f", at most {target.most_px} px in all" if target.most_px else ""
    free = f"sides that {target.grid} divides{area}" if target.free else ""
    return f"{target.title} takes {' and '.join(part for part in (named, free) if part)}"


def _target(name: str, table: Mapping[str, Any]) -> Target:
    lists = {"sizes": tuple(Size(*size) for size in table.get("sizes", ())), "notes": tuple(table.get("notes", ()))}
    fields: dict[str, Any] = {**table, **lists, "files": tuple(table["files"])}
    return Target(name, **fields)
