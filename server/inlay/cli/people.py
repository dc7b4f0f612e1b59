"""`inlay people`: who may use this machine's server, and with which tokens."""

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.exits import EXIT_CODES
from inlay.errors import InvalidInput
from inlay.person import Role

if TYPE_CHECKING:
    from inlay.studio.people import Entry, People

app = typer.Typer(
    name="people",
    help="Who may use the server of this machine's data folder, each with a token of their own.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name or a mail address, in any case.", show_default=False)]
ROLE = typer.Option(
    "--role",
    help="artist, who sees their own work; if nothing is given. lead: sees their projects' work. admin: sees what goes on, and of "
    "others' work neither pixels nor words.",
    show_default=False,
)
Project = Annotated[
    list[str] | None,
    typer.Option(
        "--project", help="A project; repeat for more. The first is the one that new jobs count to.", show_default=False
    ),
]
Expires = Annotated[
    int | None,
    typer.Option("--expires", metavar="DAYS", help="How long the token is good. Default: for ever.", min=1, max=3650),
]
_UNITS = {"": 86_400_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000}


@app.command("add", epilog=EXIT_CODES)
def add(
    name: Name,
    role: Annotated[Role | None, ROLE] = None,
    project: Project = None,
    expires: Expires = None,
    again: Annotated[
        bool, typer.Option("--again", help="Somebody who was revoked comes back, to what was theirs.")
    ] = False,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Let a person in. Their token is shown this once; give it to them by a safe way."""
    entry, token = _people(data).add(name, role, project or None, expires, again=again)
    _tell(entry, token, as_json=as_json)


@app.command("list", epilog=EXIT_CODES)
def list_people(data: options.Data = None, as_json: options.Json = False) -> None:
    """Everybody, with their tokens' ids, until when they are good and when they were last used."""
    from inlay.cli.console import out, print_json

    entries = _people(data).list()
    if as_json:
        print_json([_plain(entry) for entry in entries])
        return
    for entry in entries:
        for line in _lines(entry):
            out().print(line, markup=False)


@app.command("change", epilog=EXIT_CODES)
def change(
    name: Name,
    role: Annotated[Role | None, typer.Option("--role", help="Another role.", show_default=False)] = None,
    project: Project = None,
    no_project: Annotated[bool, typer.Option("--no-project", help="They are in no project any more.")] = False,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Give a person another role, or other projects. Their jobs stay in the projects that they were made for."""
    projects = [] if no_project else project or None
    if role is None and projects is None:
        raise InvalidInput("--role", "not given", "say what is to be another: --role, --project or --no-project")
    _tell(_people(data).change(name, role, projects), "", as_json=as_json)


@app.command("rotate", epilog=EXIT_CODES)
def rotate(
    name: Name,
    overlap: Annotated[
        str,
        typer.Option(
            "--overlap",
            metavar="TIME",
            help="How long the token before it stays good: 7d, 12h, 30m, 0 where it leaked.",
        ),
    ] = "7d",
    expires: Expires = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Make a person a new token, shown this once; the one before it runs out."""
    entry, token = _people(data).rotate(name, _milliseconds(overlap), expires)
    _tell(entry, token, as_json=as_json)


@app.command("revoke", epilog=EXIT_CODES)
def revoke(
    name: Name,
    token_id: Annotated[
        str, typer.Option("--token-id", help="Only the token with this id; the person stays.", show_default=False)
    ] = "",
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Let a person in no more, from their next call on; what they are listening to ends. What they made stays."""
    _tell(_people(data).revoke(name, token_id), "", as_json=as_json)


def _people(data: Path | None) -> "People":
    from inlay.studio.people import PEOPLE_FILE, People

    return People(config.data_dir(data) / PEOPLE_FILE)


def _milliseconds(overlap: str) -> int:
    found = re.fullmatch(r"(\d{1,4})([dhm]?)", overlap.strip())
    if not found:
        raise InvalidInput("--overlap", repr(overlap), "it must be a time, such as 7d, 12h, 30m or 0")
    return int(found[1]) * _UNITS[found[2]]


def _tell(entry: "Entry", token: str, *, as_json: bool) -> None:
    from inlay.cli.console import out, print_json

    if as_json:
        print_json(_plain(entry) | ({"token": token} if token else {}))
        return
    console = out()
    for line in _lines(entry):
        console.print(line, markup=False)
    if token:
        console.print("the token, which is shown this once:", markup=False)
        console.print(token, markup=False, soft_wrap=True)


def _lines(entry: "Entry") -> list[str]:
    person = entry.person
    said = [person.name, person.role, *(["in " + ", ".join(person.projects)] if person.projects else [])]
    if entry.revoked_unix_ms is not None:
        said.append(f"revoked {_day(entry.revoked_unix_ms)}")
    return ["  ".join(said), *(f"  {_said(token)}" for token in entry.tokens if token.revoked_unix_ms is None)]


def _said(token: Any) -> str:
    until = f"until {_day(token.expires_unix_ms)}" if token.expires_unix_ms is not None else "for ever"
    used = f"last used {_day(token.used_unix_ms)}" if token.used_unix_ms is not None else "never used"
    return f"{token.id}  made {_day(token.made_unix_ms)}  {until}  {used}"


def _plain(entry: "Entry") -> dict[str, Any]:
    from inlay.plain import to_plain

    person = entry.person
    return {
        "name": person.name,
        "role": person.role.value,
        "projects": list(person.projects),
        "added_unix_ms": entry.added_unix_ms,
        "revoked_unix_ms": entry.revoked_unix_ms,
        "tokens": [to_plain(token) for token in entry.tokens],
    }


def _day(unix_ms: int) -> str:
    return datetime.datetime.fromtimestamp(unix_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
