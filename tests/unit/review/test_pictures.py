"""What reviewers see: every sample of a tile against the document's, every colour against LittleCMS; read back by Pillow and a
PNG decoder of another make.
"""

import hashlib
import io
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage.color import deltaE_ciede2000, rgb2lab

from inlay import color
from inlay.color.raster import CHANNELS_OF_ORDER, Raster, SampleType
from inlay.errors import InvalidInput, NotFound
from inlay.region import Rect
from inlay.review.pictures import composed, picture_asked
from inlay.review.views import Fit, Shown, Tile
from inlay.variation import Patch

WINDOW = Rect(100, 50, 700, 530)
BOUNDS = Rect(580, 470, 120, 90)
"""Of the result: it lies on four tiles."""

SRGB = "sRGB-elle-V2-srgbtrc.icc"
LARGEST = {SampleType.U8: 255, SampleType.U16: 65_535, SampleType.F16: 1.0, SampleType.F32: 1.0}


class Store(dict[str, bytes]):
    """Pixels by their SHA-256."""

    def add(self, samples) -> str:
        data = np.ascontiguousarray(samples).tobytes()
        name = hashlib.sha256(data).hexdigest()
        self[name] = data
        return name

    def read(self, sha256: str) -> bytes:
        return self[sha256]


def noise(height, width, channels, kind: SampleType, white: float, seed=0):
    rng = np.random.default_rng(seed)
    if kind.is_float:
        return rng.uniform(0, white, (height, width, channels)).astype(kind.dtype)
    return rng.integers(0, int(white) + 1, (height, width, channels)).astype(kind.dtype)


def raster_of(store: Store, samples, order: str, kind: SampleType, white: float, profile: str) -> Raster:
    height, width = samples.shape[:2]
    return Raster(width, height, order, kind, float(white), profile, store.add(samples))


class Scene:
    """A window, a result in it, and a soft mask."""

    def __init__(self, order="RGB", kind=SampleType.U16, white=None, profile=SRGB) -> None:
        self.store, white = Store(), white or LARGEST[kind]
        channels = CHANNELS_OF_ORDER[order]
        self.before = noise(WINDOW.height, WINDOW.width, channels, kind, white, 1)
        self.pixels = noise(BOUNDS.height, BOUNDS.width, channels, kind, white, 2)
        if order.endswith("A"):
            self.before[..., -1], self.pixels[..., -1] = white, white
        self.mask = np.random.default_rng(3).integers(0, 256, (BOUNDS.height, BOUNDS.width, 1), dtype=np.uint8)
        self.mask[:20], self.mask[-20:] = 0, 255
        self.white, self.place = white, BOUNDS.relative_to(WINDOW).slices
        mask = raster_of(self.store, self.mask, "Y", SampleType.U8, 255, "")
        self.source = raster_of(self.store, self.before, order, kind, white, profile)
        pixels = raster_of(self.store, self.pixels, order, kind, white, profile)
        self.patch = Patch(BOUNDS, pixels, mask)

    def shown(self, after=True) -> Shown:
        return Shown(self.source, WINDOW, self.patch if after else None)

    def asked(self, view, after=True):
        return picture_asked((self.shown(after), view), self.store)

    def stitched(self, after=True):
        """All tiles, decoded by OpenCV and put together; red first."""
        rows = []
        for row in range(2):
            tiles = [
                cv2.imdecode(np.frombuffer(self.asked(Tile(column, row), after).data, np.uint8), cv2.IMREAD_UNCHANGED)
                for column in range(2)
            ]
            rows.append(np.concatenate([one if one.ndim == 3 else one[..., None] for one in tiles], axis=1))
        whole = np.concatenate(rows)
        return whole[..., [2, 1, 0, 3][: whole.shape[-1]]] if whole.shape[-1] > 2 else whole


def red_first(samples, order):
    return samples[..., [2, 1, 0, 3][: samples.shape[-1]]] if order.startswith("BGR") else samples


@pytest.mark.parametrize("kind", [SampleType.U8, SampleType.U16])
@pytest.mark.parametrize(
    ("order", "profile"),
    [("RGB", SRGB), ("BGR", SRGB), ("BGRA", SRGB), ("RGBA", SRGB), ("Y", "Gray-D50-elle-V2-srgbtrc.icc")],
)
def test_tiles_put_together_are_the_document_and_the_result_sample_by_sample(order, profile, kind):
    scene = Scene(order, kind, profile=profile)
    assert np.array_equal(scene.stitched(after=False), red_first(scene.before, order))
    after, before = scene.stitched(), red_first(scene.before, order)
    pixels, mask = red_first(scene.pixels, order), scene.mask[..., 0]
    outside = np.ones(before.shape[:2], bool)
    outside[scene.place] = mask == 0
    assert np.array_equal(after[outside], before[outside])
    assert np.array_equal(after[scene.place][mask == 255], pixels[mask == 255])
    share = scene.mask / 255
    expected = before[scene.place] * (1 - share) + pixels * share
    assert np.abs(after[scene.place] - expected).max() <= 0.51


