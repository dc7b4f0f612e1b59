"""What a server looks after by itself while it runs: that its data folder is there, and once a day what may go."""

import asyncio
import logging
import time
from collections.abc import Callable

from inlay.blobs import BlobStore
from inlay.errors import InvalidInput, NotFound
from inlay.jobs.journal import Journal
from inlay.jobs.workers.ledger import ledgers_beside, sweep

LOOK_S = 2.0
"""How often it is looked whether the data folder is there: so late health may say that it is not."""

CLEAN_S = 24 * 3600.0

_log = logging.getLogger(__name__)


class Housekeeping:
    """Of one data folder, on one event loop.

    try_to: does what may be hindered, and lets jobs wait where it is (`inlay.jobs.chronicle.Chronicle.try_to`).
    """

    def __init__(self, journal: Journal, blobs: BlobStore, try_to: Callable[[Callable[[], None]], None]) -> None:
        self._journal = journal
        self._blobs = blobs
        self._try_to = try_to

    async def run(self) -> None:
        """Until the task is cancelled. By the loop's clock, which does not jump."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            try:
                self._try_to(self._look)
                if loop.time() >= due_s:
                    due_s = loop.time() + CLEAN_S
                    await self._clean()
            except Exception:
                _log.exception("looking after the data folder failed")
            await asyncio.sleep(LOOK_S)

    def _look(self) -> None:
        self._journal.check_place()
        self._blobs.check_place()

    async def _clean(self) -> None:
        await asyncio.to_thread(self._journal.examine)
        self._journal.forget_old()
        while self._journal.shrink():
            await asyncio.sleep(0)
        await asyncio.to_thread(lambda: self._blobs.evict(self._journal.pinned()))
        day_ago_ms = time.time_ns() // 1_000_000 - 24 * 3_600_000
        here = await asyncio.to_thread(self._blobs.names)
        if (head := self._journal.audit.head).number:
            _log.info("the audit log has %d lines; its head is %s", *head)
        self._journal.owners.forget(here, day_ago_ms)  # younger ones may be of blobs that came meanwhile
        sweep(ledgers_beside(self._journal.path), self._is_over)

    def _is_over(self, job_id: str) -> bool:
        try:
            return self._journal.state(job_id).ended
        except (NotFound, InvalidInput):
            return True
