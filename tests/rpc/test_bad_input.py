"""Bad input of every kind, at both doors: a typed error that names the field, and a server that lives on."""

import dataclasses
import hashlib
import http.client
import math
import os
import socket
import struct
import sys
import uuid

import grpc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlay.blobs import MAX_CHUNK_BYTES
from inlay.client import Client
from inlay.color.raster import Raster, SampleType
from inlay.events import Done, Failed, VariationDone
from inlay.recipe import Canvas, Recipe, Verb, Where
from inlay.v1 import inlay_pb2, recipe_pb2
from inlay.wire.codec import to_message
from inlay.wire.contract import MAX_MESSAGE_BYTES, METHODS, SERVICE, Method
from rpc.conftest import REGION, WINDOW
from rpc.doors import ConnectBinary, ConnectJson, GrpcDoor, Refused, call
from rpc.messages import damaged, parsed
from rpc.process import RunningServer

some = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

CONTENT_TYPES = [
    "application/proto",
    "application/json",
    "application/connect+proto",
    "application/connect+json",
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc",
    "application/connect+cbor",
    "image/png",
    "",
    "\u00e4",
]


@pytest.fixture(autouse=True, scope="module")
def completes_an_edit_afterwards(server: RunningServer, pixels: bytes, selection: bytes):
    """Whatever the tests of this file did, the same process still paints."""
    yield
    assert server.process.poll() is None, "the server died"
    with Client(server.address) as client:
        edit_completes(client, pixels, selection)


def edit_completes(client: Client, pixels: bytes, selection: bytes) -> None:
    source, mask = client.upload(pixels).sha256, client.upload(selection).sha256
    recipe = Recipe(
        verb=Verb.ERASE,
        canvas=Canvas(
            WINDOW.padded(100).moved(100, 100).size,
            WINDOW,
            Raster(WINDOW.width, WINDOW.height, "BGR", SampleType.U16, 65_535, "", source),
        ),
        where=Where(REGION, Raster(REGION.width, REGION.height, "Y", SampleType.U8, 255, "", mask)),
    )
    job_id = str(uuid.uuid4())
    client.submit(job_id, recipe)
    happenings = [event.happening for event in client.watch(job_id)]
    assert isinstance(happenings[-1], Done), happenings[-1]
    (variation,) = [happening.variation for happening in happenings if isinstance(happening, VariationDone)]
    patch = np.frombuffer(client.fetch(variation.patch.pixels.blob), "<u2").reshape(WINDOW.height, WINDOW.width, 3)
    assert (patch == np.frombuffer(pixels, "<u2").reshape(patch.shape)[::-1]).all()


