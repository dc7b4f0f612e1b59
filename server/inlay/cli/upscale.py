"""`inlay upscale`: a file, or a part of it, with more pixels."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import TierName, check_out

ScaleName = Literal["2x", "4x"]


@takes_access
def upscale(
    photo: options.Photo,
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
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Enlarge a picture, or a part of it; made small again, it is the same picture.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call.
    """
    check_out(out)
    from inlay import documents
    from inlay.cli.asking import Signing, answered, selected, tell, write
    from inlay.client.edit import Wish
    from inlay.client.results import picture_of
    from inlay.recipe import Tier, Verb

    document = documents.read(photo)
    wish = Wish(Verb.UPSCALE, 0, tier=Tier(tier), model=model, options={"scale": scale})
    with answered(document, selected(document, mask), wish, access) as (client, answer):
        (variation,) = answer.variations
        larger = picture_of(client, document, variation)
    signing = Signing(sign, config.data_dir(access.data))
    written = write(out, document, larger, variation, signing, lambda file, made: documents.write(file, made, []))
    notes = (*answer.plan.notes, *variation.report.notes, *written)
    sentence = f"enlarged with {answer.plan.model}: {larger.size.width} x {larger.size.height} px"
    tell(answer, out, notes, sentence, {"size": list(larger.size)}, as_json=as_json)
