"""A target colour means what the retoucher reads in their document, and the probe reads what an eyedropper would."""

import dataclasses

import numpy as np
import pytest

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.edit.probe import probe_region, probe_samples
from inlay.edit.target import target_of
from inlay.errors import InvalidInput
from support.edits import MemoryBlobs, recipe_for

SRGB = Raster(1, 1, "RGBA", SampleType.U8, 255, "sRGB-elle-V2-srgbtrc.icc", "")
ADOBE = dataclasses.replace(SRGB, profile="Adobe RGB (1998)")
LINEAR = dataclasses.replace(SRGB, profile="sRGB-elle-V2-g10.icc")


def test_a_swatch_is_read_in_the_documents_own_profile() -> None:
    half = "document(0.5, 0.5, 0.5)"

    assert target_of(half, SRGB).lab[0] == pytest.approx(53.4, abs=0.1)
    assert target_of(half, LINEAR).lab[0] == pytest.approx(76.1, abs=0.1)
    assert target_of("document(0, 1, 0)", ADOBE).linear[0] < -0.1, "Adobe's green lies outside sRGB"
    assert target_of("#808080", LINEAR).lab == target_of("#808080", ADOBE).lab


@pytest.mark.parametrize("text", ["document(1, 2)", "document(1e9, 0, 0)", "document(999, 0, 0)", "teal"])
def test_a_target_that_cannot_be_read_names_its_field(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        target_of(text, SRGB, "--target-color")

    assert caught.value.field == "--target-color"


@pytest.mark.parametrize("profile", ["sRGB-elle-V2-srgbtrc.icc", "sRGB-elle-V2-g10.icc", "Adobe RGB (1998)"])
def test_the_probe_reads_a_flat_swatch_exactly(profile: str) -> None:
    raster = Raster(20, 10, "BGRA", SampleType.U16, 65535, profile, "")
    samples = np.empty((10, 20, 4), np.uint16)
    samples[:] = (10_000, 20_000, 30_000, 65_535)
    share = np.ones((10, 20), np.float32)

    found = probe_samples(samples, raster, share, f"document({30_000 / 65535}, {20_000 / 65535}, {10_000 / 65535})")

    assert found.document_mean == pytest.approx((10_000, 20_000, 30_000, 65_535))
    assert found.document_spread == pytest.approx((0, 0, 0, 0), abs=1e-6)
    assert found.reading.delta_e < 0.01


def test_the_probe_reads_only_under_the_mask() -> None:
    samples = np.zeros((10, 20, 3), np.uint8)
    samples[:, 10:] = 200
    share = np.zeros((10, 20), np.float32)
    share[:, 12:] = 1
    raster = Raster(20, 10, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", "")

    found = probe_samples(samples, raster, share)

    assert found.document_mean == (200, 200, 200)
    assert found.reading.pixels == 80
    assert found.reading.hex == "#c8c8c8"
    assert found.reading.delta_e is None


def test_a_probe_of_stored_pixels_refuses_a_mask_of_another_size() -> None:
    blobs = MemoryBlobs()
    recipe = recipe_for(blobs)

    with pytest.raises(InvalidInput, match="mask is 100 x 80"):
        probe_region(recipe.canvas.source, recipe.where.mask, "", blobs)


def test_a_probe_of_stored_pixels_is_that_of_the_samples() -> None:
    blobs = MemoryBlobs()
    recipe = recipe_for(blobs)
    inside = recipe.where.region.slices
    samples = np.ascontiguousarray(recipe.canvas.source.array(blobs.read(recipe.canvas.source.blob), "source")[inside])
    cut = dataclasses.replace(recipe.canvas.source, width=100, height=80, blob=blobs.add(samples.tobytes()))

    found = probe_region(cut, recipe.where.mask, "#808080", blobs)

    share = blobs.array(recipe.where.mask)[..., 0].astype(np.float32) / 255
    assert found == probe_samples(samples, cut, share, "#808080")
    assert color.decode(samples, cut).pixels.shape == (80, 100, 3)
