"""A review on a real server: two reviewers and the studio, each over a door of their own."""

import contextlib
import hashlib
import io
import queue
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inlay.client import Client
from inlay.job import JobState
from inlay.jobs.journal import Journal
from inlay.recipe import Tier
from inlay.review.events import Decision, Verdict
from inlay.v1 import review_pb2 as messages
from rpc import weather
from rpc.doors import DOORS, Refused, call
from rpc.reviewing import (
    APPROVE,
    BEFORE,
    CHANGES,
    COMMENT,
    DECIDE,
    DRAFT,
    MASK,
    REJECT,
    VIEW,
    decided,
    door,
    drafted,
    happenings,
    opened,
    pinned,
    state,
    studio,
    until,
)
from rpc.weather import REGION, WINDOW, Running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("review") / "data"


@pytest.fixture(scope="module")
def server(data_dir: Path) -> Iterator[Running]:
    with weather.running(data_dir) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[Client]:
    with server.client() as connected:
        yield connected


@pytest.fixture(scope="module")
def job_id(client: Client) -> str:
    """A job of two drafts."""
    return drafted(client)


class Listener:
    """What WatchReview tells one reviewer, as it comes."""

    def __init__(self, asking, after_seq: int = 0, review_id: str = "") -> None:
        self.events: queue.Queue = queue.Queue()
        request = messages.WatchReviewRequest(review_id=review_id, after_seq=after_seq)
        self.call = asking.open("WatchReview", request)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            for message in self.call.messages():
                self.events.put(message.event)
        except Exception as error:
            self.events.put(error)

    def next(self):
        told = self.events.get(timeout=20)
        if isinstance(told, Exception):
            raise told
        return told


def test_a_reviewer_sees_the_drafts_and_who_is_asked(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT), count=2)
    answer = call(door(server, review.tokens[1]), "GetReview", messages.GetReviewRequest())
    assert (answer.me.number, answer.me.name, answer.me.role) == (2, "Ben", COMMENT)
    assert answer.review.title == "Autumn campaign"
    assert [one.name for one in happenings(answer.review, "reviewer")] == ["Anna", "Ben"]
    first, second = happenings(answer.review, "draft")
    assert (first.draft, second.draft, first.version, first.text) == (1, 2, 1, "no. 1")
    assert (first.title, first.bits, first.document.width) == ("a storm", 8, 512)
    assert (first.window.x, first.window.y, first.window.width, first.window.height) == tuple(WINDOW)
    assert (first.region.x, first.region.y) == (REGION.x, REGION.y)
    assert [one.is_locked for one in answer.review.drafts] == [False, False]


def test_a_link_has_its_token_behind_the_hash_and_the_server_keeps_only_its_sha256(server, job_id, data_dir):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", VIEW))
    for link in review.links:
        assert link.url == f"http://127.0.0.1:{server.http_port}/review/#t={link.token}"
        assert server.token not in link.url
        assert len(link.token) >= 43
    assert review.tokens[0] != review.tokens[1]
    with contextlib.closing(sqlite3.connect(data_dir / "journal.sqlite")) as journal:
        kept = {row[0] for row in journal.execute("SELECT token_sha256 FROM review_links")}
        everything = "\n".join(journal.iterdump())
    assert {hashlib.sha256(token.encode()).hexdigest() for token in review.tokens} <= kept
    assert not any(token in everything for token in review.tokens)


@pytest.mark.parametrize("kind", DOORS.values(), ids=list(DOORS))
def test_each_door_tells_the_other_reviewer_of_a_pin_and_a_decision(server, job_id, kind):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT))
    listening = Listener(door(server, review.tokens[1], kind), review.review.events[-1].seq)
    anna = door(server, review.tokens[0], kind)
    pinned(anna, "darker at the edge")
    told = listening.next()
    assert (told.pin.text, told.pin.reviewer, told.pin.at.x, told.pin.at.y) == ("darker at the edge", 1, 0.5, 0.25)
    decided(anna, CHANGES, text="see the pin")
    told = listening.next()
    assert (told.decision.verdict, told.decision.text, told.decision.reviewer) == (CHANGES, "see the pin", 1)
    listening.call.cancel()


