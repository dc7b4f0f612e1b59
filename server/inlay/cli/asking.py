"""One question to a server, as the commands of a single verb put it, and the one way to write and tell what came of it."""

import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.cli.access import Access
from inlay.cli.adding import name_of
from inlay.cli.connection import connected
from inlay.cli.console import Bar, out, print_json
from inlay.client import Client
from inlay.client.edit import Answered, Placed, Wish, ask
from inlay.documents import Document, read_mask
from inlay.job import MAX_LABEL_CHARACTERS, Ticket
from inlay.provenance import Statement
from inlay.variation import Variation


def selected(document: Document, mask: Path | None) -> NDArray[np.generic]:
    """What a mask's file shows; everything without one. Height x width, uint8 or uint16."""
    return np.full(document.samples.shape[:2], 255, np.uint8) if mask is None else read_mask(mask, document.size)


@contextmanager
def answered(
    document: Document, selection: NDArray[np.generic], wish: Wish, access: Access, layers: Sequence[Placed] = ()
) -> Generator[tuple[Client, Answered]]:
    """The client, as long as its server runs, and the answer. Raises as `inlay.client.edit.ask` does."""
    ticket = Ticket(document.path.name[:MAX_LABEL_CHARACTERS])
    with Bar() as bar, connected(access, may_start=True) as connection:
        named = replace(wish, model=name_of(wish.model, connection.models))
        yield connection.client, ask(connection.client, document, selection, named, bar, ticket, layers)


class Signing(NamedTuple):
    """Whether what is written is signed, and in which data folder the certificate lies, as `Statement.of` takes them."""

    wanted: bool | None
    data_dir: Path


def write(
    file: Path,
    original: Document,
    made: Document,
    answered_by: Variation,
    signing: Signing,
    write_to: Callable[[Path, Document], Iterable[str]],
) -> tuple[str, ...]:
    """Write what came of `original`: `write_to` gets `made` with what its file is to say of itself. Sign it. Returns notes."""
    statement = Statement.of(original, [answered_by.receipt], signing.data_dir, signing.wanted)
    receipt = json.dumps(answered_by.receipt, sort_keys=True)
    notes = write_to(file, statement.made_in(made, file.suffix, [receipt]))
    return (*notes, *map(beside, statement.sign(file)))


def beside(sidecar: Path) -> str:
    """What is told of a mark that is no part of its file."""
    return f"its Content Credentials are in {sidecar}"


def tell(
    answer: Answered, file: Path, notes: Iterable[str], sentence: str, facts: Mapping[str, Any], *, as_json: bool
) -> None:
    """What was made and written to `file`: a sentence (or none), notes and the file; or `facts` and more as JSON."""
    if as_json:
        told = {"job_id": answer.job_id, "model": answer.plan.model, **facts, "notes": list(notes)}
        print_json(told | {"files": [str(file)], "seconds": answer.seconds})
        return
    console = out()
    for line in (*([sentence] if sentence else []), *(f"note: {note}" for note in notes), f"wrote {file}"):
        console.print(line, markup=False)
