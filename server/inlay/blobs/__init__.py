"""Bytes named by their SHA-256: pixels up, pixels down."""

from inlay.blobs.store import MAX_BLOB_BYTES, MAX_CHUNK_BYTES, RECENT_S, SOMEBODY, BlobStatus, BlobStore, Sender

__all__ = ["MAX_BLOB_BYTES", "MAX_CHUNK_BYTES", "RECENT_S", "SOMEBODY", "BlobStatus", "BlobStore", "Sender"]
