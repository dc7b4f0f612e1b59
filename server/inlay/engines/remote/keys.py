"""A model's key: read where it lies at the moment of a call, and shown by nothing."""

import os
from pathlib import Path

from inlay.engines.models.catalog import ModelEntry
from inlay.errors import Unsupported

HIDDEN = "***"
MAX_BYTES = 8_192


class Key:
    """A secret text, which no `repr`, log or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Key(***)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def reveal(self) -> str:
        """The text, for the one header that it belongs into."""
        return self._text

    def hidden_in(self, text: str) -> str:
        """`text` without the key, should somebody have repeated it."""
        return text.replace(self._text, HIDDEN) if self._text else text


def key_of(entry: ModelEntry) -> Key:
    """The key of a model; an empty one where it needs none. Raises Unsupported, saying where it should be."""
    remote = entry.remote
    assert remote
    if remote.key_env:
        found = os.environ.get(remote.key_env, "").strip()
        where = remote.key_env
    elif remote.key_file:
        found, where = _read(Path(remote.key_file)), remote.key_file
    else:
        return Key("")
    if not found or not found.isascii() or not found.isprintable():
        raise Unsupported(f"model {entry.id!r} has no key in {where}", field="model")
    return Key(found)


def _read(place: Path) -> str:
    try:
        with place.open("rb") as file:
            return file.read(MAX_BYTES).decode("ascii", "replace").strip()
    except OSError:
        return ""
