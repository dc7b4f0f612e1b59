"""What is read of a server's answer on the network, and what is left of an answer that lies. zeroconf writes the messages."""

import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zeroconf import DNSOutgoing, DNSPointer, DNSService, DNSText, ServiceInfo

from inlay.nearby import SERVICE_TYPE, read_answer

FINGERPRINT = "ab" * 32
FACTS = {"v": "1", "name": "gpu", "version": "0.1.0", "host": "10.0.0.5", "http": "50052", "fp": FINGERPRINT}


def message(**facts: Any) -> bytes:
    told = {name: value for name, value in (FACTS | facts).items() if value is not None}
    name = f"gpu.{SERVICE_TYPE}"
    text = ServiceInfo(SERVICE_TYPE, name, properties=told, port=50051).text
    out = DNSOutgoing(0x8400, multicast=False)
    out.add_answer_at_time(DNSPointer(SERVICE_TYPE, 12, 1, 120, name), 0)
    out.add_answer_at_time(DNSService(name, 33, 1, 120, 0, 0, 50051, "gpu.local."), 0)
    out.add_answer_at_time(DNSText(name, 16, 1, 120, text), 0)
    (packet,) = out.packets()
    return packet


def read(data: bytes) -> list[Any]:
    return [server for _, server in read_answer(data, "10.0.0.9")]


def test_an_answer_is_read_as_zeroconf_writes_it() -> None:
    (found,) = read(message())
    assert found == ("gpu", "0.1.0", "10.0.0.5", 50051, 50052, FINGERPRINT)
    assert found.url == "https://10.0.0.5:50052"
    (found,) = read(message(host=None))
    assert found.host == "10.0.0.9", "who tells no name is called by where it answers from"


@pytest.mark.parametrize(
    "facts",
    [
        {"http": "0"},
        {"http": "65536"},
        {"http": "80/x"},
        {"http": "-1"},
        {"fp": "ab"},
        {"fp": "zz" * 32},
        {"v": "2"},
        {"host": "evil.example/inlay?"},
        {"host": "user@evil"},
        {"host": "a b"},
    ],
    ids=str,
)
def test_an_answer_that_could_lead_elsewhere_is_none(facts: dict[str, str]) -> None:
    assert read(message(**facts)) == []


def test_nothing_that_a_terminal_obeys_is_shown() -> None:
    (found,) = read(message(name="gpu\x1b[2J\n", version="1\x07"))
    assert (found.name, found.version) == ("gpu[2J", "1")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_arrives_is_read_or_left(data: st.DataObject) -> None:
    whole = bytearray(message())
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    for found in read(bytes(whole[: data.draw(st.integers(0, len(whole)))])):
        assert 0 < found.http_port < 65_536
        socket.inet_aton(found.host) if found.host[0].isdigit() and found.host.count(".") == 3 else found.host


def test_a_name_that_points_at_itself_has_an_end() -> None:
    assert read(b"\0\0\x84\0\0\x01\0\0\0\0\0\0\xc0\x0c\0\x0c\0\x01") == []
