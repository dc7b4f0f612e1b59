"""What a review link opens: the reviewer's methods of its review, as far as its role goes, and nothing else of either service."""

import hashlib
import http.client
import ssl
import time
import urllib.parse
import uuid
from collections.abc import Iterator

import pytest

from inlay.client import Client
from inlay.recipe import Recipe
from inlay.review.events import Invitation, NewDraft, Role
from inlay.rpc.security import own_certificate
from inlay.rpc.server import Bound, review_url
from inlay.v1 import review_pb2 as messages
from inlay.wire.contract import ALL_METHODS, METHODS, REVIEW_METHODS, REVIEW_SERVICE, SERVICE
from rpc import weather
from rpc.doors import ConnectBinary, ConnectJson, GrpcDoor, GrpcWeb, Refused, call
from rpc.process import running_server
from rpc.reviewing import (
    APPROVE,
    COMMENT,
    DECIDE,
    VIEW,
    Opened,
    decided,
    door,
    drafted,
    opened,
    pinned,
    state,
    studio,
)
from rpc.test_review import Listener, picture
from rpc.weather import Running

pytestmark = pytest.mark.slow

REVIEWERS = {"GetReview", "WatchReview", "PollReview", "ReadPicture", "AddPin", "ResolvePin", "Decide"}
"""By hand, from the contract's words."""
BOTH_DOORS = pytest.mark.parametrize(
    "kind", [GrpcDoor, ConnectBinary, ConnectJson, GrpcWeb], ids=lambda kind: kind.name
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with weather.running(tmp_path_factory.mktemp("access") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def job_id(server: Running) -> Iterator[str]:
    with server.client() as client:
        yield drafted(client)


@pytest.fixture(scope="module")
def review(server: Running, job_id: str) -> Opened:
    return opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT), ("Cem", VIEW))


@pytest.fixture(scope="module")
def other(server: Running, job_id: str) -> Opened:
    return opened(server, job_id, ("Dora", DECIDE))


def asked(asking, method, request=None) -> Refused | None:
    """How a call is refused; None where it is answered, or fails for another reason than who asks."""
    try:
        for _ in asking.open(method.name, request or method.request(), timeout_ms=300).messages():
            return None
    except Refused as refused:
        return refused if refused.code in ("UNAUTHENTICATED", "PERMISSION_DENIED") else None
    except OSError:
        return None
    return None


def erased(client: Client, recipe: Recipe, *uploads: bytes) -> str:
    """The id of a job that is done, on a server whose workers only turn pixels round."""
    for data in uploads:
        client.upload(data)
    job_id = str(uuid.uuid4())
    client.submit(job_id, recipe)
    weather.finished(client, job_id)
    return job_id


def test_there_are_as_many_methods_as_one_thinks():
    assert len(METHODS) > 20
    assert len(REVIEW_METHODS) == 12
    assert {method.name for method in REVIEW_METHODS} > REVIEWERS


@BOTH_DOORS
def test_the_highest_role_opens_the_reviewers_methods_and_no_other_of_either_service(server, review, kind):
    asking = door(server, review.tokens[0], kind)
    let_in = {method.name for method in ALL_METHODS if asked(asking, method) is None}
    assert let_in == REVIEWERS
    for method in ALL_METHODS:
        if method.name not in REVIEWERS:
            refused = asked(asking, method)
            assert refused
            assert refused.code == "PERMISSION_DENIED", method.name
            assert refused.message == "a review link opens its review and nothing else"


@BOTH_DOORS
@pytest.mark.parametrize("made", ["nobody's", "cut", "longer", "another case", "prefix only"])
def test_a_token_that_nobody_has_opens_nothing_at_all(server, review, kind, made):
    token = review.tokens[0]
    token = {
        "nobody's": "review." + "A" * 43,
        "cut": token[:-1],
        "longer": token + "x",
        "another case": "review." + token[7:].swapcase(),
        "prefix only": "review.",
    }[made]
    asking = door(server, token, kind)
    for method in ALL_METHODS:
        refused = asked(asking, method)
        assert refused, method.name
        assert refused.code == "UNAUTHENTICATED"
        assert refused.message == "this review link is not known here; ask the studio for a new one"


@BOTH_DOORS
def test_who_shows_nothing_or_the_sha256_gets_no_further(server, review, kind):
    for token in ("", hashlib.sha256(review.tokens[0].encode()).hexdigest(), review.tokens[0].removeprefix("review.")):
        for method in REVIEW_METHODS:
            refused = asked(door(server, token, kind), method)
            assert refused, method.name
            assert refused.code == "UNAUTHENTICATED"