def test_whoever_was_away_is_told_what_happened_meanwhile_and_nothing_twice(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT))
    anna, ben = (door(server, token) for token in review.tokens)
    said = [pinned(ben, text).seq for text in ("one", "two", "three")]
    listening = Listener(anna, said[0])
    assert [listening.next().seq for _ in range(2)] == said[1:]
    answer = call(anna, "PollReview", messages.PollReviewRequest(after_seq=said[0]))
    assert [event.seq for event in answer.events] == said[1:]
    assert not call(anna, "PollReview", messages.PollReviewRequest(after_seq=said[2], wait_ms=50)).events
    listening.call.cancel()


def test_a_newer_version_reaches_the_reviewers_and_locks_the_older_one(server, client, job_id):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT), count=2)
    anna, ben = (door(server, token) for token in review.tokens)
    pin = pinned(ben, "too dark").pin
    listening = Listener(ben, state(ben).events[-1].seq)
    newer = drafted(client, DRAFT.altered(seed=77, count=1))
    added = messages.AddVersionRequest(
        review_id=review.review_id, drafts=[messages.NewDraft(job_id=newer, replaces=1, text="lighter")]
    )
    call(studio(server), "AddVersion", added)
    told = listening.next().draft
    assert (told.draft, told.version, told.job_id, told.text) == (1, 2, newer, "lighter")
    listening.call.cancel()
    now = state(anna)
    assert [(one.draft, one.version, one.is_locked) for one in now.drafts] == [
        (1, 1, True),
        (2, 1, False),
        (1, 2, False),
    ]
    assert happenings(now, "pin")[0].pin_id == pin.pin_id
    for forbidden in (
        lambda: decided(anna, APPROVE, 1, 1),
        lambda: pinned(ben, "too late"),
    ):
        with pytest.raises(Refused, match="locked, for there is version 2 of draft 1") as refused:
            forbidden()
        assert (refused.value.code, refused.value.facts.field) == ("INVALID_ARGUMENT", "version")
    assert picture(anna, version=1).data  # still there, to compare with
    assert decided(anna, REJECT, 1, 2).state.verdict == REJECT


def test_the_same_decision_twice_is_one_and_another_one_counts_instead(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE))
    anna = door(server, review.tokens[0])
    first, again = decided(anna, CHANGES, text="why"), decided(anna, CHANGES, text="why")
    assert first.event.seq == again.event.seq
    assert decided(anna, REJECT).event.seq == first.event.seq + 1
    now = state(anna)
    assert [one.verdict for one in happenings(now, "decision")] == [CHANGES, REJECT]
    assert now.drafts[0].verdict == REJECT


def test_where_all_have_to_agree_one_alone_approves_nothing(server, client, job_id):
    people = ("Anna", DECIDE), ("Ben", DECIDE), ("Cem", COMMENT)
    review = opened(server, job_id, *people, needs_all=True)
    anna, ben, _ = (door(server, token) for token in review.tokens)
    assert decided(anna, APPROVE).state.verdict == messages.VERDICT_UNSPECIFIED
    assert decided(ben, REJECT).state.verdict == REJECT
    assert not happenings(state(anna), "final")
    assert decided(ben, APPROVE).state.verdict == APPROVE
    assert until(anna, lambda event: event.final.state == messages.FINAL_STATE_DONE)


