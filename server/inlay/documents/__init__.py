"""OpenRaster, PSD, PNG, TIFF, JPEG: read a document, place edits as layers, write it."""

from inlay.documents.composite import composite
from inlay.documents.document import Document, PlacedEdit
from inlay.documents.read import read, read_mask
from inlay.documents.write import SUFFIXES, write

__all__ = ["SUFFIXES", "Document", "PlacedEdit", "composite", "read", "read_mask", "write"]
