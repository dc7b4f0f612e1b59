"""`inlay style`: the studio's styles: list, keep, bring those of other programs, and say what is wrong with the file."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.exits import EXIT_CODES
from inlay.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from inlay.recipe import Style

app = typer.Typer(name="style", help="The studio's styles, shared by everybody on its server.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="A style of `inlay style list`.")]
Replace = Annotated[bool, typer.Option("--replace", help="Take the place of a style of that id.")]


@app.command("list", epilog=EXIT_CODES)
@takes_access
def list_styles(
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """The styles, in the order of the studio's file."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=True) as connection:
        styles = connection.client.styles()
    if as_json:
        print_json([_plain(style) for style in styles])
        return
    for style in styles:
        out().print(f"[bold]{style.id}[/bold]", end="  ")
        out().print(f"{style.title or style.id}  version {style.sha256[:12]}", markup=False)


@app.command("show", epilog=EXIT_CODES)
@takes_access
def show(
    style_id: Id,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Everything that a style holds."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json
    from inlay.toml_text import toml_text

    with connected(access, may_start=True) as connection:
        styles = connection.client.styles()
    style = next((one for one in styles if one.id == style_id), None)
    if style is None:
        raise NotFound(
            "style", style_id, field="ID", hint=f"there are: {', '.join(one.id for one in styles) or 'none'}"
        )
    if as_json:
        print_json(_plain(style))
        return
    out().print(toml_text(_plain(style)), markup=False, end="", soft_wrap=True)


@app.command("save", epilog=EXIT_CODES)
@takes_access
def save(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What the menu shows.")],
    job: Annotated[str, typer.Option("--job", help="The id of the job whose words, LoRAs, model and so on it keeps.")],
    style_id: Annotated[str, typer.Option("--id", help="What recipes name. Default: made of the title.")] = "",
    replace: Replace = False,
    access: Access = HERE,
) -> None:
    """Keep how a job was painted as a style."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out
    from inlay.recipe import Style

    with connected(access, may_start=False) as connection:
        known = {one.id: one.sha256 for one in connection.client.styles()} if replace else {}
        saved = connection.client.save_style(Style(style_id, title=title), job_id=job, replaces=known.get(style_id, ""))
    out().print(f"saved style {saved.id}, version {saved.sha256[:12]}", markup=False)


@app.command("import", epilog=EXIT_CODES)
@takes_access
def import_styles(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="A1111's styles.csv, a style of krita-ai-diffusion (.json), or a palette (.ase, .aco, .gpl), which becomes a "
            "style of its colours.",
            exists=True,
            dir_okay=False,
        ),
    ],
    replace: Replace = False,
    access: Access = HERE,
) -> None:
    """Bring styles and palettes of other programs. What they say that a style has no place for is named."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out
    from inlay.errors import StyleConflict
    from inlay.styles.foreign import imported

    found = [one for path in files for one in imported(path)]
    with connected(access, may_start=False) as connection:
        known = {one.id: one.sha256 for one in connection.client.styles()}
        if not replace and (taken := next((one.style.id for one in found if one.style.id in known), "")):
            raise StyleConflict(taken, known[taken])
        for one in found:
            saved = connection.client.save_style(one.style, replaces=known.get(one.style.id, ""))
            known[saved.id] = saved.sha256
            out().print(f"imported {saved.id}", markup=False)
            for note in one.notes:
                out().print(f"  note: {note}", markup=False, soft_wrap=True)


@app.command("check", epilog=EXIT_CODES)
def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Default: that of the data folder.", show_default=False)
    ] = None,
    data: options.Data = None,
) -> None:
    """Say what is wrong with a file of styles, by line; changes nothing and asks no server."""
    from inlay.cli.console import out
    from inlay.styles import STYLES_FILE, StyleBook

    path = file or config.data_dir(data) / STYLES_FILE
    if file and not file.exists():
        raise InvalidInput("FILE", str(file), "it must exist")
    book = StyleBook(path)
    styles = book.styles()
    for style in styles:
        for one in style.references:
            if book.samples(one.raster.blob) is None:
                raise InvalidInput(
                    f"styles.{style.id}.references", one.raster.blob, f"its samples must lie in {book.folder}"
                )
    out().print(f"{path}: {len(styles)} {'style' if len(styles) == 1 else 'styles'}, nothing wrong", markup=False)


def _plain(style: "Style") -> dict[str, Any]:
    """What of a style is not empty."""
    from inlay.plain import to_plain

    plain = to_plain(dataclasses.replace(style))
    return {name: value for name, value in plain.items() if value not in ("", None, [], {})}