@pytest.mark.parametrize(
    ("order", "kind", "profile"), [("RGB", SampleType.U16, "Adobe RGB (1998)"), ("BGRA", SampleType.U8, SRGB)]
)
def test_a_tile_has_the_documents_own_depth_and_profile(order, kind, profile):
    scene = Scene(order, kind, profile=profile)
    tile = scene.asked(Tile(1, 1))
    assert (tile.media_type, tuple(tile.size)) == ("image/png", (700 - 512, 530 - 512))
    image = Image.open(io.BytesIO(tile.data))
    assert image.info["icc_profile"] == color.profile_bytes(scene.source)
    assert tile.data[24] == {SampleType.U8: 8, SampleType.U16: 16}[kind]


def test_photoshops_16_bit_fill_the_whole_range_and_no_two_become_one():
    ramp = np.arange(32_769, dtype=np.uint16)
    samples = np.resize(ramp, (530, 700, 3)).astype(np.uint16)
    samples[:, :, 0] = np.resize(ramp, (530, 700))
    store = Store()
    source = raster_of(store, samples, "RGB", SampleType.U16, 32_768, SRGB)
    data = picture_asked((Shown(source, WINDOW), Tile(0, 0)), store).data
    got = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]
    part = samples[:512, :512].astype(np.int64)
    assert np.array_equal(got, (part * 65_535 + 16_384) // 32_768)
    assert len(np.unique(got)) == len(np.unique(part))


@pytest.mark.parametrize(
    ("order", "kind", "profile"),
    [
        ("RGBA", SampleType.F32, "sRGB-elle-V2-g10.icc"),
        ("RGBA", SampleType.F16, SRGB),
        ("RGB", SampleType.F32, "ACEScg-elle-V4-g10.icc"),
    ],
)
def test_floats_are_shown_as_16_bit_display_p3_with_their_colours(order, kind, profile):
    scene = Scene(order, kind, profile=profile)
    data = scene.asked(Tile(0, 0), after=False).data
    assert data[24] == 16
    assert b"Display P3" in Image.open(io.BytesIO(data)).info["icc_profile"].replace(b"\0", b"")
    got = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[..., [2, 1, 0]] / 65_535
    samples = scene.before[:512, :512, :3].astype(np.float64)
    linear = (
        samples
        if "g10" in scene.source.profile
        else np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4)
    )
    to_xyz = {True: ACESCG_TO_XYZ, False: SRGB_TO_XYZ}["ACES" in scene.source.profile]
    p3 = linear @ to_xyz.T @ np.linalg.inv(P3_TO_XYZ).T
    encoded = np.where(p3 <= 0.0031308, 12.92 * p3, 1.055 * np.abs(p3) ** (1 / 2.4) - 0.055)
    assert np.abs(got - np.clip(encoded, 0, 1)).max() < 3e-3


