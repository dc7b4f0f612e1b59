"""Exact brand colour: what an averaging eyedropper reads, and what stays of the material."""

import cv2
import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab

from inlay import color
from inlay.color.raster import Raster, SampleType
from inlay.errors import InvalidInput
from inlay.fidelity.brand import parse_target, recolored
from inlay.fidelity.brand_gamut import gamut_of
from inlay.fidelity.cielab import encoded_of, lab_of, linear_of
from inlay.fidelity.difference import delta_e_2000

pytestmark = pytest.mark.slow

PAINTS = {"red": "#b3231c", "blue": "#27408b", "white": "#e8e8e6", "black": "#1b1b1c"}
TARGETS = ["#E4002B", "#0057B8", "#FFD100", "#00843D", "#F4F1EA", "#1D1D1B", "#2F7F86"]

SIDE = 160


def in_8_bit(pixels):
    return np.rint(np.clip(pixels, 0, 1) * 255).astype(np.float32) / np.float32(255)


class Ball:
    """A painted ball under a lamp: shading, a white highlight, a woven texture and grain, on a grey ground."""

    def __init__(self, paint, side=SIDE, gloss=0.45, grain=0.010):
        y, x = (np.mgrid[:side, :side].astype(np.float32) + 0.5 - side / 2) / (0.42 * side)
        self.mask = (x * x + y * y < 1).astype(np.float32)
        z = np.sqrt(np.maximum(1 - x * x - y * y, 0))
        lambert = np.maximum(-0.45 * x - 0.55 * y + 0.70 * z, 0)
        weave = 1 + 0.05 * np.sin(x * 35) * np.sin(y * 35)
        self.shading = (0.22 + 0.95 * lambert) * weave
        self.highlight = gloss * np.maximum(-0.24 * x - 0.30 * y + 0.92 * z, 0) ** 90
        self.grain = np.random.default_rng(3).normal(0, grain, (side, side, 3)).astype(np.float32)
        self.pixels = self.painted(np.array(parse_target(paint).linear))

    def painted(self, body):
        ball = self.shading[..., None] * body + self.highlight[..., None]
        scene = np.where(self.mask[..., None] > 0, ball, 0.18).astype(np.float32)
        return in_8_bit(encoded_of(scene) + self.grain)


def eyedropper(pixels, mask):
    """The mean light of the fully open pixels in sRGB 0..1, not rounded; computed apart from the code it measures."""
    inside = np.clip(pixels[mask > 0.98].astype(np.float64), 0, 1)
    mean = np.where(inside <= 0.04045, inside / 12.92, ((inside + 0.055) / 1.055) ** 2.4).mean(0)
    return np.where(mean <= 0.0031308, mean * 12.92, 1.055 * mean ** (1 / 2.4) - 0.055)


