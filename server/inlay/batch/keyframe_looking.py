"""What only a network sees in a keyframe: words that the file no longer says, and hands and faces that a person should look at.

The server's small networks do it (`inlay models pull text hands faces`). Where one is not there, its check says so and is left to a
person.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from inlay.batch.keyframe_checks import Check, Frame, shown
from inlay.client import Client
from inlay.client.edit import Answered, Wish, ask
from inlay.documents import Document
from inlay.errors import InlayError, JobFailed, Unsupported
from inlay.recipe import Verb
from inlay.variation import Selection

_KINDS = ("faces", "hands")
LEAST_LETTERS = 3


def looked(client: Client, frames: Sequence[Frame], pictures: Sequence[Document]) -> tuple[Check, ...]:
    """pictures: what each frame was made of, cut as the frame, in its own px. Raises as `inlay.client.edit.ask`."""
    files = [shown(frame) for frame in frames]
    words = [_words(client, file, picture) for file, picture in zip(files, pictures, strict=True)]
    return (*words, *(_people(client, file) for file in files))


def _words(client: Client, file: Document, picture: Document) -> Check:
    name = file.path.name
    try:
        (before, _), (after, garbled) = (_lines(client, one) for one in (picture, file))
    except (Unsupported, JobFailed) as lacking:
        return Check("words", None, f"{name}: nobody read it: {_why(lacking)}", {"file": name})
    lost = sorted((Counter(before) - Counter(after)).elements())
    figures = {"file": name, "lines": after, "garbled": garbled, "lost": lost}
    if lost:
        said = f"{name}: {len(lost)} of {len(before)} lines of the picture are read no more, or otherwise"
        return Check("words", False, said, figures)
    if garbled:
        return Check("words", None, f"{name}: garbled: {', '.join(garbled)}", figures)
    return Check("words", True, f"{name}: {len(after)} lines, as in the picture", figures)


def _lines(client: Client, document: Document) -> tuple[list[str], list[str]]:
    """What is read in all of it, and what of that is garbled; less than a word is mostly no writing."""
    (variation,) = _asked(client, document, Wish(Verb.TEXT, 0, options={"lettering": "find"})).variations
    told: list[dict[str, Any]] = json.loads(variation.receipt.get("lines", "[]"))
    said = [line for line in told if sum(char.isalnum() for char in line["words"]) >= LEAST_LETTERS]
    return [line["words"] for line in said], [line["words"] for line in said if line["garbled"]]


def _people(client: Client, file: Document) -> Check:
    name, found = file.path.name, dict[str, list[list[int]]]()
    try:
        for kind in _KINDS:
            found[kind] = _boxes(client, file, kind)
    except (Unsupported, JobFailed) as lacking:
        return Check("people", None, f"{name}: nobody looked for them: {_why(lacking)}", {"file": name})
    many = sum(len(boxes) for boxes in found.values())
    told = ", ".join(f"{kind} at {' and '.join(str(box) for box in boxes)}" for kind, boxes in found.items() if boxes)
    return Check("people", None if many else True, f"{name}: {told or 'no hands, no faces'}", {"file": name, **found})


def _boxes(client: Client, document: Document, kind: str) -> list[list[int]]:
    """x, y, width, height of each that is found, in px, from the left."""
    (variation,) = _asked(client, document, Wish(Verb.SELECT, 0, options={"what": kind})).variations
    assert isinstance(variation.result, Selection)
    raster = variation.result.mask
    mask = np.asarray(raster.array(client.fetch(raster.blob), "selection")[..., 0]).astype(np.bool_)
    left, top = variation.result.bounds.x, variation.result.bounds.y
    _, _, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return sorted([left + int(x), top + int(y), int(width), int(height)] for x, y, width, height, _ in boxes[1:])


def _asked(client: Client, document: Document, wish: Wish) -> Answered:
    return ask(client, document, np.full(document.samples.shape[:2], 255, np.uint8), wish)


def _why(error: InlayError) -> str:
    """Without the job's number, which nobody gave a name."""
    return error.message.partition("): ")[2] if isinstance(error, JobFailed) else error.message