CASES = {
    "no verb": (lambda m: m.ClearField("verb"), "INVALID_ARGUMENT", "verb"),
    "a verb that nobody knows": (lambda m: setattr(m, "verb", "bake"), "FAILED_PRECONDITION", "verb"),
    "no place": (lambda m: m.ClearField("where"), "INVALID_ARGUMENT", "where"),
    "no mask": (lambda m: m.where.ClearField("mask"), "INVALID_ARGUMENT", "where.mask"),
    "a number that is none among the options": (
        lambda m: setattr(m.options["size"], "number", math.nan),
        "INVALID_ARGUMENT",
        "options.size",
    ),
    "an option without a value": (lambda m: m.options["size"].SetInParent(), "INVALID_ARGUMENT", "options.size"),
    "a raster that no model reads": (
        lambda m: m.inputs.add(role="smell", raster=m.canvas.source),
        "FAILED_PRECONDITION",
        "inputs[0].role",
    ),
    "a tier that nobody knows": (lambda m: setattr(m.sampling, "tier", "best"), "INVALID_ARGUMENT", "sampling.tier"),
    "zero width": (lambda m: setattr(m.canvas.source, "width", 0), "INVALID_ARGUMENT", "canvas.source.size"),
    "gigantic sides": (lambda m: setattr(m.canvas.window, "width", 2**32 - 1), "INVALID_ARGUMENT", "canvas.window"),
    "a gigantic area": (lambda m: enlarge(m, 65_536), "INVALID_ARGUMENT", "canvas.source.size"),
    "a window off the canvas": (lambda m: setattr(m.canvas.window, "x", -(2**31)), "INVALID_ARGUMENT", "canvas.window"),
    "a region off the window": (lambda m: setattr(m.where.region, "y", 2**31 - 1), "INVALID_ARGUMENT", "where.region"),
    "a mask of another size": (lambda m: setattr(m.where.mask, "height", 5), "INVALID_ARGUMENT", "where.mask.size"),
    "a mask with colours": (lambda m: setattr(m.where.mask, "order", 3), "INVALID_ARGUMENT", "where.mask.order"),
    "strength NaN": (lambda m: setattr(m.sampling, "strength", math.nan), "INVALID_ARGUMENT", "sampling.strength"),
    "strength above 1": (lambda m: setattr(m.sampling, "strength", 1.01), "INVALID_ARGUMENT", "sampling.strength"),
    "an endless white": (
        lambda m: setattr(m.canvas.source, "white_level", math.inf),
        "INVALID_ARGUMENT",
        "canvas.source.white_level",
    ),
    "a white of next to nothing": (
        lambda m: setattr(m.canvas.source, "white_level", 1e-30),
        "INVALID_ARGUMENT",
        "canvas.source.white_level",
    ),
    "a mask whose white is less than one code": (
        lambda m: setattr(m.where.mask, "white_level", 0.5),
        "INVALID_ARGUMENT",
        "where.mask.white_level",
    ),
    "too many variations": (lambda m: setattr(m.sampling, "count", 17), "INVALID_ARGUMENT", "sampling.count"),
    "an essay for a prompt": (lambda m: setattr(m.words, "prompt", "x" * 8_193), "INVALID_ARGUMENT", "words.prompt"),
    "too much growth": (lambda m: setattr(m.where, "grow_px", -513), "INVALID_ARGUMENT", "where.grow_px"),
    "a name that is no hash": (
        lambda m: setattr(m.canvas.source, "blob", "../../secret"),
        "INVALID_ARGUMENT",
        "canvas.source.blob",
    ),
    "pixels that are not here": (
        lambda m: setattr(m.canvas.source, "blob", "0" * 64),
        "FAILED_PRECONDITION",
        "canvas.source.blob",
    ),
    "a mask that is not here": (
        lambda m: setattr(m.where.mask, "blob", "0" * 64),
        "FAILED_PRECONDITION",
        "where.mask.blob",
    ),
    "pixels for half the window": (
        lambda m: setattr(m.canvas.source, "order", 6),
        "INVALID_ARGUMENT",
        "canvas.source.blob",
    ),
    "a model nobody has": (lambda m: setattr(m.sampling, "model", "dall-e-9"), "NOT_FOUND", "model"),
    "a verb nothing here can do": (lambda m: setattr(m, "verb", "instruct"), "FAILED_PRECONDITION", "verb"),
}


def enlarge(message: recipe_pb2.Recipe, side: int) -> None:
    for part in (message.canvas.document, message.canvas.window, message.canvas.source):
        part.width = part.height = side
    message.canvas.window.x = message.canvas.window.y = 0


@pytest.mark.parametrize("what", CASES)
def test_a_recipe_that_cannot_be_is_refused_by_field(door, client, recipe, pixels, selection, what):
    change, code, field = CASES[what]
    client.upload(pixels)
    client.upload(selection)
    message = to_message(recipe, recipe_pb2.Recipe)
    change(message)
    job_id = str(uuid.uuid4())
    with pytest.raises(Refused) as refused:
        call(door, "SubmitEdit", inlay_pb2.SubmitEditRequest(job_id=job_id, recipe=message))
    assert (refused.value.code, refused.value.facts.field) == (code, field)
    assert field in refused.value.message or refused.value.code in ("NOT_FOUND", "FAILED_PRECONDITION")
    assert job_id not in [job.job_id for job in client.jobs()]


