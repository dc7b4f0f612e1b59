"""Bytes up and down, named by their SHA-256: what the server has is never sent again, what broke off is resumed."""

import hashlib

from .connect import Line
from .messages import inlay_pb2
from .tasks import in_thread, sleep
from .trouble import Trouble

CHUNK_BYTES = 1 << 20
ATTEMPTS = 5
RETRY_S = 0.5


async def name_of(data: bytes) -> str:
    """The SHA-256 of `data` as lower-case hex, computed on a worker thread."""
    return await in_thread(lambda: hashlib.sha256(data).hexdigest())


async def missing(line: Line, names: "list[str]") -> "dict[str, int]":
    """Those of the blobs `names` that the server lacks, with the bytes of each that it has already."""
    answer = await line.call("HasBlobs", inlay_pb2.HasBlobsRequest(sha256=names), inlay_pb2.HasBlobsResponse)
    return {blob.sha256: blob.received for blob in answer.blobs if not blob.present}


async def upload(line: Line, blobs: "dict[str, bytes]", progress) -> int:
    """Sends those of `blobs` that the server lacks; `progress(sent, total)` in bytes. Returns the bytes sent."""
    lacking = await missing(line, list(blobs))
    total = sum(len(blobs[name]) - received for name, received in lacking.items())
    sent = 0
    for name, received in lacking.items():
        data = blobs[name]
        offset, failures = received, 0
        complete = False
        while not complete:
            chunk = data[offset : offset + CHUNK_BYTES]
            try:
                answer = await line.call(
                    "PutBlob",
                    inlay_pb2.PutBlobRequest(sha256=name, offset=offset, total=len(data), data=chunk),
                    inlay_pb2.PutBlobResponse,
                )
            except Trouble as trouble:
                failures += 1
                if trouble.expected_offset is not None:
                    offset = trouble.expected_offset
                elif not trouble.is_transient:
                    raise
                if failures >= ATTEMPTS:
                    raise
                await sleep(RETRY_S * failures)
                continue
            sent += len(chunk)
            offset, complete = answer.received, answer.complete
            progress(min(sent, total), total)
    return sent


async def download(line: Line, name: str) -> bytes:
    """All bytes of a blob, verified. Raises Trouble; resumes after a drop."""
    parts, received, failures = [], 0, 0
    while True:
        request = inlay_pb2.GetBlobRequest(sha256=name, offset=received)
        stream = line.stream("GetBlob", request, inlay_pb2.GetBlobResponse)
        try:
            while (part := await stream.next()) is not None:
                parts.append(part.data)
                received += len(part.data)
            break
        except Trouble as trouble:
            failures += 1
            if not trouble.is_transient or failures >= ATTEMPTS:
                raise
            await sleep(RETRY_S * failures)
        finally:
            stream.close()
    data = b"".join(parts)
    if await name_of(data) != name:
        raise Trouble("data_loss", "A result arrived damaged.", "Run the edit again.")
    return data
