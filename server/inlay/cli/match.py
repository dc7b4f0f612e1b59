"""`inlay match`: a cut-out made to belong to the picture that it is pasted on."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import check_out
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inlay.documents import Document
    from inlay.documents.layer_stack import Layer

Amount = Annotated[float, typer.Option(min=0, max=1, help="0 .. 1: how much of the difference is taken away.")]


@takes_access
def match(
    photo: Annotated[
        Path, typer.Argument(help="What lies below: PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="The cut-out as it belongs, on the photo's canvas: .png, .tif, .ora or .psd; with --layer the photo with it.",
            dir_okay=False,
        ),
    ],
    layer: Annotated[
        Path | None,
        typer.Argument(help="The cut-out: a picture with alpha, of the photo's depth.", exists=True, dir_okay=False),
    ] = None,
    named: Annotated[
        str,
        typer.Option(
            "--layer",
            help="Instead: a layer of the photo's own .ora or .psd; what is below it is the photo.",
            metavar="NAME",
        ),
    ] = "",
    at: Annotated[
        str, typer.Option(help="Where the cut-out's upper left corner lies on the photo, in px.", metavar="X,Y")
    ] = "0,0",
    light: Amount = 1.0,
    color: Amount = 1.0,
    sharpness: Amount = 1.0,
    grain: Amount = 1.0,
    fringe: Amount = 1.0,
    seed: Annotated[int, typer.Option(help="Of the new grain: same seed, same pixels.", min=0, max=2**32 - 1)] = 0,
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Make a pasted cut-out belong: grain, sharpness, fringe and, carefully, light. Its alpha stays bit-identical.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call.
    """
    check_out(out)
    import dataclasses

    from inlay import documents
    from inlay.cli.asking import Signing, answered, tell, write
    from inlay.client.edit import Placed, Wish
    from inlay.client.results import group_of
    from inlay.documents.layer_above import layer_named, write_above
    from inlay.documents.layer_stack import Layer
    from inlay.recipe import LAYER, Verb

    whole, found = documents.read(photo), None
    if (layer is None) == (not named):
        raise InvalidInput(
            "LAYER", str(layer or ""), "either a file with the cut-out or --layer NAME is needed, not both"
        )
    if named:
        found = layer_named(whole, named)
        below, place, name = found.below, (found.layer.x, found.layer.y), named
        pasted = dataclasses.replace(below, samples=found.layer.samples)
    else:
        assert layer
        below, pasted, place, name = whole, documents.read(layer), _place(at), layer.stem
    amounts = {"light": light, "color": color, "sharpness": sharpness, "grain": grain, "fringe": fringe}
    wish = Wish(Verb.MATCH, seed, options=amounts)
    cut_out = Placed(LAYER, pasted, place, name)
    with answered(below, _covered(below, pasted, place), wish, access, (cut_out,)) as (client, answer):
        (variation,) = answer.variations
        (made,) = group_of(client, name, variation).items
    assert isinstance(made, Layer)
    cut = _on_canvas(below, pasted, made)
    signing = Signing(sign, config.data_dir(access.data))
    if found:
        above = partial(write_above, found=found, made=made)
        written = write(out, whole, whole, variation, signing, above)
    else:
        written = write(out, pasted, cut, variation, signing, lambda file, made: documents.write(file, made, []))
    notes = (*variation.report.notes, *written)
    tell(answer, out, notes, "", {"found": variation.report.details["match"]}, as_json=as_json)


def _place(at: str) -> tuple[int, int]:
    try:
        x, y = (int(part) for part in at.split(","))
    except ValueError:
        raise InvalidInput("--at", repr(at), "it must be X,Y in px") from None
    return x, y


def _covered(below: "Document", pasted: "Document", at: tuple[int, int]) -> "NDArray[np.generic]":
    """Where the cut-out shows on the photo's canvas: 255. Raises InvalidInput for one without alpha."""
    import numpy as np

    from inlay.region import Rect

    if not pasted.order.endswith("A"):
        raise InvalidInput("LAYER", str(pasted.path), "a pasted layer has alpha")
    canvas = Rect(0, 0, *below.size)
    place = Rect(*at, *pasted.size)
    shown = place.intersection(canvas)
    covered = np.zeros((canvas.height, canvas.width), np.uint8)
    covered[shown.slices] = np.where(
        pasted.samples[shown.relative_to(place).slices][..., -1].astype(np.bool_), np.uint8(255), np.uint8(0)
    )
    return covered


def _on_canvas(below: "Document", pasted: "Document", made: "Layer") -> "Document":
    import dataclasses

    import numpy as np

    height, width, channels = made.samples.shape
    canvas = np.zeros((below.size.height, below.size.width, channels), made.samples.dtype)
    canvas[made.y : made.y + height, made.x : made.x + width] = made.samples
    return dataclasses.replace(pasted, samples=canvas, original=b"", path=below.path)
