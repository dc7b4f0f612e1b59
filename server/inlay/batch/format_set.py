"""The formats of a master as files: each a layered document, linked to the master, and made anew where the master changed.

Beside each lies a link, a JSON file of its name: the master and its SHA-256, the framing, the job that painted what was missing,
and the SHA-256 of what was written. A format whose link says what would be made now stays as it is, and nobody is asked for
anything.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import documents
from inlay.batch.formats import apply, missing
from inlay.batch.resampling import at_size
from inlay.batch.written import stated
from inlay.client.edit import Edited, Wish
from inlay.documents import Document, PlacedEdit
from inlay.documents.write import check_integer, stored_at
from inlay.errors import InvalidInput
from inlay.formats import Format, Framing, framing
from inlay.job import MAX_LABEL_CHARACTERS, Ticket
from inlay.region import Rect

State = Literal["made", "unchanged", "kept"]
"""kept: somebody else wrote or changed the file, so that it was left alone."""

Paint = Callable[[Document, NDArray[np.uint8], Wish, Ticket], Edited]
"""Has a document edited where the mask (its height x width, 0 or 255) is white: `inlay.client.edit.edit_document` of a client."""

LINK = 1
"""The form of a link."""


@dataclass(frozen=True)
class Order:
    """What is to be made of `master` in the folder `out`.

    focus: in the master's px. wish: how what is missing is painted; its verb is expand. suffix: .ora or .psd; empty: the master's
    own, or .ora. scaled: a flat .png of the format's own px too, where it has a size. replace: also files that somebody changed.
    """

    master: Path
    formats: tuple[Format, ...]
    focus: Rect | None
    out: Path
    wish: Wish
    suffix: str = ""
    scaled: bool = False
    replace: bool = False


class Made(NamedTuple):
    """A format's files and what came of them. delivered: the flat file of the format's own size; None where none was asked for."""

    format: Format
    framing: Framing
    file: Path
    state: State
    delivered: Path | None
    delivery: State | None
    job_id: str
    notes: tuple[str, ...]


def make(order: Order, paint: Paint) -> Iterator[Made]:
    """Make the formats in their order. paint: is called only where something has to be painted.

    Raises InvalidInput for a focus or formats that make no sense, before anything is painted or written; and what `paint` raises:
    what was made before is there, and the next call goes on after it.
    """
    _check_names(order.formats)
    document = documents.read(order.master)
    suffix = order.suffix or f".{document.layered or 'ora'}"
    check_integer(document, suffix.removeprefix(".").upper())
    master = _sha256(order.master)
    framings = [framing(document.size, order.focus, one, scaled=order.scaled) for one in order.formats]
    for shape, found in zip(order.formats, framings, strict=True):
        file = order.out / f"{order.master.stem}_{shape.file_name}{suffix}"
        yield _FormatFile(order, document, master, shape, found, file).made(paint)


@dataclass(frozen=True)
class _FormatFile:
    order: Order
    document: Document
    master: str
    format: Format
    framing: Framing
    file: Path

    def made(self, paint: Paint) -> Made:
        link, notes = self._link(), ()
        state = self._state(link)
        if state == "made":
            link, notes = self._written(paint)
        delivered = delivery = None
        if self.order.scaled and self.format.size and state != "kept":
            delivered = self.file.with_suffix(".png")
            delivery = self._delivery(delivered, link)
            if delivery == "made":
                link |= {"delivered": self._deliver(delivered)}
        if "made" in (state, delivery):
            text = json.dumps(link, indent=1, ensure_ascii=False) + "\n"
            stored_at(self._link_path, text.encode())
        job_id = str(link.get("job", {}).get("id", "")) if state != "kept" else ""
        return Made(self.format, self.framing, self.file, state, delivered, delivery, job_id, notes)

    def _state(self, link: dict[str, Any]) -> State:
        if not self.file.exists():
            return "made"
        ours = bool(link) and link["master"]["path"] == self._master_path
        untouched = ours and link["file"]["sha256"] == _sha256(self.file)
        if ours and link["of"] == self._of and (untouched or not self.order.replace):
            return "unchanged"
        return "made" if untouched or self.order.replace else "kept"

    def _delivery(self, delivered: Path, link: dict[str, Any]) -> State:
        known = link.get("delivered") or {}
        if not delivered.exists():
            return "made"
        if known.get("of") == _sha256(self.file) and known.get("size") == list(self.framing.size):
            return "unchanged"
        return "made" if known.get("sha256") == _sha256(delivered) or self.order.replace else "kept"

    def _written(self, paint: Paint) -> tuple[dict[str, Any], tuple[str, ...]]:
        canvas = apply(self.document, self.framing)
        placed: list[PlacedEdit] = []
        job: dict[str, Any] = {}
        notes: tuple[str, ...] = ()
        if self.framing.grows:
            edited = paint(
                canvas, missing(self.framing), self.order.wish, Ticket(self.file.name[:MAX_LABEL_CHARACTERS])
            )
            placed, notes = [edited.placed], edited.plan.notes
            job = {"id": edited.job_id, "model": edited.plan.model, "seed": edited.recipe.sampling.seed}
        self.order.out.mkdir(parents=True, exist_ok=True)
        notes += documents.write(self.file, stated(canvas, placed, self.file.suffix), placed)
        return self._link_of(job), notes

    def _deliver(self, delivered: Path) -> dict[str, Any]:
        shown = documents.read(self.file)
        samples, order = shown.samples, shown.order
        if shown.has_alpha and (samples[..., -1] == shown.white_level).all():
            samples, order = samples[..., :-1], order[:-1]
        flat = dataclasses.replace(shown, samples=samples, order=order, original=b"")
        documents.write(delivered, at_size(flat, self.framing.size), [])
        of = {"of": _sha256(self.file), "size": list(self.framing.size)}
        return {"name": delivered.name, "sha256": _sha256(delivered), **of}

    def _link(self) -> dict[str, Any]:
        """What an earlier call wrote; empty where nothing, or nothing that can be read."""
        try:
            found = json.loads(self._link_path.read_text("utf-8"))
            return (
                found
                if found["link"] == LINK and found["master"]["path"] and found["file"]["sha256"] and found["of"]
                else {}
            )
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _link_of(self, job: dict[str, Any]) -> dict[str, Any]:
        found, (width, height) = self.framing, self.format.ratio.as_integer_ratio()
        return {
            "link": LINK,
            "master": {"path": self._master_path, "sha256": self.master},
            "format": {"name": self.format.name, "ratio": f"{width}:{height}", "safe": list(self.format.safe)},
            "framing": {
                "crop": list(found.crop),
                "margins": list(found.margins),
                "focus": list(self.order.focus) if self.order.focus else None,
                "safe": list(found.safe),
                "flags": list(found.flags),
            },
            "job": job,
            "of": self._of,
            "file": {"name": self.file.name, "sha256": _sha256(self.file)},
        }

    @property
    def _link_path(self) -> Path:
        return self.file.with_name(f"{self.file.name}.json")

    @property
    def _master_path(self) -> str:
        """From the link's folder, so that both can be moved together."""
        try:
            return Path(os.path.relpath(self.order.master, self.order.out)).as_posix()
        except ValueError:  # another drive
            return self.order.master.absolute().as_posix()

    @property
    def _of(self) -> str:
        """The SHA-256 of everything that decides the layered file."""
        wish = dataclasses.asdict(self.order.wish) if self.framing.grows else None
        decides = {"master": self.master, "crop": list(self.framing.crop), "wish": wish, "as": self.file.suffix}
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _check_names(formats: tuple[Format, ...]) -> None:
    names = [one.file_name for one in formats]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput("--to", name, "two of one name would become one file")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
