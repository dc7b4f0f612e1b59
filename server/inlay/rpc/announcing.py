"""The server told on the local network, by multicast DNS and DNS-SD (RFC 6762, RFC 6763), where it was started to do so."""

import contextlib
import ipaddress
import logging
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import NamedTuple

from inlay.config import is_loopback
from inlay.errors import InvalidInput, Unavailable
from inlay.nearby import SERVICE_TYPE, TXT_VERSION
from inlay.rpc.security import Tls, alternatives, machine_addresses

MAX_LABEL_BYTES = 63
"""Of one part of a name in the DNS."""

_log = logging.getLogger(__name__)


class Told(NamedTuple):
    """What is told to everybody on the network; never a token."""

    name: str
    """The machine's, for people."""
    version: str
    host: str
    """What the doors listen on."""
    grpc_port: int
    http_port: int
    fingerprint: bytes
    """SHA-256 of the certificate."""
    certificate: Path


@contextlib.asynccontextmanager
async def announced(told: Told) -> AsyncGenerator[None]:
    """The server is told on the network until the block ends, and then that it is gone.

    A network that takes no multicast is logged and keeps nobody from serving. Raises Unavailable where zeroconf is not installed,
    InvalidInput for a host that only IPv6 reaches.
    """
    try:
        from zeroconf import Error, InterfaceChoice, IPVersion, ServiceInfo
        from zeroconf.asyncio import AsyncZeroconf
    except ImportError:
        raise Unavailable(
            "zeroconf is not installed; run in Inlay's folder: pip install '.[announce]'", field="announce"
        ) from None
    if ":" in told.host and told.host != "::":
        raise InvalidInput("host", told.host, "what is announced must have an IPv4 address")
    everywhere = told.host in ("0.0.0.0", "::")
    addresses = machine_addresses() if everywhere else [told.host]
    label = _label(told.name)
    info = ServiceInfo(
        SERVICE_TYPE,
        f"{label}.{SERVICE_TYPE}",
        port=told.grpc_port,
        addresses=[socket.inet_aton(address) for address in addresses],
        properties={
            "v": TXT_VERSION,
            "name": told.name,
            "version": told.version,
            "host": called(told.certificate, addresses),
            "http": str(told.http_port),
            "fp": told.fingerprint.hex(),
        },
        server=f"{label}.local.",
    )
    network = None
    try:
        interfaces = InterfaceChoice.All if everywhere else [told.host]
        network = AsyncZeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only)
        await (await network.async_register_service(info, allow_name_change=True))
        _log.info("the network is told of this server as %s", info.name)
    except (OSError, Error) as error:
        _log.warning("the network cannot be told of this server (%s); it is reached by its address", error)
    try:
        yield
    finally:
        if network:
            with contextlib.suppress(OSError, Error):
                await network.async_unregister_all_services()
            await network.async_close()


def called(certificate: Path, addresses: list[str]) -> str:
    """What clients are to call the server, so that its certificate is good for it: an address, or else the first name in it."""
    names = alternatives(Tls(certificate, certificate))
    beyond = [address for address in addresses if not is_loopback(address)]
    known = next((address for address in (*beyond, *addresses) if address in names), "")
    plain = next((name for name in names if not name.startswith("*") and not _is_address(name)), "")
    return known or plain or next(iter(addresses), "")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _label(name: str) -> str:
    """A machine's name as one part of a name in the DNS."""
    kept = "".join(character if character.isalnum() or character in "- " else "-" for character in name)
    return kept.encode()[:MAX_LABEL_BYTES].decode(errors="ignore").strip("- ") or "inlay"
