"""`inlay separate`: a file taken apart into layers that add up to it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from inlay.cli import options
from inlay.cli.edit import LAYERED, EdgeName, TierName, check_out
from inlay.errors import InvalidInput

EachName = Literal["piece", "face", "hand", "line"]
EACH = {"piece": "pieces", "face": "faces", "hand": "hands", "line": "text"}
"""What `options.apart` calls them."""


def separate(
    photo: Annotated[
        Path, typer.Argument(help="8- or 16-bit PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)
    ],
    mask: Annotated[
        Path,
        typer.Option(
            "--mask",
            help="A gray picture of the photo's size, or the alpha of one: what is white gets a layer of its own.",
            exists=True,
            dir_okay=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help=".ora or .psd: the original, and the layers in a group above it.", dir_okay=False),
    ],
    each: Annotated[
        EachName | None,
        typer.Option(
            help="A layer for each piece of the mask that touches no other, or for each face, hand or line of lettering in it.",
            show_default=False,
        ),
    ] = None,
    edge: Annotated[
        EdgeName,
        typer.Option(
            help="rough: the mask's own; sharp: along the picture's edges near it; hair: a matte, in the subject's own colours."
        ),
    ] = "rough",
    tier: Annotated[TierName, typer.Option(help="How much to spend on what is behind.")] = "standard",
    model: Annotated[
        str, typer.Option(help="A model of `inlay models list` that erases or separates. Default: the server chooses.")
    ] = "",
    grow: Annotated[int, typer.Option(help="Grow the mask by px; negative shrinks.", min=-512, max=512)] = 0,
    feather: Annotated[int, typer.Option(help="Soften the mask's edge over px.", min=0, max=512)] = 0,
    seed: Annotated[int, typer.Option(help="Same seed, same pixels.", min=0, max=2**32 - 1)] = 0,
    server: options.Server = "",
    token: options.Token = "",
    token_file: options.TokenFile = None,
    ca: options.Ca = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Take a picture apart: what the mask shows over a clean plate. Together they are the picture, bit for bit.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call.
    """
    check_out(out)
    if out.suffix.lower() not in LAYERED:
        raise InvalidInput(
            "--out", str(out), f"its name must end in {' or '.join(LAYERED)}: layers are what comes of it"
        )

    from inlay import documents
    from inlay.cli.connection import Access, connected
    from inlay.cli.console import Bar, print_json
    from inlay.cli.console import out as stdout
    from inlay.cli.models import name_of
    from inlay.client import edit as editing
    from inlay.client.results import group_of
    from inlay.job import MAX_LABEL_CHARACTERS, Ticket
    from inlay.recipe import Tier, Verb

    document = documents.read(photo)
    selection = documents.read_mask(mask, document.size)
    ticket = Ticket(photo.name[:MAX_LABEL_CHARACTERS])
    with Bar() as bar, connected(Access(server, token, token_file, ca, data), may_start=True) as connection:
        wish = editing.Wish(
            Verb.SEPARATE,
            seed,
            tier=Tier(tier),
            model=name_of(model, connection.models),
            grow_px=grow,
            feather_px=feather,
            options={"apart": EACH[each] if each else "whole", "edge": edge},
        )
        asked = editing.ask(connection.client, document, selection, wish, bar, ticket)
        (variation,) = asked.variations
        group = group_of(connection.client, "Separate", variation)
    notes = (*asked.plan.notes, *variation.report.notes, *documents.write(out, document, [], [group]))
    names = [item.name for item in group.items]
    if as_json:
        told = {"job_id": asked.job_id, "model": asked.plan.model, "layers": names, "notes": list(notes)}
        print_json(told | {"files": [str(out)], "seconds": asked.seconds})
        return
    console = stdout()
    told = f"separated with {asked.plan.model}: {', '.join(names)}"
    for line in (told, *(f"note: {note}" for note in notes), f"wrote {out}"):
        console.print(line, markup=False)
