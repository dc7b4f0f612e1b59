"""`inlay edit`: one region of one file, from the command line."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from inlay.cli import options
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inlay.client.edit import Edited, Wish
    from inlay.documents import Document, PlacedEdit
    from inlay.recipe import Option

TierName = Literal["draft", "standard", "final"]
EdgeName = Literal["sharp", "hair", "rough"]
LaneName = Literal["live", "draft", "final", "batch"]
LAYERED = (".ora", ".psd")


def edit(
    photo: options.Photo,
    verb: Annotated[
        str,
        typer.Option(
            "--verb",
            metavar="VERB",
            help="What to do: erase, fill, expand, recolor; with a model generate, replace_background, refine, instruct; and "
            "whatever else the server can paint, such as fix. select, match, separate, upscale and text are commands of their own.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help=".ora or .psd: the original and a group with a layer per variation under the mask. .png or .tif: "
            "flattened, and with --count a file per variation.",
            dir_okay=False,
        ),
    ],
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            help="A gray picture of the photo's size, or the alpha of one: white may change, black never, gray is soft. "
            "Not for expand, which paints the new canvas.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    prompt: Annotated[str, typer.Option(help="What should be there. Empty: what the surroundings suggest.")] = "",
    negative_prompt: Annotated[str, typer.Option(help="What must not be there.")] = "",
    seed: Annotated[
        int | None,
        typer.Option(help="Same seed, same pixels. Default: a random one, which is printed.", min=0, max=2**32 - 1),
    ] = None,
    count: Annotated[int, typer.Option(help="Variations, 1 .. 16.", min=1, max=16)] = 1,
    tier: Annotated[TierName, typer.Option(help="How much to spend.")] = "standard",
    strength: Annotated[
        float, typer.Option(help="0 .. 1: how far pixels may move from what is there.", min=0, max=1)
    ] = 1.0,
    target_color: Annotated[
        str,
        typer.Option(
            help="The mean colour to reach: #RRGGBB with or without its #, rgb(R, G, B), lab(L, a, b), or document(r, g, b) "
            "in the document's profile."
        ),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            help="A model of `inlay models list`, or a folder or file with one, which is added. Default: the server chooses."
        ),
    ] = "",
    grow: options.Grow = 0,
    feather: options.Feather = 0,
    context: Annotated[
        int, typer.Option(help="Surroundings that the engine sees, in px. 0: chosen for you.", min=0, max=4096)
    ] = 0,
    options_given: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An option that only this verb knows; again for each.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[str, typer.Option(help="expand: grow the canvas to a ratio, such as 16:9.", metavar="W:H")] = "",
    margins: Annotated[str, typer.Option(help="expand: grow the canvas by px on each side.", metavar="L,T,R,B")] = "",
    lane: Annotated[
        LaneName | None,
        typer.Option(help="How urgent it is; in batch nobody waits. Default: by its tier.", show_default=False),
    ] = None,
    batch: Annotated[
        str, typer.Option(help="What all edits of one undertaking share: `inlay jobs list --batch` lists them.")
    ] = "",
    server: options.Server = "",
    token: options.Token = "",
    token_file: options.TokenFile = None,
    ca: options.Ca = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Edit the masked region of a picture; every other pixel stays bit-identical.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call. Ctrl-C
    takes the job back.
    """
    check_out(out)
    import dataclasses

    from inlay import documents
    from inlay.cli.adding import name_of
    from inlay.cli.connection import Access, connected
    from inlay.cli.console import Bar
    from inlay.client import edit as editing
    from inlay.job import MAX_LABEL_CHARACTERS, Lane, Ticket
    from inlay.recipe import Tier

    wish = editing.Wish(
        verb=verb,
        seed=secrets.randbelow(2**32) if seed is None else seed,
        prompt=prompt,
        negative_prompt=negative_prompt,
        count=count,
        tier=Tier(tier),
        strength=strength,
        target_color=target_color,
        model=model,
        grow_px=grow,
        feather_px=feather,
        context_px=context,
        options=parse_options(options_given),
    )
    ticket = Ticket(photo.name[:MAX_LABEL_CHARACTERS], Lane(lane) if lane else None, batch=batch)
    document, selection = _opened(documents.read(photo), wish, mask, to, margins)
    with Bar() as bar, connected(Access(server, token, token_file, ca, data), may_start=True) as connection:
        wish = dataclasses.replace(wish, model=name_of(model, connection.models))
        edited = editing.edit_document(connection.client, document, selection, wish, bar, ticket)
    written = write(out, document, edited.placed)
    _tell(document, edited, written, connection.address, connection.own, as_json)


def parse_options(given: list[str] | None) -> "dict[str, Option]":
    """Options from NAME=VALUE: a number, true or false, or else a text. Raises InvalidInput."""
    parsed: dict[str, Option] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InvalidInput("--set", repr(text), "it must be NAME=VALUE")
        parsed[name.removeprefix("options.")] = _option(value)
    return parsed


def _option(text: str) -> "Option":
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text


