"""What `models.toml` says of a model on another server: its address, its key's place, and what it understands."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from inlay.config import is_loopback
from inlay.errors import InvalidInput

MASKS = ("none", "alpha", "white", "both")
"""How a mask is written: not at all; transparent where it may change; white there; or so that either reading is right."""

MAX_REFERENCES = 14
MAX_SIDE_PX = 16_384
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}|")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?|")


@dataclass(frozen=True)
class Price:
    """Of one picture. as_of: when it was looked up, such as 2026-11."""

    amount: float = 0.0
    currency: str = "USD"
    as_of: str = ""


@dataclass(frozen=True)
class Remote:
    """Where a model is asked, and how."""

    address: str
    """`https://...`, or `http://` on this machine."""
    model: str = ""
    """What that server calls it."""
    key_env: str = ""
    """The environment variable of this server that holds the key."""
    key_file: str = ""
    """The file that holds it, in the server's own folder; one of the two, or no key at all."""
    mask: str = "none"
    """One of MASKS."""
    mask_field: str = "mask"
    seed_field: str = ""
    """Empty: it knows no seeds."""
    steps_field: str = ""
    steps: int = 0
    """0: its own."""
    multiple: int = 16
    """Both sides of a picture are multiples of it."""
    max_px: int = 4_000_000
    """Of one picture."""
    references: int = 0
    """So many further pictures it takes."""
    sends_pixels_to: str = ""
    """Who gets the pixels, for people. Empty: the address's host, and nobody where that is this machine."""
    price: Price = Price()
    timeout_s: float = 300.0
    """So long an answer may take."""
    allow_api_nodes: bool = False
    """ComfyUI: nodes that send pixels on to somebody are allowed; `sends_pixels_to` then says to whom."""
    further: tuple[tuple[str, str], ...] = ()
    """Fields that every request has besides, such as quality."""

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def to(self) -> str:
        """Who gets the pixels, for people."""
        return self.sends_pixels_to or self.host

    @property
    def leaves(self) -> bool:
        """Whether pixels leave this machine."""
        return bool(self.sends_pixels_to) or not is_loopback(self.host)


def checked_address(field: str, address: str) -> str:
    """`address` without a slash at its end. Raises InvalidInput naming `field` unless it is https, or http on this machine."""
    limit = "it must be https://HOST[:PORT][/PATH], or http:// with 127.0.0.1, [::1] or localhost"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise InvalidInput(field, address, limit) from None
    plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    odd = parts.username or parts.password or parts.query or parts.fragment or port == 0
    if not parts.hostname or odd or not (parts.scheme == "https" or plain):
        # What may hold a key is not repeated.
        raise InvalidInput(field, f"{parts.scheme}://{parts.hostname or ''}", limit)
    return address.rstrip("/")


def remote_of(where: str, plain: Mapping[str, Any]) -> Remote:
    """The table `remote` of a model. Raises InvalidInput naming the key under `where`."""
    known = {field.name: field for field in dataclasses.fields(Remote)}
    if unknown := sorted(set(plain) - set(known)):
        raise InvalidInput(f"{where}.{unknown[0]}", "not known", f"it must be one of {', '.join(known)}")
    values = dict(plain)
    for name, value in plain.items():
        values[name] = _value(f"{where}.{name}", known[name].type, value)
    values["address"] = checked_address(f"{where}.address", values.get("address", ""))
    remote = Remote(**values)
    _check(where, remote)
    return remote


def plain_of(remote: Remote) -> dict[str, Any]:
    """What differs from the defaults, as TOML values: the inverse of `remote_of`."""
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(remote):
        value = getattr(remote, field.name)
        if value != field.default:
            plain[field.name] = value
    if remote.price != Price():
        plain["price"] = dataclasses.asdict(remote.price)
    if remote.further:
        plain["further"] = dict(remote.further)
    return plain


def _value(field: str, kind: Any, value: Any) -> Any:
    if field.endswith(".price"):
        return _price(field, value)
    if field.endswith(".further"):
        if not isinstance(value, Mapping) or not all(_FIELD.fullmatch(name) for name in value):
            raise InvalidInput(field, "no table of texts", "it must be a table of texts")
        return tuple((str(name), str(said)) for name, said in value.items())
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise InvalidInput(field, value, f"it must be a {kind.__name__}")
    return value


def _price(field: str, value: Any) -> Price:
    named = {"amount", "currency", "as_of"}
    if not isinstance(value, Mapping) or set(value) - named or not isinstance(value.get("amount", 0.0), int | float):
        raise InvalidInput(field, "not a price", "it must be { amount = NUMBER, currency = TEXT, as_of = YEAR-MONTH }")
    price = Price(float(value.get("amount", 0.0)), str(value.get("currency", "USD")), str(value.get("as_of", "")))
    if not 0 <= price.amount < 1e6:
        raise InvalidInput(f"{field}.amount", price.amount, "it must be 0 .. 1000000")
    if not _DATE.fullmatch(price.as_of) or (price.amount and not price.as_of):
        raise InvalidInput(f"{field}.as_of", price.as_of or "missing", "it must say when it was looked up, as 2026-11")
    return price


def _check(where: str, remote: Remote) -> None:
    if remote.mask not in MASKS:
        raise InvalidInput(f"{where}.mask", remote.mask, f"it must be one of {', '.join(MASKS)}")
    for name in ("mask_field", "seed_field", "steps_field"):
        if not _FIELD.fullmatch(getattr(remote, name)):
            raise InvalidInput(f"{where}.{name}", getattr(remote, name), "it must be the name of a form field")
    if not _VARIABLE.fullmatch(remote.key_env):
        # What stands here by mistake may be the key itself.
        raise InvalidInput(f"{where}.key_env", "not repeated here", "it must be the name of an environment variable")
    if remote.key_env and remote.key_file:
        raise InvalidInput(f"{where}.key_file", "set beside key_env", "a key has one place")
    limits = {
        "multiple": (1, 256),
        "max_px": (65_536, 67_108_864),
        "references": (0, MAX_REFERENCES),
        "steps": (0, 1000),
        "timeout_s": (1, 3600),
    }
    for name, (low, high) in limits.items():
        if not low <= getattr(remote, name) <= high:
            raise InvalidInput(f"{where}.{name}", getattr(remote, name), f"it must be {low} .. {high}")
    if remote.allow_api_nodes and not remote.sends_pixels_to:
        raise InvalidInput(
            f"{where}.sends_pixels_to", "missing", "with allow_api_nodes it must say who gets the pixels"
        )
