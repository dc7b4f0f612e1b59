"""Which servers the local network knows: one question by multicast DNS, and what answers it within a moment.

A one-shot query from a port of its own, as RFC 6762, 5.1 and 6.7 have it: the answers come back to that port, so that nothing
has to share port 5353 with the system's own resolver. Whatever answers may lie; who the server is, pairing shows.
"""

from __future__ import annotations  # the plugin's Python may be older

import contextlib
import ipaddress
import select
import socket
import struct
import time
from collections.abc import Iterator
from typing import NamedTuple

SERVICE_TYPE = "_inlay._tcp.local."
TXT_VERSION = "1"

GROUP = "224.0.0.251"
PORT = 5353
WAIT_S = 1.5
AGAIN_S = 0.5
"""The question is asked a second time after so long: nobody confirms a datagram."""

MAX_FOUND = 64
_MAX_STEPS = 128
"""Through the labels and pointers of one name."""

_PTR, _TXT, _SRV, _IN, _UNICAST, _ANSWERS = 12, 16, 33, 1, 0x8000, 0x8000


class Found(NamedTuple):
    """A server, as it tells of itself."""

    name: str
    version: str
    host: str
    """What its certificate calls it."""
    grpc_port: int
    http_port: int
    fingerprint: str
    """SHA-256 of its certificate, hex."""

    @property
    def url(self) -> str:
        """The HTTP door's."""
        return f"https://{self.host}:{self.http_port}"


def find(wait_s: float = WAIT_S) -> list[Found]:
    """The servers that answer within `wait_s`, by name. Nobody, where the network takes no multicast."""
    asking = struct.pack(">6H", 0, 0, 1, 0, 0, 0) + _name_bytes(SERVICE_TYPE) + struct.pack(">2H", _PTR, _UNICAST | _IN)
    found: dict[str, Found] = {}
    with contextlib.ExitStack() as stack:
        sockets: list[socket.socket] = []
        for address in _own_addresses():
            with contextlib.suppress(OSError):
                one = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
                one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
                one.setblocking(False)
                one.bind((address, 0))
                sockets.append(one)
        began_s, asked = time.monotonic(), 0
        while sockets and (left_s := began_s + wait_s - time.monotonic()) > 0:
            if asked == 0 or (asked == 1 and time.monotonic() - began_s > AGAIN_S):
                asked += 1
                for one in sockets:
                    with contextlib.suppress(OSError):
                        one.sendto(asking, (GROUP, PORT))
            for one in select.select(sockets, [], [], min(left_s, AGAIN_S / 5))[0]:
                with contextlib.suppress(OSError):
                    data, sender = one.recvfrom(9000)
                    for key, server in read_answer(data, sender[0]):
                        if len(found) < MAX_FOUND:
                            found.setdefault(key, server)
    return sorted(found.values())


def read_answer(data: bytes, sender: str) -> Iterator[tuple[str, Found]]:
    """The servers that a message tells of, by the fingerprint of each and where it is. Nothing, of what is no such message."""
    try:
        ports, texts = _records(data)
    except (IndexError, struct.error, UnicodeDecodeError, ValueError):
        return
    for name, grpc_port in ports.items():
        facts = texts.get(name, {})
        http, host = facts.get("http", ""), facts.get("host", "") or sender
        fingerprint = facts.get("fp", "")
        is_known = facts.get("v") == TXT_VERSION and http.isdecimal() and 0 < int(http[:6]) < 65_536
        if not is_known or len(fingerprint) != 64 or set(fingerprint) - set("0123456789abcdef") or not _is_host(host):
            continue
        shown = "".join(one for one in facts.get("name", "") if one.isprintable())[:64]
        version = "".join(one for one in facts.get("version", "") if one.isprintable())[:32]
        server = Found(shown or host, version, host, grpc_port, int(http), fingerprint)
        yield f"{fingerprint} {host} {http}", server


def _is_host(host: str) -> bool:
    """Whether that is an IPv4 address or a name, and nothing that an address could be made another with."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).version == 4
    return len(host) < 254 and all(
        part and part.isascii() and part.replace("-", "").isalnum() for part in host.split(".")
    )


def _own_addresses() -> list[str]:
    """Those that can be asked from: this machine's IPv4 addresses, as far as it tells them, and loopback."""
    found = ["127.0.0.1"]
    with contextlib.suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((GROUP, PORT))  # sends nothing; the default route's address is ours
        found.append(probe.getsockname()[0])
    return list(dict.fromkeys(found))


def _name_bytes(name: str) -> bytes:
    labels = [label.encode() for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _records(data: bytes) -> tuple[dict[str, int], dict[str, dict[str, str]]]:
    """Of a message (RFC 1035, 4.1), by the names of the servers in it: their ports and what else they tell."""
    ports: dict[str, int] = {}
    texts: dict[str, dict[str, str]] = {}
    _, flags, questions, *counts = struct.unpack_from(">6H", data)
    at = 12
    for _ in range(questions):
        at = _name(data, at)[1] + 4
    for _ in range(sum(counts) if flags & _ANSWERS else 0):
        name, at = _name(data, at)
        kind, _, _, length = struct.unpack_from(">HHIH", data, at)
        content = data[at + 10 : at + 10 + length]
        if kind == _SRV and name.endswith(f".{SERVICE_TYPE}"):
            ports[name] = struct.unpack_from(">H", content, 4)[0]
        elif kind == _TXT:
            texts[name] = _facts(content)
        at += 10 + length
    return ports, texts


def _facts(text: bytes) -> dict[str, str]:
    """The pairs of a TXT record (RFC 6763, 6.4): the first of a key counts."""
    facts: dict[str, str] = {}
    while text:
        key, _, value = text[1 : 1 + text[0]].decode().partition("=")
        facts.setdefault(key.lower(), value)
        text = text[1 + text[0] :]
    return facts


def _name(data: bytes, at: int) -> tuple[str, int]:
    """The name that stands at a place, and the place after it."""
    labels: list[str] = []
    after = 0
    for _ in range(_MAX_STEPS):
        length = data[at]
        if length >= 0xC0:
            after = after or at + 2
            at = (length & 0x3F) << 8 | data[at + 1]
        elif length:
            labels.append(data[at + 1 : at + 1 + length].decode())
            at += 1 + length
        else:
            return ".".join(labels) + ".", after or at + 1
    raise ValueError("a name without an end")
