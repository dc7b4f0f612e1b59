"""Fitting at a document's depth: samples in, the layer in samples out, and what a host would show of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inlay.fidelity import Intent, Report, belong
from support.retouching import WHITE, laid_over


class Fitted(NamedTuple):
    """composite: what a host shows, blended here. foreground: the layer. Both in the original's sample type."""

    composite: np.ndarray
    foreground: np.ndarray
    report: Report


def fitted(
    original: np.ndarray, generated: np.ndarray, mask: np.ndarray, *, intent: Intent = Intent.FILL, seed: int = 0
) -> Fitted:
    """original: HxWx3 uint8, uint16 or float32. mask: HxW, uint8, uint16 or float 0..1."""
    white = WHITE[original.dtype.name]
    share = mask if mask.dtype.kind == "f" else mask / np.float32(WHITE[mask.dtype.name])
    layer, report = belong(original / np.float32(white), generated, share, intent=intent, seed=seed)
    if original.dtype.kind == "u":
        layer = np.rint(np.clip(layer * white, 0, white)).astype(original.dtype)
    return Fitted(laid_over(original, layer, share.astype(np.float64)), layer, report)
