"""Another canvas: a larger one for the verb expand, whose mask is what the picture does not cover, or a part of it."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from inlay.color.raster import MAX_SIDE_PX
from inlay.documents import Document
from inlay.documents.image_resources import Shift
from inlay.errors import InvalidInput
from inlay.region import Margins, Rect, Size


def parse_margins(text: str) -> Margins:
    """From `L,T,R,B`. Raises InvalidInput unless these are four whole numbers, none negative, not all 0."""
    try:
        sides = [int(side) for side in text.split(",")]
    except ValueError:
        sides = []
    if len(sides) != 4 or min(sides) < 0 or not any(sides):
        raise InvalidInput("--margins", repr(text), "it must be L,T,R,B in px, such as 0,0,256,0, and add something")
    return Margins(*sides)


def margins_to_ratio(text: str, size: Size) -> Margins:
    """What a canvas of `size` needs on both sides to become `W:H`. Raises InvalidInput where it is so already."""
    width, _, height = text.partition(":")
    try:
        ratio = float(width) / float(height)
    except (ValueError, ZeroDivisionError):
        ratio = 0.0
    if not 0.01 <= ratio <= 100:
        raise InvalidInput("--to", repr(text), "it must be W:H, such as 16:9")
    more_width = max(0, round(size.height * ratio) - size.width)
    more_height = 0 if more_width else max(0, round(size.width / ratio) - size.height)
    if not more_width and not more_height:
        raise InvalidInput("--to", text, f"the canvas of {size.width} x {size.height} px has this ratio already")
    left, top = more_width // 2, more_height // 2
    return Margins(left, top, more_width - left, more_height - top)


def expanded(document: Document, margins: Margins) -> tuple[Document, NDArray[np.uint8]]:
    """`document` on the larger canvas, transparent where it is new, and the mask of what is new (height x width, 0 or 255).

    The layers of a layered file stay, each at its pixels.

    Raises InvalidInput where the canvas would be larger than a document may be.
    """
    grown = Size(
        document.size.width + margins.left + margins.right, document.size.height + margins.top + margins.bottom
    )
    if max(grown) > MAX_SIDE_PX:
        raise InvalidInput(
            "--margins", f"{grown.width} x {grown.height}", f"each side must be at most {MAX_SIDE_PX} px"
        )
    mask = np.full((grown.height, grown.width), 255, np.uint8)
    mask[document.size.bounds.moved(margins.left, margins.top).slices] = 0
    return framed(document, Rect(-margins.left, -margins.top, *grown)), mask


def framed(document: Document, crop: Rect) -> Document:
    """`document` on the canvas `crop`, which is in its px and may reach beyond it: transparent where it is new.

    The layers of a layered file stay, each at its pixels, also those that reach beyond the new canvas.
    """
    height, width, channels = document.samples.shape
    inside = crop.intersection(document.size.bounds)
    order, samples = document.order, document.samples[inside.slices].copy()
    if inside != crop:
        if not document.has_alpha:
            order, channels = f"{order}A", channels + 1
        canvas = np.zeros((crop.height, crop.width, channels), samples.dtype)
        old = canvas[inside.relative_to(crop).slices]
        old[..., -1] = document.white_level
        old[..., : samples.shape[2]] = samples
        samples = canvas
    across, down = document.origin
    metadata = document.metadata.on_canvas(Shift(width, height, *crop.size, -crop.x, -crop.y))
    return dataclasses.replace(
        document, samples=samples, order=order, origin=(across - crop.x, down - crop.y), metadata=metadata
    )
