"""`inlay keyframe`: a finished picture as a video's first frame, or as its first and last."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.exits import Exit
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    from inlay.batch.keyframe import Keyframes
    from inlay.batch.keyframe_cut import Kind, Target
    from inlay.documents import Document

TargetName = Literal["wan", "ltx", "kling", "veo", "after-effects", "resolve"]
KindName = Literal["png8", "png16", "tiff16", "exr"]


@takes_access
def keyframe(
    file: Annotated[Path, typer.Argument(help="PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)],
    target: Annotated[TargetName, typer.Option("--for", help="What makes the clip of it.")],
    last: Annotated[
        Path | None,
        typer.Option(
            "--last",
            help="The clip's last frame, as large as FILE; it is cut as that.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder for it. Default: that of FILE.", file_okay=False, show_default=False),
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="W:H, or WIDTHxHEIGHT in px. Default: of what --for takes, what keeps most of the picture.",
            show_default=False,
        ),
    ] = "",
    focus: options.Focus = "",
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            help="Where it was edited, a picture of FILE's size: its edge is looked at, and outside it --last must be the same.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    as_: Annotated[
        KindName | None,
        typer.Option(
            "--as",
            help="For after-effects and resolve: tiff16 or png16 with the sRGB curve, exr in half floats, linear. "
            "Default: tiff16.",
            show_default=False,
        ),
    ] = None,
    look: Annotated[
        bool,
        typer.Option(
            "--look",
            help="Have the server's small networks read the words in it and find hands and faces: inlay models pull text "
            "hands faces",
        ),
    ] = False,
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Crop a picture to what a video model takes, convert it, and look for what eighty frames would multiply.

    Nothing is stretched or enlarged. NAME_TARGET_CURVE.json beside the files has the crop, the scale and what was found. Where
    a check fails the files are there too, and the exit code is 5.
    """
    import json
    from functools import partial

    from inlay import config, documents
    from inlay.batch.keyframe import Wanted, make
    from inlay.batch.keyframe_cut import targets
    from inlay.batch.keyframe_looking import looked
    from inlay.cli.connection import connected
    from inlay.formats import Format, parse_focus
    from inlay.provenance import Statement

    chosen = targets()[target]
    frames = tuple(documents.read(path) for path in (file, last) if path)
    wanted = Wanted(
        chosen,
        _kind(chosen, as_),
        Format.parse(to) if to else None,
        parse_focus(focus) if focus else None,
        documents.read_mask(mask, frames[0].size) if mask else None,
    )

    def say(frame: "Document") -> Statement:
        """A frame inherits the marks of the edits that its document remembers."""
        made_by = [json.loads(recipe) for recipe in frame.metadata.recipes]
        return Statement.of(frame, made_by, config.data_dir(access.data), sign)

    if look:
        with connected(access, may_start=True) as connection:
            made = make(frames, wanted, out or file.parent, partial(looked, connection.client), say)
    else:
        made = make(frames, wanted, out or file.parent, say=say)
    _tell(made, chosen, as_json=as_json)
    if any(check.passed is False for check in made.checks):
        raise typer.Exit(Exit.NOT_FOUND)


def _kind(target: "Target", wanted: KindName | None) -> "Kind":
    if wanted is None:
        return target.files[0]
    if wanted not in target.files:
        raise InvalidInput("--as", wanted, f"{target.title} takes {' or '.join(target.files)}")
    return wanted


def _tell(made: "Keyframes", target: "Target", *, as_json: bool) -> None:
    import json

    from inlay.cli.console import out, print_json

    if as_json:
        print_json(json.loads(made.link.read_text("utf-8")) | {"paths": [str(path) for path in made.files]})
        return
    crop, size = made.cut.crop, made.cut.size
    lines = [
        f"{target.title}: {size.width} x {size.height} px of {crop.width} x {crop.height} at {crop.x}, {crop.y} "
        f"(scale {made.cut.scale:.3f})"
    ]
    lines += [f"{_SAYS[check.passed]}{check.said}" for check in made.checks]
    lines += [f"note: {note}" for note in target.notes]
    lines += [f"wrote {path}" for path in (*made.files, made.link)]
    for line in lines:
        out().print(line, markup=False)


_SAYS = {True: "ok: ", False: "FAILED: ", None: "look at it: "}
