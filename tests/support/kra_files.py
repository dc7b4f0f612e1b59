"""Writes Krita's own files, without Krita, and reads what the product wrote."""

import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import imagecodecs
import numpy as np
from numpy.typing import NDArray

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE DOC PUBLIC "-//KDE//DTD krita 2.0//EN" "http://www.calligra.org/x.dtd">\n'
NAMES = "{http://www.calligra.org/DTD/krita}"
Size = tuple[int, int]
"""Width and height in px."""


def tiles(samples: NDArray[np.generic], packed: bool = True) -> bytes:
    """A layer's entry: samples (height x width x channels, as the file orders them) from the canvas' corner."""
    height, width, channels = samples.shape
    size = channels * samples.dtype.itemsize
    parts = []
    for top in range(0, height, 64):
        for left in range(0, width, 64):
            tile = np.zeros((64, 64, channels), samples.dtype)
            part = samples[top : top + 64, left : left + 64]
            tile[: part.shape[0], : part.shape[1]] = part
            raw = tile.tobytes()
            planes = np.frombuffer(raw, np.uint8).reshape(-1, size).T.tobytes()
            body = b"\1" + imagecodecs.lzf_encode(planes) if packed else b"\0" + raw
            parts.append(f"{left},{top},LZF,{len(body)}\n".encode() + body)
    head = f"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE {size}\nDATA {len(parts)}\n"
    return head.encode() + b"".join(parts)


def layer(name: str, entry: str, more: str = "", inner: str = "", kind: str = "paintlayer") -> str:
    return f'<layer name="{name}" nodetype="{kind}" filename="{entry}" opacity="255" visible="1" {more}>{inner}</layer>'


def kra(
    path: Path, size: Size, layers: str, entries: dict[str, bytes], space: str = "RGBA16", head: str = HEAD
) -> Path:
    image = f'<IMAGE name="x" width="{size[0]}" height="{size[1]}" colorspacename="{space}" x-res="300" y-res="300">'
    main = f'{head}<DOC xmlns="http://www.calligra.org/DTD/krita">{image}<layers>{layers}</layers></IMAGE></DOC>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/x-krita", zipfile.ZIP_STORED)
        archive.writestr("maindoc.xml", main)
        for name, body in entries.items():
            archive.writestr(name if "merged" in name else f"x/layers/{name}", body)
    return path


def bgra(samples: NDArray[np.generic]) -> NDArray[np.generic]:
    return samples[..., [2, 1, 0, 3]]


def timeline(path: Path) -> tuple[int, tuple[int, int], list[NDArray[np.generic]]]:
    """Of an animated file of 16 bit RGB: pictures a second, the first and last time that play, and the pictures, BGRA."""
    with zipfile.ZipFile(path) as archive:
        main = ElementTree.fromstring(archive.read("maindoc.xml"))
        folder = main.find("{*}IMAGE").get("name")
        (layer,) = main.iter(f"{NAMES}layer")
        keyframes = ElementTree.fromstring(archive.read(f"{folder}/layers/{layer.get('keyframes')}"))
        shown = sorted(keyframes.iter("{http://www.calligra.org/DTD/krita-keyframes}keyframe"), key=time_of)
        assert [time_of(frame) for frame in shown] == list(range(len(shown)))
        rate, played = (next(main.iter(f"{NAMES}{name}")) for name in ("framerate", "range"))
        index = ElementTree.fromstring(archive.read(f"{folder}/animation/index.xml"))
        assert [dict(one.attrib) for one in index][:2] == [rate.attrib, played.attrib], "Krita may read either"
        size = [int(main.find("{*}IMAGE").get(side)) for side in ("height", "width")]
        pictures = [untiled(archive.read(f"{folder}/layers/{frame.get('frame')}"), *size) for frame in shown]
    return int(rate.get("value")), (int(played.get("from")), int(played.get("to"))), pictures


def time_of(frame: ElementTree.Element) -> int:
    return int(frame.get("time", ""))


def untiled(entry: bytes, height: int, width: int) -> NDArray[np.generic]:
    """A layer's samples on its canvas, as the file orders them; 16 bit, four channels."""
    *_, count, rest = entry.split(b"\n", 5)
    canvas = np.zeros((height + 64, width + 64, 4), "<u2")
    for _ in range(int(count.split()[1])):
        head, rest = rest.split(b"\n", 1)
        left, top, _, length = head.split(b",")
        body, rest = rest[: int(length)], rest[int(length) :]
        if body[:1] == b"\1":
            planes = np.frombuffer(imagecodecs.lzf_decode(body[1:], out=64 * 64 * 8), np.uint8)
            raw = planes.reshape(8, -1).T.tobytes()
        else:
            raw = body[1:]
        canvas[int(top) :, int(left) :][:64, :64] = np.frombuffer(raw, "<u2").reshape(64, 64, 4)
    assert not rest
    return canvas[:height, :width]
