"""Two artists, two leads and an admin at one server, through every method of the contract and both doors.

What is another's does not exist: the refusal is, word for word, that for something that was never there.
"""

import contextlib
import hashlib
import json
import sqlite3
import time
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from inlay.client import Client
from inlay.job import Ticket
from inlay.jobs.audit import flaw
from inlay.jobs.limits import LIMITS_FILE, MOST_LATE_S
from inlay.person import Role
from inlay.rpc.rules import RULES
from inlay.studio.people import PEOPLE_FILE, People
from inlay.v1 import inlay_pb2 as edits
from inlay.v1 import (
    memory_pb2,
)
from inlay.v1 import review_pb2 as reviews
from inlay.wire.contract import ALL_METHODS
from rpc import weather
from rpc.doors import ConnectJson, GrpcDoor, Refused, call
from rpc.reviewing import BEFORE, DRAFT, MASK, door
from rpc.sharing import (
    CASES,
    FULL_MASK,
    GONE,
    LOOSE,
    MISSING,
    ORDER,
    OTHER_MASK,
    OTHER_PICTURE,
    OUTLINES,
    SECRET,
    SOURCE,
    Studio,
    asked,
    located,
    never_there,
    new_pin,
    new_review,
    recipe_of,
    traces,
)

pytestmark = pytest.mark.slow

BOTH_DOORS = pytest.mark.parametrize("kind", [GrpcDoor, ConnectJson], ids=lambda kind: kind.name)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("studio") / "data"
    with weather.running(data) as server:
        people = People(data / PEOPLE_FILE)
        tokens = {
            name: people.add(name, role, projects, None)[1]
            for name, role, projects in (
                ("anna", Role.ARTIST, ["autumn"]),
                ("ben", Role.ARTIST, ["autumn"]),
                ("lea", Role.LEAD, ["spring", "autumn"]),
                ("leo", Role.LEAD, ["spring"]),
                ("ada", Role.ADMIN, ["autumn"]),
            )
        }
        tokens["owner"] = server.token
        with Client(server.grpc, token=tokens["anna"]) as client:
            for samples in (BEFORE, MASK, OTHER_MASK, OTHER_PICTURE, FULL_MASK):
                client.upload(np.ascontiguousarray(samples).tobytes())
            client.upload(LOOSE)
            second = DRAFT.altered(source=weather.raster(OTHER_PICTURE), mask=weather.raster(OTHER_MASK))
            client.submit(str(uuid.uuid4()), second)
            third = DRAFT.altered(region=weather.WINDOW, mask=weather.raster(FULL_MASK))
            client.submit(str(uuid.uuid4()), third)
            job_id = str(uuid.uuid4())
            client.submit(job_id, DRAFT.altered(prompt=SECRET), Ticket("hero.kra"))
            made = weather.finished(client, job_id)
        anna = door(server, tokens["anna"])
        opened = call(anna, "CreateReview", new_review(job_id))
        memory = call(anna, "DescribeResult", memory_pb2.DescribeResultRequest(job_id=job_id)).memories[0]
        link = opened.links[0].token
        yield Studio(server, data, tokens, job_id, opened.review, link, memory, made[0].patch.pixels.blob)


def test_whoever_adds_a_method_says_here_whose_answer_it_is():
    names = {method.name for method in ALL_METHODS}
    assert set(CASES) == names
    assert set(RULES) == names


