"""When to stop: what is said beside a result where tries at its region do not differ any more, by what was measured of them."""

import asyncio
import dataclasses
import logging

from inlay.blobs import BlobStore
from inlay.errors import InlayError
from inlay.events import VariationDone
from inlay.jobs.journal import Journal
from inlay.variation import Patch

EVERY = 5
"""It is looked at the 5th, 10th, 15th ... try at a region, at the last so many; nothing is ever said at another."""

ALIKE_DELTA_E = 2.0
"""Below that, tries are taken for alike. Of 58 series of five real erases with other seeds or masks, 19 are told so, of which one
differs for an eye (docs/report.md)."""

PER_TRY = 3
"""So many variations of a try are compared."""

ALIKE = (
    "Try {count} here, and the last {few} differ by less than dE {most}: another model, a larger mask or the brush will "
    "get you further."
)

_log = logging.getLogger(__name__)


class Hints:
    """What can be said of a result beside what was measured of it alone."""

    def __init__(self, journal: Journal, blobs: BlobStore) -> None:
        self._journal = journal
        self._blobs = blobs

    async def beside(self, job_id: str, done: VariationDone) -> VariationDone:
        """The last variation of a job, with a note where there is something to say. A result never fails for it."""
        try:
            note = await self._alike(job_id, done)
        except InlayError as error:  # pixels that are gone, or a profile that nobody knows
            _log.warning("tries could not be compared for job %s: %s", job_id, error.message)
            return done
        except Exception:
            _log.warning("tries could not be compared for job %s", job_id, exc_info=True)
            return done
        if not note:
            return done
        report = dataclasses.replace(done.variation.report, notes=(*done.variation.report.notes, note))
        return dataclasses.replace(done, variation=dataclasses.replace(done.variation, report=report))

    async def _alike(self, job_id: str, done: VariationDone) -> str:
        count = len(tries := self._journal.tries_at(job_id))
        if not count or count % EVERY:
            return ""
        patches: list[Patch] = []
        for number in tries[-EVERY:]:
            made = [*self._journal.variations_of(number), *([done.variation] if number == tries[-1] else [])]
            found = [one.result for one in made if isinstance(one.result, Patch)]
            if not found:
                return ""
            patches += found[-PER_TRY:]
        from inlay.edit.sameness import largest_difference  # OpenCV: not before it is wanted

        difference = await asyncio.to_thread(largest_difference, patches, self._blobs.read)
        if difference is None or difference >= ALIKE_DELTA_E:
            return ""
        return ALIKE.format(count=count, few=EVERY, most=f"{ALIKE_DELTA_E:g}")
