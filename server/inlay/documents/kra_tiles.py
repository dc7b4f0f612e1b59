"""The pixels of a layer of Krita's: tiles of 64 x 64, each raw, or its bytes sorted by place in the pixel and packed by LZF."""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.documents.broken import Broken

TILE = 64
_RAW, _PACKED = b"\0", b"\1"
_HEAD = re.compile(rb"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE (\d{1,3})\nDATA (\d{1,8})\n")
_TILE_HEAD = re.compile(rb"(-?\d{1,8}),(-?\d{1,8}),LZF,(\d{1,8})\n")


class Space(NamedTuple):
    """How a pixel lies in a tile. order: which of its samples are Y or RGB, then alpha."""

    dtype: np.dtype[np.generic]
    order: tuple[int, ...]


_BGRA, _RGBA, _GRAYA = (2, 1, 0, 3), (0, 1, 2, 3), (0, 1)
SPACES = {
    "RGBA": Space(np.dtype("u1"), _BGRA),
    "RGBA16": Space(np.dtype("<u2"), _BGRA),
    "RGBAF16": Space(np.dtype("<f2"), _RGBA),
    "RGBAF32": Space(np.dtype("<f4"), _RGBA),
    "GRAYA": Space(np.dtype("u1"), _GRAYA),
    "GRAYAU16": Space(np.dtype("<u2"), _GRAYA),
    "GRAYAF16": Space(np.dtype("<f2"), _GRAYA),
    "GRAYAF32": Space(np.dtype("<f4"), _GRAYA),
}


def unpacked(data: bytes, space: Space) -> dict[tuple[int, int], NDArray[np.generic]]:
    """The tiles of a layer by where their corners lie, 64 x 64 x samples as the file orders them. Raises Broken."""
    from imagecodecs import lzf_decode

    head = _HEAD.match(data)
    size = space.dtype.itemsize * len(space.order)
    if head is None or int(head[1]) != size:
        raise Broken("a layer's tiles have no head, or another size of pixel than the picture")
    at, length, tiles = head.end(), TILE * TILE * size, dict[tuple[int, int], NDArray[np.generic]]()
    for _ in range(int(head[2])):
        found = _TILE_HEAD.match(data, at)
        if found is None:
            raise Broken("a layer ends before its last tile")
        at = found.end() + int(found[3])
        packed = data[found.end() : at]
        if len(packed) != int(found[3]) or packed[:1] not in (_RAW, _PACKED):
            raise Broken("a tile is not whole")
        if packed[:1] == _PACKED:
            planes = np.frombuffer(lzf_decode(packed[1:], header=False, out=length), np.uint8)
            pixels = np.ascontiguousarray(planes.reshape(size, -1).T) if planes.size == length else planes
        else:
            pixels = np.frombuffer(packed[1:], np.uint8)
        if pixels.size != length:
            raise Broken("a tile is not whole")
        tiles[int(found[1]), int(found[2])] = pixels.view(space.dtype).reshape(TILE, TILE, -1)
    return tiles


def packed(samples: NDArray[np.generic], space: Space) -> bytes:
    """A layer's entry from the canvas' corner; beyond its edges it is transparent.

    samples: height x width x `space.order`, of the space's type: Y or RGB, then alpha.
    """
    from imagecodecs import lzf_encode

    height, width, channels = samples.shape
    down, across = -(-height // TILE), -(-width // TILE)
    canvas = np.zeros((down * TILE, across * TILE, channels), space.dtype)
    canvas[:height, :width, list(space.order)] = samples
    size = channels * space.dtype.itemsize
    parts = [f"VERSION 2\nTILEWIDTH {TILE}\nTILEHEIGHT {TILE}\nPIXELSIZE {size}\nDATA {down * across}\n".encode()]
    for top in range(0, down * TILE, TILE):
        for left in range(0, across * TILE, TILE):
            raw = np.ascontiguousarray(canvas[top : top + TILE, left : left + TILE]).reshape(-1).view(np.uint8)
            shorter = bytes(lzf_encode(np.ascontiguousarray(raw.reshape(-1, size).T).tobytes(), header=False))
            body = _PACKED + shorter if len(shorter) < raw.size else _RAW + raw.tobytes()
            parts += [f"{left},{top},LZF,{len(body)}\n".encode(), body]
    return b"".join(parts)
