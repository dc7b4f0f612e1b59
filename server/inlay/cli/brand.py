"""`inlay brand`: how a picture keeps to the colours of a brand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    from inlay.recipe import NamedColor


@takes_access
def brand(
    photo: Annotated[Path, typer.Argument(help="PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)],
    style: Annotated[str, typer.Option(help="A style of `inlay style list`, for its colours.")] = "",
    palette: Annotated[
        Path | None,
        typer.Option(help="Or a palette: .ase, .aco or .gpl.", exists=True, dir_okay=False, show_default=False),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--color", metavar="NAME=COLOR", help="Or a colour, as in inlay edit; again for each."),
    ] = None,
    mask: Annotated[
        Path | None, typer.Option("--mask", help="What of it is looked at. Default: all.", exists=True, dir_okay=False)
    ] = None,
    least: Annotated[
        float, typer.Option(help="0 .. 1: end with code 1 where a smaller share keeps to the colours.", min=0, max=1)
    ] = 0.0,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """The share of the pixels within dE2000 2 of a colour of the brand, and what its main colours are nearest to.

    Without --server the one that runs on this machine looks, and if none does, one is started for this call.
    """
    from inlay import documents
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json
    from inlay.client.probe import check_document

    colors = [*_of(palette), *map(_named, given or [])]
    if not style and not colors:
        raise InvalidInput("--style", "missing", "give it, --palette or --color")
    document = documents.read(photo)
    selection = documents.read_mask(mask, document.size) if mask else None
    with connected(access, may_start=True) as connection:
        found = check_document(connection.client, document, selection, style=style, colors=colors)
    if as_json:
        from inlay.plain import to_plain

        print_json(to_plain(found))
    else:
        for line in found.lines:
            out().print(line, markup=False)
    if found.share < least:
        raise typer.Exit(1)


def _of(palette: Path | None) -> "tuple[NamedColor, ...]":
    if palette is None:
        return ()
    from inlay.cli.console import remarks
    from inlay.styles.palettes import palette_of

    found = palette_of(palette)
    for note in found.left_out:
        remarks().print(f"note: {note}", markup=False)
    return found.colors


def _named(text: str) -> "NamedColor":
    from inlay.recipe import NamedColor

    name, equals, color = text.partition("=")
    return NamedColor(name.strip(), color.strip()) if equals else NamedColor(text.strip(), text.strip())
