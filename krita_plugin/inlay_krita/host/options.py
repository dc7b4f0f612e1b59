"""The plugin's settings, kept in Krita's own configuration."""

from krita import Krita

from ..client.connect import Address

GROUP = "inlay"
DEFAULT_URL = "http://127.0.0.1:50052"
MAX_DISMISSED = 100


def read(name: str, default: str = "") -> str:
    """A setting as text."""
    return Krita.instance().readSetting(GROUP, name, default)


def write(name: str, value: str) -> None:
    Krita.instance().writeSetting(GROUP, name, value)


def address() -> Address:
    """The server to use."""
    return Address(read("url", DEFAULT_URL), read("token"), read("certificate"))


def set_address(new: Address) -> None:
    write("url", new.url)
    write("token", new.token)
    write("certificate", new.certificate)


def dismissed() -> "list[str]":
    """Jobs whose results the retoucher did not want to have back."""
    return read("dismissed").split()


def dismiss(job_id: str) -> None:
    write("dismissed", " ".join([*dismissed(), job_id][-MAX_DISMISSED:]))
