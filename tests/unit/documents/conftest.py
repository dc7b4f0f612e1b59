"""Documents of every kind in memory, and an edit placed on them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.documents import Document, PlacedEdit
from inlay.documents.document import white_of
from inlay.region import Rect
from support.edits import photo, soft_mask

BOUNDS = Rect(60, 50, 100, 80)


@pytest.fixture
def document_of() -> Callable[..., Document]:
    """A photograph with noise in every code: sample type, order, profile by choice; some of it transparent where it has alpha."""

    def make(
        dtype: str = "uint8", order: str = "RGB", profile: str = "sRGB IEC61966-2.1", icc: bytes = b""
    ) -> Document:
        white = white_of(np.dtype(dtype))
        samples: NDArray[np.generic] = photo()
        if order.startswith("Y"):
            samples = samples.mean(axis=-1, keepdims=True)
        if order.endswith("A"):
            alpha = np.ones((*samples.shape[:2], 1))
            alpha[:60, :80] = 0.3
            alpha[:30, :40] = 0
            samples = np.concatenate([samples, alpha], axis=-1)
        samples = samples * white if white > 1 else samples * 3 - 0.5
        if np.dtype(dtype).kind == "u":
            samples = np.rint(samples)
        return Document(np.ascontiguousarray(samples.astype(dtype)), order, profile, icc, Path("memory.png"), "png")

    return make


@pytest.fixture
def edit_of() -> Callable[[Document], PlacedEdit]:
    """Two variations under a soft mask at the document's own depth; the first shows."""

    def make(document: Document, name: str = "a wooden crate, größer 木箱") -> PlacedEdit:
        piece = document.samples[BOUNDS.slices]
        shown, hidden = piece[::-1].copy(), piece[:, ::-1].copy()
        if document.has_alpha:
            shown[..., -1] = hidden[..., -1] = document.white_level
        mask = soft_mask(BOUNDS.width, BOUNDS.height)
        if document.samples.dtype == np.uint16:
            mask = mask.astype(np.uint16) * 257
        layers = (("Variation 1 (seed 7)", shown, True), ("Variation 2 (seed 8)", hidden, False))
        return PlacedEdit(name, BOUNDS, mask, layers, '{"recipe": {"seed": 7}}')

    return make
