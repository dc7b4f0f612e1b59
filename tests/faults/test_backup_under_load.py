"""A studio's server is backed up while many people send jobs, then it is killed: from the backup everything goes on."""

import dataclasses
import hashlib
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from inlay.client import Client
from inlay.events import Done, VariationDone
from inlay.jobs.restore import restore
from rpc.process import running_server
from support.edits import MemoryBlobs, recipe_for

pytestmark = pytest.mark.slow

WRITERS = 3


class Writer(threading.Thread):
    """Sends jobs, one after the other, until the server is gone; what it was told is accepted, it notes."""

    def __init__(self, address: str, seed: int, told: Path) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._seed = seed
        self._told = told
        self.accepted: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        shared = MemoryBlobs()
        common = recipe_for(shared, count=1, prompt=str(self._told))
        source = common.canvas.source
        pixels = shared.held.pop(source.blob)
        with Client(self._address, patience_s=0) as client:
            while True:
                self._seed += WRITERS
                job_id, own = str(uuid.uuid4()), self._seed.to_bytes(8) + pixels[8:]  # a picture of its own
                name = hashlib.sha256(own).hexdigest()
                try:
                    for data in (own, *shared.held.values()):
                        client.upload(data)
                    client.submit(job_id, common.altered(source=dataclasses.replace(source, blob=name)))
                except Exception:  # the server was killed
                    return
                self.accepted.append(job_id)
                if len(self.accepted) >= 5:
                    self.enough.set()


def test_what_was_accepted_before_a_backup_is_finished_by_the_server_that_is_restored_from_it(tmp_path: Path) -> None:
    data, target, new, told = (tmp_path / name for name in ("data", "backup", "new", "told"))
    painter = "support.painters:paint_when_told"
    with running_server(data, painter=painter) as server:
        writers = [Writer(server.address, seed, told) for seed in range(WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            assert writer.enough.wait(120)
        before = [job_id for writer in writers for job_id in writer.accepted]
        command = [sys.executable, "-m", "inlay.cli", "backup", str(target), "--data", str(data), "--json"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert said.returncode == 0, said.stderr
        assert sum(len(writer.accepted) for writer in writers) > len(before), "the backup held nobody up"
        server.process.kill()
    for writer in writers:
        writer.join(120)
    done = restore(target, new)
    assert done.missing == ()
    assert done.jobs == done.waiting >= len(before)
    told.touch()
    with running_server(new, painter=painter) as server, Client(server.address) as client:
        for job_id in before:
            happened = [event.happening for event in client.watch(job_id)]
            assert isinstance(happened[-1], Done), (job_id, happened[-1])
            (made,) = [one for one in happened if isinstance(one, VariationDone)]
            for name in made.variation.result.blobs:
                client.fetch(name)  # which checks the hash
