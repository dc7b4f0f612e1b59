"""Whatever sequence of uploads, lies, restarts and evictions: the store stays true to its promises."""

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inlay.blobs import BlobStore
from inlay.errors import BlobCorrupt, BlobMissing, BlobOffset, QuotaExceeded
from support.uploads import name_of, picture

QUOTA = 3000
BLOBS = {
    name_of(data): data for data in (picture(seed, length) for seed, length in enumerate((0, 1, 400, 900, 1500, 2999)))
}
names = st.sampled_from(sorted(BLOBS))


class Store(RuleBasedStateMachine):
    """The model: which blobs are here, in the order of their use, and which are pinned."""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.pins: set[str] = set()
        self.here: list[str] = []
        self.restart()

    @rule()
    def restart(self) -> None:
        self.store = BlobStore(self.folder, QUOTA, lambda: frozenset(self.pins))

    def forget_evicted(self) -> None:
        """What went must be unpinned, and the least recently used of the unpinned."""
        gone = {name for name in self.here if not self.path(name).exists()}
        assert not gone & self.pins
        loose = [name for name in self.here if name not in self.pins]
        assert gone == set(loose[: len(gone)])
        self.here = [name for name in self.here if name not in gone]

    def used(self, name: str) -> None:
        self.here = [*(other for other in self.here if other != name), name]

    def path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    @rule(name=names)
    def add(self, name: str) -> None:
        known = name in self.here
        try:
            assert self.store.add(BLOBS[name]) == name
        except QuotaExceeded:
            pinned = sum(len(BLOBS[pin]) for pin in self.pins if pin in self.here)
            assert not known
            assert pinned + len(BLOBS[name]) > QUOTA
        else:
            self.forget_evicted()
            self.used(name)

    @rule(name=names, length=st.integers(1, 2000), lie=st.booleans())
    def put_next_chunk(self, name: str, length: int, lie: bool) -> None:
        data = BLOBS[name]
        status = self.store.received(name)
        assert status.present == (name in self.here)
        offset = 0 if status.present else status.received
        chunk = data[offset : offset + length]
        if lie:
            chunk = bytes(byte ^ 1 for byte in chunk)
        try:
            after = self.store.put_chunk(name, offset, len(data), chunk)
        except QuotaExceeded:
            assert not status.present
        except BlobCorrupt:
            self.forget_evicted()  # room had been made for it
            assert not self.store.received(name).received
        else:
            self.forget_evicted()
            if after.present:
                self.used(name)
            else:
                assert after.received == offset + len(chunk)

    @rule(name=names, beyond=st.integers(1, 50))
    def put_chunk_too_far(self, name: str, beyond: int) -> None:
        data, received = BLOBS[name], self.store.received(name).received
        if name in self.here:
            self.used(name)
        elif received + beyond < len(data):
            with pytest.raises(BlobOffset) as refused:
                self.store.put_chunk(name, received + beyond, len(data), data[received + beyond :])
            assert refused.value.expected == received

    @rule(name=names)
    def read(self, name: str) -> None:
        try:
            assert self.store.read(name) == BLOBS[name]
            assert name in self.here
            self.used(name)
        except BlobMissing:
            assert name not in self.here

    @rule(name=names)
    def ask(self, name: str) -> None:
        assert self.store.received(name).present == (name in self.here)
        if name in self.here:
            self.used(name)

    @rule(pins=st.sets(names, max_size=3))
    def pin(self, pins: set[str]) -> None:
        self.pins = pins

    @rule()
    def evict(self) -> None:
        before = set(self.here)
        gone = self.store.evict(self.pins)
        self.forget_evicted()
        assert set(gone) == before - set(self.here)

    @invariant()
    def every_file_is_what_its_name_says(self) -> None:
        found = {path.name: path.read_bytes() for path in self.folder.glob("??/*")}
        assert found == {name: BLOBS[name] for name in self.here}

    @invariant()
    def the_quota_holds(self) -> None:
        assert sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) <= QUOTA

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


TestStore = Store.TestCase
TestStore.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