def xyz(primaries, white):
    """From linear light to XYZ, adapted to D50 by Bradford: as textbooks have it."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    of_white = np.array([white[0] / white[1], 1, (1 - white[0] - white[1]) / white[1]])
    native = columns * np.linalg.solve(columns, of_white)
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    gains = np.diag(bradford @ [0.9642, 1.0, 0.8249] / (bradford @ of_white))
    return np.linalg.inv(bradford) @ gains @ bradford @ native


D65 = (0.3127, 0.3290)
SRGB_TO_XYZ = xyz([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)], D65)
P3_TO_XYZ = xyz([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)], D65)
ACESCG_TO_XYZ = xyz([(0.713, 0.293), (0.165, 0.830), (0.128, 0.044)], (0.32168, 0.33767))


def smooth(profile: str, kind=SampleType.U16, white=65_535.0):
    """A window of broad colours, and where it is kept."""
    rows, columns = np.mgrid[0 : 1 : WINDOW.height * 1j, 0 : 1 : WINDOW.width * 1j]
    samples = np.stack([columns, rows, 1 - columns], axis=-1) * 0.8 + 0.1
    store = Store()
    samples = np.rint(samples * white).astype(kind.dtype)
    return samples, Shown(raster_of(store, samples, "RGB", kind, white, profile), WINDOW), store


@pytest.mark.parametrize("gamut", ["srgb", "display_p3"])
@pytest.mark.parametrize("profile", [SRGB, "Display P3", "Adobe RGB (1998)"])
def test_a_fitted_picture_has_the_documents_colours_as_littlecms_sees_them(profile, gamut):
    samples, shown, store = smooth(profile)
    fitted = picture_asked((shown, Fit(350, gamut)), store)
    assert tuple(fitted.size) == (350, 265)
    image = Image.open(io.BytesIO(fitted.data))
    assert (image.format, image.mode) == ("JPEG", "RGB")
    expected = Image.fromarray(np.rint(samples / 257.0).astype(np.uint8)).resize((350, 265), Image.Resampling.BOX)
    own = ImageCms.ImageCmsProfile(io.BytesIO(color.profile_bytes(shown.source)))
    embedded = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    expected = ImageCms.profileToProfile(expected, own, embedded, ImageCms.Intent.RELATIVE_COLORIMETRIC)
    errors = deltaE_ciede2000(rgb2lab(np.asarray(image)), rgb2lab(np.asarray(expected)))
    assert errors.mean() < 0.6
    assert np.percentile(errors, 99) < 2.5


def test_a_jpeg_has_full_colour_resolution_and_is_never_enlarged():
    _, shown, store = smooth(SRGB)
    image = Image.open(io.BytesIO(picture_asked((shown, Fit(4_096)), store).data))
    assert image.size == WINDOW.size
    assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # pyright: ignore[reportAttributeAccessIssue]


def test_a_dark_ramp_of_16_bit_shows_no_bands():
    """Dithered: neighbours of one level mix, so that a row's mean goes on where rounding would stand still."""
    columns = np.linspace(0, 6 * 257, WINDOW.width)
    samples = np.repeat(np.rint(columns)[None, :, None], WINDOW.height, axis=0).repeat(3, axis=2).astype(np.uint16)
    store = Store()
    source = raster_of(store, samples, "RGB", SampleType.U16, 65_535, SRGB)
    data = picture_asked((Shown(source, WINDOW), Fit(4_096)), store).data
    means = np.asarray(Image.open(io.BytesIO(data))).astype(float).mean(axis=(0, 2))
    assert np.abs(means - columns / 257).max() < 0.25


def test_where_the_document_is_transparent_the_jpeg_is_gray_and_the_result_lies_over_it():
    scene = Scene("RGBA", SampleType.U8)
    scene.before[..., -1] = 0
    scene.source = raster_of(scene.store, scene.before, "RGBA", SampleType.U8, 255, SRGB)
    after = composed(scene.shown(), scene.store)
    inside = after[scene.place]
    assert np.array_equal(inside[..., -1], scene.mask[..., 0])
    opaque = scene.mask[..., 0] > 0
    assert np.array_equal(inside[opaque][:, :3], scene.pixels[opaque][:, :3])
    image = np.asarray(Image.open(io.BytesIO(scene.asked(Fit(4_096)).data)))
    assert abs(image[:400, :400].astype(float).mean() - 127.5) < 1


def test_where_the_mask_is_0_a_document_that_is_transparent_in_part_is_itself_hidden_colours_too():
    scene = Scene("RGBA", SampleType.U16)
    scene.before[..., -1] = np.random.default_rng(5).integers(0, 65_536, scene.before.shape[:2])
    scene.before[::3, ::3, -1] = 0
    scene.source = raster_of(scene.store, scene.before, "RGBA", SampleType.U16, 65_535, SRGB)
    after = composed(scene.shown(), scene.store)
    outside = np.ones(after.shape[:2], bool)
    outside[scene.place] = scene.mask[..., 0] == 0
    assert np.array_equal(after[outside], scene.before[outside])
    assert np.array_equal(after[scene.place][scene.mask[..., 0] == 255], scene.pixels[scene.mask[..., 0] == 255])


@pytest.mark.parametrize(("view", "field"), [(Tile(2, 0), "tile"), (Tile(0, 2), "tile")])
def test_there_is_no_tile_beyond_the_last(view, field):
    with pytest.raises(NotFound, match="there are 2 x 2") as refused:
        Scene().asked(view)
    assert refused.value.field == field


@pytest.mark.parametrize("px", [0, 15, 4_097])
def test_a_size_beyond_the_limits_is_refused(px):
    with pytest.raises(InvalidInput, match=r"it must be 16 .. 4096"):
        Scene().asked(Fit(px))


def test_the_server_itself_does_not_load_what_makes_pictures():
    script = "import sys, inlay.rpc.server; print([name for name in ('inlay.review.pictures', 'PIL') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
