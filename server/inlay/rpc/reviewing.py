"""The calls about reviews: drafts that others look at, pin and decide on."""

import asyncio
import contextlib
import logging
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from inlay.errors import InvalidInput, QuotaExceeded
from inlay.forms import Catalogue, Forms
from inlay.forms.sentences import title_of
from inlay.job import Job
from inlay.jobs.reviewing import Caller, Reviews
from inlay.person import Sight
from inlay.review.events import Decision, Invitation, NewDraft, Pin, Reviewer, ReviewEvent, ReviewLink, Revoked
from inlay.review.standing import Review
from inlay.review.views import MOST_FIT_PX, USUAL_FIT_PX, Encoded, Fit, Shown, Tile
from inlay.rpc.context import Context
from inlay.rpc.language import first_of
from inlay.rpc.review_links import check_address, code_of, link_at
from inlay.v1 import raster_pb2, review_pb2
from inlay.wire.codec import from_message, to_message

DEFAULT_LISTED, MAX_LISTED = 30, 100
MAX_WAIT_MS = 30_000
MAX_SEQ = 2**63 - 1
MAX_WATCHERS = 64
"""Of one review: each tab has one."""

ANSWER_MARGIN_S = 0.1
EVENTS_AT_ONCE = 500
"""In an answer to PollReview: some megabytes at most."""

MAX_MAKING = 128
"""Pictures that are waited for: a page asks for some tens of tiles at once."""

CACHED_BYTES = 64 * 2**20
"""Of pictures that were made: two reviewers look at the same ones."""

_log = logging.getLogger(__name__)

Url = Callable[[str], str]
"""From a token to the page's address."""


