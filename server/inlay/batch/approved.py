"""What a review says of the cells of a plan: which finals stand in for their drafts, and which were turned down, in whose words."""

from dataclasses import dataclass

from inlay.batch.manifest import Record
from inlay.review.events import FinalState, NewDraft, Verdict
from inlay.review.standing import Review

SAID = {Verdict.APPROVE: "approved", Verdict.CHANGES: "changes", Verdict.REJECT: "rejected"}


@dataclass(frozen=True)
class Judged:
    """How a review stands to one cell's job. verdict: of SAID. words: why, by whom. final: its job, once it is done."""

    verdict: str
    words: str = ""
    final: str = ""


def drafts_of(records: list[Record]) -> list[NewDraft]:
    """Every cell that has a file, to be shown for review under what its axes say; of several variations each."""
    return [
        NewDraft(one.job_id, number, ", ".join(value for value in one.axes.values() if value))
        for one in records
        if one.has_file and one.job_id
        for number in range(int(one.recipe.get("sampling", {}).get("count", 1)))
    ]


def judged(review: Review) -> dict[str, Judged]:
    """By the jobs of the drafts as they stand now. A job of several variations is approved where one of them is."""
    found: dict[str, Judged] = {}
    for state in review.drafts:
        key = (state.draft, state.version)
        if state.is_locked or state.verdict is None:
            continue
        job, final = review.versions[key].job_id, review.finals.get(key)
        is_done = state.verdict is Verdict.APPROVE and final is not None and final.state is FinalState.DONE
        one = Judged(SAID[state.verdict], _words(review, key), final.job_id if is_done and final else "")
        if job not in found or one.final:
            found[job] = one
    return found


def _words(review: Review, key: tuple[int, int]) -> str:
    """What was said of a draft: judgements that have words, and pins that are open."""
    names = {number: who.name for number, who in review.reviewers.items()}
    said = [(one.reviewer, one.text) for one in review.decisions[key].values() if one.text]
    said += [
        (pin.reviewer, pin.text)
        for pin in review.pins.values()
        if (pin.draft, pin.version) == key and pin.pin_id not in review.resolved and not pin.answers
    ]
    return "; ".join(f"{names.get(number, 'studio')}: {text}" for number, text in said)