@BOTH_DOORS
def test_a_link_opens_no_other_review(server, review, other, kind):
    asking = door(server, review.tokens[0], kind)
    decision = messages.Decision(draft=1, version=1, verdict=APPROVE)
    pin = messages.Pin(pin_id=str(uuid.uuid4()), draft=1, version=1, text="here")
    of_other = {
        "GetReview": messages.GetReviewRequest(),
        "WatchReview": messages.WatchReviewRequest(),
        "PollReview": messages.PollReviewRequest(),
        "ReadPicture": messages.ReadPictureRequest(draft=1, version=1),
        "AddPin": messages.AddPinRequest(pin=pin),
        "ResolvePin": messages.ResolvePinRequest(pin_id=pin.pin_id, is_resolved=True),
        "Decide": messages.DecideRequest(decision=decision),
    }
    assert set(of_other) == REVIEWERS
    before = state(studio(server), other.review_id)
    for method in REVIEW_METHODS:
        if method.name in REVIEWERS:
            request = of_other[method.name]
            request.review_id = other.review_id
            refused = asked(asking, method, request)
            assert refused, method.name
            assert (refused.code, refused.message) == ("PERMISSION_DENIED", "this link opens another review")
    assert state(studio(server), other.review_id) == before
    assert state(door(server, other.tokens[0], kind)).review_id == other.review_id
    assert state(asking, review.review_id.upper()).review_id == review.review_id


@BOTH_DOORS
def test_each_role_may_do_what_it_says_and_no_more(server, job_id, kind):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT), ("Cem", VIEW))
    anna, ben, cem = (door(server, token, kind) for token in review.tokens)
    assert picture(cem, fit_px=16).data
    pin_id = pinned(ben, "here").pin.pin_id

    def resolve(asking):
        call(asking, "ResolvePin", messages.ResolvePinRequest(pin_id=pin_id, is_resolved=True))

    for refused_one in (
        lambda: pinned(cem, "here"),
        lambda: resolve(cem),
        lambda: decided(cem, APPROVE),
        lambda: decided(ben, APPROVE),
    ):
        before = state(anna)
        with pytest.raises(Refused, match=r"this link is for those who (view|comment); ask the studio") as refused:
            refused_one()
        assert refused.value.code == "PERMISSION_DENIED"
        assert state(anna) == before
    resolve(ben)
    pinned(anna, "and here")
    assert decided(anna, messages.VERDICT_REJECT).state.verdict == messages.VERDICT_REJECT


def test_nobody_speaks_for_another_reviewer(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", DECIDE))
    ben = door(server, review.tokens[1])
    assert pinned(ben, "as Anna", reviewer=1).pin.reviewer == 2
    decision = messages.Decision(draft=1, version=1, verdict=messages.VERDICT_CHANGES, reviewer=1)
    assert call(ben, "Decide", messages.DecideRequest(decision=decision)).event.decision.reviewer == 2


def test_the_studio_decides_nothing_in_a_reviewers_name(server, review):
    with pytest.raises(Refused, match="the studio does not judge its own drafts") as refused:
        decided(studio(server), APPROVE, review_id=review.review_id)
    assert refused.value.code == "PERMISSION_DENIED"


@BOTH_DOORS
def test_a_link_that_was_withdrawn_ends_its_stream_and_opens_nothing_more(server, job_id, kind):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT))
    anna, ben = (door(server, token, kind) for token in review.tokens)
    listening, staying = (Listener(one, review.review.events[-1].seq) for one in (anna, ben))
    call(studio(server), "RevokeReview", messages.RevokeReviewRequest(review_id=review.review_id, reviewer=1))
    with pytest.raises(Refused, match="this review link was withdrawn") as refused:
        listening.next()
    assert refused.value.code == "UNAUTHENTICATED"
    for method in ALL_METHODS:
        refused = asked(anna, method)
        assert refused, method.name
        assert (refused.code, "withdrawn" in refused.message) == ("UNAUTHENTICATED", True)
    assert staying.next().revoked.reviewer == 1
    staying.call.cancel()
    assert pinned(ben, "still here")


