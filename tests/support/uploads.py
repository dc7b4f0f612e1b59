"""Putting blobs into a store the way clients do: in chunks, resuming wherever the store says."""

import hashlib
import random
import sys
from pathlib import Path

from inlay.blobs import BlobStore
from inlay.errors import BlobOffset


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def upload(store: BlobStore, data: bytes, chunk_bytes: int = 1 << 20) -> str:
    """Send `data` from wherever the store has it, going along with others who send the same."""
    name = name_of(data)
    status = store.received(name)
    while not status.present:
        offset = status.received
        try:
            status = store.put_chunk(name, offset, len(data), data[offset : offset + chunk_bytes])
        except BlobOffset as ahead:
            status = status._replace(received=ahead.expected)
    return name


def picture(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


if __name__ == "__main__":  # python uploads.py FOLDER SEED LENGTH CHUNK_BYTES
    folder, seed, length, chunk_bytes = sys.argv[1:]
    print(upload(BlobStore(Path(folder)), picture(int(seed), int(length)), int(chunk_bytes)))
