"""One layer of a layered file, and the same file with another layer above it, which is hidden then."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.documents import openraster, psd
from inlay.documents.document import Document
from inlay.documents.layer_stack import Item, Layer, Stack, composed
from inlay.documents.layers import layers_of
from inlay.documents.write import stored_at
from inlay.errors import InvalidInput, Unsupported


class Found(NamedTuple):
    """A layer, what lies below it, and which of the document's layers it is, the uppermost first."""

    layer: Layer
    below: Document
    items: tuple[Item, ...]
    number: int


def layer_named(document: Document, name: str) -> Found:
    """The uppermost layer of that name that is in no group.

    Raises InvalidInput where there is none, or where the file has no layers; Unsupported where layers below it blend in ways that
    nobody here computes.
    """
    items = _items(document)
    layers = [number for number, item in enumerate(items) if isinstance(item, Layer)]
    number = next((number for number in layers if items[number].name == name), None)
    if number is None:
        names = ", ".join(repr(items[number].name[:40]) for number in layers[:8])
        raise InvalidInput(
            "--layer", repr(name[:80]), f"{document.path.name} has no such layer outside groups, but {names}"
        )
    layer = items[number]
    assert isinstance(layer, Layer)
    order = document.order if document.has_alpha else f"{document.order}A"
    below = replace(document, samples=_shown(document, items[number + 1 :]), order=order, original=b"")
    return Found(layer, below, items, number)


def write_above(path: Path, document: Document, found: Found, made: Layer) -> tuple[str, ...]:
    """Write `document` with `made` above the layer that was found, looking as that looks, which is hidden; every other layer and
    every other entry of the file stays byte for byte; those of a .kra become layers of a .psd or .ora. Returns notes. Raises
    InvalidInput for another format than the file's own.
    """
    suffix = path.suffix.lower()
    kept_in = (".psd", ".ora") if document.layered == "kra" else (f".{document.layered}",)
    if suffix not in kept_in:
        limit = f"the layers of {document.path.name} are kept in a {' or '.join(kept_in)} only"
        raise InvalidInput("--out", str(path), limit)
    own = found.layer
    new = replace(made, opacity=own.opacity, blend=own.blend, mask=own.mask, visible=True)
    items = (*found.items[: found.number], new, replace(own, visible=False), *found.items[found.number + 1 :])
    shown = _shown(document, items)
    if not document.has_alpha:
        shown = shown[..., :-1]
    merged = document.samples.copy()
    for layer in (own, new):
        place = _part(layer, merged.shape)
        merged[place] = shown[place]
    room = psd if suffix == ".psd" else openraster
    if suffix == f".{document.layered}":
        encoded, notes = room.encode_above(document, own.name, new, merged)
    else:
        encoded, notes = room.encode_stack(document, Stack(items), merged)
    stored_at(path, encoded)
    return (*document.notes, *notes)


def _items(document: Document) -> tuple[Item, ...]:
    if not document.layered:
        raise InvalidInput("--layer", str(document.path), "only .psd, .ora and .kra have layers to choose from")
    return layers_of(document).items


def _shown(document: Document, items: tuple[Item, ...]) -> NDArray[np.generic]:
    channels = 2 if document.order.startswith("Y") else 4
    shown = composed(items, document.size, channels, document.samples.dtype)
    if shown is None:
        raise Unsupported(
            "layers there blend in ways that Inlay does not compute; hide or merge them first", field="--layer"
        )
    return shown


def _part(layer: Layer, shape: tuple[int, ...]) -> tuple[slice, slice]:
    height, width = layer.samples.shape[:2]
    top, left = max(0, layer.y), max(0, layer.x)
    return slice(top, max(top, min(shape[0], layer.y + height))), slice(left, max(left, min(shape[1], layer.x + width)))
