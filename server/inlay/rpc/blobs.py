"""The calls about blobs: which are here, bringing one, and reading it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection

from inlay.blobs import MAX_CHUNK_BYTES, BlobStatus, BlobStore, Sender
from inlay.errors import InvalidInput
from inlay.jobs.queue import Jobs
from inlay.person import OWNER, Person
from inlay.rpc.context import Context
from inlay.rpc.rules import Holdings
from inlay.v1 import inlay_pb2 as messages


class BlobCalls:
    """What of the service is about blobs."""

    _jobs: Jobs
    _blobs: BlobStore
    holdings: Holdings

    async def has_blobs(self, request: messages.HasBlobsRequest, context: Context) -> messages.HasBlobsResponse:
        senders = self._senders(context.person, request.sha256)
        statuses = await asyncio.to_thread(
            lambda: [self._blobs.received(name, senders[name]) for name in request.sha256]
        )
        return messages.HasBlobsResponse(
            blobs=[_status_to(name, status) for name, status in zip(request.sha256, statuses, strict=True)]
        )

    async def put_blob(self, request: messages.PutBlobRequest, context: Context) -> messages.PutBlobResponse:
        was_here = self._blobs.is_here(request.sha256)
        sender = self._senders(context.person, [request.sha256])[request.sha256]
        owner = sender.name or context.host
        chunk = request.sha256, request.offset, request.total, request.data
        status = await asyncio.to_thread(self._blobs.put_chunk, *chunk, owner, sender)
        if status.present and not (sender.name and sender.may_know):
            await self._jobs.give(context.person, request.sha256, was_here=was_here)
        return messages.PutBlobResponse(received=status.received, complete=status.present)

    async def get_blob(
        self, request: messages.GetBlobRequest, context: Context
    ) -> AsyncIterator[messages.GetBlobResponse]:
        self.holdings.needs(context.person, [request.sha256])
        total = self._blobs.size(request.sha256)
        offset, first = request.offset, total
        # No file is open while a chunk is on its way: a reader that leaves would leave it to the garbage collector.
        while chunk := await asyncio.to_thread(self._chunk, request.sha256, offset, MAX_CHUNK_BYTES):
            yield messages.GetBlobResponse(total=first, offset=offset, data=chunk)
            offset, first = offset + len(chunk), 0
        if offset == request.offset:
            yield messages.GetBlobResponse(total=total, offset=offset)
        if offset > request.offset or total == 0:  # who asks for nothing has got nothing
            self._jobs.mark_fetched(request.sha256, context.person.name)

    async def read_blob(self, request: messages.ReadBlobRequest, context: Context) -> messages.ReadBlobResponse:
        if request.length > MAX_CHUNK_BYTES:
            raise InvalidInput("length", request.length, f"it must be 0 .. {MAX_CHUNK_BYTES}")
        self.holdings.needs(context.person, [request.sha256])
        total = self._blobs.size(request.sha256)
        length = request.length or MAX_CHUNK_BYTES
        data = await asyncio.to_thread(self._chunk, request.sha256, request.offset, length)
        if request.offset + len(data) == total and (data or total == 0):  # who asks for nothing has got nothing
            self._jobs.mark_fetched(request.sha256, context.person.name)
        return messages.ReadBlobResponse(total=total, data=data)

    def _senders(self, person: Person, names: Collection[str]) -> dict[str, Sender]:
        """Somebody as the store knows them, for each of these blobs: the owner's uploads are called as they always were."""
        held = self._jobs.journal.owners.held(person, names)
        name = "" if person == OWNER else person.name
        return {sha256: Sender(name, sha256 in held) for sha256 in names}

    def _chunk(self, sha256: str, offset: int, length: int) -> bytes:
        with contextlib.closing(self._blobs.chunks(sha256, offset, length)) as chunks:
            return next(chunks, b"")


def _status_to(sha256: str, status: BlobStatus) -> messages.BlobStatus:
    return messages.BlobStatus(sha256=sha256, present=status.present, received=status.received)