def test_an_approved_draft_is_painted_in_earnest_from_exactly_what_it_shows_and_only_once(server, client):
    recipe = DRAFT.altered(seed=int.from_bytes(uuid.uuid4().bytes[:3]))
    job_id = drafted(client, recipe)
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", DECIDE), count=2)
    anna, ben = (door(server, token) for token in review.tokens)
    decided(anna, APPROVE, draft=2)
    decided(ben, APPROVE, draft=2)
    final = until(anna, lambda event: event.final.state == messages.FINAL_STATE_DONE).final
    decided(anna, REJECT, draft=2)
    decided(anna, APPROVE, draft=2)
    assert (final.draft, final.version) == (2, 1)
    of_draft = [job for job in client.jobs() if job.parent == job_id]
    assert [job.job_id for job in of_draft] == [final.job_id]
    (job,) = of_draft
    draft = next(one for one in weather.finished(client, job_id) if one.index == 1)
    assert job.state is JobState.DONE
    assert (job.recipe.sampling.tier, job.recipe.sampling.count, job.recipe.sampling.seed) == (
        Tier.FINAL,
        1,
        draft.seed,
    )
    assert [(one.role, one.raster) for one in job.recipe.inputs] == [("draft", draft.patch.pixels)]
    assert job.recipe.canvas == next(one for one in client.jobs() if one.job_id == job_id).recipe.canvas
    states = [one.state for one in happenings(state(anna), "final")]
    assert states == [messages.FINAL_STATE_PAINTING, messages.FINAL_STATE_DONE]


def test_what_was_painted_in_earnest_is_its_own_final(server, client):
    job_id = drafted(client, DRAFT.altered(tier=Tier.FINAL, count=1))
    review = opened(server, job_id, ("Anna", DECIDE))
    anna = door(server, review.tokens[0])
    decided(anna, APPROVE)
    final = until(anna, lambda event: event.HasField("final")).final
    assert (final.state, final.job_id) == (messages.FINAL_STATE_DONE, job_id)
    assert not [job for job in client.jobs() if job.parent == job_id]


def test_a_final_that_the_server_cannot_paint_is_left_to_who_has_the_document(server, client, data_dir):
    """Its pixels are gone: here because somebody deleted them."""
    pixels = np.ascontiguousarray(BEFORE[::-1])
    recipe = weather.recipe_of(pixels, MASK, density=0.5).altered(tier=Tier.DRAFT)
    job_id, _ = weather.painted(client, recipe, pixels, MASK)
    review = opened(server, job_id, ("Anna", DECIDE))
    (blob,) = [path for path in (data_dir / "blobs").rglob("*") if path.name == recipe.canvas.source.blob]
    blob.unlink()
    anna = door(server, review.tokens[0])
    with pytest.raises(Refused, match="the server dropped its pixels since") as refused:
        picture(anna)
    assert refused.value.code == "NOT_FOUND"
    assert decided(anna, APPROVE).state.verdict == APPROVE
    final = until(anna, lambda event: event.HasField("final")).final
    assert (final.state, final.reason) == (messages.FINAL_STATE_TO_FINISH, "")
    assert happenings(state(anna), "final")[0].reason == ""
    (final,) = happenings(state(studio(server), review.review_id), "final")
    assert final.reason == "the server no longer has its canvas.source; finish it from its layer in the document"


def test_two_newer_versions_at_once_become_two(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE))
    request = messages.AddVersionRequest(
        review_id=review.review_id, drafts=[messages.NewDraft(job_id=job_id, replaces=1)]
    )
    calls = [studio(server).open("AddVersion", request) for _ in range(4)]
    for each in calls:
        list(each.messages())
    now = state(door(server, review.tokens[0]))
    assert [(one.version, one.is_locked) for one in now.drafts] == [*((at, True) for at in range(1, 5)), (5, False)]
    assert [event.seq for event in now.events] == list(range(1, len(now.events) + 1))


@pytest.mark.parametrize("died", ["before the final was submitted", "before it was written down that it was"])
def test_a_final_that_a_server_still_owed_when_it_died_is_painted_once_by_the_next(tmp_path, died):
    data = tmp_path / "data"
    with weather.running(data) as server, server.client() as client:
        job_id = drafted(client)
        review = opened(server, job_id, ("Anna", DECIDE))
        final_id = str(uuid.uuid5(uuid.UUID("3f6c1f54-3b0e-4f0e-9f5a-6f1f5f3f8a11"), f"{review.review_id}/1/1"))
        if died == "before it was written down that it was":
            client.finish(final_id, client.memories(job_id)[0])
    journal = Journal(data / "journal.sqlite")
    journal.reviews.append(review.review_id, [Decision(1, 1, Verdict.APPROVE, reviewer=1)])
    journal.close()
    for _ in range(2):  # and the one after that has nothing to do
        with weather.running(data) as server, server.client() as client:
            anna = door(server, review.tokens[0])
            assert until(anna, lambda event: event.final.state == messages.FINAL_STATE_DONE)
            assert [job.job_id for job in client.jobs() if job.parent == job_id] == [final_id]
            assert len(happenings(state(anna), "final")) == 2