def test_a_review_that_is_over_is_closed_to_all_and_stays_to_be_read(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE), ("Ben", COMMENT))
    for _ in range(2):
        call(studio(server), "RevokeReview", messages.RevokeReviewRequest(review_id=review.review_id))
    for token in review.tokens:
        with pytest.raises(Refused, match="this review is finished; its links are closed"):
            state(door(server, token))
    kept = state(studio(server), review.review_id)
    assert [event.WhichOneof("happening") for event in kept.events][-1:] == ["revoked"]
    assert len(kept.events) == len(review.review.events) + 1
    invitation = messages.Invitation(name="Eve", role=VIEW)
    for request in (
        ("InviteReviewer", messages.InviteReviewerRequest(review_id=review.review_id, invitation=invitation)),
        (
            "AddVersion",
            messages.AddVersionRequest(review_id=review.review_id, drafts=[messages.NewDraft(job_id=job_id)]),
        ),
    ):
        with pytest.raises(Refused, match="the review is over"):
            call(studio(server), *request)


def test_one_more_reviewer_can_be_asked_later(server, job_id):
    review = opened(server, job_id, ("Anna", DECIDE))
    invitation = messages.Invitation(name="Ben", role=COMMENT, days=1)
    request = messages.InviteReviewerRequest(review_id=review.review_id, invitation=invitation)
    link = call(studio(server), "InviteReviewer", request).link
    assert (link.reviewer.number, link.reviewer.name) == (2, "Ben")
    day_ms = 86_400_000
    assert abs(link.reviewer.expires_unix_ms - time.time() * 1000 - day_ms) < 60_000
    assert pinned(door(server, link.token), "hello").pin.reviewer == 2


def test_a_link_that_ran_out_ends_its_stream_and_opens_nothing(tmp_path, recipe, pixels, selection):
    """On a server on which a day is three seconds long."""
    constants = {"inlay.jobs.review_links:DAY_MS": 3_000}
    with running_server(tmp_path / "data", token="studio", constants=constants) as process:
        server = Running(process.address, process.http_port, "studio")
        with Client(process.address, token="studio") as client:
            job_id = erased(client, recipe, pixels, selection)
        asking = messages.CreateReviewRequest(
            title="short",
            drafts=[messages.NewDraft(job_id=job_id)],
            invitations=[
                messages.Invitation(name="Anna", role=DECIDE, days=1),
                messages.Invitation(name="Ben", role=VIEW, days=90),
            ],
        )
        answer = call(studio(server), "CreateReview", asking)
        anna, ben = (door(server, link.token) for link in answer.links)
        listening = Listener(anna, answer.review.events[-1].seq)
        with pytest.raises(Refused, match="this review link has expired; ask the studio for a new one") as refused:
            listening.next()
        assert refused.value.code == "UNAUTHENTICATED"
        for method in ALL_METHODS:
            refused = asked(anna, method)
            assert refused, method.name
            assert refused.code == "UNAUTHENTICATED"
        assert state(ben).title == "short"


def test_on_a_server_without_a_token_a_link_still_opens_its_review_only(tmp_path, recipe, pixels, selection):
    with running_server(tmp_path / "data") as process:
        server = Running(process.address, process.http_port, "")
        with Client(process.address) as client:
            job_id = erased(client, recipe, pixels, selection)
        anna = door(server, opened(server, job_id, ("Anna", DECIDE)).tokens[0])
        assert {method.name for method in ALL_METHODS if asked(anna, method) is None} == REVIEWERS
        stranger = door(server, "review.of-somebody")
        assert all(asked(stranger, method) for method in ALL_METHODS)


