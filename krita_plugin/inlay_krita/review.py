"""Reviews of the picture in front: results shown to others by a link, and what comes back, pins and decisions."""

import os

from .client.follow import BREATH_S, WAIT_MS, persist
from .client.local import is_loopback
from .client.messages import review_pb2
from .client.tasks import Task, sleep
from .client.trouble import Trouble
from .host import identity, place
from .host.capture import Rect, canvas_of, rect_of
from .host.facts import CannotEdit
from .host.memories import id_of, job_ids, recall
from .qt import QObject, QtWidgets, Signal
from .words import say

DAYS = 7
LISTED = 100
MOST = 3
"""Reviews of a picture that are told of: the newest. Each is asked for by a call of its own, which the server holds back."""

MAX_TITLE = 200
ALIKE = 0.5
"""Regions that have so much of both in common are one."""

LEAST_PX, SHARE = 64, 8
"""The side of what is selected around a pin: a share of the window's shorter side, and at least so many px."""

MOST_SEEN_PX = 512
"""A pin's small picture shows twice as much, up to so many px a side: what is read in one call."""

DONE_WITH = (review_pb2.VERDICT_CHANGES, review_pb2.VERDICT_REJECT)


class Reviews(QObject):
    """`changed`: what is known of the picture in front is another. `painted`: a review of a document has another final."""

    changed = Signal()
    shared = Signal(str, bytes)
    """With whom, and the link as a picture of a QR code."""
    painted = Signal(object)

    def __init__(self, connection):
        super().__init__()
        self._connection = connection
        self._document = self._looked = self._finding = None
        self._follows: dict[str, Task] = {}
        self.known: list = []
        """The contract's Review: those of the picture in front that are not over, the newest first."""
        self.known_in = None
        """The picture that they are of: another than the one in front for as long as that one's are being found."""

    def look(self, document, in_sight: bool) -> None:
        """Finds the reviews of a picture that was not in front, and asks what happens in them while somebody sees it."""
        opening = identity.opening_of(document) if document is not None else ""
        looked = (opening, self._connection.line, self._connection.is_ready)
        if looked != self._looked:
            self._looked, self._document = looked, document
            self.find()
        if not in_sight:
            self._let_go()
        elif self._connection.is_ready:
            for review in self.known:
                if review.review_id not in self._follows:
                    self._follows[review.review_id] = Task(self._follow(self._document, review))

    def find(self) -> None:
        """Asks anew which reviews there are of the picture in front."""
        self._let_go()
        if self._finding is not None:
            self._finding.cancel()
        self._finding = Task(self._find())

    async def _find(self) -> None:
        document, found = self._document, []
        try:
            if document is not None and self._connection.is_ready:
                found = (await self.of(document))[:MOST]
        except Trouble:
            pass  # It is asked again once the server is back.
        self.known, self.known_in = found, document
        self.changed.emit()

    async def of(self, document) -> list:
        """The reviews of a document that go on, newest first. Raises Trouble that stays."""
        answer = await persist(self._connection, review_pb2.ListReviewsRequest(limit=LISTED))
        jobs = job_ids(document) if identity.is_open(document) else set()
        mine = [one for one in answer.reviews if any(draft.job_id in jobs for draft in each(one, "draft"))]
        return [one for one in mine if all(revoked.reviewer for revoked in each(one, "revoked"))]

    def _let_go(self) -> None:
        follows, self._follows = self._follows, {}
        for task in follows.values():
            task.cancel()

    async def _follow(self, document, review) -> None:
        """Asks for what happens in a review until nobody sees it any more."""
        request = review_pb2.PollReviewRequest(review_id=review.review_id, wait_ms=WAIT_MS)
        while True:
            request.after_seq = review.events[-1].seq
            if (await persist(self._connection, request)).events:
                asked = review_pb2.GetReviewRequest(review_id=review.review_id)
                before, review = review, (await persist(self._connection, asked)).review
                self.known = [review if one.review_id == review.review_id else one for one in self.known]
                self.changed.emit()
                if finals_of(review) != finals_of(before):
                    self.painted.emit(document)
            await sleep(BREATH_S)

    # --- what the retoucher does ----------------------------------------------

    async def share(self, document, group, name: str) -> "tuple[str, str]":
        """Shows a result's variations to one more person; the link, and what is to be said of it. Raises CannotEdit, Trouble.

        What is new of them joins the open review of this place, as newer versions of what was turned down or is gone.
        """
        if not name:
            raise CannotEdit(say("review.no_name"))
        layers, call = place.variations_of(document, group), self._connection.line.call
        held = [recall(document, group).layers[id_of(layer)].memory for layer in layers]
        if not held:
            raise CannotEdit(say("result.none"))
        title = " · ".join(filter(None, [os.path.basename(document.fileName()) or document.name(), group.name()]))
        region = held[0].recipe.where.region
        review = next((one for one in await self.of(document) if here(one, region)), None)
        invitation = review_pb2.Invitation(name=name, role=review_pb2.ROLE_DECIDE, days=DAYS)
        drafts, address = drafts_of(review, held), self._connection.line.address.url
        if review is None:
            request = review_pb2.CreateReviewRequest(
                title=title[:MAX_TITLE], drafts=drafts, invitations=[invitation], address=address
            )
            link = (await call(request)).links[0]
        else:
            if drafts:
                await call(review_pb2.AddVersionRequest(review_id=review.review_id, drafts=drafts))
            asked = review_pb2.InviteReviewerRequest(review_id=review.review_id, invitation=invitation, address=address)
            link = (await call(asked)).link
        url = link.url
        QtWidgets.QApplication.clipboard().setText(url)
        self.shared.emit(name, link.code)
        if document == self._document:
            self.find()
        return url, say("review.shared_here" if is_loopback(url) else "review.shared", name=name, days=DAYS)

    async def resolve(self, review, pin) -> None:
        """What a pin asks for is done. Raises Trouble."""
        request = review_pb2.ResolvePinRequest(review_id=review.review_id, pin_id=pin.pin_id, is_resolved=True)
        await self._connection.line.call(request)