@BOTH_DOORS
@pytest.mark.parametrize("who", ["ben", "leo"])
def test_for_a_stranger_anothers_work_does_not_exist(studio: Studio, who: str, kind: Any) -> None:
    wrong: list[str] = []
    for name in ORDER:
        case = CASES[name]
        request = case.asked(studio)
        refused, answers = asked(studio, who, kind, name, request)
        if refused.partition(":")[0] != case.stranger:
            wrong.append(f"{name} says {refused or 'yes'}, and should say {case.stranger or 'yes'}")
        seen = traces(studio, answers) - ({"source"} if name == "HasBlobs" else set())
        if seen:
            wrong.append(f"{name} tells the {', '.join(sorted(seen))}")
        if case.stranger == GONE:
            nothing = never_there(request)
            said, _ = asked(studio, who, kind, name, nothing)
            for field in ("job_id", "review_id"):
                if hasattr(request, field):
                    said = said.replace(getattr(nothing, field), getattr(request, field))
            if name != "CreateReview" and said != refused:
                wrong.append(f"{name}: {refused!r} is not what is said of nothing, {said!r}")
    assert not wrong, "\n".join(wrong)


@BOTH_DOORS
def test_the_projects_lead_sees_what_its_person_sees(studio: Studio, kind: Any) -> None:
    wrong: list[str] = []
    for who in ("anna", "lea"):
        for name in ORDER[:-1]:
            refused, _ = asked(studio, who, kind, name, CASES[name].asked(studio))
            expected = CASES[name].lead
            if refused.partition(":")[0] != expected:
                wrong.append(f"{who}: {name} says {refused or 'yes'}")
    assert not wrong, "\n".join(wrong)
    listed = asked(studio, "lea", kind, "ListJobs", edits.ListJobsRequest())[1]
    assert {"prompt", "job", "label"} <= traces(studio, listed)
    blobs = asked(studio, "lea", kind, "HasBlobs", edits.HasBlobsRequest(sha256=[SOURCE.blob, studio.result]))[1][
        0
    ].blobs
    assert [one.present for one in blobs] == [True, True]


@BOTH_DOORS
@pytest.mark.parametrize("who", ["ada", "owner"])
def test_an_admin_sees_that_it_is_there_and_neither_pixels_nor_words(studio: Studio, who: str, kind: Any) -> None:
    wrong: list[str] = []
    for name in ORDER[:-1]:
        refused, answers = asked(studio, who, kind, name, CASES[name].asked(studio))
        if (who, name) == ("owner", "JoinCluster"):
            continue  # a machine joins with the server's own token
        if refused.partition(":")[0] != CASES[name].admin:
            wrong.append(f"{name} says {refused or 'yes'}, and should say {CASES[name].admin or 'yes'}")
        allowed = {"job", "label", "review", "reviewer"} if name in OUTLINES else set[str]()
        if seen := traces(studio, answers) - allowed - ({"source"} if name == "HasBlobs" else set()):
            wrong.append(f"{name} tells the {', '.join(sorted(seen))}")
    assert not wrong, "\n".join(wrong)
    (listed,) = asked(studio, who, kind, "ListJobs", edits.ListJobsRequest(label="hero.kra"))[1]
    job = next(job for job in listed.jobs if job.job_id == studio.job_id)
    assert (job.person, job.project, job.state, job.recipe.verb) == ("anna", "autumn", 3, "weather")
    (polled,) = asked(studio, who, kind, "PollJob", edits.PollJobRequest(job_id=studio.job_id))[1]
    kinds = {event.WhichOneof("happening") for event in polled.events}
    assert "done" in kinds
    assert not kinds & {"preview", "variation"}