def test_an_empty_mask_fails_the_job_and_says_why(client, recipe, pixels, job_id):
    client.upload(pixels)
    mask = client.upload(bytes(recipe.where.mask.byte_length)).sha256
    client.submit(job_id, recipe.altered(mask=dataclasses.replace(recipe.where.mask, blob=mask)))
    last = list(client.watch(job_id))[-1].happening
    assert isinstance(last, Failed)
    assert (last.code, last.field) == ("INVALID_ARGUMENT", "where.mask")
    assert "empty" in last.message


def test_samples_that_are_no_numbers_fail_the_job_and_say_so(client, recipe, selection, job_id):
    samples = np.full(recipe.canvas.source.width * recipe.canvas.source.height * 3, np.nan, "<f4")
    source = dataclasses.replace(
        recipe.canvas.source, sample_type=SampleType.F32, white_level=1.0, blob=client.upload(samples.tobytes()).sha256
    )
    client.upload(selection)
    client.submit(job_id, recipe.altered(source=source))
    last = list(client.watch(job_id))[-1].happening
    assert isinstance(last, Failed)
    assert "NaN" in last.message


PUTS = {
    "wrong bytes": ({"sha256": "1" * 64, "total": 4, "data": b"abcd"}, "DATA_LOSS", "data"),
    "no name": ({"sha256": "", "total": 4, "data": b"abcd"}, "INVALID_ARGUMENT", "sha256"),
    "a path for a name": ({"sha256": "../" * 20 + "abcd", "total": 4, "data": b"abcd"}, "INVALID_ARGUMENT", "sha256"),
    "more than the total": ({"sha256": "1" * 64, "total": 3, "data": b"abcd"}, "INVALID_ARGUMENT", "data"),
    "a chunk too large": ({"sha256": "1" * 64, "total": 2**30, "data": bytes(2**21 + 1)}, "INVALID_ARGUMENT", "data"),
    "a total too large": ({"sha256": "1" * 64, "total": 2**40, "data": b"abcd"}, "INVALID_ARGUMENT", "total"),
    "an empty chunk": ({"sha256": "1" * 64, "total": 9}, "INVALID_ARGUMENT", "data"),
    "the middle first": ({"sha256": "2" * 64, "offset": 4, "total": 9, "data": b"abcd"}, "OUT_OF_RANGE", "offset"),
}


@pytest.mark.parametrize("what", PUTS)
def test_a_chunk_that_cannot_be_is_refused_by_field(door, what):
    fields, code, field = PUTS[what]
    with pytest.raises(Refused) as refused:
        call(door, "PutBlob", inlay_pb2.PutBlobRequest(**fields))
    assert (refused.value.code, refused.value.facts.field) == (code, field)
    (status,) = call(door, "HasBlobs", inlay_pb2.HasBlobsRequest(sha256=["1" * 64])).blobs
    assert (status.present, status.received) == (False, 0)


def test_a_message_above_the_limit_is_refused(door):
    request = inlay_pb2.SubmitEditRequest(label="x" * (MAX_MESSAGE_BYTES + 1))
    with pytest.raises((Refused, OSError)) as refused:
        call(door, "SubmitEdit", request)
    if isinstance(refused.value, Refused):
        assert refused.value.code == "RESOURCE_EXHAUSTED"


@some
@given(method=st.sampled_from(METHODS), content_type=st.sampled_from(CONTENT_TYPES), body=st.binary(max_size=300))
def test_any_bytes_at_the_http_door_get_an_answer(server, method, content_type, body):
    answers(server, method.path, content_type, body)


@some
@given(
    method=st.sampled_from(METHODS),
    content_type=st.sampled_from(CONTENT_TYPES[2:7]),
    flags=st.integers(0, 255),
    length=st.one_of(st.integers(0, 64), st.integers(0, 2**32 - 1)),
    body=st.binary(max_size=64),
)
def test_any_envelope_at_the_http_door_gets_an_answer(server, method, content_type, flags, length, body):
    answers(server, method.path, content_type, struct.pack(">BI", flags, length) + body)


@pytest.mark.slow
@some
@given(st.data())
def test_any_message_at_the_http_door_gets_an_answer(server, data):
    method = data.draw(st.sampled_from(METHODS))
    message = data.draw(parsed(method.request))
    answers(server, method.path, "application/proto", message.SerializeToString())


