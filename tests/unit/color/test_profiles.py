"""Profiles by name and by bytes: the right colours, the right errors."""

import struct

import imagecodecs
import numpy as np
import pytest

from inlay import color
from inlay.color import icc
from inlay.color.curves import SRGB, Parametric, Sampled
from inlay.color.names import SPACES
from inlay.color.raster import Raster, SampleType
from inlay.errors import InvalidInput, UnknownProfile, Unsupported

RGB = tuple(name for name in color.known_profiles() if not name.startswith(("Gray", "gray", "sGray", "Lab")))
GRAY = tuple(name for name in color.known_profiles() if name.startswith(("Gray", "gray", "sGray")))


def raster(
    profile: str, order: str = "RGB", icc_bytes: bytes = b"", sample_type: SampleType = SampleType.F32
) -> Raster:
    white = {SampleType.U8: 255.0, SampleType.U16: 65_535.0}.get(sample_type, 1.0)
    return Raster(64, 64, order, sample_type, white, profile, "", icc_bytes)


def colors(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(3).uniform(0.02, 1, (64, 64, channels)).astype(np.float32)


@pytest.mark.parametrize("profile", RGB)
def test_every_rgb_profile_means_what_littlecms_says_it_means(profile) -> None:
    """LittleCMS in float32 with the profile's bytes, to linear sRGB; compared in the working space."""
    wanted = raster(profile)
    linear_srgb = icc.matrix_profile("linear", SPACES["sRGB"], Parametric(1.0))
    reference = imagecodecs.cms_transform(
        colors(), color.profile_bytes(wanted), linear_srgb, colorspace="rgb", outcolorspace="rgb", intent=1
    )
    ours = color.decode(colors(), wanted).pixels
    assert np.abs(SRGB.decode(ours.astype(np.float64)) - reference).max() < 3e-4


@pytest.mark.parametrize("profile", GRAY)
def test_every_gray_profile_means_what_littlecms_says_it_means(profile) -> None:
    wanted = raster(profile, "Y")
    reference = imagecodecs.cms_transform(
        colors(1)[..., 0],
        color.profile_bytes(wanted),
        icc.gray_profile("linear", Parametric(1.0)),
        colorspace="gray",
        outcolorspace="gray",
        intent=1,
    )
    ours = color.decode(colors(1), wanted).pixels
    assert np.all(ours[..., 0] == ours[..., 1])
    assert np.all(ours[..., 0] == ours[..., 2])
    assert np.abs(SRGB.decode(ours[..., 0].astype(np.float64)) - reference).max() < 3e-4


@pytest.mark.parametrize("profile", [*RGB, *GRAY])
def test_a_profile_built_from_its_name_reads_as_that_profile(profile) -> None:
    order = "Y" if profile in GRAY else "RGB"
    built = color.profile_bytes(raster(profile, order))
    assert color.profile_name(built) == profile
    samples = colors(1 if order == "Y" else 3)
    by_name = color.decode(samples, raster(profile, order)).pixels
    by_bytes = color.decode(samples, raster("whatever", order, built)).pixels
    assert (
        np.abs(by_name - by_bytes).max() < 2e-3
    )  # primaries are stored with 16 bit, and saturated dark colours magnify them
    assert np.abs(by_name - by_bytes).mean() < 2e-5


def test_bytes_win_over_the_name() -> None:
    wide = color.profile_bytes(raster("ProPhoto RGB"))
    assert color.profile_bytes(raster("sRGB IEC61966-2.1", icc_bytes=wide)) == wide
    pixels = color.decode(colors(), raster("sRGB IEC61966-2.1", icc_bytes=wide)).pixels
    assert pixels.min() < -0.1


def test_an_srgb_profile_with_a_sampled_curve_is_the_working_space_itself() -> None:
    """The sRGB profile of most files stores its curve as a table; computing with the table would move every sample."""
    x = np.linspace(0, 1, 1024)
    table = np.rint(SRGB.decode(x) * 65535).astype(">u2")
    tagged = _with_table("sRGB IEC61966-2.1", table)
    samples = np.arange(65_536, dtype=np.uint16).reshape(256, 256, 1).repeat(3, axis=2)
    sixteen = Raster(256, 256, "RGB", SampleType.U16, 65_535, "", "", tagged)
    assert color.profile_of(sixteen).is_working_space
    decoded = color.decode(samples, sixteen)
    assert np.array_equal(color.encode(decoded.pixels, None, sixteen), samples)


def test_a_sampled_curve_that_is_no_known_one_is_followed_and_inverted_exactly() -> None:
    x = np.linspace(0, 1, 4096)
    table = np.rint((0.7 * x**2 + 0.3 * x) * 65535).astype(">u2")
    tagged = _with_table("Adobe RGB (1998)", table)
    wanted = raster("", icc_bytes=tagged, sample_type=SampleType.U16)
    samples = np.random.default_rng(0).integers(0, 65_536, (64, 64, 3)).astype(np.uint16)
    decoded = color.decode(samples, wanted)
    assert np.array_equal(color.encode(decoded.pixels, None, wanted), samples)
    white = color.decode(np.full((64, 64, 3), 65_535, np.uint16), wanted).pixels
    assert np.abs(white - 1).max() < 1e-5


def test_wide_gamut_colours_leave_zero_to_one_and_come_back() -> None:
    green = np.zeros((64, 64, 3), np.uint16)
    green[..., 1] = 65_535
    wide = raster("ProPhoto RGB", sample_type=SampleType.U16)
    pixels = color.decode(green, wide).pixels
    assert pixels.min() < -0.5
    assert pixels.max() > 1.05
    assert np.array_equal(color.encode(pixels, None, wide), green)


def test_photoshops_linear_suffix_means_the_same_primaries_without_a_curve() -> None:
    linear = color.decode(colors(), raster("Adobe RGB (1998) (Linear RGB Profile)")).pixels
    assert np.allclose(linear, color.decode(colors(), raster("ClayRGB-elle-V2-g10.icc")).pixels, atol=1e-6)


def test_gray_takes_the_luminance_and_not_the_mean() -> None:
    primaries = np.eye(3, dtype=np.float32)[None]
    gray = color.encode(primaries, None, Raster(3, 1, "Y", SampleType.F32, 1, "Gray-D50-elle-V2-g10.icc", ""))
    assert np.allclose(gray.ravel(), [0.2225, 0.7169, 0.0606], atol=1e-3)


@pytest.mark.parametrize(
    ("sample_type", "white", "expected"),
    [
        (SampleType.U8, 255.0, [[255, 128, 128], [138, 209, 198], [0, 128, 128]]),
        (SampleType.U16, 65_535.0, [[65_535, 32_896, 32_896], [35_579, 53_664, 50_859], [0, 32_896, 32_896]]),
        (SampleType.F32, 1.0, [[100, 0, 0], [54.290, 80.811, 69.896], [0, 0, 0]]),
    ],
)
def test_lab_is_scaled_as_krita_scales_it(sample_type, white, expected) -> None:
    """White, red and black as Krita 5.1.5 converts them from sRGB."""
    pixels = np.array([[[1, 1, 1], [1, 0, 0], [0, 0, 0]]], np.float32)
    lab = color.encode(pixels, None, Raster(3, 1, "LAB", sample_type, white, "Lab identity built-in", ""))
    assert np.abs(lab[0].astype(np.float64) - expected).max() <= (0.01 if sample_type.is_float else 1)


def test_photoshops_sixteen_bit_lab_is_centred_at_16384() -> None:
    gray = color.encode(
        np.full((1, 1, 3), 1.0, np.float32), None, Raster(1, 1, "LAB", SampleType.U16, 32_768, "Lab", "")
    )
    assert gray.ravel().tolist() == [32_768, 16_384, 16_384]


@pytest.mark.parametrize("name", ["Dot Gain 20%", "", "None", "My Monitor"])
def test_an_unknown_name_says_what_to_do_instead(name) -> None:
    with pytest.raises(UnknownProfile) as refused:
        color.decode(colors(), raster(name))
    assert refused.value.field == "profile"
    assert "(icc)" in refused.value.limit


@pytest.mark.parametrize("space", [b"CMYK", b"YCbr", b"XYZ ", b"5CLR"])
def test_colour_models_that_cannot_be_edited_are_refused_with_a_way_out(space) -> None:
    tagged = bytearray(color.profile_bytes(raster("Adobe RGB (1998)")))
    tagged[16:20] = space
    with pytest.raises(Unsupported, match="convert a copy to RGB"):
        color.decode(colors(), raster("", icc_bytes=bytes(tagged)))


@pytest.mark.parametrize(
    ("name", "order"), [("Gray Gamma 2.2", "RGB"), ("Adobe RGB (1998)", "Y"), ("Adobe RGB (1998)", "LABA")]
)
def test_a_profile_of_another_colour_model_is_refused(name, order) -> None:
    with pytest.raises(UnknownProfile, match="samples need"):
        color.encode(colors(), None, raster(name, order))


def test_no_damaged_profile_does_anything_but_raise_a_typed_error() -> None:
    whole = color.profile_bytes(raster("Adobe RGB (1998)"))
    rng = np.random.default_rng(0)
    damaged = [whole[:length] for length in range(0, len(whole), 13)]
    for _ in range(300):
        broken = bytearray(whole)
        for position in rng.integers(128, len(whole), 6):
            broken[position] = rng.integers(0, 256)
        damaged.append(bytes(broken))
    refused = 0
    for data in damaged:
        try:
            pixels = color.decode(colors(), raster("", icc_bytes=data or b"\0")).pixels
            assert pixels.shape == (64, 64, 3)
        except (InvalidInput, Unsupported):
            refused += 1
    assert refused > len(damaged) // 4


def test_a_table_profile_goes_through_littlecms_both_ways() -> None:
    tagged = _table_profile()
    wanted = raster("", icc_bytes=tagged, sample_type=SampleType.U8)
    samples = np.random.default_rng(0).integers(16, 240, (64, 64, 3)).astype(np.uint8)
    decoded = color.decode(samples, wanted)
    assert np.abs(color.encode(decoded.pixels, None, wanted).astype(int) - samples).max() <= 2


def test_curves_invert_themselves_beyond_their_range() -> None:
    x = np.linspace(-3, 3, 1001)
    for curve in (SRGB, Parametric(2.2), Sampled(np.linspace(0, 1, 17) ** 2)):
        assert np.allclose(curve.encode(curve.decode(x)), x, atol=1e-9)
        assert np.allclose(curve.decode(-x), -curve.decode(x), atol=1e-12)


def _with_table(name: str, table: np.ndarray) -> bytes:
    """The profile of that name with a sampled tone curve (big-endian 16 bit) appended and pointed at."""
    profile = color.profile_bytes(raster(name))
    curve = b"curv\0\0\0\0" + struct.pack(">I", table.size) + table.tobytes()
    changed = bytearray(profile)
    (count,) = struct.unpack_from(">I", changed, 128)
    for index in range(count):
        if changed[132 + 12 * index : 136 + 12 * index] in (b"rTRC", b"gTRC", b"bTRC"):
            struct.pack_into(">II", changed, 136 + 12 * index, len(profile), len(curve))
    changed += curve
    struct.pack_into(">I", changed, 0, len(changed))
    return bytes(changed)


def _table_profile() -> bytes:
    """An RGB profile without primaries: device = PCS Lab through two 2 x 2 x 2 tables with straight curves, 16 bit."""
    grid = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], np.float64)
    head = struct.pack(">4s4xBBBx", b"mft2", 3, 3, 2) + struct.pack(">9i", *(np.eye(3) * 65536).astype(int).ravel())
    straight = struct.pack(">2H", 0, 65_535) * 3
    lut = head + struct.pack(">HH", 2, 2) + straight + np.rint(grid * 65_280).astype(">u2").tobytes() + straight
    back = head + struct.pack(">HH", 2, 2) + straight + np.rint(grid * 65_535).astype(">u2").tobytes() + straight
    header = bytearray(128)
    header[8:12] = b"\x02\x40\0\0"
    header[12:24] = b"mntrRGB Lab "
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    tags = ((b"A2B0", lut), (b"B2A0", back))
    start = 132 + 12 * len(tags)
    table = b""
    body = b""
    for name, content in tags:
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    profile = bytes(header) + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(profile)) + profile[4:]