@BOTH_DOORS
def test_a_known_hash_is_no_capability_and_its_bytes_are(
    studio: Studio, kind: Any, request: pytest.FixtureRequest
) -> None:
    """Whoever sends all of the bytes has them; whoever knows their hash has nothing."""
    data = np.random.default_rng(len(kind.name)).bytes(3 * 2**20)
    name = hashlib.sha256(data).hexdigest()
    with studio.client("anna") as client:
        client.upload(data)
    ben = studio.door("ben", kind)

    def put(offset: int, length: int, body: bytes = data) -> Any:
        chunk = body[offset : offset + length]
        return call(ben, "PutBlob", edits.PutBlobRequest(sha256=name, offset=offset, total=len(data), data=chunk))

    def has(asking: Any) -> tuple[bool, int]:
        (one,) = call(asking, "HasBlobs", edits.HasBlobsRequest(sha256=[name])).blobs
        return one.present, one.received

    assert has(ben) == (False, 0)
    first = put(0, 2**20)
    assert (first.received, first.complete) == (2**20, False)
    assert has(ben) == (False, 2**20)
    assert has(studio.door("leo", kind)) == (False, 0), "how far another's upload is, is nobody's business"
    put(2**20, 2**20)
    with pytest.raises(Refused, match="DATA_LOSS"):
        put(2 * 2**20, 2**20, bytes(len(data)))
    assert has(ben) == (False, 0)
    with pytest.raises(Refused, match=MISSING):
        call(ben, "ReadBlob", edits.ReadBlobRequest(sha256=name))
    with studio.client("anna") as client:
        assert client.fetch(name) == data, "and who has it keeps it"
    assert [put(part * 2**20, 2**20).complete for part in range(3)] == [False, False, True]
    assert has(ben) == (True, len(data))
    assert call(ben, "ReadBlob", edits.ReadBlobRequest(sha256=name, length=7)).data == data[:7]


@BOTH_DOORS
@pytest.mark.parametrize("who", ["ben", "leo", "ada", "owner"])
def test_where_anothers_pixels_lie_is_told_as_of_pixels_that_were_never_there(
    studio: Studio, who: str, kind: Any
) -> None:
    request = located(studio)
    answer = call(studio.door(who, kind), "LocateSource", request)
    assert call(studio.door("anna", kind), "LocateSource", request) != answer
    request.canvas.source.blob = "ab" * 32
    assert call(studio.door(who, kind), "LocateSource", request) == answer


@BOTH_DOORS
def test_another_persons_job_id_is_taken_and_tells_nothing(studio: Studio, kind: Any) -> None:
    with studio.client("ben") as client:
        for samples in (BEFORE, MASK):
            client.upload(np.ascontiguousarray(samples).tobytes())
    request = edits.SubmitEditRequest(job_id=studio.job_id, recipe=recipe_of(studio))
    refused, answers = asked(studio, "ben", kind, "SubmitEdit", request)
    assert (refused.partition(":")[0], answers) == ("ALREADY_EXISTS", [])


def test_what_belongs_to_a_project_stays_in_it_whoever_goes_on_with_it(studio: Studio) -> None:
    """Lea leads spring, too, and it is the first of her projects."""
    with studio.client("lea") as lea:
        jobs = [lea.submit(str(uuid.uuid4()), DRAFT.altered(seed=seed)) for seed in (701, 702)]
        fresh = np.ascontiguousarray(BEFORE[:, ::-1])
        for samples in (fresh, MASK):
            lea.upload(np.ascontiguousarray(samples).tobytes())
        own = lea.submit(str(uuid.uuid4()), DRAFT.altered(source=weather.raster(fresh)))
    assert [job.project for job in (*jobs, own)] == ["autumn", "autumn", "spring"]
    with studio.client("leo") as leo:
        assert {job.job_id for job in leo.jobs()} & {job.job_id for job in (*jobs, own)} == {own.job_id}
    opened = call(studio.door("lea", ConnectJson), "CreateReview", new_review(studio.job_id)).review
    assert (opened.person, opened.project) == ("lea", "autumn")
    assert not call(studio.door("leo", ConnectJson), "ListReviews", reviews.ListReviewsRequest()).reviews


def test_that_others_looked_leaves_a_result_to_be_fetched_by_its_person(studio: Studio) -> None:
    with studio.client("anna") as anna, studio.client("lea") as lea:
        job_id = str(uuid.uuid4())
        anna.submit(job_id, DRAFT.altered(seed=77))
        made = weather.finished(anna, job_id)
        blobs = {name for one in made for name in one.result.blobs}
        for name in blobs:
            lea.fetch(name)
        assert job_id in {job.job_id for job in anna.jobs(unfetched_only=True)}
        assert lea.jobs(unfetched_only=True) == [] or job_id not in {j.job_id for j in lea.jobs(unfetched_only=True)}
        for name in blobs:
            anna.fetch(name)
        assert job_id not in {job.job_id for job in anna.jobs(unfetched_only=True)}


