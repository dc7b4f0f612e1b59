"""`inlay upscale`: a file, or a part of it, with more pixels."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from inlay.cli import options
from inlay.cli.edit import TierName, check_out

ScaleName = Literal["2x", "4x"]


def upscale(
    photo: Annotated[
        Path, typer.Argument(help="8- or 16-bit PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help=".png, .tif, .ora or .psd: the larger picture, in one layer.", dir_okay=False),
    ],
    scale: Annotated[ScaleName, typer.Option(help="How many times as wide and high.")] = "2x",
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            help="Enlarge only the rectangle around what is not black in this picture of the photo's size.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    tier: Annotated[
        TierName, typer.Option(help="Detail that a model may add: draft none, standard half of it, final all.")
    ] = "standard",
    model: Annotated[
        str, typer.Option(help="A model of `inlay models list` that enlarges. Default: the server chooses.")
    ] = "",
    server: options.Server = "",
    token: options.Token = "",
    token_file: options.TokenFile = None,
    ca: options.Ca = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Enlarge a picture, or a part of it; made small again, it is the same picture.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call.
    """
    check_out(out)
    import numpy as np

    from inlay import documents
    from inlay.cli.adding import name_of
    from inlay.cli.connection import Access, connected
    from inlay.cli.console import Bar, print_json
    from inlay.cli.console import out as stdout
    from inlay.client import edit as editing
    from inlay.client.results import picture_of
    from inlay.job import MAX_LABEL_CHARACTERS, Ticket
    from inlay.recipe import Tier, Verb

    document = documents.read(photo)
    everything = np.full(document.samples.shape[:2], 255, np.uint8)
    selection = everything if mask is None else documents.read_mask(mask, document.size)
    ticket = Ticket(photo.name[:MAX_LABEL_CHARACTERS])
    with Bar() as bar, connected(Access(server, token, token_file, ca, data), may_start=True) as connection:
        wish = editing.Wish(
            Verb.UPSCALE, 0, tier=Tier(tier), model=name_of(model, connection.models), options={"scale": scale}
        )
        asked = editing.ask(connection.client, document, selection, wish, bar, ticket)
        (variation,) = asked.variations
        larger = picture_of(connection.client, document, variation)
    notes = (*asked.plan.notes, *variation.report.notes, *documents.write(out, larger, []))
    if as_json:
        told = {"job_id": asked.job_id, "model": asked.plan.model, "size": list(larger.size), "notes": list(notes)}
        print_json(told | {"files": [str(out)], "seconds": asked.seconds})
        return
    console = stdout()
    told = f"enlarged with {asked.plan.model}: {larger.size.width} x {larger.size.height} px"
    for line in (told, *(f"note: {note}" for note in notes), f"wrote {out}"):
        console.print(line, markup=False)
