"""Calls on connections that stay open, against a server that answers byte for byte what it is told to."""

import contextlib
import socket
import threading

import pytest

from inlay.engines.remote import lines
from inlay.engines.remote.wire import BrokenOff, NotReached, Request, Wire
from inlay.errors import BadAnswer, Cancelled, Declined

ASK = Request("GET", "/x", params={"filename": "a b&c"})
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nwho\r\n2\r\nle\r\n0\r\nTrailer: 1\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nwhole"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\nwhole"
EARLY = b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE


class Scripted:
    """Answers each request with the next of `answers`. asked: what came. lines: how many connections were made."""

    def __init__(self, *answers: bytes, closes: bool = False, in_bits: bool = False) -> None:
        self._answers, self._closes, self._in_bits = list(answers), closes, in_bits
        self.asked: list[bytes] = []
        self.lines = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._door.accept()
                self.lines += 1
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            while self._answers:
                held = b""
                while b"\r\n\r\n" not in held:
                    if not (piece := line.recv(65536)):
                        return
                    held += piece
                self.asked.append(held)
                answer = self._answers.pop(0)
                for bit in [answer[i : i + 1] for i in range(len(answer))] if self._in_bits else [answer]:
                    line.sendall(bit)
                if self._closes or answer == ENDLESS:
                    return
                if answer == CLOSING:  # who asks here once more is not heard
                    while line.recv(65536):
                        pass
                    return
            line.recv(1)

    def close(self) -> None:
        self._door.close()


def calls(server: Scripted, count: int, most_bytes: int = 1000, request: Request = ASK) -> list[bytes]:
    wire = Wire(server.address, 5, keeps_lines=True)
    try:
        return [wire.call(request, lambda: None, most_bytes).body for _ in range(count)]
    finally:
        wire.close()
        server.close()


@pytest.mark.parametrize(("answer", "lines"), [(WHOLE, 1), (CHUNKED, 1), (EARLY, 1), (CLOSING, 2), (ENDLESS, 2)])
@pytest.mark.parametrize("in_bits", [False, True])
def test_an_answer_is_read_to_its_end_and_its_connection_used_again_where_it_stays(answer, lines, in_bits):
    server = Scripted(answer, answer, in_bits=in_bits)
    assert calls(server, 2) == [b"whole", b"whole"]
    assert server.lines == lines
    assert server.asked[0].startswith(b"GET /x?filename=a+b%26c HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (WHOLE[:-2], BrokenOff, "broke the connection off"),
        (CHUNKED[:-20], BrokenOff, "broke the connection off"),
        (b"", BrokenOff, "broke the connection off"),
        (b"SSH-2.0-x\r\n\r\n", BrokenOff, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", BadAnswer, "longer"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + bytes(1001) + b"\r\n0\r\n\r\n",
            BadAnswer,
            "longer",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1001), BadAnswer, "longer"),
        (b"HTTP/1.1 307 x\r\nLocation: http://elsewhere\r\nContent-Length: 0\r\n\r\n", Declined, "another address"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", BadAnswer, "packed"),
        (b"HTTP/1.1 200 OK\r\nX: " + bytes(2_200_000), BrokenOff, "broke the connection off"),
    ],
)
def test_what_is_no_whole_answer_is_none(answer, error, why):
    with pytest.raises(error, match=why):
        calls(Scripted(answer, closes=True), 1)


def test_a_connection_that_was_closed_meanwhile_is_not_used_again():
    server = Scripted(WHOLE, WHOLE, closes=True)
    assert calls(server, 2) == [b"whole", b"whole"]
    assert server.lines == 2


def test_a_connection_that_is_closed_under_a_question_is_asked_again_once_unless_it_may_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "_is_closed", lambda _: False)  # as where it is closed just then
    server = Scripted(WHOLE, WHOLE, closes=True)
    assert calls(server, 2) == [b"whole", b"whole"]
    assert server.lines == 2
    paying = Scripted(WHOLE, WHOLE, closes=True)
    with pytest.raises(BrokenOff):
        calls(paying, 2, request=Request("POST", "/x", json={}))
    assert (paying.lines, len(paying.asked)) == (1, 1)
    silent = Scripted(b"", closes=True)
    with pytest.raises(BrokenOff):
        calls(silent, 1)
    assert silent.lines == 1


def test_where_nobody_listens_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(NotReached):
        Wire(f"http://127.0.0.1:{port}", 10, keeps_lines=True).call(ASK, lambda: None)


def test_a_call_ends_as_soon_as_its_job_was_cancelled():
    server = Scripted(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwho", b"")

    def check() -> None:
        if server.asked:
            raise Cancelled

    with pytest.raises(Cancelled):
        Wire(server.address, 3600, keeps_lines=True).call(ASK, check)
    server.close()
