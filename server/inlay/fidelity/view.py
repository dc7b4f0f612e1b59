"""What fitting looks at: the mask and its surroundings, at full size and reduced."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from inlay.fidelity.raster import F32, Flags, resize

CONTEXT_PX = (64, 384)
"""How far around the mask is looked: the root of its bounding box, within these."""
REDUCTION = 2
"""Light, movement and agreement are found at half size."""
SMALL_PX = 48
"""Windows with a shorter side than this are not reduced."""
LARGEST = 64.0
"""Encoded values beyond this, either way, are no light."""


@dataclass(frozen=True)
class View:
    """The looked-at part of a window.

    place: where it lies in the window. original, generated: HxWx3 encoded, finite. share: HxW, the mask 0..1. known: HxW, what
    the mask protects and the document shows. small_*: the same at reduced size; small_known only where all of a pixel is known,
    small_inside where any of it is open. reduction: window pixels per reduced pixel. context_px: how far around the mask it goes.
    """

    place: tuple[slice, slice]
    original: F32
    generated: F32
    share: F32
    known: Flags
    small_original: F32
    small_generated: F32
    small_known: Flags
    small_inside: Flags
    reduction: float
    context_px: float

    def with_generated(self, generated: F32) -> View:
        """The same view of other generated pixels (HxWx3)."""
        return replace(self, generated=generated, small_generated=resize(generated, *self.small_known.shape))


def view_of(original: F32, generated: F32, share: F32, visible: Flags | None) -> View:
    """The view around the open part of `share`; arrays of the whole window, `visible` (HxW) where the document shows anything."""
    rows, columns, context = _look(share)
    place = rows, columns
    o = np.clip(np.nan_to_num(original[place], nan=0.0), -LARGEST, LARGEST).astype(np.float32, copy=False)
    g = np.nan_to_num(generated[place].astype(np.float32, copy=False), nan=0.0, posinf=1.0, neginf=0.0)
    m = share[place]
    known = (m == 0) if visible is None else (m == 0) & visible[place]
    height, width = m.shape
    shrink = REDUCTION if min(height, width) >= SMALL_PX else 1
    h, w = height // shrink, width // shrink
    return View(
        place,
        o,
        g,
        m,
        known,
        resize(o, h, w),
        resize(g, h, w),
        resize(known.astype(np.float32), h, w) > 0.999,
        resize((m > 0).astype(np.float32), h, w) > 0.001,
        float(np.sqrt(height * width / (h * w))),
        context,
    )


def _look(share: F32) -> tuple[slice, slice, float]:
    rows, columns = (np.flatnonzero(share.max(axis)) for axis in (1, 0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    reach = int(np.clip(np.sqrt((bottom - top) * (right - left)), *CONTEXT_PX))
    return slice(max(0, top - reach), bottom + reach), slice(max(0, left - reach), right + reach), float(reach)
