"""Profiles, transfer curves, bit depth: any document's samples <-> float32 in the working space."""

from inlay.color.convert import Decoded, decode, encode, encode_unrounded, rounded
from inlay.color.profiles import known_profiles, primaries_of, profile_bytes, profile_name, profile_of

__all__ = [
    "Decoded",
    "decode",
    "encode",
    "encode_unrounded",
    "known_profiles",
    "primaries_of",
    "profile_bytes",
    "profile_name",
    "profile_of",
    "rounded",
]
