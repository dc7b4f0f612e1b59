"""What the Photoshop plugin remembers on layers, so that its panel knows a result that was made from the command line.

The plugin keeps JSON under a key of its own among a layer's "generatorSettings". Photoshop writes those of a whole document as a
descriptor in a block `extn`; here they stand the same way in a layer's metadata block, `shmd`, which has room for `extn`.
Source: Adobe Photoshop File Formats Specification; files that Photoshop wrote.
"""

import base64
import json
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from inlay.documents.document import Document, Memory
from inlay.documents.psd_file import Block, Record
from inlay.documents.psd_seal import seal_of
from inlay.region import Rect

KEY = b"studio_inlay"
_VERSION = 1
_DESCRIPTOR = 16
_OBJECT, _TEXT = b"Objc", b"TEXT"


def note_of_group(memory: Memory, document_id: str) -> Block:
    """Of a result's group. document_id: what all results in one file share, by which the panel finds the document of a job."""
    note = {
        "jobId": memory.job_id,
        "documentId": document_id,
        "region": memory.region._asdict(),
        "reads": "picture",
    }
    return _block(note)


def note_of_layer(result: bytes, document: Document, samples: NDArray[np.generic], bounds: Rect) -> Block:
    """Of a variation.

    result: the contract's ResultMemory. samples: height x width x channels of the layer as it is stored, alpha last.
    16 bit gets no seal: nobody has shown how Photoshop rounds a file's 0..65535 to its own 0..32768.
    """
    is_exact = document.samples.dtype == np.uint8
    return _block({"memory": base64.b64encode(result).decode(), "seal": seal_of(samples, bounds) if is_exact else ""})


def document_id_in(records: Iterable[Record]) -> str:
    """The id that a file's results remember for it, whether the panel placed them or the command line; empty: there are none."""
    for record in records:
        found = _note_in(record.head).get("documentId")
        if isinstance(found, str):
            return found
    return ""


def memories_in(heads: Iterable[bytes]) -> list[bytes]:
    """The contract's ResultMemory of each of these layers that has one, in bytes; those that are damaged are left out."""
    found: list[bytes] = []
    for head in heads:
        memory = _note_in(head).get("memory")
        with suppress(ValueError):
            found += [base64.b64decode(memory, validate=True)] if isinstance(memory, str) and memory else []
    return found


def _note_in(head: bytes) -> dict[str, object]:
    """The JSON under our key in a layer's record, wherever Photoshop keeps it there; empty where there is none."""
    _, key, rest = head.partition(KEY + _OBJECT)
    _, text, rest = rest.partition(b"json" + _TEXT) if key else (b"", b"", b"")
    if not text or len(rest) < 4:
        return {}
    (length,) = struct.unpack_from(">I", rest)
    try:
        note = json.loads(rest[4 : 4 + 2 * length].decode("utf-16-be").rstrip("\0"))
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def _block(note: Mapping[str, object]) -> Block:
    text = json.dumps({"inlay": _VERSION, **note}, separators=(",", ":")) + "\0"
    encoded = text.encode("utf-16-be")
    item = _TEXT + struct.pack(">I", len(encoded) // 2) + encoded
    ours = _OBJECT + _descriptor(KEY, _OBJECT + _descriptor(b"json", item))
    data = struct.pack(">I", _DESCRIPTOR) + _descriptor(b"generatorSettings", ours)
    data += bytes(-len(data) % 4)
    return Block.of(b"shmd", struct.pack(">I4s4s4xI", 1, b"8BIM", b"extn", len(data)) + data)


def _descriptor(key: bytes, item: bytes) -> bytes:
    """A descriptor without a name, of the class `null`, with one item. Keys of four bytes need no length."""
    length = 0 if len(key) == 4 else len(key)
    return struct.pack(">IHI4sII", 1, 0, 0, b"null", 1, length) + key + item