def check_out(out: Path) -> None:
    """Before any work is done for nothing."""
    from inlay.documents import SUFFIXES

    if out.suffix.lower() not in SUFFIXES:
        raise InvalidInput("--out", str(out), f"its name must end in one of {', '.join(SUFFIXES)}")
    if not out.absolute().parent.is_dir():
        raise InvalidInput("--out", str(out), "its folder must exist")


def _opened(
    document: "Document", wish: "Wish", mask: Path | None, to: str, margins: str
) -> "tuple[Document, NDArray[np.generic]]":
    """The document on its canvas and the selection, from the options."""
    from inlay import documents
    from inlay.client.canvas import Margins, expanded
    from inlay.recipe import Verb

    if to or margins:
        if wish.verb != Verb.EXPAND:
            raise InvalidInput(
                "--to" if to else "--margins", to or margins, f"only --verb expand grows the canvas, not {wish.verb}"
            )
        if to and margins:
            raise InvalidInput("--to", to, "give it or --margins, not both")
        if mask is not None:
            raise InvalidInput(
                "--mask", str(mask), "expand paints the new canvas; give no mask beside --to or --margins"
            )
        return expanded(document, Margins.to_ratio(to, document.size) if to else Margins.parse(margins))
    if mask is None:
        needed = "expand needs --to or --margins" if wish.verb == Verb.EXPAND else f"{wish.verb} needs one"
        raise InvalidInput("--mask", "missing", needed)
    return document, documents.read_mask(mask, document.size)


class Written(NamedTuple):
    """The files of an edit, and what of the original's file is not in them, in sentences for people."""

    files: list[Path]
    notes: tuple[str, ...]


def write(out: Path, document: "Document", placed: "PlacedEdit") -> Written:
    """The files of an edit: one with layers, or one flattened file per variation."""
    import dataclasses

    from inlay import documents

    if out.suffix.lower() in LAYERED or len(placed.layers) == 1:
        return Written([out], documents.write(out, document, [placed]))
    files = [out.with_name(f"{out.stem}-{number}{out.suffix}") for number in range(1, len(placed.layers) + 1)]
    notes: tuple[str, ...] = ()
    for path, (name, samples, _) in zip(files, placed.layers, strict=True):
        notes = documents.write(path, document, [dataclasses.replace(placed, layers=((name, samples, True),))])
    return Written(files, notes)


def _tell(document: "Document", edited: "Edited", written: Written, address: str, own: bool, as_json: bool) -> None:
    from inlay.cli.console import out, print_json

    if as_json:
        told = summary(edited)
        told["notes"] += written.notes
        files = [str(path) for path in written.files]
        print_json(told | {"files": files, "server": address, "own_server": own})
        return
    console = out()
    for line in described(edited):
        console.print(line, markup=False)
    for note in written.notes:
        console.print(f"note: {note}", markup=False)
    for path in written.files:
        console.print(f"wrote {path}", markup=False)


def summary(edited: "Edited") -> dict[str, Any]:
    """An edit as JSON values."""
    recipe, plan = edited.recipe, edited.plan
    return {
        "job_id": edited.job_id,
        "verb": recipe.verb,
        "model": plan.model,
        "seed": recipe.sampling.seed,
        "count": recipe.sampling.count,
        "window": list(recipe.canvas.window),
        "working": list(plan.working),
        "scale": plan.scale,
        "uploaded_bytes": edited.uploaded_bytes,
        "seconds": {phase: round(seconds, 4) for phase, seconds in edited.seconds.items()},
        "notes": list(plan.notes),
        "variations": [
            {
                "index": variation.index,
                "seed": variation.seed,
                "bounds": list(variation.patch.bounds),
                "ring_delta_e_before": variation.report.ring_delta_e_before,
                "ring_delta_e_after": variation.report.ring_delta_e_after,
                "notes": list(variation.report.notes),
                "details": variation.report.details,
            }
            for variation in edited.variations
        ],
    }


def described(edited: "Edited") -> list[str]:
    """An edit in a few lines for people."""
    recipe, plan = edited.recipe, edited.plan
    window, working = recipe.canvas.window, plan.working
    lines = [
        f"{recipe.verb.replace('_', ' ')} with {plan.model}, seed {recipe.sampling.seed}",
        f"window {window.width} x {window.height} px at {window.x}, {window.y}, "
        f"painted at {working.width} x {working.height} (document px : model px = 1 : {plan.scale:.2f})",
    ]
    if plan.scale < 1:
        lines.append(f"{int(100 * plan.scale)} % sharpness: select less for full")
    if plan.leaving:
        lines.append(plan.leaving.sentence)
    for variation in edited.variations:
        report = variation.report
        if report.ring_delta_e_before is not None and report.ring_delta_e_after is not None:
            lines.append(
                f"variation {variation.index + 1}: ring colour difference "
                f"{report.ring_delta_e_before:.2f} -> {report.ring_delta_e_after:.2f} dE2000"
            )
    notes = dict.fromkeys((*plan.notes, *(note for variation in edited.variations for note in variation.report.notes)))
    return [*lines, *(f"note: {note}" for note in notes)]
