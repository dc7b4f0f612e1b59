"""Reviews as they go on: who may do what, who is told, and finals that are painted once drafts are approved."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from inlay.color import profile_name
from inlay.errors import Forbidden, InvalidInput, NotFound, QuotaExceeded, Unauthenticated, Unavailable
from inlay.job import Job, canonical_id
from inlay.jobs.finals import Finals, patch_of
from inlay.jobs.probing import Prober, Question
from inlay.jobs.queue import Jobs
from inlay.jobs.review_links import check_count, check_text, links_for, now_ms
from inlay.jobs.reviews import Access, token_sha256
from inlay.person import Person, Principal, Sight
from inlay.review.events import (
    STUDIO,
    Decision,
    Draft,
    DraftState,
    Happening,
    Invitation,
    NewDraft,
    Pin,
    PinResolved,
    Reviewer,
    ReviewEvent,
    ReviewLink,
    Revoked,
    Role,
)
from inlay.review.standing import Review
from inlay.review.views import Encoded, Fit, Shown, Tile

MAX_TITLE, MAX_TEXT = 200, 2_000
MAX_DRAFTS, MAX_INVITATIONS, MAX_LINKS = 64, 32, 256
LOOKED_THROUGH = 200
"""The newest reviews, at a start, for finals that a former process owed."""

MAX_EVENTS = 5_000
"""So much is said in no review; a link that went astray fills no disk."""

_BITS = {"u8": 8, "u16": 16, "f16": 16, "f32": 32}
TitleOf = Callable[[Job], str]


class Caller(NamedTuple):
    """Who asks in which review. me: None for the studio."""

    review: Review
    me: Reviewer | None

    @property
    def number(self) -> int:
        return self.me.number if self.me else STUDIO

    def needs(self, role: Role) -> None:
        """Raise Forbidden where a reviewer's role does not go so far."""
        if self.me and not self.me.role.covers(role):
            raise Forbidden(f"this link is for those who {self.me.role}; ask the studio for one to {role}")


