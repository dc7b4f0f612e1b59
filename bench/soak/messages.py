"""Anything that can arrive, at both doors: each message gets an answer that is no fault of the server's, and the server lives on.

A message follows from the seed and its number alone. Most are of the contract's own fields with contents of any kind, some a
valid edit with a few fields damaged, some bytes that are no message at all; to every method, on the HTTP door in every form
that Connect, gRPC-Web and JSON have, and in some that nobody has.
"""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

import contextlib
import http.client
import multiprocessing
import random
import socket
import struct
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from bench.soak.studio import MASK, picture_of, recipe_of
from inlay.client import Client
from inlay.events import Done
from inlay.v1 import inlay_pb2, recipe_pb2
from inlay.wire.codec import to_message
from inlay.wire.contract import ALL_METHODS, Method
from rpc.process import RunningServer, running_server

FLIGHT = 16
"""So many messages are on their way at a time through a door."""

LIMIT_S = 2.0
"""A call that waits on purpose, for a job's next event, is given up after so long."""

LIMIT = f"{1000 * LIMIT_S:.0f}"
"""The same in milliseconds, for a header."""

PATIENCE_S = 60.0
"""Without an answer for so long, the server hangs."""

CHUNK = 2_000
"""Messages that a process sends before it tells what became of them."""

NOISE = 500
"""One in so many is no request at all, but bytes on the port."""

CONTENT_TYPES = (
    *("application/proto", "application/json", "application/connect+proto", "application/connect+json"),
    *("application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text", "application/grpc"),
    *("application/connect+cbor", "image/png", "", "\u00e4"),
)

STATUSES = {200, 400, 401, 403, 404, 405, 408, 409, 411, 412, 413, 415, 429, 499, 501, 503, 504}
"""What an answer may have; 500 only where it is for what arrived broken, which Connect has no other status for."""

UNASKED = b"sent compressed message without compression support"
"""What gRPC's compression specification and Connect's libraries have INTERNAL for, although it is the client's fault."""

REFUSED_STREAM = "error code 7"
"""HTTP/2's word of a busy server for what it has not looked at (RFC 9113, 8.7): to be sent again."""

FAULTS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}

Kind = FieldDescriptor

NUMBERS = (0, 1, 2, 3, 5, 16, 17, 255, 65_536, 65_537, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)
FLOATS = (0.0, -0.0, 0.5, 1.0, 65_535.0, float("nan"), float("inf"), float("-inf"), 1e-45, 3.4e38)
TEXTS = (
    *(
        "",
        "f" * 64,
        "F" * 64,
        "#ff0000",
        "sRGB",
        "../..",
        "\x00",
        "{",
        "[]",
        '{"a":1}',
        "erase",
        "fill",
        "draft",
        "\u00e4",
    ),
    *("00000000-0000-0000-0000-000000000000", "' OR 1=1 --", "\u202e", "y" * 9_000, "de", "1e999", "-1", "\ud7ff"),
)


class Sent(NamedTuple):
    """One message."""

    number: int
    method: Method
    body: bytes


class Fuzzer:
    """seed: what all follows from. valid: an edit that the server would take."""

    def __init__(self, seed: int, valid: bytes) -> None:
        self._seed = seed
        self._valid = recipe_pb2.Recipe.FromString(valid)

    def dice(self, number: int) -> random.Random:
        return random.Random(f"{self._seed} message {number}")

    def message(self, number: int, dice: random.Random) -> Sent:
        method = dice.choice(ALL_METHODS)
        match dice.randrange(10):
            case 0:
                return Sent(number, method, dice.randbytes(dice.randrange(300)))
            case 1:
                body = bytearray(self._edit(dice).SerializeToString() or b"\0")
                for _ in range(dice.randint(1, 4)):
                    body[dice.randrange(len(body))] = dice.randrange(256)
                return Sent(number, SUBMIT, bytes(body[: dice.choice((len(body), dice.randrange(len(body)))) or 1]))
            case 2 | 3:
                return Sent(number, SUBMIT, self._edit(dice).SerializeToString())
            case _:
                return Sent(number, method, wire(method.request.DESCRIPTOR, dice, 4))

    def _edit(self, dice: random.Random) -> Any:
        """A valid edit of which up to six fields are anything, or are not there."""
        request = inlay_pb2.SubmitEditRequest(job_id=str(uuid.UUID(int=dice.getrandbits(128))), recipe=self._valid)
        for _ in range(dice.randrange(7)):
            damage(request, dice)
        return request


SUBMIT = next(method for method in ALL_METHODS if method.name == "SubmitEdit")


def damage(message: Any, dice: random.Random) -> None:
    """One field of a message, or of one within, becomes anything."""
    field = dice.choice(message.DESCRIPTOR.fields)
    if field.type == Kind.TYPE_MESSAGE and not field.is_repeated and dice.randrange(5):
        damage(getattr(message, field.name), dice)
        return
    with contextlib.suppress(Exception):  # not what protobuf writes; what it reads comes as bytes
        message.MergeFromString(record(field, dice, 2)) if dice.randrange(4) else message.ClearField(field.name)


