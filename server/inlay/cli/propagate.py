"""`inlay propagate`: one picture's mask, carried to its siblings."""

from pathlib import Path
from typing import Annotated

import typer

from inlay.cli import options
from inlay.cli.exits import Exit
from inlay.errors import InvalidInput


def propagate(
    master: Annotated[
        Path,
        typer.Argument(help="PNG, TIFF, JPEG, .ora or .psd: what the mask belongs to.", exists=True, dir_okay=False),
    ],
    siblings: Annotated[
        list[Path],
        typer.Argument(
            help="Others that show it: another crop, light, lens, colour or place.", exists=True, dir_okay=False
        ),
    ],
    mask: Annotated[
        Path,
        typer.Option(
            "--mask", help="A picture of the master's size: white is the object.", exists=True, dir_okay=False
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="The folder for a mask of each, named like it: .png.", file_okay=False)
    ],
    as_json: options.Json = False,
) -> None:
    """Find what a mask covers in other pictures, and write a mask for each.

    Where it is gone, doubled or cannot be told apart, nothing is written: a person must look, and the exit code is 5.
    """
    names = [sibling.stem for sibling in siblings]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput("SIBLINGS", name, "two of one name would become one mask")
    from inlay import documents
    from inlay.batch import Master
    from inlay.cli.console import out as results
    from inlay.cli.console import print_json
    from inlay.documents.document import UNTAGGED_GRAY

    given = documents.read(master)
    known = Master(given, documents.read_mask(mask, given.size))
    out.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    for sibling in siblings:
        found = known.carried_to(documents.read(sibling))
        written = out / f"{sibling.stem}.png"
        if found.mask is not None:
            carried = documents.Document(found.mask[..., None], "Y", UNTAGGED_GRAY, b"", sibling, "png")
            documents.write(written, carried, [])
        said = "" if found.mask is None else str(written)
        rows.append({"sibling": str(sibling), "mask": said, "sure": round(found.sure, 3)})
        if not as_json:
            results().print(f"{said or 'look at it'}  {sibling.name}  sure {found.sure:.2f}", markup=False)
    if as_json:
        print_json(rows)
    if not all(row["mask"] for row in rows):
        raise typer.Exit(Exit.NOT_FOUND)
