"""`inlay marks`: what is drawn on a transparent picture is painted into the photo below, each colour on a layer with a mask."""

import json
from pathlib import Path
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import TierName, check_out
from inlay.errors import InvalidInput


@takes_access
def marks(
    photo: options.Photo,
    drawing: Annotated[
        Path,
        typer.Argument(
            metavar="MARKS",
            help="A transparent picture of the photo's size: circles, strokes, arrows, notes; each colour is one edit.",
            exists=True,
            dir_okay=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help=".ora or .psd: the original, and each edit above it with its mask; .png or .tif: flattened.",
            dir_okay=False,
        ),
    ],
    prompt: Annotated[
        str, typer.Option(help="What shall be where no note says it. Empty: what is marked is taken away.")
    ] = "",
    tier: Annotated[TierName, typer.Option(help="How much to spend.")] = "standard",
    model: Annotated[
        str, typer.Option(help="A model of `inlay models list` that fills or erases. Default: the server chooses.")
    ] = "",
    seed: options.Seed = 0,
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Paint what is drawn: what a circle holds, what a stroke covers, what an arrow points at, as a note of its colour says.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call.
    """
    check_out(out)
    import numpy as np

    from inlay import documents
    from inlay.cli.asking import answered, beside, tell
    from inlay.client.edit import Placed, Wish
    from inlay.client.results import edits_of
    from inlay.provenance import Statement
    from inlay.recipe import MARKS, Tier, Verb

    document, drawn = documents.read(photo), documents.read(drawing)
    if not drawn.order.endswith("A"):
        raise InvalidInput("MARKS", str(drawing), "marks are drawn on a transparent picture")
    if drawn.size != document.size:
        limit = f"it must be {document.size.width} x {document.size.height}, as the photo"
        raise InvalidInput("MARKS", f"{drawn.size.width} x {drawn.size.height}", limit)
    where = np.where(drawn.samples[..., -1].astype(np.bool_), np.uint8(255), np.uint8(0))
    ys, xs = np.nonzero(where)
    if len(xs):
        where[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] = 255
    wish = Wish(Verb.MARKS, seed, prompt=prompt, tier=Tier(tier), model=model)
    layer = Placed(MARKS, drawn, (0, 0), drawing.stem)
    with answered(document, where, wish, access, (layer,)) as (client, answer):
        (variation,) = answer.variations
        edits = edits_of(client, document, variation)
    memories = [json.loads(edit.recipe_json) for edit in edits]
    statement = Statement.of(document, memories, config.data_dir(access.data), sign)
    written = documents.write(out, statement.made_in(document, out.suffix), edits)
    notes = (*answer.plan.notes, *variation.report.notes, *written, *map(beside, statement.sign(out)))
    names = [edit.name for edit in edits]
    told = f"painted with {answer.plan.model}: {', '.join(names)}"
    tell(answer, out, notes, told, {"layers": names}, as_json=as_json)
