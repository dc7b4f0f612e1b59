"""The small networks that selecting asks, each loaded when it is first wanted, and what their answers mean as a mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

SUBJECT = "subject"


class Shape(Protocol):
    """A hand or a face."""

    def mask(self, height: int, width: int) -> F32: ...


def loaded(name: str, folder: Path) -> Any:
    """The network of that name from its folder."""
    match name:
        case "subject":
            from inlay.engines.eyes.subject import Subject

            return Subject(folder)
        case "hands":
            from inlay.engines.eyes.hands import Hands

            return Hands(folder)
        case "faces":
            from inlay.engines.eyes.faces import Faces

            return Faces(folder)
        case _:
            from inlay.engines.eyes.lettering import Lettering

            return Lettering(folder)


def _shapes(finder: Any, pixels: F32) -> list[F32]:
    return [one.mask(*pixels.shape[:2]) for one in finder.find(pixels)]


def _lines(finder: Any, pixels: F32) -> list[F32]:
    return [_filled(np.asarray(quad), pixels.shape[:2]) for quad in finder.find(pixels)]


def _filled(quad: NDArray[np.floating[Any]], size: tuple[int, ...]) -> F32:
    drawn = np.zeros(size, np.uint8)
    cv2.fillConvexPoly(drawn, np.rint(quad * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    return drawn.astype(np.float32) / np.float32(255)


def together(masks: Sequence[F32], size: tuple[int, ...]) -> F32:
    """All of them as one."""
    whole = np.zeros(size, np.float32)
    for mask in masks:
        np.maximum(whole, mask, out=whole)
    return whole


FINDERS: dict[str, Callable[[Any, F32], list[F32]]] = {"hands": _shapes, "faces": _shapes, "text": _lines}
"""By the word, which is the network's name too: all of its kind in height x width x 3 pixels 0..1, a mask each."""
