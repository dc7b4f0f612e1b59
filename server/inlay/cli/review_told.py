"""A review as `inlay review` prints it: lines for people, JSON for scripts."""

import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inlay.review.events import Draft, DraftState, Pin, ReviewEvent
    from inlay.review.standing import Review


def tell(review: "Review", as_json: bool) -> None:
    """Print where a review stands and its whole log."""
    from inlay.cli.console import out, print_json

    if as_json:
        print_json(plain(review))
        return
    console = out()
    console.print(f"{review.title}{'  (over)' if review.is_over else ''}  {review.review_id}", markup=False)
    for one in review.reviewers.values():
        state = "withdrawn" if one.is_revoked else f"until {when(one.expires_unix_ms)}"
        console.print(f"  reviewer {one.number}  {one.name}  {one.role}  {state}", markup=False)
    for state in review.drafts:
        draft = review.versions[state.draft, state.version]
        locked = "  locked" if state.is_locked else ""
        job = f"{draft.job_id[:8]}:{draft.variation + 1}"
        console.print(
            f"  draft {_version(draft)}  {job}  {verdict_of(state)}{locked}  {draft.title}  {draft.text}".rstrip(),
            markup=False,
        )
        if final := review.finals.get((state.draft, state.version)):
            what = {"painting": "is painted", "done": f"is done: inlay jobs fetch {final.job_id}"}
            again = f"is left to you ({final.reason}): inlay jobs promote {job}"
            console.print(f"    its final {what.get(final.state, again)}", markup=False)
    for event in review.events:
        console.print(f"  {event.seq:>4}  {when(event.time_unix_ms)}  {_said(review, event)}", markup=False)


def _said(review: "Review", event: "ReviewEvent") -> str:
    """An event as a line of the log."""
    from inlay.review.events import Decision, Draft, Final, Pin, PinResolved, Reviewer, Revoked

    match event.happening:
        case Reviewer(name=name, role=role):
            return f"{name} is asked to {role}"
        case Draft() as draft:
            return f"draft {_version(draft)} is shown"
        case Pin() as pin:
            return f"{name_of(review, pin.reviewer)} says of draft {pin.draft}.{pin.version}: {pin.text}"
        case PinResolved(pin_id=pin_id, is_resolved=is_resolved, reviewer=reviewer):
            return (
                f"{name_of(review, reviewer)} says that pin {pin_id[:8]} is {'done' if is_resolved else 'open again'}"
            )
        case Decision() as one:
            why = f": {one.text}" if one.text else ""
            return f"{name_of(review, one.reviewer)} decides on draft {one.draft}.{one.version}: {one.verdict}{why}"
        case Final() as final:
            return f"the final of draft {final.draft}.{final.version}: {final.state.replace('_', ' ')} {final.reason}".rstrip()
        case Revoked(reviewer=reviewer):
            return f"the link of {name_of(review, reviewer)} is withdrawn" if reviewer else "the review is over"


def plain(review: "Review") -> dict[str, Any]:
    """As JSON has it; variations count from 1."""
    from inlay.plain import to_plain

    return {
        "review_id": review.review_id,
        "title": review.title,
        "created": iso(review.created_unix_ms),
        "needs_all": review.needs_all,
        "is_over": review.is_over,
        "reviewers": [to_plain(one) for one in review.reviewers.values()],
        "drafts": [
            to_plain(review.versions[one.draft, one.version])
            | {
                "variation": review.versions[one.draft, one.version].variation + 1,
                "is_locked": one.is_locked,
                "verdict": one.verdict.value if one.verdict else "",
                "final": to_plain(review.finals.get((one.draft, one.version))),
            }
            for one in review.drafts
        ],
        "log": [
            {
                "seq": event.seq,
                "time": iso(event.time_unix_ms),
                "what": type(event.happening).__name__,
                "facts": to_plain(event.happening),
            }
            for event in review.events
        ],
    }


def plain_pin(review: "Review", pin: "Pin") -> dict[str, Any]:
    """As JSON has it, with its place in the document."""
    from inlay.plain import to_plain

    place = place_of(review, pin)
    return to_plain(pin) | {
        "by": name_of(review, pin.reviewer),
        "is_resolved": pin.pin_id in review.resolved,
        "document_px": list(place) if place else None,
    }


def place_of(review: "Review", pin: "Pin") -> tuple[int, int] | None:
    """Where a pin is in the document, in px."""
    if pin.at is None:
        return None
    window = review.versions[pin.draft, pin.version].window
    return round(window.x + pin.at.x * window.width), round(window.y + pin.at.y * window.height)


def name_of(review: "Review", number: int) -> str:
    """Of a reviewer by number."""
    return review.reviewers[number].name if number in review.reviewers else "the studio"


def _version(draft: "Draft") -> str:
    return f"{draft.draft}.{draft.version}"


def verdict_of(state: "DraftState") -> str:
    """Where a version stands, in a word."""
    return {"approve": "approved", "changes": "changes", "reject": "rejected"}.get(state.verdict or "", "in review")


def when(unix_ms: int) -> str:
    """In local time."""
    return datetime.datetime.fromtimestamp(unix_ms / 1000).strftime("%Y-%m-%d %H:%M")


def iso(unix_ms: int) -> str:
    """In UTC."""
    return datetime.datetime.fromtimestamp(unix_ms / 1000, datetime.UTC).isoformat()
