"""The plugin's settings, kept in Krita's own configuration."""

import os

from krita import Krita

from ..client.connect import Address
from ..qt import QtCore

GROUP = "inlay"
DEFAULT_URL = "http://127.0.0.1:50052"
MAX_DISMISSED = 100


def read(name: str, default: str = "") -> str:
    """A setting as text."""
    return Krita.instance().readSetting(GROUP, name, default)


def write(name: str, value: str) -> None:
    Krita.instance().writeSetting(GROUP, name, value)


def locale() -> str:
    """The language that Krita speaks, as a BCP 47 tag."""
    chosen = os.environ.get("LANGUAGE", "").partition(":")[0] or QtCore.QLocale().name()
    return chosen.partition(".")[0].replace("_", "-")


def address() -> Address:
    """The server to use."""
    return Address(read("url", DEFAULT_URL), read("token"), read("certificate"), locale())


def set_address(new: Address) -> None:
    write("url", new.url)
    write("token", new.token)
    write("certificate", new.certificate)


def wants_hints() -> bool:
    """Whether something may be said beside a result of how tries at its region go."""
    return read("hints") != "off"


def set_wants_hints(wanted: bool) -> None:
    write("hints", "" if wanted else "off")


def dismissed() -> "list[str]":
    """Jobs whose results the retoucher did not want to have back."""
    return read("dismissed").split()


def dismiss(job_id: str) -> None:
    write("dismissed", " ".join([*dismissed(), job_id][-MAX_DISMISSED:]))
