"""The blob store keeps what it took, under the name that the bytes have, and nothing else."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from inlay.blobs import MAX_BLOB_BYTES, MAX_CHUNK_BYTES, BlobStatus, BlobStore
from inlay.blobs import partial as partial_module
from inlay.blobs.partial import STALLED_S
from inlay.errors import BlobCorrupt, BlobMissing, BlobOffset, InvalidInput, QuotaExceeded
from support.uploads import name_of, picture, upload


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def files(store: BlobStore) -> set[str]:
    return {path.name for path in store.folder.rglob("*") if path.is_file() and path.name != "lock"}


@pytest.mark.parametrize("length", [0, 1, 1000, (1 << 20) - 1, 1 << 20, 3_000_000])
def test_what_was_uploaded_in_chunks_comes_back(store: BlobStore, length: int) -> None:
    data = picture(1, length)
    name = upload(store, data, chunk_bytes=700_000)
    assert store.read(name) == data
    assert store.size(name) == length
    assert b"".join(store.chunks(name, 0, 300_000)) == data
    assert store.received(name) == BlobStatus(True, length)


def test_what_was_added_comes_back_under_its_hash(store: BlobStore) -> None:
    data = picture(2, 2_000_000)
    assert store.add(memoryview(data)) == hashlib.sha256(data).hexdigest()
    assert store.read(name_of(data)) == data


def test_a_blob_with_another_hash_is_refused_and_nothing_of_it_stays(store: BlobStore) -> None:
    name = name_of(b"the promised bytes")
    store.put_chunk(name, 0, 18, b"the promised")
    with pytest.raises(BlobCorrupt, match=name):
        store.put_chunk(name, 12, 18, b" lies!")
    assert store.received(name) == BlobStatus(False, 0)
    assert files(store) == set()
    assert upload(store, b"the promised bytes") == name


def test_an_upload_goes_on_after_a_restart_of_the_server(store: BlobStore) -> None:
    data = picture(3, 2_500_000)
    name = name_of(data)
    store.put_chunk(name, 0, len(data), data[:1_000_000])
    restarted = BlobStore(store.folder)
    assert restarted.received(name) == BlobStatus(False, 1_000_000)
    restarted.put_chunk(name, 1_000_000, len(data), data[1_000_000:2_000_000])
    assert restarted.put_chunk(name, 2_000_000, len(data), data[2_000_000:]) == BlobStatus(True, len(data))
    assert store.read(name) == data


def test_bytes_that_went_bad_on_the_disk_during_a_restart_are_noticed(store: BlobStore) -> None:
    data = picture(4, 2_000_000)
    name = name_of(data)
    store.put_chunk(name, 0, len(data), data[:1_000_000])
    (partial,) = store.folder.glob("partial/*")
    partial.write_bytes(bytes(1_000_000))
    with pytest.raises(BlobCorrupt):
        store.put_chunk(name, 1_000_000, len(data), data[1_000_000:])


def test_a_chunk_in_the_wrong_place_is_told_where_to_resume(store: BlobStore) -> None:
    data = picture(5, 1000)
    name = name_of(data)
    store.put_chunk(name, 0, 1000, data[:400])
    for offset in (0, 399, 401, 700):
        with pytest.raises(BlobOffset) as refused:
            store.put_chunk(name, offset, 1000, data[offset : offset + 100])
        assert refused.value.expected == 400
    store.put_chunk(name, 400, 1000, data[400:])
    assert store.read(name) == data


def test_a_chunk_of_a_blob_that_is_here_is_welcome_and_changes_nothing(store: BlobStore) -> None:
    data = picture(6, 1000)
    name = store.add(data)
    assert store.put_chunk(name, 400, 1000, b"x" * 100) == BlobStatus(True, 1000)
    assert store.read(name) == data


def let_time_pass(store: BlobStore, name: str) -> None:
    """Nobody went on with the upload for longer than an upload may rest."""
    for path in (store.folder / "partial").glob(f"{name}.*"):
        os.utime(path, (time.time() - STALLED_S - 60,) * 2)


def test_an_upload_under_way_is_not_lost_to_somebody_who_says_another_total(store: BlobStore) -> None:
    data = picture(7, 1000)
    name = name_of(data)
    store.put_chunk(name, 0, 1000, data[:400])
    for offset in (0, 400):
        with pytest.raises(InvalidInput, match=r"total is 2000; .* 1000"):
            store.put_chunk(name, offset, 2000, b"other bytes")
    assert store.received(name) == BlobStatus(False, 400)
    assert store.put_chunk(name, 400, 1000, data[400:]).present


def test_an_upload_with_the_wrong_total_that_nobody_goes_on_with_gives_way(store: BlobStore) -> None:
    data = picture(7, 1000)
    name = name_of(data)
    store.put_chunk(name, 0, 2000, data[:400])
    let_time_pass(store, name)
    with pytest.raises(InvalidInput, match="total is 1000; the chunks before it said 2000"):
        store.put_chunk(name, 400, 1000, data[400:])
    store.put_chunk(name, 0, 1000, data[:400])
    store.put_chunk(name, 400, 1000, data[400:])
    assert files(store) == {name}


@pytest.mark.parametrize("restarted", [False, True])
def test_only_so_many_uploads_are_under_way_and_one_that_stalls_gives_way(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch, restarted: bool
) -> None:
    monkeypatch.setattr(partial_module, "MAX_OPEN", 5)
    pictures = [picture(seed, 1000) for seed in range(7)]
    for data in pictures[:5]:
        store.put_chunk(name_of(data), 0, 1000, data[:10])
    if restarted:
        store = BlobStore(store.folder)
    with pytest.raises(QuotaExceeded, match="5 uploads are under way"):
        store.put_chunk(name_of(pictures[5]), 0, 1000, pictures[5][:10])
    for data in pictures[:5]:
        assert store.put_chunk(name_of(data), 10, 1000, data[10:20]).received == 20, "those under way go on"
    let_time_pass(store, name_of(pictures[2]))
    store.put_chunk(name_of(pictures[5]), 0, 1000, pictures[5][:10])
    assert [store.received(name_of(data)).received for data in pictures[:6]] == [20, 20, 0, 20, 20, 10]
    assert store.put_chunk(name_of(pictures[0]), 20, 1000, pictures[0][20:]).present
    store.put_chunk(name_of(pictures[6]), 0, 1000, pictures[6][:10])


def test_one_client_cannot_take_all_uploads(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial_module, "MAX_OPEN_OF_ONE", 3)
    pictures = [picture(seed, 1000) for seed in range(5)]
    for data in pictures[:3]:
        store.put_chunk(name_of(data), 0, 1000, data[:10], "greedy")
    with pytest.raises(QuotaExceeded, match="3 uploads are under way"):
        store.put_chunk(name_of(pictures[3]), 0, 1000, pictures[3][:10], "greedy")
    store.put_chunk(name_of(pictures[3]), 0, 1000, pictures[3][:10], "modest")
    assert store.put_chunk(name_of(pictures[0]), 10, 1000, pictures[0][10:], "greedy").present
    store.put_chunk(name_of(pictures[4]), 0, 1000, pictures[4][:10], "greedy")
    let_time_pass(store, name_of(pictures[1]))
    store.put_chunk(name_of(b"x" * 9), 0, 9, b"x", "greedy")
    assert store.received(name_of(pictures[1])).received == 0


@pytest.mark.parametrize(
    ("offset", "total", "data", "field"),
    [
        (0, MAX_BLOB_BYTES + 1, b"x", "total"),
        (0, -1, b"", "total"),
        (-1, 10, b"x", "offset"),
        (11, 10, b"x", "offset"),
        (8, 10, b"xxx", "data"),
        (0, MAX_BLOB_BYTES, b"x" * (MAX_CHUNK_BYTES + 1), "data"),
        (0, 10, b"", "data"),
    ],
)
def test_impossible_chunks_name_the_field(store: BlobStore, offset: int, total: int, data: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        store.put_chunk("0" * 64, offset, total, data)
    assert refused.value.field == field
    assert files(store) == set()


@pytest.mark.parametrize(
    "name",
    ["", "..", "../../etc/passwd", "0" * 63, "0" * 65, "A" * 64, "0" * 63 + "\n", "partial/" + "0" * 56, "٠" * 64],
)
def test_a_name_that_is_no_hash_reaches_no_file(store: BlobStore, name: str) -> None:
    for use in (
        lambda: store.received(name),
        lambda: store.put_chunk(name, 0, 1, b"x"),
        lambda: store.read(name),
        lambda: store.size(name),
        lambda: store.chunks(name, 0, 1),
    ):
        with pytest.raises(InvalidInput, match="sha256"):
            use()


def test_a_blob_that_is_not_here_is_named(store: BlobStore) -> None:
    absent = name_of(b"absent")
    for use in (store.read, store.size, lambda name: store.chunks(name, 0, 1)):
        with pytest.raises(BlobMissing, match=absent):
            use(absent)


def test_a_download_resumes_where_it_was_dropped(store: BlobStore) -> None:
    data = picture(8, 5000)
    name = store.add(data)
    assert list(store.chunks(name, 3000, 1500)) == [data[3000:4500], data[4500:]]
    assert list(store.chunks(name, 5000, 1500)) == []
    with pytest.raises(InvalidInput, match="offset is 5001"):
        store.chunks(name, 5001, 1500)


def test_an_upload_that_died_before_it_was_verified_is_finished_by_an_empty_chunk(tmp_path: Path) -> None:
    data = picture(9, 50_000)
    folder = tmp_path / "partial"
    BlobStore(tmp_path)
    (folder / f"{name_of(data)}.{len(data)}").write_bytes(
        data
    )  # as a kill between the last byte and the rename leaves it

    store = BlobStore(tmp_path)
    assert store.received(name_of(data)) == BlobStatus(False, len(data))
    assert store.put_chunk(name_of(data), len(data), len(data), b"") == BlobStatus(True, len(data))
    assert store.read(name_of(data)) == data


def damage(store: BlobStore, name: str, how: str) -> None:
    """Change a blob's file as a bad disk or somebody's hand would."""
    path = store.folder / name[:2] / name
    match how:
        case "a bit":
            with path.open("rb+") as file:
                first = file.read(1)[0]
                file.seek(0)
                file.write(bytes([first ^ 1]))
        case "cut off":
            os.truncate(path, path.stat().st_size - 1)
        case _:
            path.write_bytes(b"something else")


READERS = {
    "read": lambda store, name: store.read(name),
    "chunks": lambda store, name: store.chunks(name, 0, 1000),
    "verify": lambda store, name: store.verify(name),
}


@pytest.mark.parametrize("length", [900, 2_000_000])
@pytest.mark.parametrize("how", ["a bit", "cut off", "replaced"])
@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("reader", READERS)
def test_a_blob_that_went_bad_is_not_served_and_an_upload_heals_it(
    store: BlobStore, length: int, how: str, restarted: bool, reader: str
) -> None:
    data = picture(5, length)
    name = upload(store, data)
    assert store.read(name) == data
    damage(store, name, how)
    if restarted:
        store = BlobStore(store.folder)
    with pytest.raises(BlobMissing, match=name):
        READERS[reader](store, name)
    assert store.received(name) == BlobStatus(False, 0)
    assert files(store) == set()
    assert upload(store, data) == name
    assert store.read(name) == data


def test_a_blob_that_is_used_again_and_again_is_hashed_once(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture(6, 2_000_000)
    name = upload(store, data)
    store = BlobStore(store.folder)
    assert store.verify(name) == len(data)
    monkeypatch.setattr("hashlib.file_digest", None)
    assert store.received(name).present
    assert store.read(name) == data
    assert b"".join(store.chunks(name, 0, 300_000)) == data
    added = store.add(b"a result")
    assert store.read(added) == b"a result"
