"""`inlay separate`: a file taken apart into layers that add up to it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import LAYERED, EdgeName, TierName, check_out
from inlay.errors import InvalidInput

EachName = Literal["piece", "face", "hand", "line"]
EACH = {"piece": "pieces", "face": "faces", "hand": "hands", "line": "text"}
"""What `options.apart` calls them."""


@takes_access
def separate(
    photo: options.Photo,
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
    grow: options.Grow = 0,
    feather: options.Feather = 0,
    seed: options.Seed = 0,
    access: Access = HERE,
    sign: options.Sign = None,
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
    from inlay.cli.asking import Signing, answered, selected, tell, write
    from inlay.client.edit import Wish
    from inlay.client.results import group_of
    from inlay.recipe import Tier, Verb

    document = documents.read(photo)
    wish = Wish(
        Verb.SEPARATE,
        seed,
        tier=Tier(tier),
        model=model,
        grow_px=grow,
        feather_px=feather,
        options={"apart": EACH[each] if each else "whole", "edge": edge},
    )
    with answered(document, selected(document, mask), wish, access) as (client, answer):
        (variation,) = answer.variations
        group = group_of(client, "Separate", variation)
    signing = Signing(sign, config.data_dir(access.data))
    written = write(
        out, document, document, variation, signing, lambda file, made: documents.write(file, made, [], [group])
    )
    notes = (*answer.plan.notes, *variation.report.notes, *written)
    names = [item.name for item in group.items]
    tell(
        answer,
        out,
        notes,
        f"separated with {answer.plan.model}: {', '.join(names)}",
        {"layers": names},
        as_json=as_json,
    )
