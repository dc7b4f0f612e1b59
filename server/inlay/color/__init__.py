"""Profiles, transfer curves, bit depth: any document's samples <-> float32 in the working space."""
