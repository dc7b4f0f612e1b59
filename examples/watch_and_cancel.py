"""Hand in an edit, watch it, and take it back if it takes too long.

    python examples/watch_and_cancel.py photo.tif mask.png --at-most 30

`inlay serve` has to run. The job lives at the server: if this program dies, it is finished there all the same, and
`inlay jobs list` has it. To take it back is a call of its own.
"""

import argparse
import time
from pathlib import Path

from inlay import documents
from inlay.client import (
    Client,
    Event,
    Loading,
    Queued,
    Step,
    Ticket,
    Unwatched,
    VariationDone,
    Verb,
    Wish,
    edit_document,
)
from inlay.errors import Cancelled

TAKEN_BACK = 3


class Impatient(Unwatched):
    """Tells what happens, and takes the job back at the first event that comes after `at_most_s`."""

    def __init__(self, client: Client, at_most_s: float) -> None:
        self._client = client
        self._deadline = time.monotonic() + at_most_s
        self._job_id = ""

    def submitted(self, job_id: str) -> None:
        self._job_id = job_id
        print(f"job {job_id}")

    def happened(self, event: Event) -> None:
        match event.happening:
            case Queued(position=position, eta_s=eta_s):
                print(f"{position} before it", "" if eta_s is None else f"about {eta_s:.0f} s")
            case Loading(what=what):
                print(f"preparing {what}")
            case Step(index=index, total=total, phase=phase):
                print(f"{phase} {index}/{total}")
            case VariationDone(variation=variation):
                print(f"variation {variation.index + 1} is there")
            case _:
                return
        if time.monotonic() > self._deadline:
            self._client.cancel(self._job_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("mask", type=Path)
    parser.add_argument("--at-most", type=float, default=60.0, help="seconds")
    parser.add_argument("--server", default="127.0.0.1:50051", help="this machine's token is found by itself")
    args = parser.parse_args()

    document = documents.read(args.photo)
    mask = documents.read_mask(args.mask, document.size)
    with Client(args.server) as client:
        watcher = Impatient(client, args.at_most)
        try:
            edited = edit_document(client, document, mask, Wish(Verb.ERASE, seed=1), watcher, Ticket(args.photo.name))
        except Cancelled as cancelled:
            print(cancelled)
            raise SystemExit(TAKEN_BACK) from None
    print(f"done in {sum(edited.seconds.values()):.1f} s")


if __name__ == "__main__":
    main()
