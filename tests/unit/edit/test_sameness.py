"""How far tries of one region are apart: held against scikit-image's CIEDE2000, in every kind of document."""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import color as oracle
from skimage import data

from inlay.color.raster import Raster, SampleType
from inlay.edit.sameness import NEW_THING, SIDE_PX, largest_difference
from inlay.errors import BlobMissing
from inlay.region import Rect
from inlay.variation import Patch

SRGB = "sRGB-elle-V2-srgbtrc.icc"


class Store(dict[str, bytes]):
    """Blobs in memory."""

    def put(self, samples: NDArray[np.generic]) -> str:
        name = hashlib.sha256(samples.tobytes()).hexdigest()
        self[name] = samples.tobytes()
        return name

    def patch(
        self, samples: NDArray[np.generic], mask: NDArray[np.uint8] | None = None, at: tuple[int, int] = (0, 0),
        order: str = "RGB", sample_type: SampleType = SampleType.U8, white: float = 255,
    ) -> Patch:  # fmt: skip
        height, width = samples.shape[:2]
        mask = np.full((height, width), 255, np.uint8) if mask is None else mask
        return Patch(
            Rect(*at, width, height),
            Raster(width, height, order, sample_type, white, SRGB, self.put(samples)),
            Raster(width, height, "Y", SampleType.U8, 255, "", self.put(mask)),
        )

    def read(self, sha256: str) -> bytes:
        if sha256 not in self:
            raise BlobMissing(sha256)
        return self[sha256]


@pytest.fixture
def store() -> Store:
    return Store()


def flat(r: int, g: int, b: int, side: int = 40) -> NDArray[np.uint8]:
    return np.full((side, side, 3), (r, g, b), np.uint8)


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    return oracle.deltaE_ciede2000(oracle.rgb2lab(one), oracle.rgb2lab(other))


def test_it_is_the_mean_difference_of_the_two_that_differ_most(store: Store) -> None:
    shades = [flat(120, 90, 60), flat(122, 90, 60), flat(126, 92, 60)]
    expected = apart(shades[0], shades[2]).mean()
    assert largest_difference([store.patch(one) for one in shades], store.read) == pytest.approx(expected, abs=1e-3)


def test_small_pictures_are_compared_pixel_by_pixel(store: Store) -> None:
    photo = data.astronaut()[100 : 100 + SIDE_PX, 100 : 100 + SIDE_PX]
    other = np.clip(photo.astype(int) + 6, 0, 255).astype(np.uint8)
    found = largest_difference([store.patch(photo), store.patch(other)], store.read)
    assert found == pytest.approx(apart(photo, other).mean(), abs=1e-2)


def test_grain_is_not_a_difference_and_a_shift_of_light_is(store: Store) -> None:
    noise = np.random.default_rng(2)
    grained = [
        np.clip(flat(120, 90, 60, 480) + noise.normal(0, 8, (480, 480, 3)), 0, 255).astype(np.uint8) for _ in "ab"
    ]
    assert apart(*grained).mean() > 4
    found = largest_difference([store.patch(one) for one in grained], store.read)
    assert found is not None
    assert found < 1


def test_a_small_new_thing_counts(store: Store) -> None:
    """An eighth of the region by dE 12: a mean of 1.5."""
    plain, spotted = flat(120, 90, 60), flat(120, 90, 60)
    spotted[10:24, 10:24] = (150, 110, 70)
    difference = apart(plain, spotted)
    assert difference.mean() < 2 < difference.max() / NEW_THING
    found = largest_difference([store.patch(plain), store.patch(spotted)], store.read)
    assert found == pytest.approx(difference.max() / NEW_THING, abs=1e-3)


def test_only_what_both_masks_show_is_compared(store: Store) -> None:
    plain, changed = flat(120, 90, 60), flat(120, 90, 60)
    changed[:, :10] = 0
    mask = np.full((40, 40), 255, np.uint8)
    mask[:, :10] = 0
    assert largest_difference([store.patch(plain), store.patch(changed, mask)], store.read) == 0
    assert largest_difference([store.patch(plain), store.patch(changed)], store.read) > 5


def test_masks_that_lie_elsewhere_are_laid_upon_each_other(store: Store) -> None:
    photo = np.ascontiguousarray(data.astronaut()[100:200, 100:200])
    shifted = store.patch(photo[5:85, 8:88], at=(8, 5))
    found = largest_difference([store.patch(photo[:80, :80]), shifted], store.read)
    assert found == pytest.approx(0, abs=1e-9)


def test_results_of_different_places_are_not_compared(store: Store) -> None:
    shade = flat(120, 90, 60)
    assert largest_difference([store.patch(shade), store.patch(shade, at=(40, 0))], store.read) is None
    left, right = np.zeros((40, 40), np.uint8), np.zeros((40, 40), np.uint8)
    left[:, :24], right[:, 16:] = 255, 255
    assert largest_difference([store.patch(shade, left), store.patch(shade, right)], store.read) is None


@pytest.mark.parametrize(
    ("sample_type", "white", "order"),
    [
        (SampleType.U8, 255, "RGBA"),
        (SampleType.U8, 255, "BGRA"),
        (SampleType.U16, 65_535, "RGB"),
        (SampleType.U16, 32_768, "RGBA"),
        (SampleType.F32, 1, "RGB"),
        (SampleType.F16, 1, "RGBA"),
    ],
)
def test_every_depth_is_compared_alike(store: Store, sample_type: SampleType, white: float, order: str) -> None:
    shades = [flat(120, 90, 60), flat(126, 92, 60)]
    patches: list[Patch] = []
    for shade in shades:
        values = shade[..., [2, 1, 0]] if order.startswith("B") else shade
        full = np.concatenate([values, np.full((40, 40, len(order) - 3), 255)], -1) / 255 * white
        samples = full if white == 1 else np.rint(full)
        patches.append(store.patch(samples.astype(sample_type.dtype), None, (0, 0), order, sample_type, white))
    expected = apart(*shades).mean()
    assert largest_difference(patches, store.read) == pytest.approx(expected, abs=0.1)


def test_a_result_that_is_lost_is_named(store: Store) -> None:
    patches = [store.patch(flat(1, 2, 3)), store.patch(flat(1, 2, 4))]
    del store[patches[1].pixels.blob]
    with pytest.raises(BlobMissing):
        largest_difference(patches, store.read)