def wire(descriptor: Any, dice: random.Random, depth: int) -> bytes:
    """Records with the message's own field numbers and any contents, nested so deep at most."""
    fields = descriptor.fields
    if not fields or not depth:
        return b""
    return b"".join(record(dice.choice(fields), dice, depth) for _ in range(dice.randrange(8)))


def record(field: FieldDescriptor, dice: random.Random, depth: int) -> bytes:
    if not dice.randrange(50):  # another type than the contract's
        return varint(field.number << 3 | dice.randrange(8)) + dice.randbytes(dice.randrange(12))
    match field.type:
        case Kind.TYPE_FLOAT:
            return varint(field.number << 3 | 5) + struct.pack("<f", dice.choice(FLOATS))
        case Kind.TYPE_DOUBLE:
            return varint(field.number << 3 | 1) + struct.pack("<d", dice.choice(FLOATS))
        case Kind.TYPE_MESSAGE:
            body = wire(field.message_type, dice, depth - 1)
        case Kind.TYPE_STRING:
            body = dice.choice(TEXTS).encode()
        case Kind.TYPE_BYTES:
            body = dice.randbytes(dice.randrange(64))
        case _:
            return varint(field.number << 3) + varint(dice.choice((*NUMBERS, dice.getrandbits(64))))
    return varint(field.number << 3 | 2) + varint(len(body)) + body


