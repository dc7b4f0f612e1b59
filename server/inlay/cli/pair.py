"""`inlay pair`: an artist's machine comes to a token of its own, and an admin lets it in."""

import getpass
import platform
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.exits import EXIT_CODES
from inlay.errors import InvalidInput, NotFound, Unavailable
from inlay.person import Role

app = typer.Typer(
    name="pair",
    help="Let an artist's machine into a server: find, ask there; list, accept, refuse here.",
    no_args_is_help=True,
)

Words = Annotated[
    str,
    typer.Argument(metavar="WORDS", help="What the artist's machine shows, as they read it out.", show_default=False),
]


@app.command("find", epilog=EXIT_CODES)
def find(as_json: options.Json = False) -> None:
    """The servers that this network knows, of those that were started with --announce."""
    from inlay import nearby
    from inlay.cli.console import out, print_json

    found = nearby.find()
    if as_json:
        print_json([one._asdict() for one in found])
        return
    for one in found:
        address = config.join_address(one.host, one.grpc_port)
        out().print(
            f"{one.name}  {address}  Inlay {one.version}  SHA-256 {one.fingerprint}", markup=False, soft_wrap=True
        )
    if not found:
        out().print("no server tells of itself here; ask the studio for its address", markup=False)


@app.command("ask", epilog=EXIT_CODES)
def ask(
    server: Annotated[
        str,
        typer.Argument(
            metavar="[HOST[:PORT]]",
            help="The gRPC door. Default: the one that the network tells of.",
            show_default=False,
        ),
    ] = "",
    http_port: Annotated[
        int | None,
        typer.Option(
            help="The HTTP door's port. Default: the gRPC door's plus 1.", min=1, max=65535, show_default=False
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", help="Who you are. Default: this machine's user.", show_default=False)
    ] = "",
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Ask a server to let this machine in. Read the words out to who runs it: if theirs are others, somebody sits between.

    From then on --server HOST:PORT takes the token and trusts the server's certificate, and no other.
    """
    from inlay.cli.console import out, print_json
    from inlay.client import paired
    from inlay.client.client import Client
    from inlay.introduction import Introduction, NotLetIn

    address, port = _where(server, http_port)
    introduction = Introduction(config.split_address(address)[0], port, name or getpass.getuser(), platform.node())
    try:
        words = introduction.begin()
        if as_json:
            print_json({"server": address, "words": words})
        else:
            out().print(f"{address} is asked to let {name or getpass.getuser()} in. Read this out:", markup=False)
            out().print(f"\n    {words}\n", markup=False)
        while not (token := introduction.wait()):
            pass
    except NotLetIn as refused:
        raise Unavailable(str(refused)) from None
    kept = paired.keep(address, token, introduction.pem, config.data_dir(data))
    with Client(address, token=kept.token, ca=kept.ca) as client:
        client.info()
    if as_json:
        print_json({"server": address, "certificate": str(kept.ca)})
    else:
        out().print(
            f"let in; --server {address} needs no token here, and trusts this certificate alone: {kept.ca}",
            markup=False,
        )


@app.command("list", epilog=EXIT_CODES)
@takes_access
def waiting(
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Which machines ask to be let in, and the words that each has to show."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=False) as connection:
        found = connection.client.pairings.list()
    if as_json:
        print_json([one._asdict() for one in found])
        return
    for one in found:
        out().print(
            f"{one.words}  {one.name}  on {one.machine}  from {one.came_from}  {one.good_s} s left", markup=False
        )
    if not found:
        out().print("no machine asks to be let in", markup=False)


@app.command("accept", epilog=EXIT_CODES)
@takes_access
def accept(
    words: Words,
    name: Annotated[
        str, typer.Option("--name", help="Who comes in. Default: who the machine says.", show_default=False)
    ] = "",
    role: Annotated[Role, typer.Option("--role", help="As with `inlay people add`.")] = Role.ARTIST,
    project: Annotated[
        list[str] | None, typer.Option("--project", help="A project; repeat for more.", show_default=False)
    ] = None,
    expires: Annotated[
        int | None,
        typer.Option(
            "--expires", metavar="DAYS", help="How long the token is good. Default: for ever.", min=1, max=3650
        ),
    ] = None,
    known: Annotated[bool, typer.Option("--known", help="One more machine of somebody who is there already.")] = False,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Let in the machine that shows WORDS. Have them read out to you; do not copy them from the list."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=False) as connection:
        person = connection.client.pairings.accept(words, name, role, tuple(project or ()), expires or 0, known=known)
    if as_json:
        print_json({"person": person})
    else:
        out().print(f"{person} is in, with a token that only their machine has", markup=False)


@app.command("refuse", epilog=EXIT_CODES)
@takes_access
def refuse(
    words: Words,
    access: Access = HERE,
) -> None:
    """Turn away the machine that shows WORDS."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out

    with connected(access, may_start=False) as connection:
        connection.client.pairings.refuse(words)
    out().print("turned away", markup=False)


def _where(server: str, http_port: int | None) -> tuple[str, int]:
    """The gRPC door that is meant, as HOST:PORT, and the HTTP door's port. Raises NotFound, InvalidInput."""
    if server:
        host, grpc_port = config.split_address(server)
        return config.join_address(host, grpc_port), http_port or grpc_port + 1
    from inlay import nearby

    found = nearby.find()
    if not found:
        hint = "ask the studio for its address, and give it"
        raise NotFound("server", "on this network", field="server", hint=hint)
    if len(found) > 1:
        named = ", ".join(config.join_address(one.host, one.grpc_port) for one in found[:8])
        raise InvalidInput("server", "not given", f"the network tells of more than one: {named}")
    return config.join_address(found[0].host, found[0].grpc_port), found[0].http_port
