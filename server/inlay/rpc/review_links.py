"""A reviewer's link as people get it: by the address at which the server is reached, and as a code for a tablet's camera."""

import io
import urllib.parse

from inlay.config import is_loopback
from inlay.errors import InvalidInput

MODULE_PX = 3
"""Of the code on a screen: that of a long address fits into a panel of 230 px."""

MAX_ADDRESS_CHARACTERS = 256


def check_address(address: str) -> None:
    """Raise InvalidInput unless it is http://HOST:PORT or https://HOST:PORT, with a proxy's path or without, or empty."""
    if not address:
        return
    try:
        parts = urllib.parse.urlsplit(address)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        is_one = False
    if not is_one or len(address) > MAX_ADDRESS_CHARACTERS or not address.isprintable() or " " in address:
        raise InvalidInput("address", repr(address), "it must be http://HOST:PORT or https://HOST:PORT")


def link_at(address: str, told: str) -> str:
    """A link by the address at which whoever asks knows the server; as it was `told` where there is none, or where `address`
    is one that only this machine can reach and the server has another.
    """
    if not address or (_is_here(address) and not _is_here(told)):
        return told
    return f"{address.rstrip('/')}/review/#{told.partition('#')[2]}"


def code_of(link: str) -> bytes:
    """A QR code (ISO/IEC 18004, level M) with its quiet zone, as a PNG of MODULE_PX px a module."""
    import segno

    made = io.BytesIO()
    segno.make_qr(link, error="m").save(made, kind="png", scale=MODULE_PX)
    return made.getvalue()


def _is_here(link: str) -> bool:
    return is_loopback(urllib.parse.urlsplit(link).hostname or "")