class ReviewCalls:
    """One method for each of the contract's ReviewService, named alike. The doors have checked that the token opens the method."""

    def __init__(self, reviews: Reviews, forms: Forms) -> None:
        self.reviews = reviews
        self._forms = forms
        self._watching: Counter[str] = Counter()
        self._making: dict[tuple[Shown, Fit | Tile], asyncio.Task[Encoded]] = {}
        self._pictures: OrderedDict[tuple[Shown, Fit | Tile], Encoded] = OrderedDict()
        self.url: Url = lambda token: ""
        """Set once it is known where the server listens."""
        self.fingerprint: Callable[[], str] = lambda: ""
        """Of the certificate that is shown; empty where none is."""

    # For the studio.

    async def create_review(
        self, request: review_pb2.CreateReviewRequest, context: Context
    ) -> review_pb2.CreateReviewResponse:
        check_address(request.address)
        review, links = await self.reviews.create(
            context.person,
            request.title.strip(),
            [from_message(NewDraft, one, f"drafts[{at}]") for at, one in enumerate(request.drafts)],
            [from_message(Invitation, one, f"invitations[{at}]") for at, one in enumerate(request.invitations)],
            request.needs_all,
            self._titles(request.locale),
        )
        _log.info("%s opened review %s with %d links", context.caller, review.review_id, len(links))
        return review_pb2.CreateReviewResponse(
            review=self._told(review, context),
            links=[self._link(one, request.address) for one in links],
            fingerprint=self.fingerprint(),
        )

    async def add_version(
        self, request: review_pb2.AddVersionRequest, context: Context
    ) -> review_pb2.AddVersionResponse:
        drafts = [from_message(NewDraft, one, f"drafts[{at}]") for at, one in enumerate(request.drafts)]
        review = await self.reviews.add(context.person, request.review_id, drafts, self._titles(request.locale))
        return review_pb2.AddVersionResponse(review=self._told(review, context))

    async def invite_reviewer(
        self, request: review_pb2.InviteReviewerRequest, context: Context
    ) -> review_pb2.InviteReviewerResponse:
        if not request.HasField("invitation"):
            raise InvalidInput("invitation", "not set", "it must be set")
        check_address(request.address)
        invitation = from_message(Invitation, request.invitation, "invitation")
        link = await self.reviews.invite(context.person, request.review_id, invitation)
        return review_pb2.InviteReviewerResponse(link=self._link(link, request.address), fingerprint=self.fingerprint())

    async def list_reviews(
        self, request: review_pb2.ListReviewsRequest, context: Context
    ) -> review_pb2.ListReviewsResponse:
        if request.limit > MAX_LISTED:
            raise InvalidInput("limit", request.limit, f"it must be 1 .. {MAX_LISTED}")
        found = self.reviews.newest(context.person, request.limit or DEFAULT_LISTED)
        return review_pb2.ListReviewsResponse(reviews=[self._told(review, context) for review in found])

    async def revoke_review(
        self, request: review_pb2.RevokeReviewRequest, context: Context
    ) -> review_pb2.RevokeReviewResponse:
        review = await self.reviews.revoke(context.person, request.review_id, request.reviewer)
        _log.info("%s withdrew links of review %s", context.caller, review.review_id)
        return review_pb2.RevokeReviewResponse(review=self._told(review, context))

    # For reviewers, and for the studio.

    async def get_review(self, request: review_pb2.GetReviewRequest, context: Context) -> review_pb2.GetReviewResponse:
        if not context.principal.link:
            seen = self.reviews.seen(context.person, request.review_id, Sight.OUTLINE)
            return review_pb2.GetReviewResponse(review=self._told(seen, context))
        caller = self._caller(request.review_id, context)
        review = self._told(caller.review, context)
        for event in review.events:
            _keep_to_the_studio(event)
        return review_pb2.GetReviewResponse(review=review, me=to_message(caller.me, review_pb2.Reviewer))

    async def watch_review(
        self, request: review_pb2.WatchReviewRequest, context: Context
    ) -> AsyncIterator[review_pb2.WatchReviewResponse]:
        _check_seq(request.after_seq)
        review_id = self._caller(request.review_id, context).review.review_id
        if self._watching[review_id] >= MAX_WATCHERS:
            raise QuotaExceeded(f"the review has {MAX_WATCHERS} watchers, and no more are let in; poll it")
        self._watching[review_id] += 1
        token = context.principal.link
        try:
            async with contextlib.aclosing(
                self.reviews.watch(context.principal, review_id, request.after_seq)
            ) as events:
                async for event in events:
                    yield review_pb2.WatchReviewResponse(event=self._event(event, token, context))
        finally:
            self._watching[review_id] -= 1
            if not self._watching[review_id]:
                del self._watching[review_id]

    async def poll_review(
        self, request: review_pb2.PollReviewRequest, context: Context
    ) -> review_pb2.PollReviewResponse:
        if request.wait_ms > MAX_WAIT_MS:
            raise InvalidInput("wait_ms", request.wait_ms, f"it must be 0 .. {MAX_WAIT_MS}")
        _check_seq(request.after_seq)
        wait_s, remaining_s = request.wait_ms / 1000, context.time_remaining_s()
        if remaining_s is not None:
            wait_s = max(0.0, min(wait_s, remaining_s - ANSWER_MARGIN_S))
        token = context.principal.link
        events = await self.reviews.poll(context.principal, request.review_id, request.after_seq, wait_s)
        return review_pb2.PollReviewResponse(
            events=[self._event(event, token, context) for event in events[:EVENTS_AT_ONCE]]
        )

    async def read_picture(
        self, request: review_pb2.ReadPictureRequest, context: Context
    ) -> review_pb2.ReadPictureResponse:
        caller = self._caller(request.review_id, context)
        is_after = request.side != review_pb2.SIDE_BEFORE
        shown = await self.reviews.shown(caller, request.draft, request.version, after=is_after)
        picture = await self._picture(shown, _view(request))
        return review_pb2.ReadPictureResponse(
            data=picture.data, media_type=picture.media_type, size=to_message(picture.size, raster_pb2.Size)
        )

    async def add_pin(self, request: review_pb2.AddPinRequest, context: Context) -> review_pb2.AddPinResponse:
        if not request.HasField("pin"):
            raise InvalidInput("pin", "not set", "it must be set")
        pin = from_message(Pin, request.pin, "pin")
        event = await self.reviews.pin(context.principal, request.review_id, pin)
        return review_pb2.AddPinResponse(event=to_message(event, review_pb2.ReviewEvent))

    async def resolve_pin(
        self, request: review_pb2.ResolvePinRequest, context: Context
    ) -> review_pb2.ResolvePinResponse:
        event = await self.reviews.resolve(context.principal, request.review_id, request.pin_id, request.is_resolved)
        return review_pb2.ResolvePinResponse(event=to_message(event, review_pb2.ReviewEvent))

    async def decide(self, request: review_pb2.DecideRequest, context: Context) -> review_pb2.DecideResponse:
        if not request.HasField("decision"):
            raise InvalidInput("decision", "not set", "it must be set")
        decision = from_message(Decision, request.decision, "decision")
        event, state = await self.reviews.decide(context.principal, request.review_id, decision)
        return review_pb2.DecideResponse(
            event=to_message(event, review_pb2.ReviewEvent), state=to_message(state, review_pb2.DraftState)
        )

    def _caller(self, review_id: str, context: Context) -> Caller:
        return self.reviews.caller(context.principal, review_id)

    def _told(self, review: Review, context: Context) -> review_pb2.Review:
        """A review as far as whoever calls sees it."""
        is_person = not context.principal.link
        if is_person and context.person.sight(review.person, review.project) < Sight.WHOLE:
            shown = (event for event in review.events if isinstance(event.happening, Reviewer | Revoked))
            review = replace(review, events=tuple(shown))
        told, words = to_message(review, review_pb2.Review), self._words(context)
        for event in told.events:
            if event.HasField("final"):
                event.final.reason = words.translated(event.final.reason)
        return told

    def _event(self, event: ReviewEvent, token: str, context: Context) -> review_pb2.ReviewEvent:
        """For the reviewer who has `token`; for the studio where there is none."""
        told = to_message(event, review_pb2.ReviewEvent)
        if told.HasField("final"):
            told.final.reason = "" if token else self._words(context).translated(told.final.reason)
        return told

    def _words(self, context: Context) -> Catalogue:
        return self._forms.words.speaking(first_of(context.language))

    def _titles(self, locale: str) -> Callable[[Job], str]:
        words = self._forms.words.speaking(locale)
        return lambda job: title_of(words, job.recipe.verb, job.recipe.words.prompt, job.recipe.words.target_color)

    def _link(self, link: ReviewLink, address: str) -> review_pb2.ReviewLink:
        reviewer, url = to_message(link.reviewer, review_pb2.Reviewer), link_at(address, self.url(link.token))
        return review_pb2.ReviewLink(reviewer=reviewer, token=link.token, url=url, code=code_of(url))

    async def _picture(self, shown: Shown, view: Fit | Tile) -> Encoded:
        key = shown, view
        if key not in self._pictures:
            # Who turns the page must not end the process that others wait for, too.
            self._pictures[key] = await asyncio.shield(self._made(key))
            held = sum(len(picture.data) for picture in self._pictures.values())
            while held > CACHED_BYTES and len(self._pictures) > 1:
                held -= len(self._pictures.popitem(last=False)[1].data)
        self._pictures.move_to_end(key)
        return self._pictures[key]

    def _made(self, key: tuple[Shown, Fit | Tile]) -> asyncio.Task[Encoded]:
        """The picture, under way; several who ask for it wait for one."""
        if key not in self._making:
            if len(self._making) >= MAX_MAKING:
                raise QuotaExceeded(f"{MAX_MAKING} pictures wait, no more are taken; come back later")
            task = self._making[key] = asyncio.create_task(self.reviews.picture(*key))

            def made(task: asyncio.Task[Encoded]) -> None:
                del self._making[key]
                if not task.cancelled():
                    task.exception()  # nobody may be left who waits for it

            task.add_done_callback(made)
        return self._making[key]


def _view(request: review_pb2.ReadPictureRequest) -> Fit | Tile:
    if request.HasField("tile"):
        return Tile(request.tile.column, request.tile.row)
    gamut = "display_p3" if request.gamut == review_pb2.GAMUT_DISPLAY_P3 else "srgb"
    return Fit(min(request.fit_px, MOST_FIT_PX + 1) or USUAL_FIT_PX, gamut)


def _keep_to_the_studio(event: review_pb2.ReviewEvent) -> None:
    """Leave out what is none of a reviewer's business: what went wrong on the server."""
    if event.HasField("final"):
        event.final.reason = ""


def _check_seq(after_seq: int) -> None:
    if after_seq > MAX_SEQ:
        raise InvalidInput("after_seq", after_seq, f"it must be 0 .. {MAX_SEQ}, the number of an event")
