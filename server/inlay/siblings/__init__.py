"""Siblings: pictures that show the same thing, and a mask of one of them on the others."""

from inlay.siblings.propagation import LEAST_SURE, propagate

__all__ = ["LEAST_SURE", "propagate"]
