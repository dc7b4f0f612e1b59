"""`inlay service`: the server as something that the machine starts."""

import enum
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.exits import EXIT_CODES
from inlay.errors import InvalidInput, Unavailable

app = typer.Typer(name="service", help="The server as a service of this machine.", no_args_is_help=True)

SYSTEM_DATA = Path("/var/lib/inlay")
"""What systemd makes of StateDirectory=inlay."""


class Kind(enum.StrEnum):
    """What starts it."""

    SYSTEMD = "systemd"
    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    LAUNCHD = "launchd"
    WINDOWS = "windows"


Arguments = Annotated[
    list[str] | None,
    typer.Option("--serve", help='One more option of `inlay serve`, such as --serve "--quota=200"; repeat for more.'),
]
Host = Annotated[str, typer.Option(help="What to listen on.")]
User = Annotated[str, typer.Option(help="systemd: who runs it; an account of its own.")]


@app.command("print", epilog=EXIT_CODES)
def print_text(
    kind: Annotated[Kind, typer.Argument(help="For what.", show_default=False)],
    data: options.Data = None,
    host: Host = "0.0.0.0",
    user: User = "inlay",
    serve: Arguments = None,
) -> None:
    """Print what systemd, Docker, Compose, launchd or Windows' Task Scheduler needs, with this installation's places in it."""
    sys.stdout.write(_text(kind, data, host, user, serve or []))


@app.command("install", epilog=EXIT_CODES)
def install(
    data: options.Data = None,
    host: Host = "0.0.0.0",
    user: User = "inlay",
    serve: Arguments = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to write it. Default: where the system looks.", file_okay=False, show_default=False),
    ] = None,
) -> None:
    """Write it where this system looks for it, and say how to start it. Nothing is started, no account is made."""
    from inlay.cli.console import out, remarks
    from inlay.service import FILES

    kind, place, start = _of_this_system(folder)
    text = _text(kind, data, host, user, serve or [])
    path = place / FILES[kind]
    try:
        place.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-16" if kind is Kind.WINDOWS else "utf-8")
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written ({error.strerror}); run it as an administrator, or give --folder"
        ) from error
    out().print(f"written: {path}", markup=False)
    for line in start:
        out().print(f"  {line.format(path=path, user=user)}", markup=False)
    if kind is Kind.SYSTEMD and not _has_user(user):
        out().print(
            f"  first: useradd --system --home-dir {SYSTEM_DATA} --shell /usr/sbin/nologin {user}", markup=False
        )
    if kind is Kind.SYSTEMD and (closed := _closed_to(user)):
        remarks().print(
            f"{user} may not enter {closed}, where this Python is: make the environment with one that everybody can run, such as "
            "/usr/bin/python3",
            markup=False,
        )
    _verify(kind, path)


def _of_this_system(folder: Path | None) -> tuple[Kind, Path, tuple[str, ...]]:
    """What it is for, where it lies there, and the commands that start it."""
    match sys.platform:
        case "darwin":
            return (
                Kind.LAUNCHD,
                folder or Path.home() / "Library/LaunchAgents",
                ("launchctl bootstrap gui/$(id -u) {path}",),
            )
        case "win32":
            return (
                Kind.WINDOWS,
                folder or config.data_dir(),
                ('schtasks /Create /TN Inlay /XML "{path}"', "schtasks /Run /TN Inlay"),
            )
        case "linux":
            return (
                Kind.SYSTEMD,
                folder or Path("/etc/systemd/system"),
                ("systemctl daemon-reload", "systemctl enable --now inlay", "journalctl -fu inlay"),
            )
        case other:
            raise InvalidInput("platform", other, "`inlay service print` has texts for Linux, macOS and Windows")


def _text(kind: Kind, data: Path | None, host: str, user: str, serve: list[str]) -> str:
    from inlay.service import Wanted, card_groups, own_command, text_of

    chosen = data or os.environ.get(config.DATA_VARIABLE)
    folder = SYSTEM_DATA if kind is Kind.SYSTEMD and not chosen else config.data_dir(data)
    return text_of(kind, Wanted(own_command(), folder, ("--host", host, *serve), user, card_groups()))


def _closed_to(user: str) -> Path | None:
    """The first folder on the way to this installation's programs that not everybody may enter, nor this user as its owner."""
    from inlay.service import own_command

    programs = own_command(), Path(sys.executable).resolve()
    for folder in dict.fromkeys(folder for program in programs for folder in reversed(program.parents)):
        if not (user == "root" or folder.stat().st_mode & stat.S_IXOTH or folder.owner() == user):
            return folder
    return None


def _has_user(user: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _verify(kind: Kind, path: Path) -> None:
    """What systemd itself says of the unit, on stderr."""
    from inlay.cli.console import remarks

    if kind is not Kind.SYSTEMD or not (analyze := shutil.which("systemd-analyze")):
        return
    said = subprocess.run([analyze, "verify", path], capture_output=True, text=True, check=False)
    if said.stderr.strip():
        remarks().print(said.stderr.strip(), markup=False)
