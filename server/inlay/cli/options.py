"""Options that several commands share, spelled once."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from inlay.config import DATA_VARIABLE, TOKEN_VARIABLE


def _warn_of_token(context: typer.Context, token: str) -> str:
    source = context.get_parameter_source("token")
    if source and source.name == "COMMANDLINE":
        print(
            f"inlay: every user of this machine can read what follows --token; use --token-file or {TOKEN_VARIABLE}",
            file=sys.stderr,
        )
    return token


Photo = Annotated[Path, typer.Argument(help="8- or 16-bit PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)]
Grow = Annotated[int, typer.Option(help="Grow the mask by px; negative shrinks.", min=-512, max=512)]
Feather = Annotated[int, typer.Option(help="Soften the mask's edge over px.", min=0, max=512)]
Seed = Annotated[int, typer.Option(help="Same seed, same pixels.", min=0, max=2**32 - 1)]
Focus = Annotated[
    str,
    typer.Option(
        "--focus",
        metavar="X,Y,W,H",
        help="What must be in it, in the picture's px. Default: the middle.",
        show_default=False,
    ),
]
Server = Annotated[
    str,
    typer.Option(
        "--server",
        envvar="INLAY_SERVER",
        metavar="HOST[:PORT]",
        help="The gRPC door of a server. Default: the one that runs on this machine.",
        show_default=False,
    ),
]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        envvar=TOKEN_VARIABLE,
        callback=_warn_of_token,
        help="Deprecated: other users of this machine can read it. Use --token-file or the variable.",
        show_default=False,
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        help="A file that holds the token: other users of this machine can read a command line.",
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        envvar="INLAY_CA",
        help="A PEM file with the certificate to trust: the server's own, or that of its authority.",
        exists=True,
        dir_okay=False,
        show_default=False,
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar=DATA_VARIABLE,
        help="The data folder of the server on this machine.",
        file_okay=False,
        show_default=False,
    ),
]
Sign = Annotated[
    bool | None,
    typer.Option(
        "--sign/--no-sign",
        help="Sign what is written, as inlay sign does. Default: where the original carries Content Credentials, which are kept "
        "thereby. IPTC's source type is stated in any case.",
        show_default=False,
    ),
]
Language = Annotated[
    str,
    typer.Option(
        "--language",
        envvar=["LC_ALL", "LC_MESSAGES", "LANG"],
        show_envvar=False,
        help="en or de. Default: the language of this machine.",
        metavar="TAG",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