@pytest.mark.slow
@some
@given(method=st.sampled_from(METHODS), body=st.binary(max_size=300), data=st.data())
def test_any_bytes_at_the_grpc_door_get_an_answer(server, method, body, data):
    if data.draw(st.booleans()):
        body = data.draw(parsed(method.request)).SerializeToString()
    with grpc.insecure_channel(server.address, [("grpc.enable_http_proxy", 0)]) as channel:
        assert grpc_code(channel, method, body) not in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


def grpc_code(channel: grpc.Channel, method: Method, body: bytes) -> grpc.StatusCode:
    """What the call, or the first message of its stream, ends with."""
    kind = channel.unary_stream if method.streams else channel.unary_unary
    try:
        answer = kind(method.path)(body, timeout=2)
        if method.streams:
            next(answer, None)
            answer.cancel()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


NEARLY = recipe_pb2.Recipe(
    verb="erase", canvas={"source": {"width": 1}}, where={"mask": {"width": 1}}, sampling={"strength": 1}
)


@some
@given(message=damaged(NEARLY))
def test_any_recipe_is_accepted_or_refused_by_type(server, message):
    with grpc.insecure_channel(server.address, [("grpc.enable_http_proxy", 0)]) as channel:
        submit = channel.unary_unary(f"/{SERVICE}/SubmitEdit")
        request = inlay_pb2.SubmitEditRequest(job_id=str(uuid.uuid4()), recipe=message)
        with pytest.raises(grpc.RpcError) as refused:
            submit(request.SerializeToString())
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("port", ["grpc_port", "http_port"])
def test_noise_on_a_port_does_no_harm(server, port):
    for number in range(20):
        with socket.create_connection(("127.0.0.1", getattr(server, port)), timeout=10) as line:
            line.sendall(os.urandom(1 + number * 200))
    starts = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"GET",
    ]
    for start in starts:
        with socket.create_connection(("127.0.0.1", getattr(server, port)), timeout=10) as line:
            line.sendall(start + os.urandom(100))
    with Client(server.address) as client:
        assert client.info().protocol == 1


