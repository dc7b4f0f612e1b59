"""What the layers of a PSD remember of their results, whether the Photoshop plugin placed them or the command line."""

import struct
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from inlay.documents import psd_file, psd_notes, psd_stack
from inlay.documents.broken import Broken
from inlay.errors import InlayError
from inlay.memory import ResultMemory
from inlay.v1 import memory_pb2
from inlay.wire.codec import from_message


def shown_results(path: Path) -> tuple[dict[str, Any], ...]:
    """Job, recipe and receipts of each variation that a PSD shows, JSON values, the lowest first; empty for other files."""
    data = path.read_bytes()
    if not data.startswith(psd_file.SIGNATURE):
        return ()
    try:
        packed = psd_notes.memories_in(psd_stack.shown_heads(psd_file.parse(data)))
    except (Broken, struct.error, IndexError):
        return ()
    return tuple(told for one in reversed(packed) if (told := _told(one)))


def _told(packed: bytes) -> dict[str, Any] | None:
    try:
        memory = from_message(ResultMemory, memory_pb2.ResultMemory.FromString(packed))
    except (DecodeError, InlayError):
        return None
    return {"job_id": memory.job_id, "recipe": memory.recipe.plain(), "receipts": [memory.receipt]}
