"""What a document shows of an edit."""

from dataclasses import replace

import numpy as np
import pytest

from inlay.documents import composite
from inlay.errors import InvalidInput
from inlay.region import Rect

KINDS = [
    ("uint8", "RGB"),
    ("uint8", "RGBA"),
    ("uint8", "Y"),
    ("uint16", "RGB"),
    ("uint16", "RGBA"),
    ("uint16", "YA"),
    ("float16", "RGB"),
    ("float32", "RGBA"),
]


@pytest.mark.parametrize(("dtype", "order"), KINDS)
def test_pixels_outside_the_mask_are_bit_identical_and_full_mask_shows_the_layer(
    document_of, edit_of, dtype, order
) -> None:
    document = document_of(dtype, order)
    edit = edit_of(document)
    shown = composite(document, [edit])
    piece, original = shown[edit.bounds.slices], document.samples[edit.bounds.slices]
    closed = np.ones(shown.shape[:2], bool)
    closed[edit.bounds.slices] = edit.mask == 0
    assert shown.dtype == document.samples.dtype
    assert shown[closed].tobytes() == document.samples[closed].tobytes()
    full = edit.mask == edit.mask.max()
    assert full.any()
    assert np.array_equal(piece[full], edit.layers[0][1][full])
    assert not np.array_equal(piece, original)


def test_the_blend_is_the_hosts_within_half_a_code(document_of, edit_of) -> None:
    document = document_of("uint16", "RGB")
    edit = edit_of(document)
    share = edit.mask[..., None] / 65_535
    exact = document.samples[edit.bounds.slices] * (1 - share) + edit.layers[0][1] * share
    shown = composite(document, [edit])[edit.bounds.slices]
    assert np.abs(shown - exact).max() <= 0.5 + 1e-9


def test_hidden_variations_do_not_show_and_the_uppermost_visible_one_does(document_of, edit_of) -> None:
    document = document_of()
    edit = edit_of(document)
    (first, shown, _), (second, hidden, _) = edit.layers
    swapped = replace(edit, layers=((first, shown, False), (second, hidden, True)))
    full = edit.mask == 255
    assert np.array_equal(composite(document, [swapped])[edit.bounds.slices][full], hidden[full])
    nothing = replace(edit, layers=((first, shown, False), (second, hidden, False)))
    assert np.array_equal(composite(document, [nothing]), document.samples)


def test_an_opaque_layer_fills_what_was_transparent(document_of, edit_of) -> None:
    document = document_of("uint8", "RGBA")
    document.samples[..., 3] = 0
    edit = edit_of(document)
    shown = composite(document, [edit])[edit.bounds.slices]
    assert np.array_equal(shown[..., 3], edit.mask)
    opaque = edit.mask > 0
    assert np.array_equal(shown[opaque][:, :3], edit.layers[0][1][opaque][:, :3])


@pytest.mark.parametrize("bounds", [Rect(200, 50, 100, 80), Rect(-1, 50, 100, 80), Rect(60, 50, 100, 81)])
def test_an_edit_that_does_not_fit_is_refused(document_of, edit_of, bounds) -> None:
    document = document_of()
    with pytest.raises(InvalidInput):
        composite(document, [replace(edit_of(document), bounds=bounds)])


def test_layers_of_another_depth_are_refused(document_of, edit_of) -> None:
    with pytest.raises(InvalidInput, match="uint16"):
        composite(document_of("uint16"), [edit_of(document_of("uint8"))])
