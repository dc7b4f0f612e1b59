"""`inlay select`: a mask from a rough one, a box, clicks or a word."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import EdgeName, check_out
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inlay.client import Client
    from inlay.documents import Document
    from inlay.recipe import Option
    from inlay.region import Rect
    from inlay.variation import Variation

WordName = Literal["subject", "background", "hands", "faces", "text"]
GRAY = (".png", ".tif", ".tiff")
_POINT = re.compile(r"([+-]?)(\d+),(\d+)")


@takes_access
def select(
    photo: options.Photo,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help=".png or .tif: gray, white is selected; 16 bit where the photo has more than 8.",
            dir_okay=False,
        ),
    ],
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            help="A rough selection, a picture of the photo's size: what is meant lies in what is not black.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    box: Annotated[
        str, typer.Option(help="A rough box instead, in px from the upper left corner.", metavar="X,Y,WIDTH,HEIGHT")
    ] = "",
    click: Annotated[
        list[str] | None,
        typer.Option(help="A place on it, in px; -X,Y: one that is not. As often as wanted.", metavar="X,Y"),
    ] = None,
    words: Annotated[
        WordName | None, typer.Option(help="All of that kind, in the mask or box, or in the whole picture.")
    ] = None,
    refine: Annotated[bool, typer.Option("--refine", help="Keep --mask, and find only its edge anew.")] = False,
    edge: Annotated[
        EdgeName,
        typer.Option(help="sharp: along the picture's own edges; hair: a matte, for blur too; rough: as it was found."),
    ] = "sharp",
    hair_px: Annotated[
        int, typer.Option(help="With --edge hair: how far hair or blur may reach beyond what is found.", min=8, max=256)
    ] = 20,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Select what a box, clicks, a rough mask or a word mean, and write it as a mask for the other commands.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call.
    """
    asked_for = _options(mask, box, click or [], words, refine=refine)
    if out.suffix.lower() not in GRAY:
        raise InvalidInput("--out", str(out), f"its name must end in one of {', '.join(GRAY)}: a mask comes of it")
    check_out(out)
    import numpy as np

    from inlay import documents
    from inlay.cli.asking import answered, tell
    from inlay.client.edit import Wish
    from inlay.documents.document import UNTAGGED_GRAY
    from inlay.recipe import Verb

    document = documents.read(photo)
    selection = _selection(document, mask, box)
    wish = Wish(Verb.SELECT, 0, options={**asked_for, "edge": edge, "hair_px": hair_px})
    with answered(document, selection, wish, access) as (client, answer):
        (variation,) = answer.variations
        found = _on_canvas(client, document, selection, variation)
    made = documents.Document(found[..., None], "Y", UNTAGGED_GRAY, b"", photo, "png")
    notes = (*answer.plan.notes, *variation.report.notes, *documents.write(out, made, []))
    tell(answer, out, notes, "", {"selected_px": int(found.astype(np.bool_).sum())}, as_json=as_json)


def _options(
    mask: Path | None, box: str, clicks: list[str], words: WordName | None, *, refine: bool
) -> "dict[str, Option]":
    """What is meant, as the verb's options say it. Raises InvalidInput where that is nothing, or two things."""
    if mask is not None and box:
        raise InvalidInput("--box", box, "give it or --mask, not both")
    if refine and (mask is None or words or clicks):
        raise InvalidInput("--refine", "without a finished --mask", "it keeps that, and asks for nothing else")
    if not (mask or box or clicks or words):
        raise InvalidInput("--mask", "not given", "say what is meant: --mask, --box, --click or --words")
    what = "edge" if refine else words or "object"
    return {"what": what, "points": " ".join(_point(one) for one in clicks)}


def _point(click: str) -> str:
    """As `options.points` has them, with a sign."""
    found = _POINT.fullmatch(click.replace(" ", ""))
    if not found:
        raise InvalidInput("--click", repr(click), "it must be X,Y in px, or -X,Y for what does not belong to it")
    return f"{found[1] or '+'}{found[2]},{found[3]}"


def _selection(document: "Document", mask: Path | None, box: str) -> "NDArray[np.generic]":
    """Where it may lie, as deep as the result shall be. Clicks and words alone may mean anything in the picture."""
    import numpy as np

    from inlay import documents

    deep = document.samples.dtype != np.uint8
    if mask is not None:
        rough = documents.read_mask(mask, document.size)
        return rough.astype(np.uint16) * np.uint16(257) if deep and rough.dtype == np.uint8 else rough
    dtype = np.uint16 if deep else np.uint8
    white = np.iinfo(dtype).max
    if not box:
        return np.full(document.samples.shape[:2], white, dtype)
    selection = np.zeros(document.samples.shape[:2], dtype)
    selection[_box(box, document).slices] = white
    return selection


def _box(box: str, document: "Document") -> "Rect":
    from inlay.region import Rect

    try:
        x, y, width, height = (int(part) for part in box.split(","))
    except ValueError:
        raise InvalidInput("--box", repr(box), "it must be X,Y,WIDTH,HEIGHT in px") from None
    inside = Rect(x, y, width, height).intersection(Rect(0, 0, *document.size))
    if width <= 0 or height <= 0 or not inside.area:
        raise InvalidInput(
            "--box", repr(box), f"it must lie on the picture, {document.size[0]} x {document.size[1]} px"
        )
    return inside


def _on_canvas(
    client: "Client", document: "Document", like: "NDArray[np.generic]", variation: "Variation"
) -> "NDArray[np.generic]":
    """The selection that was found, on the photo's canvas."""
    import numpy as np

    from inlay.variation import Selection

    assert isinstance(variation.result, Selection)
    raster = variation.result.mask
    canvas = np.zeros_like(like)
    canvas[variation.result.bounds.slices] = raster.array(client.fetch(raster.blob), "selection")[..., 0]
    return canvas