@BOTH_DOORS
def test_a_revoked_token_ends_what_is_listened_to_and_opens_nothing_more(studio: Studio, kind: Any) -> None:
    people = People(studio.data / PEOPLE_FILE)
    name = f"guest {kind.name}"
    token = people.add(name, Role.LEAD, ["autumn"], None)[1]
    guest, lea = door(studio.server, token, kind), studio.door("lea", kind)
    request = reviews.WatchReviewRequest(review_id=studio.review.review_id)
    streams = [asking.open("WatchReview", request) for asking in (guest, lea)]
    listening, staying = (one.messages() for one in streams)
    assert next(listening).event.seq == next(staying).event.seq == 1
    people.revoke(name)
    with pytest.raises(Refused, match="this token was revoked") as refused:
        for _ in listening:
            pass
    assert refused.value.code == "UNAUTHENTICATED"
    for method in ALL_METHODS:
        with pytest.raises(Refused, match="this token was revoked"):
            for _ in guest.open(method.name, CASES[method.name].asked(studio), timeout_ms=60_000).messages():
                pass
    pin = call(lea, "AddPin", reviews.AddPinRequest(review_id=studio.review.review_id, pin=new_pin())).event.pin
    assert any(event.event.pin.pin_id == pin.pin_id for event in staying)
    streams[1].cancel()


@BOTH_DOORS
def test_a_poll_that_waits_ends_with_its_token(studio: Studio, kind: Any) -> None:
    people = People(studio.data / PEOPLE_FILE)
    name = f"waiting {kind.name}"
    token = people.add(name, Role.LEAD, ["autumn"], None)[1]
    request = reviews.PollReviewRequest(review_id=studio.review.review_id, after_seq=2**40, wait_ms=30_000)
    waiting = door(studio.server, token, kind).open("PollReview", request)
    deadline = time.monotonic() + 120
    while people.entry(name).tokens[0].used_unix_ms is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    people.revoke(name)
    with pytest.raises(Refused, match="UNAUTHENTICATED"):
        list(waiting.messages())


def test_the_reviewers_link_shows_the_review_and_its_persons_work_to_no_one_else(studio: Studio) -> None:
    rita = door(studio.server, studio.link)
    seen = call(rita, "GetReview", reviews.GetReviewRequest()).review
    assert seen.review_id == studio.review.review_id
    with pytest.raises(Refused, match="PERMISSION_DENIED"):
        call(rita, "PollJob", edits.PollJobRequest(job_id=studio.job_id))


@pytest.mark.parametrize("who", ["ben", "leo", "ada"])
def test_an_admin_may_withdraw_links_and_a_stranger_may_not(studio: Studio, who: str) -> None:
    opened = call(studio.door("anna", ConnectJson), "CreateReview", new_review(studio.job_id))
    request = reviews.RevokeReviewRequest(review_id=opened.review.review_id, reviewer=1)
    refused, _ = asked(studio, who, ConnectJson, "RevokeReview", request)
    assert refused.partition(":")[0] == ("" if who == "ada" else GONE)
    rita = door(studio.server, opened.links[0].token)
    if who == "ada":
        with pytest.raises(Refused, match="withdrawn"):
            call(rita, "GetReview", reviews.GetReviewRequest())
    else:
        assert call(rita, "GetReview", reviews.GetReviewRequest()).review.title == "Autumn campaign"


