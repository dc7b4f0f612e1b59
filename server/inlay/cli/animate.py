"""`inlay animate`: a clip of a picture, painted by the user's own Wan or LTX, as numbered 16 bit pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.edit import TierName
from inlay.clip import DEFAULT_S, FRAMES, HOLD, LEAST_S, MOST_FRAMES, MOST_S, SECONDS

if TYPE_CHECKING:
    from inlay.batch.clip import Keyframe, Written
    from inlay.client.edit import Answered


@takes_access
def animate(
    file: options.Photo,
    out: Annotated[
        Path,
        typer.Option("--out", help="The folder for it: FILE_clip_0001.png and so on, and a JSON.", file_okay=False),
    ],
    model: Annotated[
        str,
        typer.Option(help="A model of `inlay models list` that animates, or its folder. Default: the server chooses."),
    ] = "",
    prompt: Annotated[str, typer.Option(help="What happens. Empty: a little natural movement.")] = "",
    negative: Annotated[str, typer.Option("--negative", help="What must not happen.", show_default=False)] = "",
    seconds: Annotated[
        float, typer.Option(help="How long it is; the nearest length that the model paints.", min=LEAST_S, max=MOST_S)
    ] = DEFAULT_S,
    frames: Annotated[
        int,
        typer.Option(
            help="How many pictures, the first counted, in place of --seconds. 0: as many as those make.",
            min=0,
            max=MOST_FRAMES,
        ),
    ] = 0,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="W:H, or WIDTHxHEIGHT in px. Default: of what the model takes, what keeps most of the picture.",
            show_default=False,
        ),
    ] = "",
    focus: options.Focus = "",
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            help="What may move, a picture of FILE's size: outside of it every frame is the first one, bit for bit.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    hold_light: Annotated[
        float, typer.Option("--hold-light", help="How much of a drift of light and colour is taken back.", min=0, max=1)
    ] = 1.0,
    kra: Annotated[
        bool, typer.Option("--kra", help="Also FILE_clip.kra: the pictures as frames on Krita's timeline.")
    ] = False,
    tier: Annotated[TierName, typer.Option(help="How much to spend.")] = "standard",
    seed: options.Seed = 0,
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Animate a picture: cut as `inlay keyframe` cuts it, in numbered PNG of 16 bit, the first of which is the keyframe itself.

    Light and colour of every picture are brought back to the first one's. Without --server the one that runs on this machine does
    the work, and if none does, one is started for this call.
    """
    from inlay import documents
    from inlay.batch import clip
    from inlay.cli.adding import name_of
    from inlay.cli.asking import selected
    from inlay.cli.connection import connected
    from inlay.cli.console import Bar
    from inlay.client.edit import Wish, ask
    from inlay.formats import Format, parse_focus
    from inlay.job import MAX_LABEL_CHARACTERS, Ticket
    from inlay.provenance import Statement
    from inlay.recipe import Tier, Verb

    document = documents.read(file)
    given: dict[str, float | str | bool] = {SECONDS: seconds, FRAMES: float(frames), HOLD: hold_light}
    with Bar() as bar, connected(access, may_start=True) as connection:
        named, client = name_of(model, connection.models), connection.client
        family = next(
            (one.facts.family for one in client.models() if Verb.ANIMATE in one.verbs and named in ("", one.name)), ""
        )
        keyframe = clip.keyframe_of(
            document,
            clip.target_of(family),
            selected(document, mask),
            Format.parse(to) if to else None,
            parse_focus(focus) if focus else None,
        )
        wish = Wish(Verb.ANIMATE, seed, prompt, negative, tier=Tier(tier), model=named, options=given)
        ticket = Ticket(document.path.name[:MAX_LABEL_CHARACTERS])
        answer = ask(client, keyframe.document, keyframe.mask, wish, bar, ticket)
        written = clip.write(
            client,
            document,
            keyframe,
            answer,
            out,
            lambda receipts: Statement.of(document, receipts, config.data_dir(access.data), sign),
            bar.fetched,
            timeline=kra,
        )
    _tell(keyframe, answer, written, as_json=as_json)


def _tell(keyframe: "Keyframe", answer: "Answered", written: "Written", *, as_json: bool) -> None:
    import json

    from inlay.cli.console import out, print_json

    (variation,) = answer.variations
    about: dict[str, Any] = json.loads(written.link.read_text("utf-8"))
    notes = (*answer.plan.notes, *variation.report.notes, *written.notes)
    if as_json:
        told = {"job_id": answer.job_id, "model": answer.plan.model, "notes": list(notes), "seconds": answer.seconds}
        print_json(about | told | {"paths": [str(path) for path in written.files]})
        return
    crop, size, fps = keyframe.cut.crop, keyframe.cut.size, about["fps"]
    far = 255 * max(about["drift"], default=0)
    lines = [
        f"{answer.plan.model}: {len(written.files)} pictures of {size.width} x {size.height} px, {fps:g} a second, "
        f"of {crop.width} x {crop.height} at {crop.x}, {crop.y} (scale {keyframe.cut.scale:.3f})",
        f"drift of light and colour: up to {far:.1f} of 255, taken back by {about['hold_light']:.0%}",
        *(f"note: {note}" for note in notes),
        f"wrote {written.files[0]} .. {written.files[-1].name}",
        *((f"wrote {written.timeline}",) if written.timeline else ()),
        f"wrote {written.link}",
    ]
    for line in lines:
        out().print(line, markup=False)
