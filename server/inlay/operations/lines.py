"""What happens in a server, as lines of its log: each with the job that it is about, none with what somebody wrote."""

import logging
from typing import Any

from inlay.events import Done, Failed, Happening, JobCancelled, VariationDone
from inlay.jobs.occurrences import Accepted, Died, Happened, Occurrence, Taken, Turned
from inlay.wire import request_id

_log = logging.getLogger("inlay.jobs")


class Lines:
    """`hear` listens to the jobs of one server. Steps and previews are no news to a log."""

    def __init__(self) -> None:
        self._traces: dict[str, str] = {}
        """Of jobs that have not ended and whose submission belonged to a trace."""

    def hear(self, occurrence: Occurrence) -> None:
        match occurrence:
            case Accepted(job):
                if trace := request_id.trace():
                    self._traces[job.job_id] = trace
                facts = {"lane": job.lane, "tier": job.recipe.sampling.tier}
                self._say(job.job_id, "job.accepted", "job %s waits", facts)
            case Taken(job_id, device, _):
                self._say(job_id, "job.taken", f"job %s is painted on {device}", {"painter": device})
            case Happened(job_id, happening):
                self._happened(job_id, happening)
            case Died(job_id, device, why, _):
                facts = {"painter": device}
                self._say(job_id, "painter.died", f"{why}, under job %s", facts, logging.WARNING)
            case Turned(device, painted, why):
                event, level = ("painter.ready", logging.INFO) if painted else ("painter.unready", logging.WARNING)
                said = f"{device} has painted, and is ready" if painted else why
                if said:
                    _log.log(level, "%s", said, extra={"event": event, "painter": device})
            case _:
                return

    def _happened(self, job_id: str, happening: Happening) -> None:
        match happening:
            case VariationDone(variation):
                facts = {"variation": variation.index}
                self._say(job_id, "job.variation", f"variation {variation.index + 1} of job %s is there", facts)
            case Done(seconds):
                self._end(
                    job_id, "job.done", f"job %s is done, {seconds:.1f} s of work", {"seconds": round(seconds, 3)}
                )
            case Failed(code, message, field):
                why = message if not field else f"its {field}"
                facts = {"code": code, "field": field}
                self._end(job_id, "job.failed", f"job %s failed: {code}, {why}", facts, logging.WARNING)
            case JobCancelled():
                self._end(job_id, "job.cancelled", "job %s was taken back", {})
            case _:
                return

    def _end(self, job_id: str, event: str, text: str, facts: dict[str, Any], level: int = logging.INFO) -> None:
        self._say(job_id, event, text, facts, level)
        self._traces.pop(job_id, None)

    def _say(self, job_id: str, event: str, text: str, facts: dict[str, Any], level: int = logging.INFO) -> None:
        more = {"event": event, "job": job_id, "trace": self._traces.get(job_id, ""), **facts}
        _log.log(level, text.replace("%s", job_id, 1), extra=more)
