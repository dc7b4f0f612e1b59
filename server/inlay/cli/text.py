"""`inlay text`: the lettering of a picture: read, or set anew as live type over a clean surface."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import LAYERED, check_out
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    from inlay.variation import Variation


@takes_access
def text(
    photo: options.Photo,
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            help="Only lines in what is not black in this picture of the photo's size.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    words: Annotated[
        str, typer.Option(help="With --out: the new words, a line for each line from the top down. Default: as read.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help=".ora or .psd: the original, and above it a clean surface and a layer for each line, named for its words.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Read the lettering of a picture: words, size, angle, colour, and whether it is garbled. Needs: inlay models pull text

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call.
    """
    if out is not None:
        check_out(out)
        if out.suffix.lower() not in LAYERED:
            raise InvalidInput("--out", str(out), f"its name must end in {' or '.join(LAYERED)}: layers come of it")
    from inlay import documents
    from inlay.cli.asking import Signing, answered, selected, write
    from inlay.cli.console import print_json
    from inlay.client.edit import Wish
    from inlay.client.results import group_of
    from inlay.recipe import Verb
    from inlay.variation import Layers

    document = documents.read(photo)
    wanted = {"lettering": "retype" if out else "find"} | ({"words": words.replace("\\n", "\n")} if words else {})
    with answered(document, selected(document, mask), Wish(Verb.TEXT, 0, options=wanted), access) as (client, answer):
        (variation,) = answer.variations
        lines = _lines(variation)
        if out is not None and isinstance(variation.result, Layers):
            group, signing = group_of(client, "Text", variation), Signing(sign, config.data_dir(access.data))
            write(
                out, document, document, variation, signing, lambda file, made: documents.write(file, made, [], [group])
            )
    if as_json:
        print_json({"lines": lines, "files": [str(out)] if out and lines else []})
        return
    _table(lines)


def _lines(variation: "Variation") -> list[dict[str, Any]]:
    """What was read, in the document's pixels."""
    recipe = variation.receipt["recipe"]
    window, working = recipe["canvas"]["window"], variation.receipt["working"]
    scale = window[2] / working[0]
    told: list[dict[str, Any]] = json.loads(variation.receipt.get("lines", "[]"))
    for line in told:
        line["size_px"] = round(line["size_px"] * scale, 1)
        line["corners"] = [
            [round(window[0] + x * scale, 1), round(window[1] + y * scale, 1)] for x, y in line["corners"]
        ]
    return told


def _table(lines: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from inlay.cli.console import out

    if not lines:
        out().print("no lettering was found")
        return
    table = Table("words", "sure", "size", "angle", "colour", box=None)
    for line in lines:
        sure = f"{100 * line['confidence']:.0f} %" + (" garbled" if line["garbled"] else "")
        table.add_row(line["words"], sure, f"{line['size_px']:.0f} px", f"{line['angle']:.0f}°", line["color"])
    out().print(table)
