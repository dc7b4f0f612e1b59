"""Palettes of other programs: Adobe Swatch Exchange (.ase), Photoshop's swatches (.aco), GIMP's and Krita's palettes (.gpl).

.aco: https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/#50577411_pgfId-1055819. .ase is not published by Adobe; as
http://www.selapa.net/swatches/colors/fileformats.php#adobe_ase has it. .gpl:
https://developer.gimp.org/core/standards/gpl/.
"""

import colorsys
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from inlay.errors import InvalidInput
from inlay.recipe import NamedColor

_RGB, _HSB, _CMYK, _LAB, _GRAY, _WIDE_CMYK = 0, 1, 2, 7, 8, 9
_GPL_LINE = re.compile(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(?:\s+(.*))?")


class Palette(NamedTuple):
    """name: empty where the file has none. left_out: what of it is no colour by itself: one sentence each."""

    name: str
    colors: tuple[NamedColor, ...]
    left_out: tuple[str, ...] = ()


def palette_of(path: Path) -> Palette:
    """The colours of a palette's file, in its order. Raises InvalidInput for what is none."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput("FILE", str(path), f"a palette ends in {', '.join(READERS)}")
    try:
        return reader(path.read_bytes())
    except (struct.error, UnicodeDecodeError, ValueError, IndexError) as error:
        raise InvalidInput("FILE", str(path), f"it is no whole {path.suffix} ({error})") from None


def _ase(data: bytes) -> Palette:
    if data[:4] != b"ASEF":
        raise ValueError("it does not begin with ASEF")
    (blocks,) = struct.unpack_from(">I", data, 8)
    at, found, out, group = 12, list[NamedColor](), list[str](), ""
    for _ in range(blocks):
        kind, length = struct.unpack_from(">HI", data, at)
        body = data[at + 6 : at + 6 + length]
        if len(body) != length:
            raise ValueError("it ends too early")
        at += 6 + length
        if kind == 0xC001:
            group = group or _utf16(body, 0)[0]
        elif kind == 0x0001:
            name, after = _utf16(body, 0)
            model = body[after : after + 4].decode("ascii").strip().upper()
            count = {"RGB": 3, "LAB": 3, "GRAY": 1, "CMYK": 4}[model]
            values = struct.unpack_from(f">{count}f", body, after + 4)
            if model == "CMYK":
                out.append(_inks(name))
            elif model == "LAB":
                found.append(_lab(name, 100 * values[0], values[1], values[2]))
            else:
                found.append(_hex(name, values * 3 if model == "GRAY" else values))
    return Palette(group, tuple(found), tuple(out))


def _aco(data: bytes) -> Palette:
    version, count = struct.unpack_from(">HH", data)
    if version == 1 and len(data) > 4 + 10 * count:  # the same again, with names
        data = data[4 + 10 * count :]
        version, count = struct.unpack_from(">HH", data)
    if version not in (1, 2):
        raise ValueError(f"it is of version {version}")
    at, found, out = 4, list[NamedColor](), list[str]()
    for number in range(count):
        space, *raw = struct.unpack_from(">5H", data, at)
        at, name = at + 10, ""
        if version == 2:
            name, at = _utf16(data, at, wide=True)
        name = name or f"Swatch {number + 1}"
        if space == _RGB:
            found.append(_hex(name, tuple(value / 65_535 for value in raw[:3])))
        elif space == _HSB:
            found.append(_hex(name, colorsys.hsv_to_rgb(*(value / 65_535 for value in raw[:3]))))
        elif space == _LAB:
            a, b = (value - 65_536 if value > 32_767 else value for value in raw[1:3])
            found.append(_lab(name, raw[0] / 100, a / 100, b / 100))
        elif space == _GRAY:
            found.append(_hex(name, (raw[0] / 10_000,) * 3))  # as Krita reads it
        elif space in (_CMYK, _WIDE_CMYK):
            out.append(_inks(name))
        else:
            out.append(f"{name}: it is of a colour book, whose numbers are not in the file")
    return Palette("", tuple(found), tuple(out))


def _gpl(data: bytes) -> Palette:
    first, *lines = data.decode("utf-8-sig", errors="replace").splitlines()
    if first.strip() != "GIMP Palette":
        raise ValueError("it does not begin with GIMP Palette")
    title, found = "", list[NamedColor]()
    for line in lines:
        if line.lower().startswith("name:"):
            title = line[5:].strip()
        elif color := _GPL_LINE.fullmatch(line):
            codes = tuple(min(255, int(code)) / 255 for code in color.groups()[:3])
            made = _hex(color[4] or "", codes)
            named = "" if made.name.casefold() in ("untitled", "no name") else made.name
            found.append(NamedColor(named or made.color, made.color))
    return Palette(title, tuple(found))


READERS: dict[str, Callable[[bytes], Palette]] = {".ase": _ase, ".aco": _aco, ".gpl": _gpl}


def _utf16(data: bytes, at: int, *, wide: bool = False) -> tuple[str, int]:
    """A text of UTF-16 with its length before it, its end mark among it; and where it ends."""
    (length,) = struct.unpack_from(">I" if wide else ">H", data, at)
    begin = at + (4 if wide else 2)
    text = data[begin : begin + 2 * length]
    if len(text) != 2 * length:
        raise ValueError("it ends too early")
    return text.decode("utf-16-be").rstrip("\0"), begin + 2 * length


def _hex(name: str, channels: tuple[float, ...]) -> NamedColor:
    codes = (round(255 * min(1.0, max(0.0, one))) for one in channels)
    color = "#" + "".join(f"{code:02X}" for code in codes)
    return NamedColor(name.strip() or color, color)


def _lab(name: str, lightness: float, a: float, b: float) -> NamedColor:
    color = f"lab({lightness:.4g}, {a:.4g}, {b:.4g})"
    return NamedColor(name.strip() or color, color)


def _inks(name: str) -> str:
    return f"{name}: it is in inks (CMYK), which are no colour without the press's profile; give it as Lab"
