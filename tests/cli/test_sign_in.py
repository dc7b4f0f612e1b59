"""Signed in by the studio's proxy: believed from its addresses and from nowhere else, on the HTTP door only."""

import http.client
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run, Serving
from inlay.errors import InvalidInput
from inlay.rpc.proxy import Proxy
from inlay.v1 import inlay_pb2
from rpc.doors import GrpcDoor, Refused, call

USER, GROUPS = "X-Auth-Request-Email", "X-Auth-Request-Groups"
Ask = Callable[..., tuple[int, Any]]


def asking(serving: Serving) -> Ask:
    """Ask for the jobs over HTTP as JSON, with these headers: the status, and what was answered."""

    def ask(*headers: tuple[str, str]) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", serving.card.http_port, timeout=120)
        connection.putrequest("POST", "/inlay.v1.InlayService/ListJobs")
        for name, value in (("Content-Type", "application/json"), ("Content-Length", "2"), *headers):
            connection.putheader(name, value)
        connection.endheaders(b"{}")
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, json.loads(body) if body.startswith(b"{") else body.decode()

    return ask


@pytest.fixture(scope="module")
def behind(start_serving: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """A server whose proxy is on this machine, and tells groups."""
    folder = tmp_path_factory.mktemp("behind") / "data"
    return start_serving(folder, "--trust-proxy", "127.0.0.1/32", "--groups-header", GROUPS)


@pytest.fixture(scope="module")
def elsewhere(start_serving: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """A server whose proxy is on another machine."""
    return start_serving(tmp_path_factory.mktemp("elsewhere") / "data", "--trust-proxy", "10.9.8.7")


@pytest.mark.slow
def test_whom_the_proxy_names_comes_in_by_their_groups(behind: Serving) -> None:
    ask = asking(behind)
    assert ask((USER, "anna@studio.example"), (GROUPS, "staff,inlay-artist,inlay-project-autumn")) == (200, {})
    status, refused = ask((USER, "anna@studio.example"), (GROUPS, "staff,inlay-x"))
    assert (status, "none of your groups" in refused["message"]) == (403, True)
    assert ask()[0] == 401
    assert ask((GROUPS, "inlay-admin"))[0] == 401, "groups alone are nobody"
    for name in ("owner", "OWNER ", "a" * 65):
        assert ask((USER, name), (GROUPS, "inlay-admin"))[0] == 400


@pytest.mark.slow
def test_a_person_that_the_studio_added_is_who_they_are_here_whatever_their_groups(behind: Serving, inlay: Run) -> None:
    ask = asking(behind)
    at = ("--data", behind.data, "--json")
    token = inlay("people", "add", "Ben@studio.example", *at).json["token"]
    assert ask((USER, "ben@STUDIO.example"), (GROUPS, "inlay-artist"))[0] == 200
    assert ask(("Authorization", f"Bearer {token}"))[0] == 200
    inlay("people", "revoke", "ben@studio.example", *at)
    status, refused = ask((USER, "ben@studio.example"), (GROUPS, "inlay-admin"))
    assert (status, "may not come in any more" in refused["message"]) == (401, True)
    assert ask(("Authorization", f"Bearer {token}"))[0] == 401


@pytest.mark.slow
def test_who_the_proxy_named_is_noted_with_where_they_came_from(behind: Serving, inlay: Run) -> None:
    inlay("people", "add", "somebody", "--data", behind.data)
    connection = http.client.HTTPConnection("127.0.0.1", behind.card.http_port, timeout=120)
    body = json.dumps({"jobId": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"})
    headers = {USER: "cem@studio.example", GROUPS: "inlay-lead", "X-Forwarded-For": "6.6.6.6, 192.0.2.7"}
    path = "/inlay.v1.InlayService/CancelJob"
    connection.request("POST", path, body, {"Content-Type": "application/json"} | headers)
    assert connection.getresponse().status == 404
    noted = inlay("audit", "--data", behind.data, "--json").json
    (line,) = (one for one in noted if one["person"] == "cem@studio.example")
    assert line["peer"].startswith("192.0.2.7 by 127.0.0.1:")
    assert (line["method"], line["outcome"], line["token"]) == ("CancelJob", "NOT_FOUND", "proxy")
    told = inlay("audit", "--verify", "--data", behind.data)
    assert (told.code, "each as it was written" in told.out) == (0, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (((USER, "anna"), (USER, "ben"), (GROUPS, "inlay-artist")), 400),
        (((USER, "anna"), (GROUPS, "inlay-artist"), (GROUPS, "inlay-admin")), 400),
        (((USER, "anna"), (GROUPS, "inlay-artist"), ("Sec-Fetch-Site", "cross-site")), 403),
        (((USER, "anna"), (GROUPS, "inlay-artist"), ("Sec-Fetch-Site", "same-origin")), 200),
    ],
)
def test_headers_that_a_browser_or_a_page_slipped_in_are_refused(
    behind: Serving, headers: tuple[tuple[str, str], ...], status: int
) -> None:
    assert asking(behind)(*headers)[0] == status


@pytest.mark.slow
@pytest.mark.parametrize("spoofed", [(), (("X-Forwarded-For", "10.9.8.7"),), (("Forwarded", "for=10.9.8.7"),)])
def test_from_anywhere_else_the_headers_are_refused(elsewhere: Serving, spoofed: tuple[tuple[str, str], ...]) -> None:
    ask = asking(elsewhere)
    token = ("Authorization", f"Bearer {elsewhere.card.token}")
    for headers in (((USER, "anna"),), ((USER, "anna"), token), ((USER.lower(), "anna"),)):
        assert ask(*headers, *spoofed) == (403, "only the studio's proxy may say who somebody is\n")
    assert ask(token, *spoofed)[0] == 200


@pytest.mark.slow
def test_where_groups_count_for_nothing_only_those_come_in_whom_the_studio_added(
    start_serving: Callable[..., Serving], inlay: Run, tmp_path: Path
) -> None:
    serving = start_serving(tmp_path / "data", "--trust-proxy", "127.0.0.0/8")
    ask = asking(serving)
    inlay("people", "add", "anna@studio.example", "--data", serving.data)
    assert ask((USER, "anna@studio.example"), (GROUPS, "x"))[0] == 200
    status, refused = ask((USER, "ben@studio.example"), (GROUPS, "inlay-admin"))
    assert (status, "nobody here knows you" in refused["message"]) == (403, True)


@pytest.mark.slow
def test_a_server_without_a_proxy_does_not_look_at_them(server: Serving) -> None:
    assert asking(server)((USER, "anna"), (GROUPS, "inlay-admin"))[0] == 401


@pytest.mark.slow
def test_the_grpc_port_never_believes_them(behind: Serving) -> None:
    door = GrpcDoor(behind.card.grpc_port)
    door.metadata = [(USER.lower(), "anna"), (GROUPS.lower(), "inlay-admin")]
    with pytest.raises(Refused, match="UNAUTHENTICATED"):
        call(door, "ListJobs", inlay_pb2.ListJobsRequest())
    door.close()


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "somewhere", "10.0.0.1/8"])
def test_a_network_that_is_none_or_everybodys_is_refused(network: str) -> None:
    with pytest.raises(InvalidInput, match="--trust-proxy"):
        Proxy((network,))


def test_an_ipv4_proxy_is_known_on_a_socket_for_both() -> None:
    proxy = Proxy(("10.9.8.0/24", "2001:db8::/64"))
    assert [proxy.trusts(host) for host in ("10.9.8.1", "::ffff:10.9.8.1", "2001:db8::5")] == [True] * 3
    assert [proxy.trusts(host) for host in ("10.9.7.1", "::ffff:10.9.7.1", "2001:db9::5", "", "?")] == [False] * 5


def page(
    serving: Serving, method: str = "GET", form: str = "", path: str = "/token/", **headers: str
) -> tuple[int, str]:
    """What is answered there; names of headers with _ for -."""
    connection = http.client.HTTPConnection("127.0.0.1", serving.card.http_port, timeout=120)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(
        method, path, form or None, kind | {name.replace("_", "-"): text for name, text in headers.items()}
    )
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


ARTIST = {"X_Auth_Request_Groups": "inlay-artist,inlay-project-autumn"}
DORA, EVE = ({"X_Auth_Request_Email": f"{name}@studio.example"} | ARTIST for name in ("dora", "eve"))
HERE, FROM_ELSEWHERE = {"Sec_Fetch_Site": "same-origin"}, {"Sec_Fetch_Site": "cross-site"}
GOES = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}


