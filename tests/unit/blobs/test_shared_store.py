"""Several processes and threads use one blob store at once, and some of them die."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from inlay.blobs import BlobStore
from support import uploads
from support.uploads import name_of, picture, upload

LENGTH = 6_000_000


def start_upload(folder: Path, seed: int, chunk_bytes: int) -> "subprocess.Popen[str]":
    command = [sys.executable, uploads.__file__, str(folder), str(seed), str(LENGTH), str(chunk_bytes)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def assert_only_whole_blobs(store: BlobStore) -> None:
    for path in store.folder.glob("??/*"):
        assert name_of(path.read_bytes()) == path.name


def test_clients_of_two_processes_and_two_threads_upload_the_same_blobs_at_once(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    seeds = (1, 2)
    processes = [start_upload(tmp_path, seed, chunk_bytes) for seed in seeds for chunk_bytes in (50_000, 70_001)]
    threads = [threading.Thread(target=upload, args=(store, picture(seed, LENGTH), 33_333)) for seed in (*seeds, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {process.communicate()[0].strip() for process in processes} == {
        name_of(picture(seed, LENGTH)) for seed in seeds
    }
    for seed in (*seeds, 3):
        assert store.read(name_of(picture(seed, LENGTH))) == picture(seed, LENGTH)
    assert list((tmp_path / "partial").iterdir()) == []


def test_threads_that_add_the_same_result_at_once_store_it_once(tmp_path: Path) -> None:
    store, data = BlobStore(tmp_path), picture(4, 1_000_000)
    threads = [threading.Thread(target=store.add, args=(data,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_only_whole_blobs(store)
    assert [path.name for path in tmp_path.glob("??/*")] == [name_of(data)]


@pytest.mark.slow
def test_uploads_that_are_killed_again_and_again_end_with_the_right_bytes(tmp_path: Path) -> None:
    store, data = BlobStore(tmp_path), picture(5, LENGTH)
    kills = 8
    for kill in range(1, kills + 1):
        victim = start_upload(tmp_path, 5, 5_000)
        while store.received(name_of(data)).received < kill * LENGTH // (kills + 1):
            assert victim.poll() is None, "it ended before it was killed"
        os.kill(victim.pid, signal.SIGKILL)
        victim.communicate()
        assert_only_whole_blobs(store)
    assert not store.received(name_of(data)).present
    assert upload(store, data) == name_of(data)
    assert store.read(name_of(data)) == data
