"""A client that submits edits and writes down, before anything else, which of them the server accepted.

Run as a process of its own, so that a test can kill it: `python chaos_client.py DATA_DIR LEDGER COUNT`. Started again with the
same ledger it goes on where it was, re-submitting the job whose answer it never saw under the same id.
"""

import json
import os
import sys
import time
import uuid
from pathlib import Path

from inlay.client import Client
from inlay.errors import InlayError
from inlay.job import Ticket
from support.edits import MemoryBlobs, recipe_for


class Ledger:
    """Lines of JSON that are on the disk before the next thing happens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = [json.loads(line) for line in path.read_text().splitlines() if line] if path.exists() else []

    def write(self, kind: str, job_id: str, seed: int) -> None:
        line = {"kind": kind, "job_id": job_id, "seed": seed}
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.lines.append(line)

    def jobs(self, kind: str) -> dict[str, int]:
        return {line["job_id"]: line["seed"] for line in self.lines if line["kind"] == kind}


def connect(data_dir: Path) -> Client:
    """A client of whatever server runs on the data folder now."""
    while True:
        try:
            ports = json.loads((data_dir / "server.json").read_text())
            client = Client(f"127.0.0.1:{ports['grpc_port']}", token=(data_dir / "token").read_text())
            client.info()
            return client
        except (OSError, ValueError, InlayError):
            time.sleep(0.05)


def main(data_dir: Path, ledger_path: Path, count: int) -> None:
    ledger = Ledger(ledger_path)
    unanswered = ledger.jobs("intended").items() - ledger.jobs("accepted").items()
    todo = [*unanswered, *((str(uuid.uuid4()), seed) for seed in range(len(ledger.jobs("intended")), count))]
    for job_id, seed in todo:
        if (job_id, seed) not in unanswered:
            ledger.write("intended", job_id, seed)
        while True:
            try:
                with connect(data_dir) as client:
                    blobs = MemoryBlobs()
                    recipe = recipe_for(blobs, seed=seed, count=1 + seed % 2)
                    for data in blobs.held.values():
                        client.upload(data)
                    client.submit(job_id, recipe, Ticket("chaos"))
                break
            except InlayError:
                time.sleep(0.05)
        ledger.write("accepted", job_id, seed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
