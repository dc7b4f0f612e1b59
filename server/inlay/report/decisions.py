"""When the drafts of a review were approved, from what happened in it."""

from dataclasses import replace

from inlay.review.events import Decision, Verdict
from inlay.review.standing import Review


def first_approvals(review: Review) -> dict[str, int]:
    """By the ids of the jobs that painted them: when a version first stood approved, in milliseconds since 1970-01-01 UTC.

    That somebody thinks otherwise afterwards takes nothing back.
    """
    found: dict[str, int] = {}
    for at, event in enumerate(review.events, start=1):
        if not isinstance(decision := event.happening, Decision):
            continue
        key = decision.draft, decision.version
        until_then = replace(review, events=review.events[:at])
        if key in until_then.versions and until_then.state(key).verdict is Verdict.APPROVE:
            found.setdefault(until_then.versions[key].job_id, event.time_unix_ms)
    return found
