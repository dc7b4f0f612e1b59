"""One question to a server, as the commands of a single verb put it, and the one way to tell what came of it."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inlay.cli.adding import name_of
from inlay.cli.connection import Access, connected
from inlay.cli.console import Bar, out, print_json
from inlay.client import Client
from inlay.client.edit import Answered, Placed, Wish, ask
from inlay.documents import Document, read_mask
from inlay.job import MAX_LABEL_CHARACTERS, Ticket


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
