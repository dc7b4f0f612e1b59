"""Inlay: re-imagine one region of a picture inside the editor where the retoucher already works."""

__version__ = "0.1.0"
