"""`inlay edit`: one region of one file, from the command line."""

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inlay.client.edit import Edited, Wish
    from inlay.documents import Document, PlacedEdit
    from inlay.recipe import Option

TierName = Literal["draft", "standard", "final"]
EdgeName = Literal["sharp", "hair", "rough"]
LaneName = Literal["live", "draft", "standard", "final", "batch"]
LAYERED = (".ora", ".psd")


@takes_access
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
    surroundings: Annotated[
        str,
        typer.Option(
            help="What lies around the mask, for models that want to be told the whole scene. auto: has the vision-language "
            "model that was added describe it."
        ),
    ] = "",
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
    style: Annotated[str, typer.Option(help="A style of `inlay style list`.")] = "",
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Tell the model the words as they are, without what its family or the style adds."),
    ] = False,
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
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            metavar="FILE[:ROLE[:WEIGHT]]",
            help="A picture of what it should be like; again for each. ROLE says what to take of it: identity, product, "
            "texture, style, layout, palette, or reference, which leaves that to the prompt. WEIGHT is 0 .. 1.",
            show_default=False,
        ),
    ] = None,
    structure: Annotated[
        str,
        typer.Option(
            "--structure",
            metavar="KIND[:STRENGTH]",
            help="What of the picture is kept: pose, edges, soft_edges, lines, depth or composition, as far as the model can. "
            "STRENGTH is 0 .. 1.",
        ),
    ] = "",
    structure_map: Annotated[
        Path | None,
        typer.Option(
            "--structure-map",
            help="The map of it, of the photo's size, light marks on black. Default: it is made of the picture.",
            exists=True,
            dir_okay=False,
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
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Edit the masked region of a picture; every other pixel stays bit-identical.

    Without --server the one that runs on this machine does the work, and if none does, one is started for this call. Ctrl-C
    takes the job back.
    """
    check_out(out)
    import dataclasses

    from inlay import documents
    from inlay.cli import steering
    from inlay.cli.adding import name_of
    from inlay.cli.connection import connected
    from inlay.cli.console import Bar
    from inlay.client import edit as editing
    from inlay.job import MAX_LABEL_CHARACTERS, Lane, Ticket
    from inlay.recipe import Tier, Verb

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
        options={**parse_options(options_given), **steering.structure(structure)},
        style=style,
        raw=raw,
        surroundings=surroundings,
    )
    if verb == Verb.STRUCTURE:
        from inlay.cli.structure import show_structure

        if out.suffix.lower() not in LAYERED:
            limit = f"its name must end in {' or '.join(LAYERED)}: --verb {verb} makes a layer"
            raise InvalidInput("--out", str(out), limit)
        show_structure(photo, mask, out, wish, access, as_json=as_json)
        return
    ticket = Ticket(photo.name[:MAX_LABEL_CHARACTERS], Lane(lane) if lane else None, batch=batch)
    document, selection = _opened(documents.read(photo), wish, mask, to, margins)
    pictures = [*steering.references(reference), *steering.drawn(structure_map)]
    with Bar() as bar, connected(access, may_start=True) as connection:
        wish = dataclasses.replace(wish, model=name_of(model, connection.models))
        if surroundings == steering.AUTO:
            wish = steering.seeing_around(wish, connection.client, document, selection, bar)
        edited = editing.edit_document(connection.client, document, selection, wish, bar, ticket, pictures)
    written = write(out, document, edited.placed, config.data_dir(access.data), sign)
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
    from inlay.client.canvas import expanded, margins_to_ratio, parse_margins
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
        return expanded(document, margins_to_ratio(to, document.size) if to else parse_margins(margins))
    if mask is None:
        needed = "expand needs --to or --margins" if wish.verb == Verb.EXPAND else f"{wish.verb} needs one"
        raise InvalidInput("--mask", "missing", needed)
    return document, documents.read_mask(mask, document.size)


class Written(NamedTuple):
    """The files of an edit, and what of the original's file is not in them, in sentences for people."""

    files: list[Path]
    notes: tuple[str, ...]


def write(out: Path, document: "Document", placed: "PlacedEdit", data_dir: Path, sign: bool | None = None) -> Written:
    """The files of an edit: one with layers, or one flattened file per variation; what they say of themselves is in them.

    data_dir, sign: whose certificate signs them, and whether it does, as `inlay.provenance.Statement` takes them.
    """
    import dataclasses

    from inlay import documents
    from inlay.provenance import Statement

    statement = Statement.of(document, [json.loads(placed.recipe_json)], data_dir, sign)
    stated = statement.made_in(document, out.suffix)
    if out.suffix.lower() in LAYERED or len(placed.layers) == 1:
        notes = documents.write(out, stated, [placed])
        return Written([out, *statement.sign(out)], notes)
    files = [out.with_name(f"{out.stem}-{number}{out.suffix}") for number in range(1, len(placed.layers) + 1)]
    notes: tuple[str, ...] = ()
    for path, (name, samples, _) in zip(files, placed.layers, strict=True):
        notes = documents.write(path, stated, [dataclasses.replace(placed, layers=((name, samples, True),))])
        statement.sign(path)
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
        "surroundings": recipe.words.surroundings,
        "count": recipe.sampling.count,
        "window": list(recipe.canvas.window),
        "working": list(plan.working),
        "scale": plan.scale,
        "uploaded_bytes": edited.uploaded_bytes,
        "seconds": {phase: round(seconds, 4) for phase, seconds in edited.seconds.items()},
        "notes": list(plan.notes),
        "told": vars(plan.told) if plan.told else None,
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
    if recipe.words.surroundings:
        lines.append(f"around the mask: {recipe.words.surroundings}")
    if plan.told and plan.told.prompt:
        unwanted = plan.told.negative_prompt.strip()
        lines.append(f"told: {plan.told.prompt}" + (f" (not: {unwanted})" if unwanted else ""))
    for variation in edited.variations:
        report = variation.report
        if report.ring_delta_e_before is not None and report.ring_delta_e_after is not None:
            lines.append(
                f"variation {variation.index + 1}: ring colour difference "
                f"{report.ring_delta_e_before:.2f} -> {report.ring_delta_e_after:.2f} dE2000"
            )
    notes = dict.fromkeys((*plan.notes, *(note for variation in edited.variations for note in variation.report.notes)))
    return [*lines, *(f"note: {note}" for note in notes)]