def token_in(shown: str) -> str:
    (token,) = re.findall(r"inlay_[0-9a-f]{8}_[\w-]{43}", shown)
    return token


@pytest.mark.slow
def test_who_is_signed_in_makes_and_revokes_their_own_tokens_and_that_is_noted(behind: Serving, inlay: Run) -> None:
    ask = asking(behind)
    status, shown = page(behind, "POST", "make=1", **DORA, **HERE)
    token = token_in(shown)
    assert status == 200
    assert ask(("Authorization", f"Bearer {token}"))[0] == 200
    assert token not in page(behind, **DORA)[1]
    assert token[6:14] in page(behind, **DORA)[1]
    assert token[6:14] not in page(behind, **EVE)[1]
    assert page(behind, "POST", f"revoke={token[6:14]}", **EVE, **HERE)[0] == 404
    assert ask(("Authorization", f"Bearer {token}"))[0] == 200, "another's is not theirs to revoke"
    assert page(behind, "POST", "revoke=", **DORA, **HERE)[0] == 404
    assert ask(("Authorization", f"Bearer {token}"))[0] == 200, "no id is not every token"
    assert page(behind, "POST", f"revoke={token[6:14]}", **DORA, **HERE)[0] == 303
    assert ask(("Authorization", f"Bearer {token}"))[0] == 401
    noted = [one for one in inlay("audit", "--data", behind.data, "--json").json if one["method"].endswith("Token")]
    assert [(one["person"].partition("@")[0], one["method"], one["outcome"], one.get("about")) for one in noted] == [
        ("dora", "MakeToken", "OK", token[6:14]),
        ("eve", "RevokeToken", "NOT_FOUND", token[6:14]),
        ("dora", "RevokeToken", "NOT_FOUND", None),
        ("dora", "RevokeToken", "OK", token[6:14]),
    ]
    assert token[15:] not in json.dumps(noted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 403),
        (FROM_ELSEWHERE, 403),
        (FROM_ELSEWHERE | GOES, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example"} | HERE, 200),
        ({"Origin": "http://inlay.studio.example", "Host": "inlay.studio.example"}, 200),
    ],
)
def test_only_the_page_itself_has_a_token_made(behind: Serving, sent: dict[str, str], status: int) -> None:
    user = {"X_Auth_Request_Email": "fay@studio.example"} | ARTIST
    before = page(behind, **user)[1].count("<li>")
    answered, shown = page(behind, "POST", "make=1", **user, **sent)
    assert answered == status
    assert page(behind, **user)[1].count("<li>") == before + (status == 200)
    if status == 200:
        page(behind, "POST", f"revoke={token_in(shown)[6:14]}", **user, **HERE)


