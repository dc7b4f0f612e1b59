"""`inlay formats`: one master in the shapes that it is delivered in."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import TierName
from inlay.cli.exits import Exit
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inlay.batch.format_set import Made
    from inlay.client.edit import Edited
    from inlay.documents import Document
    from inlay.job import Ticket
    from inlay.region import Rect

SuffixName = Literal["ora", "psd"]


@takes_access
def formats(
    master: Annotated[
        Path,
        typer.Argument(
            help=".ora, .psd, .kra, PNG, TIFF or JPEG: what all formats are made of.", exists=True, dir_okay=False
        ),
    ],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT,...",
            help="W:H, WIDTHxHEIGHT in px, or a platform's: square, portrait, widescreen, story, reel, link, pin.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder for a layered file of each.", file_okay=False)],
    focus: options.Focus = "",
    focus_mask: Annotated[
        Path | None,
        typer.Option(
            help="The same as a picture of the master's size: what is not black.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    as_: Annotated[
        SuffixName | None,
        typer.Option("--as", help="What kind of layered file. Default: the master's, or ora.", show_default=False),
    ] = None,
    scale: Annotated[
        bool, typer.Option("--scale", help="Write a flat .png at the format's own size too, where it has one.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also files that somebody has changed since they were made.")
    ] = False,
    prompt: Annotated[str, typer.Option(help="What lies beyond the master. Empty: what it suggests.")] = "",
    model: Annotated[
        str, typer.Option(help="A model of `inlay models list` that expands. Default: the server chooses.")
    ] = "",
    style: Annotated[str, typer.Option(help="A style of `inlay style list`.")] = "",
    tier: Annotated[TierName, typer.Option(help="How much to spend on what is painted.")] = "standard",
    seed: options.Seed = 0,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Frame a master for other formats: what is too much is cropped, what is missing is painted, nothing is stretched.

    Each becomes MASTER_FORMAT.ora or .psd with the master's layers and, beside it, a .json that links it to the master. Called
    again, it makes anew what the master's change concerns, and nothing else. A file that somebody has changed meanwhile is left
    alone then, and the exit code is 5.
    """
    if focus and focus_mask:
        raise InvalidInput("--focus", focus, "give it or --focus-mask, not both")
    import dataclasses

    from inlay.batch.format_set import Order, make
    from inlay.cli.adding import name_of
    from inlay.cli.connection import Connection, connected
    from inlay.cli.console import Bar, print_json
    from inlay.client.edit import Wish, edit_document
    from inlay.formats import Format, parse_focus
    from inlay.recipe import Tier, Verb

    wish = Wish(Verb.EXPAND, seed, prompt, tier=Tier(tier), model=model, style=style)
    order = Order(
        master,
        tuple(Format.parse(name) for name in to.split(",")),
        parse_focus(focus) if focus else _region(focus_mask, master) if focus_mask else None,
        out,
        wish,
        f".{as_}" if as_ else "",
        scale,
        replace,
    )
    rows: list[dict[str, Any]] = []
    with ExitStack() as stack:

        def paint(document: "Document", mask: "NDArray[np.uint8]", wish: Wish, ticket: "Ticket") -> "Edited":
            """The server is looked for, or started, when the first format needs it."""
            if not opened:
                bar = stack.enter_context(Bar())
                opened.append((bar, stack.enter_context(connected(access, may_start=True))))
            bar, connection = opened[0]
            named = dataclasses.replace(wish, model=name_of(wish.model, connection.models))
            return edit_document(connection.client, document, mask, named, bar, ticket)

        opened: list[tuple[Bar, Connection]] = []
        for made in make(order, paint):
            rows.append(_row(made))
            if not as_json:
                _tell(made)
    if as_json:
        print_json(rows)
    if any("kept" in (row["state"], row["delivery"]) for row in rows):
        raise typer.Exit(Exit.NOT_FOUND)


def _row(made: "Made") -> dict[str, Any]:
    return {
        "format": made.format.name,
        "file": str(made.file),
        "state": made.state,
        "delivered": str(made.delivered or ""),
        "delivery": made.delivery or "",
        "size": list(made.framing.size),
        "crop": list(made.framing.crop),
        "margins": list(made.framing.margins),
        "scale": made.framing.scale,
        "job_id": made.job_id,
        "flags": list(made.framing.flags),
        "notes": list(made.notes),
    }


def _tell(made: "Made") -> None:
    from inlay.cli.console import out

    crop, margins = made.framing.crop, made.framing.margins
    grown = f", grown by {margins.left}, {margins.top}, {margins.right}, {margins.bottom}" if made.framing.grows else ""
    lines = [f"{made.format.name}: {crop.width} x {crop.height} px at {crop.x}, {crop.y}{grown}"]
    lines += [f"look at it: {flag}" for flag in made.framing.flags]
    lines += [f"note: {note}" for note in made.notes]
    files = ((made.file, made.state), (made.delivered, made.delivery))
    lines += [f"{_SAYS[state]} {file}" for file, state in files if file and state]
    for line in lines:
        out().print(line, markup=False)


_SAYS = {
    "made": "wrote",
    "unchanged": "unchanged",
    "kept": "left alone, for it was changed since it was made, or made of another master (--replace makes it anew):",
}


def _region(mask: Path, master: Path) -> "Rect":
    from inlay import documents
    from inlay.client.edit import region_of

    return region_of(documents.read_mask(mask, documents.read(master).size))