def varint(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


class GrpcDoor:
    def __init__(self, port: int) -> None:
        self._port = port
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.enable_http_proxy", 0)])

    def send(self, sent: Sent, dice: random.Random) -> tuple[str, str]:
        """The status, and what is wrong with it."""
        if not dice.randrange(NOISE):
            return noise(self._port, dice)
        until_s = time.monotonic() + PATIENCE_S
        while True:
            code, details = self._ask(sent)
            if REFUSED_STREAM not in details or time.monotonic() > until_s:
                break
            time.sleep(LIMIT_S / 10)
        wrong = code in FAULTS or "Stream removed" in details or "onnect" in details
        return code.name, f"{code.name}: {details}" if wrong else ""

    def _ask(self, sent: Sent) -> tuple[grpc.StatusCode, str]:
        method = sent.method
        try:
            if method.streams:
                answers = self._channel.unary_stream(method.path)(sent.body, timeout=LIMIT_S)
                next(answers, None)
                answers.cancel()
            else:
                self._channel.unary_unary(method.path)(sent.body, timeout=LIMIT_S)
        except grpc.RpcError as error:
            return error.code(), str(error.details())
        return grpc.StatusCode.OK, ""

    def close(self) -> None:
        self._channel.close()


class HttpDoor:
    """One connection after the other, kept for as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lines = threading.local()

    def send(self, sent: Sent, dice: random.Random) -> tuple[str, str]:
        if not dice.randrange(NOISE):
            return noise(self._port, dice)
        kind, body = self._form(sent, dice)
        headers: dict[str, Any] = {
            "Content-Type": kind.encode(),
            "Connect-Timeout-Ms": LIMIT,
            "Grpc-Timeout": LIMIT + "m",
        }
        for _ in range(2):  # a line that was kept may have been closed meanwhile
            line, was_used = self._line()
            try:
                line.request("POST", sent.method.path, body, headers)
                response = line.getresponse()
                said = response.read()
                break
            except (OSError, http.client.HTTPException) as error:
                self._drop()
                if not was_used:
                    return type(error).__name__, f"no answer: {type(error).__name__}: {error}"
        else:
            return "closed", "no answer: the line was closed twice"
        if response.will_close:
            self._drop()
        status = response.status
        is_well = status in STATUSES or (status == 500 and b"data_loss" in said)
        for fault in (b'"code":"internal"', b'"code":"unknown"', b"grpc-status: 13", b"grpc-status: 2\r"):
            is_well = is_well and (fault not in said.replace(b'": "', b'":"') or is_unasked(said))
        return str(status), "" if is_well else f"{status} ({kind}): {said[:200]!r}"

    def _form(self, sent: Sent, dice: random.Random) -> tuple[str, bytes]:
        """How a body is sent: its type, and itself, mostly as that type has it."""
        natural = ("application/proto", "application/connect+proto")[sent.method.streams]
        kind = natural if dice.randrange(2) else dice.choice(CONTENT_TYPES)
        body = sent.body
        if kind.endswith("json"):
            with contextlib.suppress(Exception):
                message = sent.method.request.FromString(body)
                body = json_format.MessageToJson(message).encode()
            if not dice.randrange(4):
                body = body.replace(
                    dice.choice((b'"', b":", b"{", b"1")), dice.choice((b"", b"[", b"null", b"1e999")), 1
                )
        if "+" in kind or "grpc" in kind:
            length = len(body) if dice.randrange(8) else dice.choice((0, 1, 2**31, 2**32 - 1))
            body = struct.pack(">BI", dice.choice((0, 0, 0, 1, 2, 128, 255)), length) + body
        return kind, body

    def _line(self) -> tuple[http.client.HTTPConnection, bool]:
        line = getattr(self._lines, "line", None)
        if line is None:
            self._lines.line = line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
            return line, False
        return line, True

    def _drop(self) -> None:
        self._lines.line.close()
        self._lines.line = None

    def close(self) -> None:
        pass


DOORS = {"gRPC": GrpcDoor, "HTTP": HttpDoor}


def is_unasked(said: bytes) -> bool:
    return UNASKED in urllib.parse.unquote_to_bytes(said)


def noise(port: int, dice: random.Random) -> tuple[str, str]:
    """Bytes on the port that are no request."""
    start = dice.choice(
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: ", b"")
    )
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
            line.sendall(start + dice.randbytes(dice.randrange(400)))
    except ConnectionResetError:
        pass
    except OSError as error:
        return "noise", f"no line: {error}"
    return "noise", ""


def sent_all(kind: str, port: int, seed: int, valid: bytes, first: int, last: int) -> tuple[Counter[str], list[str]]:
    """In a process of its own: the messages from `first` up to `last`; how often what was answered, and what is wrong."""
    fuzzer, door, wrong, answered = Fuzzer(seed, valid), DOORS[kind](port), list[str](), Counter[str]()
    numbers, lock = count(first), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number = next(numbers)
            if number >= last:
                return
            dice = fuzzer.dice(number)
            sent = fuzzer.message(number, dice)
            status, fault = door.send(sent, dice)
            with lock:
                answered[status] += 1
                if fault:
                    wrong.append(f"message {number} at the {kind} door, {sent.method.name}: {fault}")

    with ThreadPoolExecutor(FLIGHT) as crowd:
        for one in [crowd.submit(work) for _ in range(FLIGHT)]:
            one.result()
    door.close()
    return answered, wrong


def soak(folder: Path, seed: int, messages: int) -> tuple[str, list[str]]:
    """Figures, and violations. messages: at both doors together."""
    log = folder / "server.log"
    with running_server(folder / "data", log=log, painter="support.painters:paint", devices=["cpu"]) as server:
        recipe = recipe_of(1, folder, 0.0)
        with Client(server.address) as client:
            client.upload(picture_of(1))
            client.upload(MASK)
            assert not paints(client, folder, "before")
        before_mb = server.resident_mb
        valid = to_message(recipe, recipe_pb2.Recipe).SerializeToString()
        began = time.monotonic()
        with multiprocessing.get_context("spawn").Pool(len(DOORS)) as pool:
            answered, wrong = through_both(pool, server, seed, valid, messages)
        took_s, after_mb = time.monotonic() - began, before_mb
        if server.process.poll() is not None:
            wrong.insert(0, f"the server died: exit status {server.process.returncode}")
        else:
            after_mb = server.resident_mb
            with Client(server.address) as client:
                wrong += paints(client, folder, "after")
    crashed = log.read_text().count("Traceback (most recent call last)")
    statuses = ", ".join(f"{number} {status}" for status, number in answered.most_common())
    return (
        f"{messages} messages, {messages / took_s:.0f} a second ({statuses}); server's memory {before_mb:.0f} to "
        f"{after_mb:.0f} MB; {crashed} tracebacks in its log",
        wrong,
    )


def through_both(
    pool: Pool, server: RunningServer, seed: int, valid: bytes, messages: int
) -> tuple[Counter[str], list[str]]:
    """By turns, a piece through each door at the same time."""
    ports = {"gRPC": server.grpc_port, "HTTP": server.http_port}
    answered, wrong, pieces = Counter[str](), list[str](), list[Any]()
    for number, first in enumerate(range(0, messages, CHUNK)):
        kind = [*DOORS][number % len(DOORS)]
        last = min(first + CHUNK, messages)
        pieces.append(pool.apply_async(sent_all, (kind, ports[kind], seed, valid, first, last)))
    for piece in pieces:
        statuses, faults = piece.get()
        answered += statuses
        wrong += faults
        if server.process.poll() is not None:
            pool.terminate()
            break
    return answered, wrong


def paints(client: Client, folder: Path, when: str) -> list[str]:
    """An edit goes through; what is wrong where it does not."""
    recipe, job_id = recipe_of(1, folder, 0.0), str(uuid.uuid4())
    client.submit(job_id, recipe)
    *_, last = client.watch(job_id)
    return [] if isinstance(last.happening, Done) else [f"an edit {when} the messages ended with {last.happening}"]
