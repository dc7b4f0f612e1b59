"""`inlay demo`: a photograph, a soft mask, a real server on free ports, and what comes out of it - measured, not claimed."""

import time
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
GAP_PX = 12
"""White between before and after."""


def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder for the three files.", file_okay=False)] = Path("."),
    as_json: options.Json = False,
) -> None:
    """Erase an object from a photograph and write inlay-demo.ora, inlay-demo.psd and a before/after picture.

    Starts a server for itself, on free loopback ports, and stops it. Needs no model and no network.
    """
    from inlay import documents
    from inlay.cli.console import Bar
    from inlay.client import Client, local
    from inlay.client.edit import Wish, edit
    from inlay.recipe import Tier, Verb

    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    document = documents.read(bundled("photo.jpg"))
    mask = documents.read_mask(bundled("mask.png"), document.size)
    with Bar() as bar, local.own_server() as server, Client(server.address) as client:
        started = time.perf_counter()
        edited = edit(client, document, mask, Wish(Verb.ERASE, SEED, tier=Tier.FINAL), bar, label="demo")
    files = [out / "inlay-demo.ora", out / "inlay-demo.psd", out / "inlay-demo-before-after.png"]
    writing = time.perf_counter()
    for path in files[:2]:
        documents.write(path, document, [edited.placed])
    _write_before_after(files[2], document, edited)
    written = time.perf_counter()
    changed = {path.name: _changed_in(path, document, mask) for path in files[:2]}
    seconds = {"start server": started - began, **edited.seconds, "write": written - writing}
    seconds["all"] = time.perf_counter() - began
    _tell(document, edited, changed, seconds, files, as_json)


def bundled(name: str) -> Path:
    """A file of the demo; the package is installed as files, never as an archive."""
    import inlay

    return Path(inlay.__file__).parent / "demo" / name


def _changed_in(path: Path, document: "Document", mask: "NDArray[np.generic]") -> int:
    """Pixels outside the mask that differ from the photograph in the written file, as it is read back."""
    from inlay import documents
    from inlay.client.outside import count_differences

    return count_differences(document.samples, documents.read(path).samples[..., :3], mask == 0)


def _write_before_after(path: Path, document: "Document", edited: "Edited") -> None:
    """The photograph and the result side by side, with a white line between."""
    import dataclasses

    import numpy as np

    from inlay import documents

    before, after = document.samples, documents.composite(document, [edited.placed])
    gap = np.full((before.shape[0], GAP_PX, before.shape[2]), round(document.white_level), before.dtype)
    both = np.concatenate([before, gap, after], axis=1)
    documents.write(path, dataclasses.replace(document, samples=both), [])


def _tell(
    document: "Document",
    edited: "Edited",
    changed: dict[str, int],
    seconds: dict[str, float],
    files: list[Path],
    as_json: bool,
) -> None:
    from inlay.cli.console import out, print_json
    from inlay.cli.edit import described, summary

    worst = max(changed.values())
    if as_json:
        plain = summary(edited, worst) | {"seconds": {phase: round(spent, 4) for phase, spent in seconds.items()}}
        print_json(plain | {"changed_outside_in_files": changed, "files": [str(path) for path in files]})
        return
    console = out()
    console.print(
        f"[bold]Erased an object from a photograph of {document.size.width} x {document.size.height} px[/bold]"
    )
    for line in described(edited, worst):
        console.print(f"  {line}", markup=False)
    console.print(f"  counted in {' and '.join(changed)}, read back and compared with the photograph", markup=False)
    console.print(f"  seconds: {_spent(seconds)}", markup=False)
    console.print(f"  of these in the worker: {_spent(edited.variations[0].report.details['seconds'])}", markup=False)
    for path in files:
        console.print(f"  {path.absolute()}", markup=False)


def _spent(seconds: dict[str, Any]) -> str:
    return ", ".join(f"{phase} {spent:.2f}" for phase, spent in seconds.items())
