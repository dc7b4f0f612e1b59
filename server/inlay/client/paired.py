"""What this user's machine was let in with: a token and the server's certificate for each server, in the data folder."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from inlay.config import join_address, split_address

FOLDER = "paired"


@dataclass(frozen=True)
class Paired:
    """How one server is reached."""

    token: str
    ca: Path
    """PEM: the only certificate that is trusted there."""


def known(address: str, data_dir: Path) -> Paired | None:
    """What there is for the gRPC door at `address`; None where this machine was not let in there."""
    folder = _folder(address, data_dir)
    try:
        token = (folder / "token").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    ca = folder / "certificate.pem"
    return Paired(token, ca) if token and ca.is_file() else None


def keep(address: str, token: str, pem: str, data_dir: Path) -> Paired:
    """Keep what a pairing brought, readable by this user only."""
    folder = _folder(address, data_dir)
    for made in (data_dir, folder.parent, folder):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in (("certificate.pem", pem), ("token", token + "\n")):
        partial = folder / f"{name}.new"
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(partial, folder / name)
    return Paired(token, folder / "certificate.pem")


def _folder(address: str, data_dir: Path) -> Path:
    host, port = split_address(address)
    return data_dir / FOLDER / re.sub(r"[^A-Za-z0-9.-]", "_", join_address(host.lower(), port))
