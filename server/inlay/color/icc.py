"""Reads and writes the part of ICC profiles that says everything about matrix and gray profiles. Source: ICC.1:2022."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.color.curves import Curve, Parametric, Sampled, recognised
from inlay.errors import UnknownProfile

D50 = np.array([0.96420288, 1.0, 0.82490540])
"""The white of the profile connection space as its header stores it."""
COLORANTS = ("rXYZ", "gXYZ", "bXYZ")
TONES = ("rTRC", "gTRC", "bTRC")
_MAX_TAGS = 256
_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}


@dataclass(frozen=True)
class IccFacts:
    """What a profile says about itself."""

    color_space: str
    """Four letters without trailing blanks: RGB, GRAY, Lab, CMYK ..."""
    connection_space: str
    """XYZ or Lab."""
    description: str
    colorants: NDArray[np.float64] | None
    """3 x 3: columns are the XYZ (D50) of red, green and blue."""
    curves: tuple[Curve, ...]
    has_tables: bool
    """It converts through multidimensional tables; hosts then ignore the matrix."""


def parse(data: bytes) -> IccFacts:
    """Read a profile. Raises UnknownProfile where the bytes are no ICC profile, or a broken one."""
    if len(data) < 132 or data[36:40] != b"acsp":
        raise _unreadable(data, "it must be an ICC profile")
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError, OverflowError) as broken:
        raise _unreadable(data, f"it must be an intact ICC profile ({broken})") from broken


def _unreadable(data: bytes, limit: str) -> UnknownProfile:
    return UnknownProfile("icc", f"{len(data)} bytes", limit)


def _parse(data: bytes) -> IccFacts:
    tags = _tags(data)
    colorants = None
    if all(name in tags for name in COLORANTS):
        colorants = np.column_stack([np.array(struct.unpack(">3i", tags[name][8:20])) / 65536 for name in COLORANTS])
        if abs(np.linalg.det(colorants)) < 1e-6:
            raise ValueError("its primaries lie on a line")
    names = ("kTRC",) if "kTRC" in tags else TONES if all(name in tags for name in TONES) else ()
    return IccFacts(
        color_space=data[16:20].decode("ascii", "replace").strip(),
        connection_space=data[20:24].decode("ascii", "replace").strip(),
        description=_text(tags.get("desc", b"")),
        colorants=colorants,
        curves=tuple(recognised(_curve(tags[name])) for name in names),
        has_tables="A2B0" in tags,
    )


def _tags(data: bytes) -> dict[str, bytes]:
    (count,) = struct.unpack_from(">I", data, 128)
    if count > _MAX_TAGS:
        raise ValueError(f"{count} tags")
    tags: dict[str, bytes] = {}
    for index in range(count):
        signature, offset, length = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if offset + length > len(data):
            raise ValueError("a tag lies beyond its end")
        tags[signature.decode("ascii", "replace")] = data[offset : offset + length]
    return tags


def _text(tag: bytes) -> str:
    if tag[:4] == b"desc":
        (length,) = struct.unpack_from(">I", tag, 8)
        return tag[12 : 12 + length].decode("latin-1").rstrip("\0")
    if tag[:4] == b"mluc":
        count, _, _, length, offset = struct.unpack_from(">II4sII", tag, 8)
        return tag[offset : offset + length].decode("utf-16-be", "replace").rstrip("\0") if count else ""
    return ""


def _curve(tag: bytes) -> Curve:
    if tag[:4] == b"para":
        return _parametric(tag)
    if tag[:4] != b"curv":
        raise ValueError("a tone curve of unknown kind")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return Parametric(1.0)
    entries = np.frombuffer(tag, ">u2", count, 12)
    if count == 1:
        return _checked(Parametric(int(entries[0]) / 256))
    table = entries / 65535
    if np.any(np.diff(table) < 0) or table[-1] <= table[0]:
        raise ValueError("a tone curve that does not rise")
    return Sampled(table)


def _parametric(tag: bytes) -> Curve:
    (kind,) = struct.unpack_from(">H", tag, 8)
    if kind not in _PARAMETERS:
        raise ValueError("a tone curve of unknown kind")
    count = _PARAMETERS[kind]
    gamma, a, b, c, d, e, f = [*(np.array(struct.unpack_from(f">{count}i", tag, 12)) / 65536).tolist(), *[0.0] * 7][:7]
    if kind == 0:
        return _checked(Parametric(gamma))
    if kind in (1, 2):
        # Type 2 adds its fourth number to both parts.
        return _checked(Parametric(gamma, a, b, 0.0, -b / a if a else 0.0, c, c))
    return _checked(Parametric(gamma, a, b, c, d, e, f))


def _checked(curve: Parametric) -> Parametric:
    if not (0.01 <= curve.gamma <= 100 and curve.a > 0):
        raise ValueError("a tone curve that does not rise")
    return curve


def matrix_profile(description: str, colorants: NDArray[np.float64], curve: Parametric) -> bytes:
    """An RGB display profile, version 4: `colorants` as in IccFacts, one curve for all channels."""
    tags = _signature_tags(description)
    for name, xyz in zip(COLORANTS, colorants.T, strict=True):
        tags[name] = _xyz(xyz)
    tags.update(dict.fromkeys(TONES, _para(curve)))
    return _profile(b"RGB ", tags)


def gray_profile(description: str, curve: Parametric) -> bytes:
    """A gray display profile, version 4."""
    return _profile(b"GRAY", {**_signature_tags(description), "kTRC": _para(curve)})


def _signature_tags(description: str) -> dict[str, bytes]:
    return {"desc": _mluc(description), "cprt": _mluc("No copyright, use freely"), "wtpt": _xyz(D50)}


def _profile(color_space: bytes, tags: dict[str, bytes]) -> bytes:
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    for name, content in tags.items():
        if content not in places:
            places[content] = start + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name.encode(), places[content], len(content))
    size = start + len(body)
    date = struct.pack(">6H", 2025, 1, 1, 0, 0, 0)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x04300000, b"mntr", color_space, b"XYZ ") + date + b"acsp"
    head = head.ljust(64, b"\0") + struct.pack(">I", 1) + _s15(D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _s15(numbers: NDArray[np.float64]) -> bytes:
    return struct.pack(f">{numbers.size}i", *(round(float(number) * 65536) for number in numbers))


def _xyz(xyz: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + _s15(xyz)


def _para(curve: Parametric) -> bytes:
    if curve.d == 0 and curve.a == 1 and curve.b == curve.e == 0:
        return b"para\0\0\0\0" + struct.pack(">HH", 0, 0) + _s15(np.array([curve.gamma]))
    numbers = np.array([curve.gamma, curve.a, curve.b, curve.c, curve.d, curve.e, curve.f])
    return b"para\0\0\0\0" + struct.pack(">HH", 4, 0) + _s15(numbers)


def _mluc(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded
