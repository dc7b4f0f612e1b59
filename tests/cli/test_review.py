"""`inlay review` as a studio uses it: real processes, a real server, and a reviewer with the link that was printed."""

import json
import re
import urllib.parse
import uuid
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run, Serving
from inlay.v1 import review_pb2 as messages
from rpc.doors import ConnectBinary, Refused, call
from rpc.reviewing import APPROVE, CHANGES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drafts(inlay: Run, server: Serving, photo: Path, mask: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job of two drafts of the classic engine."""
    out = tmp_path_factory.mktemp("drafts") / "draft.png"
    common = ("edit", photo, "--mask", mask, "--verb", "erase", "--tier", "draft", "--count", 2, "--seed", 4, "--json")
    said = inlay(*common, "--data", server.data, "--out", out)
    assert said.code == 0, said.err
    return json.loads(said.out)["job_id"]


def reviewer(url: str) -> ConnectBinary:
    """Who opens a link: its host, its port, and what stands behind the hash."""
    parts = urllib.parse.urlsplit(url)
    assert (parts.scheme, parts.hostname, parts.path) == ("http", "127.0.0.1", "/review/")
    assert parts.port
    assert not parts.query
    return ConnectBinary(parts.port, token=parts.fragment.removeprefix("t="))


def shared(inlay: Run, server: Serving, draft: str, *more: object) -> Any:
    said = inlay("review", "share", draft, "--name", "Autumn", "--for", "Anna", *more, "--json", "--data", server.data)
    assert said.code == 0, said.err
    return said.json


def test_a_link_is_printed_for_each_reviewer_with_a_code_to_scan(inlay: Run, server: Serving, drafts: str) -> None:
    people = ("--for", "Anna", "--for", "Ben", "--role", "comment", "--days", 2)
    said = inlay(
        "review",
        "share",
        f"{drafts}:2",
        "--name",
        "Autumn",
        *people,
        "--role",
        "comment",
        "--days",
        2,
        "--qr",
        "--data",
        server.data,
    )
    assert said.code == 0, said.err
    urls = re.findall(r"http://\S+", said.out)
    assert len(set(urls)) == 2
    assert re.search(r"Anna \(comment, until \d{4}-\d\d-\d\d", said.out)
    assert said.out.count("█") > 100
    assert "this opens on this machine only" in said.out
    answer = call(reviewer(urls[1]), "GetReview", messages.GetReviewRequest())
    assert (answer.me.name, answer.me.role, answer.review.title) == ("Ben", messages.ROLE_COMMENT, "Autumn")
    (draft,) = [event.draft for event in answer.review.events if event.HasField("draft")]
    assert (draft.job_id, draft.variation) == (drafts, 1)


def test_the_code_says_the_link_and_nothing_else(inlay: Run, server: Serving, drafts: str) -> None:
    import cv2
    import numpy as np

    said = inlay("review", "share", drafts, "--name", "A", "--for", "Anna", "--qr", "--data", server.data)
    (url,) = re.findall(r"http://\S+", said.out)
    halves = {"█": (0, 0), "▀": (0, 255), "▄": (255, 0), " ": (255, 255)}
    rows = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in said.out.splitlines()]
    rows = [row for row in rows if row and set(row) <= set(halves)]
    width = max(map(len, rows))
    dots = np.array([[halves[one] for one in row.ljust(width)] for row in rows], np.uint8).transpose(0, 2, 1)
    picture = 255 - dots.reshape(-1, width)
    picture = np.kron(np.pad(picture, 4, constant_values=255), np.ones((6, 6), np.uint8))
    found = {cv2.QRCodeDetector().detectAndDecode(one)[0] for one in (picture, 255 - picture)}
    assert url in found


def test_the_studio_sees_what_reviewers_say_and_works_through_it(inlay: Run, server: Serving, drafts: str) -> None:
    told = shared(inlay, server, drafts)
    anna, review_id = reviewer(told["links"][0]["url"]), told["review_id"]
    pin = messages.Pin(
        pin_id=str(uuid.uuid4()), draft=1, version=1, text="the edge is soft", at=messages.Place(x=0.5, y=1.0)
    )
    call(anna, "AddPin", messages.AddPinRequest(pin=pin))
    decision = messages.Decision(draft=1, version=1, verdict=CHANGES, text="see the pin")
    call(anna, "Decide", messages.DecideRequest(decision=decision))
    at = ("--data", server.data)
    said = inlay("review", "pins", review_id[:8], *at)
    assert re.fullmatch(rf"{pin.pin_id[:8]}  1\.1  at \d+, \d+ px  Anna: the edge is soft\n", said.out)
    (plain,) = inlay("review", "pins", review_id, "--json", *at).json
    window = inlay("review", "show", review_id, "--json", *at).json["drafts"][0]["window"]
    x, y, width, height = window
    assert plain["document_px"] == [round(x + width / 2), y + height]
    assert inlay("review", "pins", review_id, "--done", pin.pin_id[:6], *at).out == "nothing is left to do\n"
    assert "done  Anna" in inlay("review", "pins", review_id, "--all", *at).out
    said = inlay("review", "show", review_id, *at).out
    for line in (
        "Anna decides on draft 1.1: changes: see the pin",
        "Anna says of draft 1.1: the edge is soft",
        f"the studio says that pin {pin.pin_id[:8]} is done",
        f"draft 1.1  {drafts[:8]}:1  changes",
        f"draft 2.1  {drafts[:8]}:2  in review",
    ):
        assert line in said
    assert "1 changes, 2 in review" in inlay("review", "list", *at).out


def test_a_newer_version_takes_the_place_and_the_approved_draft_is_fetched_as_its_final(
    inlay: Run, server: Serving, drafts: str, photo: Path, tmp_path: Path
) -> None:
    """The classic engine paints alike at every tier: its approved draft is its final."""
    at = ("--data", server.data)
    told = shared(inlay, server, f"{drafts}:1")
    review_id = told["review_id"]
    added = inlay("review", "add", review_id, f"{drafts}:2", "--replaces", 1, "--json", *at)
    assert added.code == 0, added.err
    assert [(one["version"], one["is_locked"]) for one in added.json["drafts"]] == [(1, True), (2, False)]
    anna = reviewer(told["links"][0]["url"])
    decision = messages.Decision(draft=1, version=2, verdict=APPROVE)
    call(anna, "Decide", messages.DecideRequest(decision=decision))
    call(anna, "PollReview", messages.PollReviewRequest(after_seq=4, wait_ms=10_000))
    shown = inlay("review", "show", review_id, *at).out
    assert f"its final is done: inlay jobs fetch {drafts}" in shown
    assert inlay("jobs", "fetch", drafts, photo, "--out", tmp_path / "final.ora", *at).code == 0
    assert "1 approved" in inlay("review", "list", *at).out


def test_links_are_withdrawn_one_by_one_or_all_at_once(inlay: Run, server: Serving, drafts: str) -> None:
    at = ("--data", server.data)
    told = shared(inlay, server, drafts, "--for", "Ben")
    review_id = told["review_id"]
    later = inlay("review", "invite", review_id, "--for", "Cem", "--role", "view", "--json", *at).json
    assert [link["reviewer"] for link in later["links"]] == [3]
    one = inlay("review", "revoke", review_id, "--for", "Anna", "--json", *at).json
    assert [reviewer["is_revoked"] for reviewer in one["reviewers"]] == [True, False, False]
    over = inlay("review", "revoke", review_id, *at).out
    assert "(over)" in over
    assert over.count("withdrawn") >= 3


def test_a_finished_review_takes_no_decision_more_and_its_links_say_so(
    inlay: Run, server: Serving, drafts: str
) -> None:
    told = shared(inlay, server, drafts, "--for", "Ben")
    anna, ben = (reviewer(link["url"]) for link in told["links"])
    (draft, *_) = inlay("review", "show", told["review_id"], "--json", "--data", server.data).json["drafts"]
    decision = messages.Decision(draft=draft["draft"], version=1, verdict=CHANGES)
    call(anna, "Decide", messages.DecideRequest(decision=decision))
    said = inlay("review", "finish", told["review_id"], "--data", server.data)
    assert said.code == 0
    assert said.out.startswith("the review is finished; 1 of its drafts was never decided on")
    assert "(over)" in said.out
    for asking in (anna, ben):
        with pytest.raises(Refused, match="this review is finished; its links are closed") as refused:
            call(asking, "Decide", messages.DecideRequest(decision=decision))
        assert refused.value.code == "UNAUTHENTICATED"
    again = inlay("review", "finish", told["review_id"], "--json", "--data", server.data)
    assert (again.code, again.json["is_over"]) == (0, True)
    assert [one["verdict"] for one in again.json["drafts"]] == ["changes", ""]
    late = inlay("review", "invite", told["review_id"], "--for", "Cem", "--data", server.data)
    assert (late.code, "the review is over" in late.err) == (2, True)


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        (("show", "0123"), 5, "review '0123' does not exist; `inlay review list` shows them"),
        (("share", "0123", "--name", "A", "--for", "B"), 5, "job '0123' does not exist"),
        (("share", "JOB:9", "--name", "A", "--for", "B"), 2, "has no such result"),
        (("share", "JOB:x", "--name", "A", "--for", "B"), 2, "it must be a number from 1"),
        (("share", "JOB", "--name", " ", "--for", "B"), 2, "title is 0 characters long"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    inlay: Run, server: Serving, drafts: str, given: tuple[str, ...], code: int, sentence: str
) -> None:
    said = inlay("review", *(one.replace("JOB", drafts) for one in given), "--data", server.data)
    assert said.code == code
    assert sentence in said.err


def test_a_link_is_printed_for_the_address_at_which_reviewers_reach_the_server(
    inlay: Run, server: Serving, drafts: str
) -> None:
    for host, expected in (("studio.local", "studio.local"), ("fd00::7", "[fd00::7]")):
        told = shared(inlay, server, drafts, "--host", host)
        assert re.match(rf"http://{re.escape(expected)}:\d+/review/#t=review\.", told["links"][0]["url"])
