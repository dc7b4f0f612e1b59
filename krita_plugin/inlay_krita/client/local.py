"""The token of a server of the same user on this machine: it lies in the data folder, where Krita may read it too."""

import json
import os
import sys
import urllib.parse
from pathlib import Path

from .messages import is_held

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def token_for(url: str) -> str:
    """What the server at `url` asks for; empty where it is on another machine, or nothing here knows it.

    A server that was killed leaves its card behind, so the card counts only while its process holds the folder's lock.
    """
    if not is_loopback(url):
        return ""
    parts, folder = urllib.parse.urlsplit(url), data_folder()
    try:
        card = json.loads((folder / "server.json").read_text(encoding="utf-8"))
        if card["http_port"] != parts.port or not is_held(folder / "server.lock"):
            return ""
        return Path(card["token_file"]).read_text(encoding="utf-8").strip()
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own, which no other can reach."""
    return urllib.parse.urlsplit(url).hostname in _LOOPBACK


def data_folder() -> Path:
    """Where `inlay serve` keeps its data unless it is told otherwise: $INLAY_DATA, else the platform's place for it."""
    named = os.environ.get("INLAY_DATA")
    if named:
        return Path(named).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "inlay"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "inlay"
    return Path(os.environ.get("XDG_DATA_HOME", "").strip() or Path.home() / ".local" / "share") / "inlay"