class Reviews:
    """All reviews of one data folder. Everything here belongs to one event loop."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._book = jobs.journal.reviews
        self._known: dict[str, Review] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self._finals = Finals(jobs, self._review, lambda name, final, kept: self._write(name, [final], jobs=kept))
        self._prober = Prober(jobs.blobs.folder)
        """Makes pictures, in a process of its own."""
        self._turn = asyncio.Lock()
        """Held while something is said, so that it is said of the review as it is."""
        self._closed = False

    async def start(self) -> None:
        """Go on with the finals that a former process owed."""
        for review_id in self._book.ids(LOOKED_THROUGH):
            self._finals.paint_owed(self._review(review_id))

    async def stop(self) -> None:
        """Whoever listens gets Unavailable."""
        self._closed = True
        self._prober.stop()
        for review_id in list(self._bells):
            self._ring(review_id)
        await self._finals.stop()

    # Who asks.

    def access(self, token: str) -> Access:
        """Whose token it is. Raises Unauthenticated for one that nobody has, that ran out or was made void."""
        access = self._book.access(token)
        if access is None:
            raise Unauthenticated(
                "this review link is not known here; ask the studio for a new one", field="authorization"
            )
        review = self._review(access.review_id)
        if review.is_over:
            raise Unauthenticated("this review is finished; its links are closed", field="authorization")
        me = review.reviewers.get(access.reviewer)
        if me is None or me.is_revoked:
            raise Unauthenticated("this review link was withdrawn; ask the studio for a new one", field="authorization")
        if me.expires_unix_ms <= now_ms():
            raise Unauthenticated("this review link has expired; ask the studio for a new one", field="authorization")
        return access

    def caller(self, who: Principal, review_id: str) -> Caller:
        """Who asks for a review: a reviewer for his own, a person of the studio for those that they see wholly.

        Raises NotFound, InvalidInput; Unauthenticated as `access`, Forbidden for another one than the link's, Unavailable where
        the server stops.
        """
        if self._closed:
            raise Unavailable("the server stops; the review goes on when it is back")
        if not who.link:
            return Caller(self.seen(who.person, review_id, Sight.WHOLE), None)
        access = self.access(who.link)
        review = self._review(access.review_id)
        if review_id and canonical_id(review_id, "review_id") != review.review_id:
            raise Forbidden("this link opens another review", field="review_id")
        return Caller(review, review.reviewers[access.reviewer])

    def seen(self, by: Person, review_id: str, least: Sight) -> Review:
        """A review of which somebody sees at least so much. Raises NotFound, InvalidInput."""
        review = self._review(review_id)
        if by.sight(review.person, review.project) < least:
            raise NotFound("review", review_id, field="review_id")
        return review

    # What the studio does.

    async def create(
        self,
        by: Person,
        title: str,
        drafts: Sequence[NewDraft],
        invitations: Sequence[Invitation],
        needs_all: bool,
        named: TitleOf,
    ) -> tuple[Review, list[ReviewLink]]:
        """Open a review. named: the title of a job's result. Raises InvalidInput, NotFound."""
        check_text("title", title, 1, MAX_TITLE)
        check_count("invitations", len(invitations), MAX_INVITATIONS)
        review = Review(str(uuid.uuid4()), title, 0, needs_all)
        shown = await self._drafts(by, review, drafts, named)
        links = links_for(review, invitations)
        reviewers = [link.reviewer for link in links]
        tokens = [(token_sha256(link.token), link.reviewer.number) for link in links]
        job_ids = [draft.job_id for draft in shown]
        projects = {self._jobs.journal.owners.of_job(job_id)[1] for job_id in job_ids}
        by = replace(by, projects=tuple(projects) if len(projects) == 1 else ())  # of several it is nobody's but theirs

        def write() -> None:
            happenings = [*reviewers, *shown]
            self._book.open(review.review_id, title, needs_all, happenings, tokens=tokens, jobs=job_ids, by=by)

        await self._jobs.write(write)
        return self._review(review.review_id), links

    async def add(self, by: Person, review_id: str, drafts: Sequence[NewDraft], named: TitleOf) -> Review:
        """Add drafts, or newer versions of some. Raises InvalidInput, NotFound."""
        async with self._turn:
            shown = await self._drafts(by, self._going_on(by, review_id), drafts, named)
            await self._write(review_id, shown, jobs=[draft.job_id for draft in shown])
        return self._review(review_id)

    async def invite(self, by: Person, review_id: str, invitation: Invitation) -> ReviewLink:
        """One more link. Raises InvalidInput, NotFound, QuotaExceeded."""
        async with self._turn:
            review = self._going_on(by, review_id)
            if len(review.reviewers) >= MAX_LINKS:
                raise QuotaExceeded(f"the review has {MAX_LINKS} links, and no more are made; open another one")
            (link,) = links_for(review, [invitation])
            await self._write(review_id, [link.reviewer], tokens=[(token_sha256(link.token), link.reviewer.number)])
        return link

    def newest(self, by: Person, limit: int) -> list[Review]:
        """The newest reviews that somebody sees at least in outline, the newest first."""
        return [self._review(review_id) for review_id in self._book.ids(limit, by)]

    async def revoke(self, by: Person, review_id: str, reviewer: int) -> Review:
        """Make a link void, or all of them (0). Doing it again changes nothing. Raises NotFound."""
        async with self._turn:
            review = self.seen(by, review_id, Sight.OUTLINE)
            if reviewer not in review.reviewers and reviewer != STUDIO:
                raise InvalidInput("reviewer", reviewer, f"the review has 1 .. {len(review.reviewers)}, 0 for all")
            if not (review.is_over or (reviewer and review.reviewers[reviewer].is_revoked)):
                await self._write(review_id, [Revoked(reviewer)])
        return self._review(review_id)

    # What reviewers do.

    async def watch(self, who: Principal, review_id: str, after_seq: int) -> AsyncGenerator[ReviewEvent]:
        """What happened after number `after_seq`, then what happens, for as long as the caller's link is good.

        Raises Unauthenticated once it is not, Unavailable where the server stops, NotFound.
        """
        while True:
            caller = self.caller(who, review_id)
            events = caller.review.after(after_seq)
            for event in events:
                yield event
                after_seq = event.seq
            if not events:
                await self._wait(caller)

    async def poll(self, who: Principal, review_id: str, after_seq: int, wait_s: float) -> tuple[ReviewEvent, ...]:
        """The same at once, or once there is something, or after `wait_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while True:
                    caller = self.caller(who, review_id)
                    if events := caller.review.after(after_seq):
                        return events
                    await self._wait(caller)
        return ()

    async def shown(self, caller: Caller, draft: int, version: int, *, after: bool) -> Shown:
        """What a picture of a draft is of. Raises NotFound."""
        found = caller.review.version(draft, version)
        job = await self._jobs.get(found.job_id)
        canvas = job.recipe.canvas
        patch = (await patch_of(self._jobs, job, found.variation))[1] if after else None
        return Shown(canvas.source, canvas.window, patch)

    async def picture(self, shown: Shown, view: Fit | Tile) -> Encoded:
        """As `inlay.review.pictures.picture_asked`."""
        return await self._prober.ask(Question("inlay.review.pictures:picture_asked", (shown, view)))

    async def pin(self, who: Principal, review_id: str, pin: Pin) -> ReviewEvent:
        """Set a pin; the same id again is the same pin. Raises Forbidden, InvalidInput, NotFound, QuotaExceeded."""
        async with self._turn:
            caller = self.caller(who, review_id)
            caller.needs(Role.COMMENT)
            return await self._pin(caller, pin)

    async def _pin(self, caller: Caller, pin: Pin) -> ReviewEvent:
        pin = replace(pin, pin_id=canonical_id(pin.pin_id, "pin.pin_id"), reviewer=caller.number)
        if pin.answers:
            pin = replace(pin, answers=canonical_id(pin.answers, "pin.answers"))
        review = caller.review
        if known := review.pins.get(pin.pin_id):
            if known != pin:
                raise InvalidInput("pin.pin_id", pin.pin_id, "it is another pin's; choose a new id")
            return review.event_of(known)
        review.open_version(pin.draft, pin.version)
        check_text("pin.text", pin.text, 1, MAX_TEXT)
        if pin.at and not (0 <= pin.at.x <= 1 and 0 <= pin.at.y <= 1):
            raise InvalidInput("pin.at", f"{pin.at.x}, {pin.at.y}", "both must be 0 .. 1, within the picture")
        if pin.answers and pin.answers not in review.pins:
            raise InvalidInput("pin.answers", pin.answers, "it must be the id of a pin of this review, or empty")
        (event,) = await self._say(caller, pin)
        return event

    async def resolve(self, who: Principal, review_id: str, pin_id: str, is_resolved: bool) -> ReviewEvent:
        """A pin is done with, or is not. Raises Forbidden, InvalidInput, QuotaExceeded."""
        async with self._turn:
            caller = self.caller(who, review_id)
            caller.needs(Role.COMMENT)
            return await self._resolve(caller, pin_id, is_resolved)

    async def _resolve(self, caller: Caller, pin_id: str, is_resolved: bool) -> ReviewEvent:
        review, pin_id = caller.review, canonical_id(pin_id, "pin_id")
        if pin_id not in review.pins:
            raise InvalidInput("pin_id", pin_id, "it must be the id of a pin of this review")
        if review.pins[pin_id].reviewer != caller.number:
            caller.needs(Role.DECIDE)
        said = [event for event in review.events if _resolves(event.happening, pin_id)]
        if said and (pin_id in review.resolved) is is_resolved:
            return said[-1]
        (event,) = await self._say(caller, PinResolved(pin_id, is_resolved, caller.number))
        return event

    async def decide(self, who: Principal, review_id: str, decision: Decision) -> tuple[ReviewEvent, DraftState]:
        """Judge the newest version of a draft, and where that stands then; the same again changes nothing. What is approved is
        painted.

        Raises Forbidden, InvalidInput, NotFound, QuotaExceeded.
        """
        async with self._turn:
            caller = self.caller(who, review_id)
            caller.needs(Role.DECIDE)
            if caller.me is None:
                raise Forbidden("the studio does not judge its own drafts; make a link for who decides")
            event = await self._decide(caller, decision)
        self._finals.paint_owed(self._review(caller.review.review_id))
        return event, self._review(caller.review.review_id).state((decision.draft, decision.version))

    async def _decide(self, caller: Caller, decision: Decision) -> ReviewEvent:
        decision = replace(decision, reviewer=caller.number)
        review = caller.review
        review.open_version(decision.draft, decision.version)
        check_text("decision.text", decision.text, 0, MAX_TEXT)
        known = review.decisions[decision.draft, decision.version].get(caller.number)
        if known == decision:
            event = review.event_of(known)
        else:
            (event,) = await self._say(caller, decision)
        return event

    # Drafts and events.

    async def _drafts(self, by: Person, review: Review, drafts: Sequence[NewDraft], named: TitleOf) -> list[Draft]:
        """What is to be written down of new drafts. Raises InvalidInput, NotFound, Unsupported."""
        check_count("drafts", len(drafts), MAX_DRAFTS)
        newest, shown = dict(review.newest), list[Draft]()
        for at, new in enumerate(drafts):
            check_text(f"drafts[{at}].text", new.text, 0, MAX_TEXT)
            if new.replaces and new.replaces not in newest:
                limit = f"the review has drafts 1 .. {len(newest)}" if newest else "a new review has no older versions"
                raise InvalidInput(f"drafts[{at}].replaces", new.replaces, limit)
            number = new.replaces or len(newest) + 1
            newest[number] = newest.get(number, 0) + 1
            job = await self._jobs.get(new.job_id)
            if by.sight(job.person, job.project) < Sight.WHOLE:
                raise NotFound("job", new.job_id, field="job_id")
            await patch_of(self._jobs, job, new.variation)
            source = job.recipe.canvas.source
            shown.append(
                Draft(
                    number,
                    newest[number],
                    named(job),
                    new.text,
                    job.job_id,
                    new.variation,
                    job.recipe.canvas.document,
                    job.recipe.canvas.window,
                    job.recipe.where.region,
                    profile_name(source.icc) if source.icc else source.profile,
                    _BITS[source.sample_type],
                )
            )
        if len({draft.draft for draft in shown}) < len(shown):
            raise InvalidInput("drafts", "two versions of one draft", "only one of each can be added at a time")
        return shown

    def _review(self, review_id: str) -> Review:
        review_id = canonical_id(review_id, "review_id")
        if review_id not in self._known:
            self._known[review_id] = self._book.read(review_id)
        return self._known[review_id]

    def _going_on(self, by: Person, review_id: str) -> Review:
        review = self.seen(by, review_id, Sight.WHOLE)
        if review.is_over:
            raise InvalidInput("review_id", review.review_id, "the review is over; open another one")
        return review

    async def _wait(self, caller: Caller) -> None:
        """Until something happens in the review, or the caller's link runs out."""
        left_s = (caller.me.expires_unix_ms - now_ms()) / 1000 if caller.me else None
        bell = self._bells.setdefault(caller.review.review_id, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await bell.wait()

    async def _say(self, caller: Caller, happening: Happening) -> tuple[ReviewEvent, ...]:
        if len(caller.review.events) >= MAX_EVENTS:
            raise QuotaExceeded(f"the review has {MAX_EVENTS} entries, and no more are taken; open another one")
        return await self._write(caller.review.review_id, [happening])

    async def _write(
        self,
        review_id: str,
        happenings: Sequence[Happening],
        *,
        tokens: Sequence[tuple[str, int]] = (),
        jobs: Sequence[str] = (),
    ) -> tuple[ReviewEvent, ...]:
        review_id = canonical_id(review_id, "review_id")
        events = await self._jobs.write(lambda: self._book.append(review_id, happenings, tokens=tokens, jobs=jobs))
        self._known.pop(review_id, None)
        self._ring(review_id)
        return events

    def _ring(self, review_id: str) -> None:
        if bell := self._bells.pop(review_id, None):
            bell.set()


def _resolves(happening: Happening, pin_id: str) -> bool:
    return isinstance(happening, PinResolved) and happening.pin_id == pin_id
