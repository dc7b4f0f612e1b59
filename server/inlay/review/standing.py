"""Where a review stands, from what happened in it: nothing is remembered beside its events."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from inlay.errors import InvalidInput, NotFound
from inlay.review.events import (
    STUDIO,
    Decision,
    Draft,
    DraftState,
    Final,
    Pin,
    PinResolved,
    Reviewer,
    ReviewEvent,
    Revoked,
    Role,
    Verdict,
)

T = TypeVar("T")

Key = tuple[int, int]
"""A draft's number and its version."""


@dataclass(frozen=True)
class Review:
    """A review with its events in order, and what follows from them."""

    review_id: str
    title: str
    created_unix_ms: int
    needs_all: bool
    """Whether a draft is approved only when everybody with the role `decide` approves it; else when one does."""
    events: tuple[ReviewEvent, ...] = ()
    person: str = ""
    """Whose it is."""
    project: str = ""
    """What it counts to; empty: nothing."""

    def after(self, seq: int) -> tuple[ReviewEvent, ...]:
        """The events after number `seq`."""
        return tuple(event for event in self.events if event.seq > seq)

    @property
    def last_seq(self) -> int:
        return self.events[-1].seq if self.events else 0

    @cached_property
    def is_over(self) -> bool:
        return any(revoked.reviewer == STUDIO for revoked in self._each(Revoked))

    @cached_property
    def reviewers(self) -> dict[int, Reviewer]:
        """By their numbers, as things stand."""
        void = {revoked.reviewer for revoked in self._each(Revoked)}
        return {one.number: replace(one, is_revoked=self.is_over or one.number in void) for one in self._each(Reviewer)}

    @cached_property
    def versions(self) -> dict[Key, Draft]:
        """All versions of all drafts, in the order in which they came."""
        return {(draft.draft, draft.version): draft for draft in self._each(Draft)}

    @cached_property
    def newest(self) -> dict[int, int]:
        """The newest version of each draft."""
        return dict(self.versions.keys())

    @cached_property
    def pins(self) -> dict[str, Pin]:
        """By their ids."""
        return {pin.pin_id: pin for pin in self._each(Pin)}

    @cached_property
    def resolved(self) -> frozenset[str]:
        """The ids of the pins that are done with."""
        last = {one.pin_id: one.is_resolved for one in self._each(PinResolved)}
        return frozenset(pin for pin, is_resolved in last.items() if is_resolved)

    @cached_property
    def finals(self) -> dict[Key, Final]:
        """The last that is known of each."""
        return {(final.draft, final.version): final for final in self._each(Final)}

    @cached_property
    def decisions(self) -> dict[Key, dict[int, Decision]]:
        """Of each version: each reviewer's last judgement, the last one of all last."""
        found: dict[Key, dict[int, Decision]] = {key: {} for key in self.versions}
        for decision in self._each(Decision):
            of_this = found.setdefault((decision.draft, decision.version), {})
            of_this.pop(decision.reviewer, None)
            of_this[decision.reviewer] = decision
        return found

    @property
    def drafts(self) -> tuple[DraftState, ...]:
        """Where each version stands."""
        return tuple(self.state(key) for key in self.versions)

    def state(self, key: Key) -> DraftState:
        """Where a version stands."""
        return DraftState(*key, self.newest[key[0]] != key[1], self._verdict(key))

    def version(self, draft: int, version: int) -> Draft:
        """That version of that draft. Raises NotFound."""
        if found := self.versions.get((draft, version)):
            return found
        hint = f"the review has {len(self.newest)} drafts" if draft not in self.newest else "see its newest version"
        raise NotFound("draft", f"{draft}.{version}", field="draft", hint=hint)

    def open_version(self, draft: int, version: int) -> Draft:
        """The same, where it is the newest of its draft. Raises NotFound, InvalidInput for one that is locked."""
        found, newest = self.version(draft, version), self.newest[draft]
        if version != newest:
            raise InvalidInput("version", version, f"it is locked, for there is version {newest} of draft {draft}")
        return found

    def event_of(self, happening: object) -> ReviewEvent:
        """The event of a happening that is in the review."""
        return next(event for event in self.events if event.happening is happening)

    def _verdict(self, key: Key) -> Verdict | None:
        said = self.decisions[key]
        if not self.needs_all:
            return list(said.values())[-1].verdict if said else None
        verdicts = {decision.verdict for decision in said.values()}
        for against in (Verdict.REJECT, Verdict.CHANGES):
            if against in verdicts:
                return against
        deciding = {one.number for one in self.reviewers.values() if one.role is Role.DECIDE and not one.is_revoked}
        return Verdict.APPROVE if said and deciding <= said.keys() else None

    def _each(self, kind: type[T]) -> Iterator[T]:
        return (event.happening for event in self.events if isinstance(event.happening, kind))