def each(review, kind: str) -> list:
    """What happened of one kind, as ReviewEvent names it, in order."""
    return [getattr(event, kind) for event in review.events if event.WhichOneof("happening") == kind]


def newest(review) -> list:
    """The newest version of each draft: how it stands (DraftState), what it is (Draft), and its Final, or None."""
    drafts = {(one.draft, one.version): one for one in each(review, "draft")}
    finals = {(one.draft, one.version): one for one in each(review, "final")}
    open_ones = [state for state in review.drafts if not state.is_locked]
    keys = [(state, (state.draft, state.version)) for state in sorted(open_ones, key=lambda one: one.draft)]
    return [(state, drafts[key], finals.get(key)) for state, key in keys]


def finals_of(review) -> list:
    """What is known of finals, without how it was said."""
    return [(one.job_id, one.state) for one in each(review, "final")]


def open_pins(review) -> list:
    """Pins, with the name of who set each, that nobody has done; answers to others are none."""
    done = {one.pin_id: one.is_resolved for one in each(review, "resolved")}
    names = {one.number: one.name for one in each(review, "reviewer")}
    pins = [pin for pin in each(review, "pin") if not pin.answers and not done.get(pin.pin_id)]
    return [(pin, names.get(pin.reviewer) or say("review.studio")) for pin in pins]


def here(review, region) -> bool:
    """Whether a review has a draft of a region."""
    return any(_alike(draft.region, region) for _, draft, _ in newest(review))


def drafts_of(review, held: list) -> list:
    """What is new to a review (None: there is none yet) of variations, each by its ResultMemory, as the contract's NewDraft."""
    shown = {(one.job_id, one.variation) for one in each(review, "draft")} if review else set()
    keys = [(memory.job_id, memory.variation) for memory in held]
    older = [
        state.draft
        for state, draft, _ in (newest(review) if review else [])
        if _alike(draft.region, held[0].recipe.where.region)
        and (state.verdict in DONE_WITH or (not state.verdict and (draft.job_id, draft.variation) not in keys))
    ]
    fresh = [key for key in keys if key not in shown]
    return [
        review_pb2.NewDraft(job_id=job_id, variation=variation, replaces=older[at] if at < len(older) else 0)
        for at, (job_id, variation) in enumerate(fresh)
    ]