def difference(srgb, hexadecimal):
    wanted = np.array([int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return float(deltaE_ciede2000(rgb2lab(srgb), rgb2lab(wanted)))


def shading_correlation(before, after, mask):
    inside = mask > 0.98
    return float(np.corrcoef(rgb2lab(before[inside])[:, 0], rgb2lab(after[inside])[:, 0])[0, 1])


# --- the promise ------------------------------------------------------------------------------------


@pytest.mark.parametrize("paint", PAINTS)
@pytest.mark.parametrize("target", TARGETS)
def test_an_eyedropper_reads_the_target_and_the_shading_stays(paint, target):
    ball = Ball(PAINTS[paint])
    after = in_8_bit(recolored(ball.pixels, ball.mask, parse_target(target), quantise=in_8_bit).pixels)
    assert difference(eyedropper(after, ball.mask), target) <= 0.5
    assert shading_correlation(ball.pixels, after, ball.mask) >= 0.9


@pytest.mark.parametrize("paint", ["red", "black"])
@pytest.mark.parametrize(
    ("target", "least"), [("#FF0000", 0.85), ("#0000FF", 0.85), ("#000000", 0.7), ("#FFFFFF", 0.7)]
)
def test_the_corners_of_8_bit_are_reached_with_a_rest_of_shading(paint, target, least):
    ball = Ball(PAINTS[paint])
    after = in_8_bit(recolored(ball.pixels, ball.mask, parse_target(target), quantise=in_8_bit).pixels)
    assert difference(eyedropper(after, ball.mask), target) <= 0.5
    assert shading_correlation(ball.pixels, after, ball.mask) >= least


@pytest.mark.parametrize("paint", PAINTS)
def test_the_result_is_the_ball_painted_with_the_target(paint):
    target = parse_target("#2F7F86")
    ball = Ball(PAINTS[paint], gloss=0.2 if paint == "black" else 0.45)
    body = np.array(target.linear)
    for _ in range(40):
        body = body + 0.7 * (np.array(target.linear) - linear_of(ball.painted(body))[ball.mask > 0].mean(0))
    truth = ball.painted(body)
    after = in_8_bit(recolored(ball.pixels, ball.mask, target, quantise=in_8_bit).pixels)
    inside = ball.mask > 0
    apart = deltaE_ciede2000(rgb2lab(after[inside]), rgb2lab(truth[inside])).mean()
    assert apart < (6.0 if paint == "black" else 1.6)  # black shows its shading in a few codes, and it is eased


@pytest.mark.parametrize(
    ("profile", "sample_type", "white"),
    [
        ("sRGB IEC61966-2.1", SampleType.U8, 255),
        ("Adobe RGB (1998)", SampleType.U8, 255),
        ("Adobe RGB (1998)", SampleType.U16, 32768),
        ("ProPhoto RGB", SampleType.U16, 65535),
    ],
)
@pytest.mark.parametrize("target", ["#0057B8", "#FF0000"])
def test_the_target_is_met_in_the_documents_own_profile_and_depth(profile, sample_type, white, target):
    ball = Ball(PAINTS["red"])

    def held(pixels):
        raster = Raster(pixels.shape[1], pixels.shape[0], "RGB", sample_type, white, profile, "0" * 64)
        return color.decode(color.encode(pixels, None, raster), raster).pixels

    result = recolored(ball.pixels, ball.mask, parse_target(target), quantise=held)
    after = held(result.pixels)
    mean = linear_of(after[ball.mask > 0]).astype(np.float64).mean(0)
    assert float(delta_e_2000(lab_of(mean), np.array(parse_target(target).lab))) <= 0.5
    assert result.report.shading_correlation >= 0.9


def test_a_float_document_takes_a_pure_red_without_giving_up_shading():
    ball = Ball(PAINTS["blue"])
    result = recolored(ball.pixels, ball.mask, parse_target("#FF0000"))
    mean = linear_of(result.pixels[ball.mask > 0]).astype(np.float64).mean(0)
    assert float(delta_e_2000(lab_of(mean), np.array(parse_target("#FF0000").lab))) < 0.1
    assert result.pixels.max() > 1.1
    assert result.report.shading_correlation > 0.9
    assert result.report.clipped_share == 0


# --- what stays -------------------------------------------------------------------------------------


def test_pixels_outside_the_mask_are_the_original_ones():
    ball = Ball(PAINTS["red"])
    after = recolored(ball.pixels, ball.mask, parse_target("#0057B8"), quantise=in_8_bit).pixels
    assert np.array_equal(after[ball.mask == 0], ball.pixels[ball.mask == 0])
    assert (after[ball.mask > 0] != ball.pixels[ball.mask > 0]).any(-1).mean() > 0.999


def test_highlights_stay_white_where_the_target_leaves_room():
    ball = Ball(PAINTS["red"])
    after = recolored(ball.pixels, ball.mask, parse_target("#2F7F86"), quantise=in_8_bit).pixels
    peak = ball.highlight > 0.9 * ball.highlight.max()
    before, now = rgb2lab(ball.pixels[peak]).mean(0), rgb2lab(np.clip(after[peak], 0, 1)).mean(0)
    assert now[0] > before[0] - 3
    assert np.hypot(*now[1:]) < 25  # the paint around it has a chroma of 30, that of the red ball 60


def test_grain_keeps_its_strength_and_place():
    ball = Ball(PAINTS["red"], grain=0.02)
    after = recolored(ball.pixels, ball.mask, parse_target("#2F7F86"), quantise=in_8_bit).pixels
    steady = cv2.erode(((ball.mask > 0) & (ball.highlight < 0.01)).astype(np.uint8), np.ones((9, 9))) > 0

    def fine(pixels):
        return (pixels - cv2.GaussianBlur(pixels, (0, 0), 1.2))[steady]

    assert fine(after).std(0) / fine(ball.pixels).std(0) == pytest.approx([1, 1, 1], abs=0.1)
    assert np.corrcoef(fine(after).ravel(), fine(ball.pixels).ravel())[0, 1] > 0.95


@pytest.mark.parametrize("target", ["#2F7F86", "#A8563D", "#333340"])
def test_an_antialiased_rim_keeps_no_fringe_of_the_old_colour(target):
    large = Ball(PAINTS["red"], side=4 * SIDE, gloss=0, grain=0)

    def shrunk(values):
        return values.reshape(SIDE, 4, SIDE, 4, -1).mean((1, 3)).squeeze().astype(np.float32)

    def photographed(body):
        return in_8_bit(encoded_of(shrunk(linear_of(large.painted(body)))))

    wanted = parse_target(target)
    pixels, mask = photographed(np.array(parse_target(PAINTS["red"]).linear)), shrunk(large.mask)
    after = in_8_bit(recolored(pixels, mask, wanted, quantise=in_8_bit).pixels)
    shown = in_8_bit(pixels * (1 - mask[..., None]) + after * mask[..., None])
    truth = photographed(np.array(wanted.linear) / large.shading[large.mask > 0].mean())
    rim = (mask > 0.1) & (mask < 0.9)
    assert deltaE_ciede2000(rgb2lab(shown[rim]), rgb2lab(truth[rim])).mean() < 1.6  # recoloured mixtures: 8.2, 1.7, 6.3


def test_the_same_call_gives_the_same_pixels():
    ball = Ball(PAINTS["blue"])
    first, again = (
        recolored(ball.pixels, ball.mask, parse_target("#E4002B"), quantise=in_8_bit).pixels for _ in range(2)
    )
    assert np.array_equal(first, again)


# --- what cannot be done is said ----------------------------------------------------------------------


def test_an_out_of_gamut_target_gives_the_nearest_colour_and_says_so():
    ball = Ball(PAINTS["red"])
    target = parse_target("lab(50, -70, -60)")
    result = recolored(ball.pixels, ball.mask, target, quantise=in_8_bit)
    after = in_8_bit(result.pixels)
    reached = lab_of(linear_of(after[ball.mask > 0]).astype(np.float64).mean(0))
    steps = np.linspace(0, 1, 41, dtype=np.float32)
    every = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, 3)
    nearest = delta_e_2000(lab_of(linear_of(every)), np.array(target.lab)[None]).min()
    assert float(delta_e_2000(reached, np.array(target.lab))) < nearest + 0.5
    assert result.report.out_of_gamut
    assert result.report.nearest in result.report.hints[0]
    assert "lab(50, -70, -60)" in result.report.hints[0]
    assert "wider profile" in result.report.hints[0]


def test_a_wider_profile_holds_what_srgb_does_not():
    raster = Raster(1, 1, "RGB", SampleType.U16, 65535, "ProPhoto RGB", "0" * 64)

    def held(pixels):
        own = Raster(pixels.shape[1], pixels.shape[0], *list(vars(raster).values())[2:])
        return color.decode(color.encode(pixels, None, own), own).pixels

    ball = Ball(PAINTS["red"])
    report = recolored(ball.pixels, ball.mask, parse_target("lab(50, -70, -60)"), quantise=held).report
    assert not report.out_of_gamut
    assert report.delta_e <= 0.5


def test_the_gamut_found_by_asking_is_that_of_the_profile():
    raster = Raster(1, 1, "RGB", SampleType.U16, 65535, "Adobe RGB (1998)", "0" * 64)

    def held(pixels):
        own = Raster(pixels.shape[1], pixels.shape[0], *list(vars(raster).values())[2:])
        return color.decode(color.encode(pixels, None, own), own).pixels

    green = gamut_of(held).matrix[:, 1]  # its published primary: x 0.21, y 0.71
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ green
    assert xyz[:2] / xyz.sum() == pytest.approx([0.21, 0.71], abs=0.003)


def test_a_grey_document_gets_the_targets_lightness_and_says_so():
    ball = Ball(PAINTS["white"])

    def grey(pixels):
        level = in_8_bit(encoded_of(linear_of(pixels) @ np.array([0.2225, 0.7169, 0.0606], np.float32)))
        return np.repeat(level[..., None], 3, axis=-1)

    result = recolored(grey(ball.pixels), ball.mask, parse_target("#0057B8"), quantise=grey)
    assert result.report.out_of_gamut
    assert result.report.reached_lab[0] == pytest.approx(parse_target("#0057B8").lab[0], abs=0.5)
    assert "An RGB document holds colours" in result.report.hints[0]
    assert "wider profile" not in result.report.hints[0]


# --- awkward material -----------------------------------------------------------------------------------


def test_a_flat_area_becomes_the_target_itself():
    flat = np.full((20, 30, 3), 0.4, np.float32)
    result = recolored(flat, np.ones((20, 30), np.float32), parse_target("#0057B8"), quantise=in_8_bit)
    assert np.array_equal(np.rint(result.pixels[5, 5] * 255), [0, 0x57, 0xB8])
    assert result.report.shading_correlation is None


def test_a_material_without_any_light_takes_the_target():
    result = recolored(
        np.zeros((12, 12, 3), np.float32), np.ones((12, 12), np.float32), parse_target("#E4002B"), quantise=in_8_bit
    )
    assert result.report.delta_e <= 0.5
    assert np.isfinite(result.pixels).all()


@pytest.mark.parametrize("opening", [1.0, 0.4])
def test_one_selected_pixel_is_enough(opening):
    mask = np.zeros((9, 9), np.float32)
    mask[4, 4] = opening
    pixels = np.full((9, 9, 3), 0.5, np.float32)
    result = recolored(pixels, mask, parse_target("#E4002B"), quantise=in_8_bit)
    assert difference(np.clip(result.pixels[4, 4], 0, 1), "#E4002B") <= 0.6
    assert np.array_equal(result.pixels[mask == 0], pixels[mask == 0])


def test_high_dynamic_range_and_wide_gamut_samples_stay_finite():
    ball = Ball(PAINTS["red"])
    pixels = ball.pixels * 3 - 0.4
    result = recolored(pixels, ball.mask, parse_target("#00843D"))
    assert np.isfinite(result.pixels).all()
    assert result.report.delta_e < 0.1


def test_an_empty_mask_is_refused_by_name():
    with pytest.raises(InvalidInput, match="open somewhere") as refused:
        recolored(np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.float32), parse_target("#E4002B"))
    assert refused.value.field == "mask"


@pytest.mark.parametrize("target", ["#c8102e", "#8d1b2d", "#1f4e79", "#f0c020"])
def test_a_leafs_own_play_of_colour_is_not_multiplied(target: str) -> None:
    """Greens that turn to yellow here and to blue there, under a little shading: no crimson and orange patches of them."""
    random = np.random.default_rng(4)
    play = cv2.resize(random.normal(0, 1, (6, 6, 2)).astype(np.float32), (128, 128), interpolation=cv2.INTER_CUBIC)
    lab = np.empty((128, 128, 3))
    lab[..., 0] = 48 + 2 * play[..., 0]
    lab[..., 1], lab[..., 2] = -32 + 2 * play[..., 1], 34 + 5 * play[..., 1]
    leaf = lab2rgb(lab).astype(np.float32)

    red = recolored(leaf, np.ones((128, 128), np.float32), parse_target(target), quantise=eight_bit).pixels

    before, after = (rgb2lab(np.clip(pixels, 0, 1))[..., 1:].std((0, 1)) for pixels in (leaf, red))
    assert np.linalg.norm(after) <= 1.3 * np.linalg.norm(before)


def eight_bit(pixels: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(pixels, 0, 1) * np.float32(255)) / np.float32(255)