@pytest.mark.parametrize(
    "header", [b"X-A: \xff\xfe", b"Authorization: \xc3\x28", b"Connect-Timeout-Ms: never", b"Grpc-Timeout: 1y"]
)
def test_a_header_that_is_none_gets_an_answer(server, header):
    body = (
        b"POST /"
        + SERVICE.encode()
        + b"/GetServerInfo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=10) as line:
        line.sendall(body + header + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        status = line.makefile("rb").readline()
    assert status.split()[1] in (b"200", b"400")


def test_a_body_that_never_ends_up_complete_does_no_harm(server):
    for kind in ("application/proto", "application/connect+proto"):
        connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
        connection.putrequest("POST", f"/{SERVICE}/PutBlob")
        connection.putheader("Content-Type", kind)
        connection.putheader("Content-Length", "1000000")
        connection.endheaders(b"\x00" * 1000)
        connection.close()
    with Client(server.address) as client:
        assert client.info().protocol == 1


def answers(server: RunningServer, path: str, content_type: str, body: bytes) -> None:
    """An answer comes, and it is not the server's fault."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=20)
    headers = {"Content-Type": content_type.encode(), "Connect-Timeout-Ms": "2000", "Grpc-Timeout": "2S"}
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    assert response.status in (200, 400, 401, 404, 409, 415, 429, 499, 501, 504) or (
        response.status == 500 and b"data_loss" in response.read()
    ), (response.status, response.read())
    response.read()
    connection.close()


LONG = "y" * (15 * 2**20)

KEPT_MB = 600
"""The server's malloc keeps up to 256 MiB for each of the doors; 64 refused requests are 960 MiB."""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_refused_values_of_15_mb_are_named_not_repeated_and_leave_no_memory_behind(server, recipe):
    message = to_message(recipe, recipe_pb2.Recipe)
    long_mask, long_profile, long_prompt = (to_message(recipe, recipe_pb2.Recipe) for _ in range(3))
    long_mask.where.mask.blob, long_profile.canvas.source.profile, long_prompt.words.prompt = LONG, LONG, LONG
    request = inlay_pb2.SubmitEditRequest
    faults = {
        "job_id": ("SubmitEdit", request(job_id=LONG, recipe=message)),
        "where.mask.blob": ("SubmitEdit", request(job_id=str(uuid.uuid4()), recipe=long_mask)),
        "canvas.source.profile": ("SubmitEdit", request(job_id=str(uuid.uuid4()), recipe=long_profile)),
        "words.prompt": ("SubmitEdit", request(job_id=str(uuid.uuid4()), recipe=long_prompt)),
        "label": ("SubmitEdit", request(job_id=str(uuid.uuid4()), recipe=message, label=LONG)),
        "model": ("PlanEdit", inlay_pb2.PlanEditRequest(model=LONG)),
        "target_color": ("ProbeRegion", inlay_pb2.ProbeRegionRequest(target_color=LONG)),
        "sha256": ("HasBlobs", inlay_pb2.HasBlobsRequest(sha256=[LONG])),
    }
    doors = [server.door(kind) for kind in (GrpcDoor, ConnectBinary)]
    before_mb = server.resident_mb
    for _ in range(4):
        for field, (name, body) in faults.items():
            calls = [door.open(name, body) for door in doors]
            for opened in calls:
                with pytest.raises(Refused) as refused:
                    list(opened.messages())
                assert (refused.value.code, refused.value.facts.field) == ("INVALID_ARGUMENT", field)
                assert len(refused.value.message) < 1_000
    assert server.resident_mb < before_mb + KEPT_MB


def test_what_an_error_repeats_is_short(door):
    for job_id in ("y" * 200, "\u00e4" * 200):
        with pytest.raises(Refused) as refused:
            call(door, "PollJob", inlay_pb2.PollJobRequest(job_id=job_id))
        assert (refused.value.code, refused.value.facts.field) == ("INVALID_ARGUMENT", "job_id")
        assert job_id[:100] in refused.value.message
        assert job_id not in refused.value.message


@pytest.mark.parametrize("letter", ["y", "\u00e4", "\u732b"])
def test_an_error_about_what_has_an_endless_name_still_fits_the_headers_that_carry_it(
    door, client, recipe, pixels, selection, letter
):
    client.upload(pixels)
    client.upload(selection)
    message = to_message(recipe, recipe_pb2.Recipe)
    message.options[letter * 9_000].SetInParent()
    with pytest.raises(Refused) as refused:
        call(door, "SubmitEdit", inlay_pb2.SubmitEditRequest(job_id=str(uuid.uuid4()), recipe=message))
    assert refused.value.code == "INVALID_ARGUMENT"
    assert refused.value.facts.field.startswith(f"options.{letter}")
    assert len(refused.value.facts.field) < 200


@pytest.mark.parametrize("name", ["PollJob", "WatchJob"])
def test_an_event_number_that_cannot_be_is_named(door, name, client, recipe, pixels, selection, job_id):
    client.upload(pixels)
    client.upload(selection)
    client.submit(job_id, recipe)
    request = {"PollJob": inlay_pb2.PollJobRequest, "WatchJob": inlay_pb2.WatchJobRequest}[name]
    with pytest.raises(Refused) as refused:
        list(door.open(name, request(job_id=job_id, after_seq=2**63)).messages())
    assert (refused.value.code, refused.value.facts.field) == ("INVALID_ARGUMENT", "after_seq")


@pytest.mark.slow
def test_json_is_read_up_to_the_largest_chunk_and_no_further(server):
    door = server.door(ConnectJson)
    data = b"x" * MAX_CHUNK_BYTES
    name = hashlib.sha256(data).hexdigest()
    chunk = inlay_pb2.PutBlobRequest(sha256=name, total=len(data), data=data)
    assert call(door, "PutBlob", chunk).complete
    with pytest.raises(Refused) as refused:
        call(door, "PutBlob", inlay_pb2.PutBlobRequest(sha256=name, total=len(data), data=data + data))
    assert refused.value.code == "RESOURCE_EXHAUSTED"