def numbers_of(review) -> "dict[str, int]":
    """The numbers of pins that stand at a place, by their ids: from 1 on each version, as its marks on the reviewers' page."""
    counts: dict[tuple, int] = {}
    numbers: dict[str, int] = {}
    for pin in each(review, "pin"):
        if pin.HasField("at") and not pin.answers:
            version = (pin.draft, pin.version)
            numbers[pin.pin_id] = counts[version] = counts.get(version, 0) + 1
    return numbers


def place_of(document, review, pin) -> Rect:
    """What a pin is about, in the document as it is now: the draft's region where it lies there, else a box. Raises CannotEdit."""
    draft, (x, y), side = _set_at(review, pin)
    region = rect_of(draft.region)
    if pin.HasField("at") and not (
        region.x <= x < region.x + region.width and region.y <= y < region.y + region.height
    ):
        region = Rect(round(x - side / 2), round(y - side / 2), side, side)
    offset = _offset(document, draft)
    if offset is None:
        raise CannotEdit(say("review.lost"))
    found = region.moved(offset).intersection(canvas_of(document))
    if found is None:
        raise CannotEdit(say("review.cropped_off"))
    return found


def spot_of(document, review, pin) -> "Rect | None":
    """The square around a pin in the document as it is now, up to `MOST_SEEN_PX` wide, which may reach beyond the canvas.

    None where the pin itself is outside of it by now, nobody can tell where it is, or it stands at no place.
    """
    draft, (x, y), side = _set_at(review, pin)
    offset = _offset(document, draft) if pin.HasField("at") else None
    if offset is None:
        return None
    x, y, half = x + offset[0], y + offset[1], min(side, MOST_SEEN_PX // 2)
    if not (0 <= x <= document.width() and 0 <= y <= document.height()):
        return None
    return Rect(round(x) - half, round(y) - half, 2 * half, 2 * half)


def _set_at(review, pin) -> "tuple":
    """The draft that a pin was set on, where in its job's picture (x, y), and the side of the box around that, px."""
    draft = next(one for one in each(review, "draft") if (one.draft, one.version) == (pin.draft, pin.version))
    window = rect_of(draft.window)
    at = window.x + pin.at.x * window.width, window.y + pin.at.y * window.height
    return draft, at, max(LEAST_PX, min(window.width, window.height) // SHARE)


def variation_of(document, draft) -> "tuple":
    """The group and the layer of a draft in its document. Raises CannotEdit where it is not there."""
    for group in place.results_of(document):
        known = recall(document, group).layers
        for layer in place.variations_of(document, group):
            memory = known[id_of(layer)].memory
            if (memory.job_id, memory.variation) == (draft.job_id, draft.variation):
                return group, layer
    raise CannotEdit(say("review.not_here"))


def _offset(document, draft) -> "tuple[int, int] | None":
    """How far a picture has moved, as by a crop, since a draft's job: as its result lies, which moves along.

    None where nobody can tell: it has another size than then, and no result of the job lies in it as it was placed.
    """
    for group in place.results_of(document):
        known = recall(document, group).layers
        for layer in place.variations_of(document, group):
            kept, now = known[id_of(layer)], place.bounds_of(layer)
            if kept.memory.job_id == draft.job_id and now[2:] == kept.bounds[2:]:
                return kept.offset[0] + now.x - kept.bounds.x, kept.offset[1] + now.y - kept.bounds.y
    was = draft.document
    return (0, 0) if (document.width(), document.height()) == (was.width, was.height) else None


def _alike(one, other) -> bool:
    both = rect_of(one).intersection(rect_of(other))
    if both is None:
        return False
    return both.area >= ALIKE * (rect_of(one).area + rect_of(other).area - both.area)
