"""The cost of an edit follows its region: the same one in a 1-, 24- and 100-megapixel document, and what a re-roll sends.

    python -m bench.edit_cost [--json FILE] [--rounds N]

Every edit goes through a real server: plan, hash, upload, paint, fetch. Rounds are interleaved and the fastest counts, so that
the machine's noise does not. Bytes are counted at the socket, whatever layer sent them.
"""

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.counting_proxy import CountingProxy
from inlay.client import Client
from inlay.client.edit import Wish, edit_document
from inlay.client.local import own_server
from inlay.documents import Document
from inlay.recipe import Tier, Verb

SIDES_PX = {"1 MP": (1_000, 1_000), "24 MP": (6_000, 4_000), "100 MP": (12_500, 8_000)}
HOLE_PX = 170
"""A round hole whose window is 512 x 512 px, as the server plans it."""
WISH = Wish(Verb.ERASE, seed=1, tier=Tier.STANDARD)


@dataclass(frozen=True)
class Cost:
    """What one edit of a document took."""

    seconds: float
    sent_bytes: int


def document_of(width: int, height: int) -> tuple[Document, np.ndarray]:
    """Sixteen-bit noise of that size, and a mask in its middle; the 1-megapixel content repeats, so windows are alike."""
    tile = np.random.default_rng(3).integers(12_000, 50_000, (500, 500, 3), np.uint16)
    samples = np.tile(tile, (height // 500 + 1, width // 500 + 1, 1))[:height, :width]
    mask = np.zeros((height, width), np.uint8)
    rows, columns = np.ogrid[:height, :width]
    top, left = height // 2 - HOLE_PX // 2, width // 2 - HOLE_PX // 2
    inside = (rows - top - HOLE_PX / 2) ** 2 + (columns - left - HOLE_PX / 2) ** 2 < (HOLE_PX / 2) ** 2
    mask[inside] = 255
    return Document(samples, "RGB", "sRGB IEC61966-2.1", b"", Path("bench.png"), "png"), mask


def measure(rounds: int) -> dict[str, object]:
    documents = {name: document_of(*size) for name, size in SIDES_PX.items()}
    seconds: dict[str, list[float]] = {name: [] for name in documents}
    reroll_bytes: list[int] = []
    first_bytes: list[int] = []
    with (
        own_server() as server,
        CountingProxy(server.reachable_host, server.grpc_port) as proxy,
        Client(proxy.address, token=server.token) as client,
    ):
        edit_document(client, *documents["1 MP"], WISH)  # the engine's first edit loads it
        for number in range(rounds):
            for name, (document, mask) in documents.items():
                document.samples[document.size.height // 2] ^= number + 1  # other pixels, so that they must travel
                started, before = time.perf_counter(), proxy.sent
                edited = edit_document(client, document, mask, WISH)
                seconds[name].append(time.perf_counter() - started)
                first_bytes.append(proxy.sent - before)
                before = proxy.sent
                edit_document(client, document, mask, replace(WISH, seed=100 + number))
                reroll_bytes.append(proxy.sent - before)
    window = edited.plan.window
    best = {name: min(values) for name, values in seconds.items()}
    return {
        "window_px": [window.width, window.height],
        "seconds": best,
        "ratio_to_1_mp": {name: value / best["1 MP"] for name, value in best.items()},
        "first_edit_sent_bytes": max(first_bytes),
        "reroll_sent_bytes": max(reroll_bytes),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    figures = measure(options.rounds)
    table = Table("document", "edit, s", "ratio", title="The same edit in a larger document (goal: at most 1.2)")
    for name, value in figures["seconds"].items():
        table.add_row(name, f"{value:.2f}", f"{figures['ratio_to_1_mp'][name]:.2f}")
    console = Console()
    console.print(table)
    console.print(
        f"Bytes to the server: first edit {figures['first_edit_sent_bytes']:,}, "
        f"re-roll {figures['reroll_sent_bytes']:,} (goal: under 4,096)"
    )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
