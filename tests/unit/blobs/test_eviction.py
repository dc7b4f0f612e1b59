"""The blob store stays within its quota, least recently used first, and never lets go of what a job needs."""

import os
import time
from pathlib import Path

import pytest

from inlay.blobs import BlobStatus, BlobStore
from inlay.blobs.entries import STALE_PARTIAL_S
from inlay.blobs.partial import STALLED_S
from inlay.errors import BlobOffset, QuotaExceeded
from support.uploads import name_of, picture, upload

KILO = 1000


class Pins(set[str]):
    def __call__(self) -> frozenset[str]:
        return frozenset(self)


@pytest.fixture
def pins() -> Pins:
    return Pins()


@pytest.fixture
def store(tmp_path: Path, pins: Pins) -> BlobStore:
    """Room for five blobs of 1000 bytes."""
    return BlobStore(tmp_path / "blobs", 5 * KILO, pins)


def present(store: BlobStore, names: list[str]) -> list[bool]:
    return [(store.folder / name[:2] / name).exists() for name in names]


def fill(store: BlobStore, count: int) -> list[str]:
    return [store.add(picture(seed, KILO)) for seed in range(count)]


def test_the_least_recently_used_blob_goes_first(store: BlobStore) -> None:
    names = fill(store, 5)
    store.add(picture(10, 2 * KILO))
    assert present(store, names) == [False, False, True, True, True]


@pytest.mark.parametrize("use", ["read", "received", "chunks", "add", "put_chunk"])
def test_every_use_saves_a_blob_from_going_first(store: BlobStore, use: str) -> None:
    names = fill(store, 5)
    match use:
        case "chunks":
            store.chunks(names[0], 0, 10)
        case "add":
            store.add(picture(0, KILO))
        case "put_chunk":
            store.put_chunk(names[0], 0, KILO, picture(0, KILO))
        case _:
            getattr(store, use)(names[0])
    store.add(picture(10, KILO))
    assert present(store, names) == [True, False, True, True, True]


def test_a_pinned_blob_stays_however_old_it_is(store: BlobStore, pins: Pins) -> None:
    names = fill(store, 5)
    pins.update(names[:3])
    store.add(picture(10, 2 * KILO))
    assert present(store, names) == [True, True, True, False, False]


def test_what_does_not_fit_beside_pinned_blobs_is_refused_and_nothing_is_evicted_for_it(
    store: BlobStore, pins: Pins
) -> None:
    names = fill(store, 5)
    pins.update(names[:4])
    with pytest.raises(QuotaExceeded, match="need 4000 of them, and 1001 more do not fit"):
        store.add(picture(10, KILO + 1))
    with pytest.raises(QuotaExceeded):
        store.put_chunk(name_of(b"long"), 0, KILO + 1, b"x")
    assert present(store, names) == [True] * 5
    assert upload(store, picture(11, KILO)) == name_of(picture(11, KILO))


def test_a_blob_larger_than_the_quota_is_refused_at_its_first_chunk(store: BlobStore) -> None:
    names = fill(store, 5)
    with pytest.raises(QuotaExceeded):
        store.put_chunk(name_of(b"long"), 0, 5 * KILO + 1, b"x")
    assert present(store, names) == [True] * 5


def test_a_chunk_that_does_not_continue_its_upload_costs_nobody_anything(store: BlobStore, pins: Pins) -> None:
    long = picture(20, 3 * KILO)
    store.put_chunk(name_of(long), 0, len(long), long[:KILO])
    pins.update(fill(store, 4))
    with pytest.raises(BlobOffset):
        store.put_chunk(name_of(long), 2 * KILO, len(long), long[2 * KILO :])
    assert store.received(name_of(long)) == BlobStatus(False, KILO)
    assert present(store, list(pins)) == [True] * 4


def test_what_is_only_announced_evicts_nothing(store: BlobStore) -> None:
    names = fill(store, 5)
    for lie in (b"one", b"two", b"three"):
        store.put_chunk(name_of(lie), 0, 5 * KILO, b"x")
    assert present(store, names) == [False, True, True, True, True]


def test_an_upload_takes_the_room_of_its_bytes_as_they_arrive(store: BlobStore) -> None:
    names, long = fill(store, 5), picture(20, 3 * KILO)
    store.put_chunk(name_of(long), 0, len(long), long[:KILO])
    assert present(store, names) == [False, True, True, True, True]
    assert upload(store, long) == name_of(long)
    assert present(store, names) == [False, False, False, True, True]


