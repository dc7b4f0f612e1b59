"""One master in other formats: which part of it, or how much more than it, a format shows. Pure, no pixels."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple, cast, get_args

from inlay.errors import InvalidInput
from inlay.region import MAX_DOCUMENT_PX, Margins, Rect, Size

FIELD = "--to"
FOCUS = "--focus"
MAX_RATIO = 100
_EXACT = 64
"""The larger term of a ratio up to which a crop has it exactly. Beyond, to half a pixel: 300:157 comes in steps of 60 px."""
TIGHTEST = 0.8
"""Of the sides of the largest crop that the master holds: what a little less of it is worth, to have nothing painted."""
_LEAST_SAFE = 0.05
"""Of a side; less is a mistake in the numbers."""
_MUCH = 0.5
_ROUNDING = 1e-6
"""Of a pixel: what floats add to a share of a side."""


class Safe(NamedTuple):
    """What a platform covers at each side, in shares of the height (top, bottom) and the width."""

    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    left: float = 0.0

    def within(self, size: Size) -> Rect:
        """What stays free of a picture of `size`, in whole pixels."""
        left, top = math.ceil(self.left * size.width - _ROUNDING), math.ceil(self.top * size.height - _ROUNDING)
        right = math.floor((1 - self.right) * size.width + _ROUNDING)
        bottom = math.floor((1 - self.bottom) * size.height + _ROUNDING)
        return Rect.of_edges(left, top, max(left, right), max(top, bottom))


ALL_FREE = Safe()


Resample = Literal["never", "down", "both"]
RESAMPLES: tuple[Resample, ...] = get_args(Resample)


@dataclass(frozen=True)
class Format:
    """A shape that a picture is delivered in. size: of the file in px, where the format has one.

    resample: whether a file gets that size: never, where that makes it smaller (down), or larger too (both).
    """

    name: str
    ratio: Fraction
    """Width over height."""
    size: Size | None = None
    safe: Safe = ALL_FREE
    resample: Resample = "never"

    @classmethod
    def parse(cls, text: str, field: str = FIELD) -> Format:
        """From `W:H`, `WIDTHxHEIGHT` in px, or the name of a platform's. Raises InvalidInput, naming `field`."""
        name = text.strip()
        if name in presets():
            return presets()[name]
        ratio = _ratio(name)
        if ratio is not None:
            return cls(name, ratio)
        width, _, height = name.partition("x")
        if width.isdecimal() and height.isdecimal():
            return cls.of(name, {"size": [int(width), int(height)]})
        known = ", ".join(presets())
        raise InvalidInput(field, repr(text), f"it must be W:H, such as 4:5, WIDTHxHEIGHT in px, or one of {known}")

    @classmethod
    def of(cls, name: str, table: Mapping[str, Any]) -> Format:
        """From a table: `size` ([width, height] in px), `ratio` ("W:H") or `platform` (a name), `safe` ([top, right, bottom, left],
        in shares), and `resample` (never, down or both), which takes a size.

        Raises InvalidInput.
        """
        unknown = sorted(table.keys() - {"size", "ratio", "platform", "safe", "resample"})
        if unknown:
            limit = "a format has size, ratio or platform, safe and resample"
            raise InvalidInput(f"formats.{name}.{unknown[0]}", "unknown", limit)
        resample = cast("Resample", table.get("resample", "never"))
        if resample not in RESAMPLES:
            raise InvalidInput(f"formats.{name}.resample", repr(resample), f"it must be one of {', '.join(RESAMPLES)}")
        found = replace(cls._shape(name, table), resample=resample)
        if resample != "never" and found.size is None:
            raise InvalidInput(f"formats.{name}.resample", repr(resample), "say to which size = [width, height]")
        return found

    @classmethod
    def _shape(cls, name: str, table: Mapping[str, Any]) -> Format:
        if "platform" in table:
            known = presets().get(str(table["platform"]))
            if known is None:
                limit = f"it must be one of {', '.join(presets())}"
                raise InvalidInput(f"formats.{name}.platform", repr(table["platform"]), limit)
            twice = sorted(table.keys() & {"size", "ratio"})
            if twice:
                limit = "a platform's format has its own; leave one of both out"
                raise InvalidInput(f"formats.{name}.{twice[0]}", repr(table[twice[0]]), limit)
            safe = _safe(name, table["safe"]) if "safe" in table else known.safe
            return replace(known, name=name, safe=safe)
        safe = _safe(name, table.get("safe", [0, 0, 0, 0]))
        if "size" not in table:
            ratio = _ratio(str(table.get("ratio", "")))
            if ratio is None:
                raise InvalidInput(f"formats.{name}.ratio", repr(table.get("ratio", "")), "it must be W:H, such as 4:5")
            return cls(name, ratio, None, safe)
        size = _size(name, table["size"])
        return cls(name, Fraction(size.width, size.height), size, safe)

    @property
    def file_name(self) -> str:
        """The name as part of a file's: 4:5 is 4x5."""
        return "".join(char if char.isalnum() or char in "-_." else "x" for char in self.name)

    def resampled_from(self, crop: Size) -> Size | None:
        """What a file of the format is resampled to where it shows `crop` of the master, in its px; None where it is not."""
        if self.size is None or self.resample == "never" or self.size == crop:
            return None
        shrinks = self.size.width <= crop.width and self.size.height <= crop.height
        return self.size if shrinks or self.resample == "both" else None

    def sizes(self, number: int) -> Size:
        """The shape in px, in steps: exact where its terms are small."""
        width, height = self.ratio.as_integer_ratio()
        step = -(-max(width, height) // _EXACT)
        return Size(max(1, round(number * width / step)), max(1, round(number * height / step)))


@dataclass(frozen=True)
class Framing:
    """What of a master a format shows.

    crop: in the master's px; beyond its canvas where it has to grow. margins: by how much. safe: in the master's px, where the
    focus lies. size: of the delivered file in px. flags: what a person should know, in sentences.
    """

    crop: Rect
    margins: Margins
    safe: Rect
    size: Size
    flags: tuple[str, ...] = ()

    @property
    def scale(self) -> float:
        """Delivered px per px of the master; 1: nothing is resampled."""
        return max(self.size.width / self.crop.width, self.size.height / self.crop.height)

    @property
    def canvas(self) -> Rect:
        """Where the crop lies on the master, in the crop's px."""
        left, top, right, bottom = self.margins
        return Rect.of_edges(left, top, self.crop.width - right, self.crop.height - bottom)

    @property
    def grows(self) -> bool:
        return any(self.margins)

    @property
    def new_share(self) -> float:
        """Of the crop's area that the master does not cover."""
        return 1 - self.canvas.area / self.crop.area


def framing(master: Size, focus: Rect | None, format: Format, *, scaled: bool = False, field: str = FOCUS) -> Framing:
    """Where `format` lies on a master of that size.

    It is the largest of its shape that the master holds; up to a fifth smaller where nothing has to be painted then; and larger
    only where the focus would not fit into its safe area. It is put where the focus is safe, of these places where the least has to
    be painted beyond the canvas, and of these where the focus is nearest to the middle of the safe area.

    focus: in the master's px; None: the master's middle, and nothing is painted. scaled: delivered in the format's own px, where
    it has a size.

    Raises InvalidInput, naming `field`, where the focus is not inside the master, or the canvas would be larger than a document
    may be.
    """
    if focus is not None and (focus.area <= 0 or not master.bounds.contains(focus)):
        limit = f"it must lie inside the master, {master.width} x {master.height} px"
        raise InvalidInput(field, ",".join(map(str, focus)), limit)
    size, crop = _best(master, focus, format, field)
    inside = crop.intersection(master.bounds)
    margins = Margins(inside.x - crop.x, inside.y - crop.y, crop.right - inside.right, crop.bottom - inside.bottom)
    safe = format.safe.within(size).moved(crop.x, crop.y)
    made = Framing(crop, margins, safe, format.size if scaled and format.size else size)
    return replace(made, flags=_flags(made))


def parse_focus(text: str) -> Rect:
    """From `X,Y,W,H`. Raises InvalidInput unless these are four whole numbers; where it lies is not checked here."""
    try:
        return Rect(*(int(number) for number in text.split(",")))
    except (ValueError, TypeError):
        raise InvalidInput(FOCUS, repr(text), "it must be X,Y,W,H in px, such as 400,200,900,1200") from None


@cache
def presets() -> Mapping[str, Format]:
    """The platforms' formats, by name."""
    text = (resources.files("inlay.formats") / "platforms.toml").read_text("utf-8")
    return {name: Format.of(name, table) for name, table in tomllib.loads(text).items()}


def _best(master: Size, focus: Rect | None, format: Format, field: str) -> tuple[Size, Rect]:
    largest = _largest(format, master)
    least = _least(format, focus.size) if focus else 1
    number = max(largest, least)
    size = format.sizes(number)
    if size.area > MAX_DOCUMENT_PX:
        most = f"{MAX_DOCUMENT_PX // 10**6} megapixels are allowed"
        limit = f"{format.name} around it would be {size.width} x {size.height} px, and {most}"
        raise InvalidInput(field, "too large" if focus is None else ",".join(map(str, focus)), limit)
    for tighter in range(number, max(least, math.ceil(TIGHTEST * largest)) - 1, -1):
        crop = _crop(master, focus, format, format.sizes(tighter))
        if master.bounds.contains(crop):
            return crop.size, crop
    return size, _crop(master, focus, format, size)


def _crop(master: Size, focus: Rect | None, format: Format, size: Size) -> Rect:
    free = format.safe.within(size)
    wanted = focus or master.bounds
    x = _placed(size.width, master.width, free.x, free.width, wanted.x, wanted.width, focus is not None)
    y = _placed(size.height, master.height, free.y, free.height, wanted.y, wanted.height, focus is not None)
    return Rect(x, y, *size)


def _largest(format: Format, master: Size) -> int:
    """Of the sizes that fit into the master; 1 where none does."""
    number = 1
    while _fits(format.sizes(number * 2), master):
        number *= 2
    for step in (2**bit for bit in reversed(range(number.bit_length() - 1))):
        if _fits(format.sizes(number + step), master):
            number += step
    return number


def _least(format: Format, focus: Size) -> int:
    """Of the sizes whose safe area holds the focus."""
    number = 1
    while not _fits(focus, format.safe.within(format.sizes(number)).size):
        number *= 2
    for step in (2**bit for bit in reversed(range(number.bit_length() - 1))):
        if number > step and _fits(focus, format.safe.within(format.sizes(number - step)).size):
            number -= step
    return number


def _fits(inner: Size, outer: Size) -> bool:
    return inner.width <= outer.width and inner.height <= outer.height


def _placed(length: int, master: int, free: int, free_length: int, focus: int, focus_length: int, safe: bool) -> int:
    """Along one axis, where the crop begins."""
    middle = focus + focus_length / 2 - (free + free_length / 2 if safe else length / 2)
    start = _clamped(math.floor(middle), *sorted((0, master - length)))
    return _clamped(start, focus + focus_length - free - free_length, focus - free) if safe else start


def _clamped(value: int, least: int, most: int) -> int:
    return min(max(value, least), most)


def _flags(framing: Framing) -> tuple[str, ...]:
    flags: list[str] = []
    if framing.new_share > _MUCH:
        flags.append(f"{100 * framing.new_share:.0f} % of it has to be painted")
    if framing.scale > 1:
        flags.append(f"it is enlarged {framing.scale:.2f} times: the master has no more pixels there")
    return tuple(flags)


def _ratio(text: str) -> Fraction | None:
    width, colon, height = text.partition(":")
    try:
        ratio = Fraction(width) / Fraction(height) if colon else Fraction(0)
    except (ValueError, ArithmeticError):
        return None
    return ratio if Fraction(1, MAX_RATIO) <= ratio <= MAX_RATIO else None


def _size(name: str, given: object) -> Size:
    sides = cast("Sequence[object]", given) if isinstance(given, list) else ()
    whole = [side for side in sides if isinstance(side, int) and side > 0]
    if len(whole) != 2 or len(sides) != 2 or not Fraction(1, MAX_RATIO) <= Fraction(*whole) <= MAX_RATIO:
        limit = f"it must be [width, height] in px, no side more than {MAX_RATIO} times the other"
        raise InvalidInput(f"formats.{name}.size", repr(given), limit)
    size = Size(*whole)
    size.check(f"formats.{name}.size")
    return size


def _safe(name: str, given: object) -> Safe:
    sides = cast("Sequence[object]", given) if isinstance(given, list) else ()
    shares = [float(side) for side in sides if isinstance(side, int | float) and 0 <= side < 1]
    if len(shares) != 4 or len(sides) != 4:
        limit = "it must be [top, right, bottom, left], each a share 0 .. 1"
        raise InvalidInput(f"formats.{name}.safe", repr(given), limit)
    safe = Safe(*shares)
    if max(safe.left + safe.right, safe.top + safe.bottom) > 1 - _LEAST_SAFE:
        raise InvalidInput(f"formats.{name}.safe", repr(given), "something has to be left between the sides")
    return safe