def test_pins_answer_each_other_and_are_done_with_by_whom_they_concern(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT), ("Cem", COMMENT))
    anna, ben, cem = (door(server, token) for token in review.tokens)
    pin = pinned(ben, "a shadow is missing").pin
    answer = pinned(anna, "yes", None, answers=pin.pin_id).pin
    assert (answer.answers, answer.HasField("at")) == (pin.pin_id, False)

    def resolve(asking, is_resolved=True, review_id=""):
        request = messages.ResolvePinRequest(review_id=review_id, pin_id=pin.pin_id, is_resolved=is_resolved)
        return call(asking, "ResolvePin", request).event

    with pytest.raises(Refused) as refused:
        resolve(cem)
    assert refused.value.code == "PERMISSION_DENIED"
    first = resolve(studio(server), review_id=review.review_id)
    assert (first.resolved.is_resolved, first.resolved.reviewer) == (True, 0)
    assert resolve(ben).seq == first.seq  # it is already
    assert resolve(anna, False).resolved.is_resolved is False
    assert [one.is_resolved for one in happenings(state(anna), "resolved")] == [True, False]


def test_a_pin_that_is_sent_again_is_one_pin(server, job_id):
    review = opened(server, job_id, ("Anna", COMMENT), ("Ben", COMMENT))
    anna, ben = (door(server, token) for token in review.tokens)
    pin_id = str(uuid.uuid4())
    assert pinned(anna, "here", pin_id=pin_id).seq == pinned(anna, "here", pin_id=pin_id).seq
    for other in (lambda: pinned(anna, "there", pin_id=pin_id), lambda: pinned(ben, "here", pin_id=pin_id)):
        with pytest.raises(Refused, match="another pin's"):
            other()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": ""}, "pin.text"),
        ({"text": "x" * 2_001}, "pin.text"),
        ({"at": (1.01, 0.5)}, "pin.at"),
        ({"at": (0.5, -0.01)}, "pin.at"),
        ({"at": (float("nan"), 0.5)}, "pin.at.x"),
        ({"draft": 3}, "draft"),
        ({"version": 0}, "draft"),
        ({"pin_id": "seven"}, "pin.pin_id"),
        ({"answers": str(uuid.uuid4())}, "pin.answers"),
    ],
)
def test_a_pin_that_makes_no_sense_is_refused_by_its_field(server, anna, given, field):
    with pytest.raises(Refused) as refused:
        pinned(anna, **{"text": "here", **given})
    assert refused.value.code in ("INVALID_ARGUMENT", "NOT_FOUND")
    assert refused.value.facts.field == field


@pytest.fixture(scope="module")
def both(server, job_id):
    return [door(server, token) for token in opened(server, job_id, ("Anna", DECIDE), ("Ben", VIEW)).tokens]


@pytest.fixture(scope="module")
def anna(both):
    return both[0]


@pytest.fixture(scope="module")
def ben(both):
    return both[1]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"drafts": []}, "drafts"),
        ({"drafts": [messages.NewDraft(job_id=str(uuid.uuid4()))]}, "job_id"),
        ({"drafts": [{"variation": 7}]}, "variation"),
        ({"drafts": [{"replaces": 1}]}, "drafts[0].replaces"),
        ({"invitations": []}, "invitations"),
        ({"invitations": [messages.Invitation(name=" ", role=VIEW)]}, "invitations[0].name"),
        ({"invitations": [messages.Invitation(name="A")]}, "invitations[0].role"),
        ({"invitations": [messages.Invitation(name="A", role=VIEW, days=91)]}, "invitations[0].days"),
    ],
)
def test_a_review_that_makes_no_sense_is_refused_by_its_field(server, job_id, given, field):
    drafts = [
        one if isinstance(one, messages.NewDraft) else messages.NewDraft(job_id=job_id, **one)
        for one in given.get("drafts", [{}])
    ]
    usual = {"title": "a review", "invitations": [messages.Invitation(name="Anna", role=VIEW)]}
    with pytest.raises(Refused) as refused:
        call(studio(server), "CreateReview", messages.CreateReviewRequest(**{**usual, **given, "drafts": drafts}))
    assert refused.value.facts.field == field


