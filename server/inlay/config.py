"""Where things are unless somebody says otherwise: the data folder, the two doors, the quota."""

import os
from pathlib import Path

from inlay.errors import InvalidInput

DATA_VARIABLE = "INLAY_DATA"
TOKEN_VARIABLE = "INLAY_TOKEN"
LOOPBACK = "127.0.0.1"
GRPC_PORT = 50_051
HTTP_PORT = 50_052
RAY_PORT = 6_379
"""Of a Ray cluster's head, as Ray has it."""
QUOTA_BYTES = 20 * 2**30
MAX_PORT = 65_535
MODELS_FILE = "models.toml"
"""In the data folder: what the user has to paint with."""


def data_dir(chosen: Path | None = None) -> Path:
    """The folder of journal, blobs, token and certificate: `chosen`, else $INLAY_DATA, else the user's own. Absolute."""
    if chosen is not None:
        return chosen.expanduser().absolute()
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("inlay", appauthor=False)).absolute()


def split_address(address: str, default_port: int = GRPC_PORT) -> tuple[str, int]:
    """Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`. Raises InvalidInput where it is none of them."""
    wrong = InvalidInput("server", repr(address), "it must be HOST or HOST:PORT, such as 192.168.1.20:50051")
    if not address or "/" in address or any(character.isspace() for character in address):
        raise wrong
    if address.startswith("["):
        host, closed, rest = address[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise wrong
        port = rest[1:]
    elif address.count(":") > 1:
        host, port = address, ""
    else:
        host, _, port = address.partition(":")
    if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port) <= MAX_PORT)):
        raise wrong
    return host, int(port) if port else default_port


def join_address(host: str, port: int) -> str:
    """The inverse of `split_address`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. A name other than localhost may resolve to anything, so it is not."""
    import ipaddress

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