@pytest.mark.slow
def test_the_page_is_reached_from_anywhere_and_framed_or_fetched_from_nowhere_else(behind: Serving) -> None:
    assert page(behind, **DORA, **FROM_ELSEWHERE, **GOES)[0] == 200, "from where they signed in"
    assert page(behind, **DORA, **FROM_ELSEWHERE)[0] == 403
    assert page(behind, **DORA, **FROM_ELSEWHERE, **(GOES | {"Sec_Fetch_Dest": "iframe"}))[0] == 403
    assert page(behind, path="/inlay.v1.InlayService/ListJobs", **DORA, **FROM_ELSEWHERE, **GOES)[0] == 403
    assert page(behind, "PUT", "make=1", **DORA, **HERE)[0] == 405
    assert page(behind, path="/token", **DORA)[0] == 308
    assert page(behind, path="/token/x", **DORA)[0] == 404


@pytest.mark.slow
def test_where_no_proxy_says_who_it_is_there_is_no_page(behind: Serving, elsewhere: Serving, server: Serving) -> None:
    assert page(behind)[0] == 404
    assert page(elsewhere)[0] == 404
    assert page(elsewhere, **DORA)[0] == 403
    assert page(server)[0] == 404
    assert page(server, **DORA)[0] == 404
    own = {"Authorization": f"Bearer {server.card.token}"}
    assert page(server, "POST", "make=1", **own, **HERE)[0] == 404
    status, refused = page(behind, X_Auth_Request_Email="gil@studio.example", X_Auth_Request_Groups="staff")
    assert (status, "none of your groups may use this server" in refused) == (403, True)