def test_an_upload_that_is_begun_anew_with_another_total_stays_within_the_quota(store: BlobStore) -> None:
    long = picture(20, 4 * KILO)
    store.put_chunk(name_of(long), 0, 2, long[:1])
    (begun,) = (store.folder / "partial").glob(f"{name_of(long)}.*")
    os.utime(begun, (time.time() - STALLED_S - 60,) * 2)
    fill(store, 4)
    for where in range(0, len(long), 500):
        store.put_chunk(name_of(long), where, len(long), long[where : where + 500])
        assert sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file()) <= 5 * KILO
    assert store.received(name_of(long)).present


def test_what_was_put_a_moment_ago_is_not_evicted_whoever_wants_room(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs", 5 * KILO, grace_s=120.0)
    old, new = fill(store, 5)[:2], []
    for name in old:
        os.utime(store.folder / name[:2] / name, (time.time() - 130,) * 2)
    new = [upload(store, picture(seed, KILO)) for seed in (10, 11)]
    assert present(store, old) == [False, False]
    with pytest.raises(QuotaExceeded, match="what has just arrived"):
        upload(store, picture(12, KILO))
    with pytest.raises(QuotaExceeded):
        store.put_chunk(name_of(b"lie"), 0, 5 * KILO, b"x")
    assert present(store, new) == [True, True]


def test_how_far_an_upload_is_does_not_take_longer_the_more_are_open(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of open uploads is listed once for all that are asked for, not once for each."""
    for seed in range(50):
        store.put_chunk(name_of(picture(seed, 40)), 0, 40, picture(seed, 40)[: 1 + seed % 30])
    settled = time.time() - 10
    os.utime(store.folder / "partial", (settled, settled))
    listed = 0
    scandir = os.scandir

    def counted(path: object) -> object:
        nonlocal listed
        listed += 1
        return scandir(path)  # pyright: ignore

    monkeypatch.setattr(os, "scandir", counted)
    for seed in range(50):
        assert store.received(name_of(picture(seed, 40))) == BlobStatus(False, 1 + seed % 30)
    assert listed == 1


def test_jobs_that_came_during_an_upload_win_over_it(store: BlobStore, pins: Pins) -> None:
    long = picture(20, 3 * KILO)
    store.put_chunk(name_of(long), 0, len(long), long[:KILO])
    pins.update(fill(BlobStore(store.folder, 6 * KILO), 3))
    restarted = BlobStore(store.folder, 5 * KILO, pins)
    with pytest.raises(QuotaExceeded):
        restarted.put_chunk(name_of(long), KILO, len(long), long[KILO:])
    assert restarted.received(name_of(long)) == BlobStatus(False, 0)
    assert present(store, list(pins)) == [True, True, True]


def test_evict_brings_an_overfull_store_back_within_its_quota(store: BlobStore) -> None:
    names = fill(store, 5)
    smaller = BlobStore(store.folder, 2 * KILO)
    assert smaller.evict({names[1]}) == [names[0], names[2], names[3]]
    assert smaller.evict({names[1]}) == []


def test_an_upload_that_nobody_touched_for_a_week_is_dropped_although_there_is_room(store: BlobStore) -> None:
    names = fill(store, 1)
    fresh, stale = name_of(b"fresh"), name_of(b"stale")
    for name in (fresh, stale):
        store.put_chunk(name, 0, 100, b"x" * 10)
    long_ago = time.time() - STALE_PARTIAL_S - 60
    os.utime(store.folder / "partial" / f"{stale}.100", (long_ago, long_ago))
    assert store.evict(()) == []
    assert store.received(stale).received == 0
    assert store.received(fresh).received == 10
    assert present(store, names) == [True]


def test_a_blob_stays_readable_for_whoever_reads_it_while_it_is_evicted(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs", 3 << 20)
    large = picture(1, 2 << 20)
    held, pieces = store.read(store.add(large)), store.chunks(name_of(large), 0, 1 << 20)
    store.add(picture(2, 2 << 20))
    assert not store.received(name_of(large)).present
    assert held == large
    assert b"".join(pieces) == large


def test_files_that_are_no_blobs_are_not_counted_as_some_and_do_not_go(store: BlobStore) -> None:
    note = store.folder / "README"
    note.write_text("the user's own" * 1000)
    fill(store, 7)
    assert note.exists()
