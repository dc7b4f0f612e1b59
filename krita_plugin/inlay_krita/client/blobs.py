"""Bytes up and down, named by their SHA-256: what the server has is never sent again, what broke off is resumed."""

import hashlib
import time

from .connect import Line, Wire
from .messages import inlay_pb2
from .tasks import in_thread
from .trouble import Trouble

CHUNK_BYTES = 1 << 20
ATTEMPTS = 5
RETRY_S = 0.5


async def name_of(data: bytes) -> str:
    """The SHA-256 of `data` as lower-case hex, computed on a worker thread."""
    return await in_thread(lambda: hashlib.sha256(data).hexdigest())


async def missing(line: Line, names: "list[str]") -> "dict[str, int]":
    """Those of the blobs `names` that the server lacks, with the bytes of each that it has already."""
    answer = await line.call(inlay_pb2.HasBlobsRequest(sha256=names))
    return {blob.sha256: blob.received for blob in answer.blobs if not blob.present}


async def upload(line: Line, blobs: "dict[str, bytes]", progress=lambda sent, total: None) -> int:
    """Sends those of `blobs` that the server lacks; `progress(sent, total)` in bytes. Returns the bytes sent.

    Raises Trouble. Runs on a worker thread, which stops where the task that awaits it is cancelled.
    """
    lacking = await missing(line, list(blobs))
    total = sum(len(blobs[name]) - received for name, received in lacking.items())
    wire, done = Wire(line.address), 0

    def send(tell) -> int:
        sent = 0
        for name, received in lacking.items():
            for chunk in _sent(wire, name, blobs[name], received):
                sent += chunk
                tell(min(sent, total), total)
        return sent

    try:
        done = await in_thread(send, progress) if lacking else 0
    finally:
        wire.close()
    return done


def _sent(wire: Wire, name: str, data: bytes, offset: int):
    """Sends one blob from `offset` on; yields the size of each chunk that arrived."""
    failures, complete = 0, False
    while not complete:
        chunk = data[offset : offset + CHUNK_BYTES]
        request = inlay_pb2.PutBlobRequest(sha256=name, offset=offset, total=len(data), data=chunk)
        try:
            answer = wire.call(request)
        except Trouble as trouble:
            failures += 1
            if trouble.expected_offset is not None:
                offset = trouble.expected_offset
            elif not trouble.is_transient:
                raise
            if failures >= ATTEMPTS:
                raise
            time.sleep(RETRY_S * failures)
            continue
        offset, complete = answer.received, answer.complete
        yield len(chunk)


async def download(line: Line, name: str) -> bytes:
    """All bytes of a blob, verified. Raises Trouble; resumes after a drop. Runs on a worker thread, as `upload`."""
    wire = Wire(line.address)
    try:
        return await in_thread(lambda: _received(wire, name))
    finally:
        wire.close()


def _received(wire: Wire, name: str) -> bytes:
    data, total, failures = bytearray(), None, 0
    while total is None or len(data) < total:
        request = inlay_pb2.ReadBlobRequest(sha256=name, offset=len(data), length=CHUNK_BYTES)
        try:
            answer = wire.call(request)
        except Trouble as trouble:
            failures += 1
            if not trouble.is_transient or failures >= ATTEMPTS:
                raise
            wire.hang_up()
            time.sleep(RETRY_S * failures)
            continue
        if not answer.data and len(data) < answer.total:
            break  # Nothing more comes, and what came is not the blob.
        data += answer.data
        total, failures = answer.total, 0
    if hashlib.sha256(data).hexdigest() != name:
        raise Trouble("data_loss", "A result arrived damaged.", "Run the edit again.")
    return bytes(data)
