"""`inlay demo`: a photograph, two edits on a real server, and what comes out of them - measured, not claimed."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay.cli import options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inlay.client.edit import Edited
    from inlay.documents import Document

SEED = 7
TARGET_COLOR = "#C8402A"
GAP_PX = 12
"""White between before and after."""


def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder for the three files.", file_okay=False)] = Path("."),
    as_json: options.Json = False,
) -> None:
    """Erase a tower from a photograph, give the rocket beside it a brand's colour, and write inlay-demo.ora,
    inlay-demo.psd and a before/after picture.

    Starts a server for itself, on free loopback ports, and stops it. Needs no model and no network.
    """
    from inlay import documents
    from inlay.cli.console import Bar
    from inlay.client import Client, Ticket, local
    from inlay.client.edit import Wish, edit_document
    from inlay.provenance import Statement
    from inlay.recipe import Tier, Verb

    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    document = documents.read(bundled("photo.jpg"))
    wishes = [Wish(Verb.ERASE, SEED, tier=Tier.FINAL), Wish(Verb.RECOLOR, SEED, target_color=TARGET_COLOR)]
    masks = [documents.read_mask(bundled(f"{wish.verb}.png"), document.size) for wish in wishes]
    with Bar() as bar, local.own_server() as server, Client(server.address, token=server.token) as client:
        started = time.perf_counter()
        edits = [
            edit_document(client, document, mask, wish, bar, Ticket("demo"))
            for wish, mask in zip(wishes, masks, strict=True)
        ]
    files = [out / "inlay-demo.ora", out / "inlay-demo.psd", out / "inlay-demo-before-after.png"]
    writing = time.perf_counter()
    statement = Statement.of(document, [json.loads(edited.placed.recipe_json) for edited in edits], out, False)
    for path in files[:2]:
        documents.write(path, statement.made_in(document, path.suffix), [edited.placed for edited in edits])
    _write_before_after(files[2], document, edits)
    written = time.perf_counter()
    untouched = (masks[0] == 0) & (masks[1] == 0)
    told = _Told(
        document,
        edits,
        {path.name: _changed_in(path, document, untouched) for path in files[:2]},
        _distance_in(files[1], masks[1]),
        {"start server": started - began, **_summed(edits), "write": written - writing},
        files,
    )
    told.seconds["all"] = time.perf_counter() - began
    _tell(told, as_json)


@dataclass(frozen=True)
class _Told:
    """What the demo says of itself. changed: pixels outside the masks, by file. delta_e: of the recoloured region's mean to
    the target colour, read back from a file."""

    document: "Document"
    edits: "list[Edited]"
    changed: dict[str, int]
    delta_e: float
    seconds: dict[str, float]
    files: list[Path]


def bundled(name: str) -> Path:
    """A file of the demo; the package is installed as files, never as an archive."""
    import inlay

    return Path(inlay.__file__).parent / "demo" / name


def _changed_in(path: Path, document: "Document", untouched: "NDArray[np.bool_]") -> int:
    """Pixels outside the masks that differ from the photograph in the written file, as it is read back."""
    from inlay import documents

    differs = (document.samples != documents.read(path).samples[..., :3]).any(axis=-1)
    return int((differs & untouched).sum())


def _distance_in(path: Path, mask: "NDArray[np.generic]") -> float:
    """dE2000 between the target and the recoloured region's mean in the written file, as `inlay probe` measures it."""
    from inlay import documents
    from inlay.documents.document import mask_share
    from inlay.edit.probe import probe_samples

    written = documents.read(path)
    raster = written.raster(written.size, "")
    distance = probe_samples(written.samples, raster, mask_share(mask).astype("float32"), TARGET_COLOR).reading.delta_e
    assert distance is not None, "a target was named"
    return distance


def _summed(edits: "list[Edited]") -> dict[str, float]:
    """Seconds by phase over all edits."""
    return {phase: sum(edited.seconds[phase] for edited in edits) for phase in edits[0].seconds}


def _write_before_after(path: Path, document: "Document", edits: "list[Edited]") -> None:
    """The photograph and the result side by side, with a white line between."""
    import dataclasses

    import numpy as np

    from inlay import documents

    before, after = document.samples, documents.composite(document, [edited.placed for edited in edits])
    gap = np.full((before.shape[0], GAP_PX, before.shape[2]), round(document.white_level), before.dtype)
    both = np.concatenate([before, gap, after], axis=1)
    documents.write(path, dataclasses.replace(document, samples=both), [])


def _tell(told: _Told, as_json: bool) -> None:
    from inlay.cli.console import out, print_json
    from inlay.cli.edit import described, summary

    if as_json:
        print_json(
            {
                "edits": [summary(edited) for edited in told.edits],
                "seconds": {phase: round(spent, 4) for phase, spent in told.seconds.items()},
                "changed_outside_in_files": told.changed,
                "target": {"color": TARGET_COLOR, "delta_e": told.delta_e},
                "files": [str(path) for path in told.files],
            }
        )
        return
    console = out()
    console.print(
        "[bold]Erased a tower from a photograph of {} x {} px and recoloured the rocket[/bold]".format(
            *told.document.size
        )
    )
    for edited in told.edits:
        for number, line in enumerate(described(edited)):
            console.print(f"  {'  ' if number else ''}{line}", markup=False)
    names = " and ".join(told.changed)
    console.print(
        f"  in {names}, read back: {max(told.changed.values())} pixels outside the masks changed;", markup=False
    )
    console.print(f"    the stage's mean is dE2000 {told.delta_e:.2f} from {TARGET_COLOR}", markup=False)
    console.print(f"  seconds: {_spent(told.seconds)}", markup=False)
    for path in told.files:
        console.print(f"  {path.absolute()}", markup=False)


def _spent(seconds: dict[str, Any]) -> str:
    return ", ".join(f"{phase} {spent:.2f}" for phase, spent in seconds.items())
