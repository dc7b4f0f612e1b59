"""What a machine is told so that a server starts with it: texts with its places filled in, for systemd, containers, macOS, Windows.

systemd.exec(5) and systemd.service(5), launchd.plist(5), compose-spec.io, Docker's reference of Dockerfiles.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

FILES = {
    "systemd": "inlay.service",
    "dockerfile": "Dockerfile",
    "compose": "compose.yaml",
    "launchd": "com.inlay.server.plist",
    "windows": "inlay-task.xml",
}
"""The name under which each is known where it belongs."""


@dataclass(frozen=True)
class Wanted:
    """What differs from one machine to the next."""

    command: Path
    """The `inlay` to run."""
    data: Path
    """The data folder, absolute."""
    options: Sequence[str] = ()
    """Further ones of `inlay serve`."""
    user: str = "inlay"
    groups: Sequence[str] = ()
    """What else it belongs to. systemd starts nothing where one of them is not there."""


def text_of(kind: str, wanted: Wanted) -> str:
    """The text of one of `FILES`."""
    template = Template((Path(__file__).parent / FILES[kind]).read_text("utf-8"))
    quoted = {"systemd": _for_systemd, "compose": _for_yaml}.get(kind, escape)
    arguments = ["serve", "--data", str(wanted.data), *wanted.options]
    if kind in ("dockerfile", "compose"):
        arguments = ["serve", *wanted.options]  # the image knows where its data are
    between, around = {"launchd": ("\n", "        <string>{}</string>"), "compose": (", ", "{}")}.get(kind, (" ", "{}"))
    return template.substitute(
        command=quoted(str(wanted.command)),
        arguments=between.join(around.format(quoted(argument)) for argument in arguments),
        data=quoted(str(wanted.data)),
        user=quoted(wanted.user),
        groups=" ".join(map(quoted, wanted.groups)),
    )


CARD_GROUPS = ("video", "render")
"""Those that cards of AMD and Intel belong to."""


def card_groups() -> tuple[str, ...]:
    """Those of `CARD_GROUPS` that this machine has."""
    if sys.platform != "linux":
        return ()
    import grp

    known = {group.gr_name for group in grp.getgrall()}
    return tuple(group for group in CARD_GROUPS if group in known)


def own_command() -> Path:
    """The `inlay` of this installation."""
    return Path(sys.executable).with_name("inlay.exe" if os.name == "nt" else "inlay")


def _for_systemd(text: str) -> str:
    """As systemd.syntax(7) and its specifiers want it."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if any(character.isspace() for character in text) else text


def _for_yaml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$") + '"'
