"""Pixels on their way to a server and back: only what is lacking, from where it stopped, and verified."""

import hashlib
from collections.abc import Callable, Collection

from inlay.client.answers import Upload
from inlay.client.line import Line, LineDropped
from inlay.client.retrying import CALL_TIMEOUT_S, Retrying
from inlay.errors import BlobCorrupt, BlobOffset
from inlay.v1 import inlay_pb2 as messages

CHUNK_BYTES = 2**20
"""One chunk of an upload."""

MOST_ASKED = 256
"""Blobs that a server is asked for at a time."""

OnProgress = Callable[[int, int], None]
"""Told the bytes that are done, and all of them."""


class Transfers:
    """Blobs over a line."""

    def __init__(self, line: Line, retrying: Retrying) -> None:
        self._line = line
        self._retrying = retrying

    def upload(self, data: bytes | memoryview, on_progress: OnProgress | None = None) -> Upload:
        """Bring `data` to the server: nothing if it is there, else from where it stopped the last time."""
        view = memoryview(data).cast("B")
        total, sha256 = len(view), hashlib.sha256(view).hexdigest()
        patience, sent, where = self._retrying.patience(), 0, self._received(sha256, total)
        while where is not None:
            if on_progress:
                on_progress(where, total)
            chunk = bytes(view[where : where + CHUNK_BYTES])
            request = messages.PutBlobRequest(sha256=sha256, offset=where, total=total, data=chunk)
            try:
                answer = self._line.call("PutBlob", request, CALL_TIMEOUT_S)
            except (LineDropped, BlobOffset) as error:  # the chunk may have arrived, or another upload of the same did
                patience.wait(error)
                where = self._received(sha256, total)
                continue
            patience.renew()
            sent += len(chunk)
            where = None if answer.complete else answer.received
        if on_progress:
            on_progress(total, total)
        return Upload(sha256, sent)

    def lacking(self, blobs: Collection[str]) -> set[str]:
        """Which of these blobs, each named by its SHA-256, are not at the server."""
        asked = list(blobs)
        lacking: set[str] = set()
        for at in range(0, len(asked), MOST_ASKED):
            answer = self._retrying.call("HasBlobs", messages.HasBlobsRequest(sha256=asked[at : at + MOST_ASKED]))
            lacking |= {one.sha256 for one in answer.blobs if not one.present}
        return lacking

    def fetch(self, sha256: str, on_progress: OnProgress | None = None) -> bytes:
        """A blob's bytes, verified. Resumes where the line dropped. Raises BlobMissing, BlobCorrupt."""
        pieces: list[bytes] = []
        hasher = hashlib.sha256()
        patience, where, total = self._retrying.patience(), 0, -1
        while where != total:
            try:
                for chunk in self._line.stream("GetBlob", messages.GetBlobRequest(sha256=sha256, offset=where)):
                    total = chunk.total if chunk.total or total < 0 else total
                    hasher.update(chunk.data)
                    pieces.append(chunk.data)
                    where += len(chunk.data)
                    patience.renew()
                    if on_progress:
                        on_progress(where, total)
            except LineDropped as error:
                patience.wait(error)
            else:
                break
        if where != total or hasher.hexdigest() != sha256:
            raise BlobCorrupt(
                f"blob {sha256} arrived as {where} bytes with another hash; fetch it again", field="sha256"
            )
        return b"".join(pieces)

    def _received(self, sha256: str, total: int) -> int | None:
        """Where an upload has to go on; None where it is complete."""
        blob = self._retrying.call("HasBlobs", messages.HasBlobsRequest(sha256=[sha256])).blobs[0]
        return None if blob.present else min(blob.received, total)