def test_who_did_what_from_where_is_noted_and_no_word_or_pixel_of_it(studio: Studio) -> None:
    job_id = str(uuid.uuid4())
    with studio.client("anna") as anna:
        anna.submit(job_id, DRAFT.altered(seed=4711, prompt=SECRET))
        weather.finished(anna, job_id)
        anna.fetch(studio.result)
    asked(studio, "ben", ConnectJson, "CancelJob", edits.CancelJobRequest(job_id=job_id))
    rita = door(studio.server, studio.link)
    call(rita, "AddPin", reviews.AddPinRequest(pin=new_pin()))
    with contextlib.closing(sqlite3.connect(studio.data / "journal.sqlite")) as connection:
        rows = connection.execute("SELECT facts FROM audit ORDER BY number").fetchall()
        assert flaw(connection) == ""
    told = [json.loads(row[0]) for row in rows]
    assert SECRET not in "".join(row[0] for row in rows)
    (submitted,) = (one for one in told if one.get("job") == job_id and one["method"] == "SubmitEdit")
    assert (submitted["person"], submitted["project"], submitted["outcome"]) == ("anna", "autumn", "OK")
    assert submitted["token"] == studio.tokens["anna"][6:14]
    assert "127.0.0.1" in submitted["peer"]
    assert abs(submitted["time_unix_ms"] / 1000 - time.time()) < 3600
    (refused,) = (one for one in told if one.get("job") == job_id and one["method"] == "CancelJob")
    assert (refused["person"], refused["outcome"]) == ("ben", "NOT_FOUND")
    fetched = [one for one in told if one.get("blob") == studio.result and one["person"] == "anna"]
    assert {one["method"] for one in fetched} <= {"GetBlob", "ReadBlob"}
    assert fetched
    pinned = [one for one in told if one["method"] == "AddPin" and one.get("reviewer") == 1]
    assert pinned[-1]["review"] == studio.review.review_id
    assert not {one["method"] for one in told} & {"PollJob", "HasBlobs", "GetServerInfo", "ListJobs"}


@BOTH_DOORS
@pytest.mark.parametrize("name", ["CancelJob", "GetBlob"], ids=["answered once", "streamed"])
def test_a_call_whose_texts_are_too_long_is_noted_as_refused_with_no_more_of_them_than_fits(
    studio: Studio, kind: Any, name: str
) -> None:
    endless = f"{uuid.uuid4()}" + 100_000 * "a"
    request = edits.CancelJobRequest(job_id=endless) if name == "CancelJob" else edits.GetBlobRequest(sha256=endless)
    refused, _ = asked(studio, "ben", kind, name, request)
    assert refused.startswith("INVALID_ARGUMENT")
    with contextlib.closing(sqlite3.connect(studio.data / "journal.sqlite")) as connection:
        rows = connection.execute("SELECT facts FROM audit ORDER BY number DESC LIMIT 1").fetchall()
    told = json.loads(rows[0][0])
    assert (told["person"], told["method"], told["outcome"]) == ("ben", name, "INVALID_ARGUMENT")
    assert told["job" if name == "CancelJob" else "blob"] == endless[:256]


@BOTH_DOORS
def test_who_has_had_the_days_seconds_is_refused_for_its_plans_too_and_nobody_else_is(
    studio: Studio, kind: Any
) -> None:
    limits = studio.data / LIMITS_FILE
    limits.write_text("[people.anna]\ngpu_seconds = 1e-9\n")
    try:
        for lane in ("draft", "batch"):
            recipe = recipe_of(studio)
            new = edits.SubmitEditRequest(job_id=str(uuid.uuid4()), recipe=recipe, lane=lane, batch="colours")
            with pytest.raises(Refused, match="RESOURCE_EXHAUSTED") as refused:
                call(studio.door("anna", kind), "SubmitEdit", new)
            assert refused.value.facts
            told = refused.value.facts.details
            assert told["limit"] == "gpu_seconds"
            assert 86_000 < float(told["retry_s"]) <= 86_400 + MOST_LATE_S, (
                "what was painted just now is a day old then"
            )
    finally:
        limits.unlink()