def test_over_tls_a_link_is_https_and_comes_with_the_certificates_fingerprint(tmp_path, recipe, pixels, selection):
    tls = own_certificate(tmp_path)
    paths = {"certificate": str(tls.certificate), "key": str(tls.key)}
    constants = {"inlay.jobs.reviewing:MAX_EVENTS": 4}
    with running_server(tmp_path / "data", token="studio", tls=paths, constants=constants) as process:
        ca = tls.certificate.read_bytes()
        with Client(f"localhost:{process.grpc_port}", token="studio", ca=ca) as client:
            job_id = erased(client, recipe, pixels, selection)
            told = client.reviews.create("a review", [NewDraft(job_id)], [Invitation("Anna", Role.DECIDE)])
        (link,) = told.links
        assert link.url == f"https://127.0.0.1:{process.http_port}/review/#t={link.token}"
        der = ssl.PEM_cert_to_DER_cert(ca.decode())
        assert told.fingerprint.replace(":", "") == hashlib.sha256(der).hexdigest().upper()
        anna = ConnectBinary(process.http_port, host="localhost", ca=ca, token=link.token)
        for _ in range(2):
            pinned(anna, "here")
        with pytest.raises(Refused, match="no more are taken") as refused:
            pinned(anna, "and here")
        assert refused.value.code == "RESOURCE_EXHAUSTED"


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "http://127.0.0.1:7/"), ("studio.local", "http://studio.local:7/"), ("::1", "http://[::1]:7/")],
)
def test_a_link_names_the_host_that_the_server_listens_on(host, expected):
    bound = Bound(1, "1", host, 6, 7, False, "")
    assert review_url(bound, "review.x") == f"{expected}review/#t=review.x"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_link_of_a_server_on_every_address_names_one_that_others_can_reach(host):
    url = urllib.parse.urlsplit(review_url(Bound(1, "1", host, 6, 7, True, ""), "review.x"))
    assert url.hostname not in (host, "127.0.0.1", "::1", "localhost")
    assert (url.scheme, url.port, url.fragment) == ("https", 7, "t=review.x")


def test_the_refusal_is_in_the_reviewers_language(server):
    asking = ConnectJson(server.http_port, token="review.nobody", language="de-AT,de;q=0.9")
    with pytest.raises(Refused, match="dieser Link ist hier nicht bekannt"):
        state(asking)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none", None])
def test_pages_from_elsewhere_may_not_ask_whatever_they_show(server, review, site):
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {review.tokens[0]}"}
    headers |= {"Sec-Fetch-Site": site} if site else {}
    connection.request("POST", f"/{REVIEW_SERVICE}/GetReview", b"{}", headers)
    assert connection.getresponse().status == (403 if site in ("cross-site", "same-site") else 200)


@pytest.mark.parametrize("path", [f"/{REVIEW_SERVICE}/GetReview", "/review/"])
def test_without_a_token_the_page_is_on_this_machine_only(tmp_path_factory, path):
    with running_server(tmp_path_factory.mktemp("open") / "data") as process:
        for host, status in (("evil.example", 421), ("localhost", 200)):
            connection = http.client.HTTPConnection("127.0.0.1", process.http_port, timeout=10)
            method, body = ("GET", None) if path == "/review/" else ("POST", b"{}")
            connection.request(method, path, body, {"Host": host, "Content-Type": "application/json"})
            answered = connection.getresponse().status
            assert answered == status or (status == 200 and method == "POST" and answered == 400)


POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "blob:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}


def got(server: Running, path: str, method: str = "GET") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    connection.request(method, path)
    return connection.getresponse()


@pytest.mark.parametrize("path", ["/review/", "/review", "/review/nothing.js", "/review/../healthz"])
def test_every_answer_of_the_page_has_the_strict_policy(server, path):
    answer = got(server, path)
    parts = (part.split(maxsplit=1) for part in (answer.getheader("content-security-policy") or "").split(";"))
    assert dict(parts) == POLICY
    assert {
        name: answer.getheader(name)
        for name in (
            "x-content-type-options",
            "referrer-policy",
            "cache-control",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
        )
    } == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    assert not [name for name, _ in answer.getheaders() if name.lower() in ("set-cookie", "server")]
    assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control")]


def test_the_page_is_read_without_a_token_and_only_read(server):
    answer = got(server, "/review/")
    assert (answer.status, answer.getheader("content-type")) == (200, "text/html; charset=utf-8")
    assert b"<title>" in answer.read()
    head = got(server, "/review/", "HEAD")
    assert (head.status, head.read(), head.getheader("content-length")) == (
        200,
        b"",
        answer.getheader("content-length"),
    )
    assert (got(server, "/review").status, got(server, "/review").getheader("location")) == (308, "/review/")
    assert got(server, "/review/", "POST").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/review/../token",
        "/review/..%2f..%2fevents.py",
        "/review/%2e%2e/events.py",
        "/review/events.py",
        "/review//etc/passwd",
        "/review/index.html/",
        "/review/__init__.py",
        "/reviewer",
        "/review/.",
    ],
)
def test_no_other_file_is_ever_given_away(server, path):
    assert got(server, path).status == 404


def test_the_services_have_names_of_their_own():
    assert SERVICE != REVIEW_SERVICE
    assert all(method.path.startswith((f"/{SERVICE}/", f"/{REVIEW_SERVICE}/")) for method in ALL_METHODS)