def test_the_log_of_a_review_cannot_be_changed_even_with_sql(server, job_id, data_dir):
    opened(server, job_id, ("Anna", DECIDE))
    with contextlib.closing(sqlite3.connect(data_dir / "journal.sqlite", timeout=10)) as journal:
        for change in ("UPDATE review_events SET facts = '{}'", "DELETE FROM review_events"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                journal.execute(change)
            journal.rollback()


def picture(asking, side=messages.SIDE_AFTER, draft=1, version=1, review_id="", **view):
    request = messages.ReadPictureRequest(review_id=review_id, draft=draft, version=version, side=side, **view)
    return call(asking, "ReadPicture", request)


def test_tiles_are_the_documents_own_samples_and_differ_only_under_the_mask(server, client, job_id, anna):
    def tile(side):
        answer = picture(anna, side, tile=messages.Tile())
        assert (answer.media_type, answer.size.width, answer.size.height) == ("image/png", *WINDOW.size)
        return np.asarray(Image.open(io.BytesIO(answer.data)))

    before, after = tile(messages.SIDE_BEFORE), tile(messages.SIDE_AFTER)
    assert np.array_equal(before, BEFORE)
    (first, _) = weather.finished(client, job_id)
    place = first.patch.bounds.relative_to(WINDOW).slices
    patch, mask = (weather.samples_of(client, raster) for raster in (first.patch.pixels, first.patch.mask))
    expected = BEFORE.astype(float)
    share = mask[..., None] / 255
    expected[place] = expected[place] * (1 - share) + patch * share
    assert np.abs(after - expected).max() <= 0.5001
    assert np.array_equal(after[place][mask == 255], patch[mask == 255])
    outside = np.ones(BEFORE.shape[:2], bool)
    outside[place] = mask == 0
    assert (mask == 255).any()
    assert np.array_equal(after[outside], BEFORE[outside])


def test_a_page_that_asks_for_everything_at_once_and_leaves_keeps_nobody_waiting(anna, ben):
    """Both look at the same, and one turns the page."""
    gone = [
        anna.open("ReadPicture", messages.ReadPictureRequest(draft=1, version=1, fit_px=px)) for px in range(16, 46)
    ]
    staying = [
        ben.open("ReadPicture", messages.ReadPictureRequest(draft=1, version=1, fit_px=px)) for px in range(16, 46)
    ]
    for each in gone:
        each.cancel()
    assert [next(iter(each.messages())).size.width for each in staying] == list(range(16, 46))


@pytest.mark.parametrize(("gamut", "name"), [(messages.GAMUT_SRGB, "sRGB"), (messages.GAMUT_DISPLAY_P3, "Display P3")])
def test_a_fitted_picture_is_a_jpeg_with_its_profile(anna, gamut, name):
    answer = picture(anna, messages.SIDE_BEFORE, fit_px=48, gamut=gamut)
    image = Image.open(io.BytesIO(answer.data))
    assert (answer.media_type, image.format, image.size) == ("image/jpeg", "JPEG", (48, 40))
    assert name.encode() in image.info["icc_profile"].replace(b"\0", b"")


@pytest.mark.parametrize(
    ("view", "field"),
    [({"fit_px": 15}, "fit_px"), ({"fit_px": 2**31}, "fit_px"), ({"tile": messages.Tile(row=1)}, "tile")],
)
def test_a_picture_that_there_is_not_is_refused(anna, view, field):
    with pytest.raises(Refused) as refused:
        picture(anna, **view)
    assert refused.value.facts.field == field
