"""What a document remembers of its results: saved inside the .kra, one annotation for each group, by the group's unique id."""

import base64
import json
import zlib
from functools import lru_cache
from typing import Any, NamedTuple

from ..client.messages import memory_pb2
from ..qt import QtCore
from . import provenance
from .capture import Rect, rect_of

PREFIX = "inlay-result-"
OTHER_PREFIX = "inlay-other-"
"""Of results that are no patch, by the id of their group, or of their layer."""


class Kept(NamedTuple):
    """What is known of one variation's layer."""

    memory: memory_pb2.ResultMemory
    """As the server made it, in the coordinates of its recipe."""
    offset: "tuple[int, int]"
    """How far the picture had moved from those, as by a crop, when the layer was placed, px."""
    bounds: Rect
    """What Krita said then that it covers: less than the patch where its edge is transparent."""

    @property
    def patch(self) -> Rect:
        """Where its pixels were put."""
        return rect_of(self.memory.patch.bounds).moved(self.offset)

    @property
    def blob(self) -> str:
        """SHA-256 of its pixels inside its patch."""
        return self.memory.patch.pixels.blob


class Result(NamedTuple):
    """What a result group remembers of how it was made."""

    mask: bytes
    """The samples of the selection it was asked for with, which the server may have forgotten."""
    layers: "dict[str, Kept]"
    """By the unique id of the layer. Every other node of the group is the retoucher's."""


def remember(document, group, result: Result, prefix: str = PREFIX) -> None:
    """Stores what a group remembers in the document."""
    layers = {
        layer: [_text(kept.memory.SerializeToString()), kept.offset, kept.bounds]
        for layer, kept in result.layers.items()
    }
    text = json.dumps({"mask": _text(result.mask), "layers": layers})
    document.setAnnotation(_key(group, prefix), "Inlay: how a result was made", QtCore.QByteArray(text.encode()))
    provenance.keep(document, result)


def remember_other(put: tuple, mask: bytes, memory: memory_pb2.ResultMemory, bounds: Rect) -> None:
    """Stores how layers, or a picture, were made. put: document and node. mask: of the selection they were asked for with."""
    document, node = put
    remember(document, node, Result(mask, {id_of(node): Kept(memory, (0, 0), bounds)}), OTHER_PREFIX)


def recall_other(document, node) -> "tuple[Any, bytes, Kept] | None":
    """The layer or group that a node is, or is part of, and that is a result but no patch; its mask, and what it remembers."""
    while node is not None and node.type():
        result = _read(bytes(document.annotation(_key(node, OTHER_PREFIX))))
        if id_of(node) in result.layers:
            return node, result.mask, result.layers[id_of(node)]
        node = node.parentNode()
    return None


def id_of(node) -> str:
    """A node's unique id, which a saved document keeps."""
    return node.uniqueId().toString()


def is_result(document, group) -> bool:
    """Whether a group is one; far cheaper than recalling how it was made."""
    return not document.annotation(_key(group)).isEmpty()


def recall(document, group) -> Result:
    """What a group remembers; nothing where it is no result, or what it knew is damaged."""
    return _read(bytes(document.annotation(_key(group))))


def job_ids(document) -> "set[str]":
    """The jobs whose results are, or were, in the document."""
    keys = [key for key in document.annotationTypes() if key.startswith((PREFIX, OTHER_PREFIX))]
    results = [_read(bytes(document.annotation(key))) for key in keys]
    return {kept.memory.job_id for result in results for kept in result.layers.values()}


def _key(group, prefix: str = PREFIX) -> str:
    return prefix + id_of(group).strip("{}")


def _text(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 1)).decode()


def _data(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


@lru_cache(maxsize=64)
def _read(text: bytes) -> Result:
    try:
        stored = json.loads(text)
        layers = {
            layer: Kept(memory_pb2.ResultMemory.FromString(_data(memory)), tuple(offset), Rect(*bounds))
            for layer, (memory, offset, bounds) in stored["layers"].items()
        }
        return Result(_data(stored["mask"]), layers)
    except Exception:  # Whatever protobuf, zlib and json raise about what another program wrote, or nobody.
        return Result(b"", {})
