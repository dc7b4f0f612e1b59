"""The light of a clip is brought back to its first picture: judged by CIEDE2000 of scikit-image against the clip without its drift.

The clips are scikit-image's photographs, cropped a little further from one picture to the next, with a red disc that crosses them.
"""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import color, data

from inlay.fidelity.drift import Steady

HEIGHT, WIDTH, PICTURES = 180, 312, 17
DISC = np.array((0.8, 0.1, 0.1), np.float32)
GAIN, OFFSET = (np.array(values, np.float32) for values in ((0.15, 0.08, -0.1), (-0.03, 0.01, 0.05)))

F32 = NDArray[np.float32]


def filmed(name: str, *, pan_px: float = 1.5, covered: float = 0.0) -> list[F32]:
    """A clip as it should be. covered: how much of the last picture a blue curtain has covered."""
    photo = getattr(data, name)().astype(np.float32) / 255
    photo = cv2.resize(photo, (WIDTH + 80, round(photo.shape[0] * (WIDTH + 80) / photo.shape[1])))
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    clip: list[F32] = []
    for number in range(PICTURES):
        at = np.array([[1, 0, pan_px * number], [0, 1, 20]], np.float32)
        picture = cv2.warpAffine(photo, at, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        disc = np.clip(24 - np.hypot(columns - 40 - 10 * number, rows - 90), 0, 1)[..., None]
        picture = picture * (1 - disc) + disc * DISC
        picture[:, : round(WIDTH * covered * number / (PICTURES - 1))] = (0.2, 0.25, 0.7)
        clip.append(np.asarray(picture, np.float32))
    return clip


def gone_astray(clip: list[F32]) -> list[F32]:
    """Gain, offset, a slope across the picture, and a flicker, each known; and noise."""
    noise = np.random.default_rng(0)
    across = np.linspace(-0.5, 0.5, WIDTH, dtype=np.float32)[None, :, None]
    drifted: list[F32] = []
    for number, picture in enumerate(clip):
        far = np.float32(number / (len(clip) - 1))
        light = picture * (1 + far * GAIN) + far * OFFSET
        light = (light + 0.06 * far * across) * np.float32(1 + 0.02 * np.sin(1.7 * number))
        grain = noise.normal(0, 0.01, picture.shape).astype(np.float32)
        drifted.append(np.clip(light + grain, 0, 1).astype(np.float32))
    return drifted


def brought_back(clip: list[F32], first: F32) -> list[F32]:
    steady = Steady(first)
    return [np.asarray(picture + steady.drift_of(picture).change_of(picture), np.float32) for picture in clip[1:]]


def difference(one: F32, other: F32) -> NDArray[np.float64]:
    """CIEDE2000, pixel by pixel, of what is seen from a little further away than single grains."""
    seen = (color.rgb2lab(np.clip(cv2.GaussianBlur(picture, (0, 0), 3), 0, 1)) for picture in (one, other))
    return color.deltaE_ciede2000(*seen)


def differences(clip: list[F32], truth: list[F32]) -> NDArray[np.float64]:
    return np.array([difference(one, other).mean() for one, other in zip(clip, truth, strict=True)])


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_a_known_drift_is_taken_back_while_the_camera_moves(name: str) -> None:
    truth = filmed(name)
    drifted = gone_astray(truth)
    before = differences(drifted[1:], truth[1:])
    after = differences(brought_back(drifted, truth[0]), truth[1:])
    assert before[-1] > 4
    assert after.mean() < before.mean() / 5
    assert after.max() < 1


def test_a_clip_that_did_not_drift_stays_as_it_is() -> None:
    truth = filmed("coffee")
    after = differences(brought_back(truth, truth[0]), truth[1:])
    assert after.max() < 0.15


def test_what_comes_into_the_picture_is_not_taken_for_light() -> None:
    truth = filmed("chelsea", covered=0.5)
    drifted = gone_astray(truth)
    before, after = (differences(clip, truth[1:]) for clip in (drifted[1:], brought_back(drifted, truth[0])))
    assert after[-1] < before[-1] / 3
    curtain = brought_back(truth, truth[0])[-1][40:140, 20:100]
    assert np.abs(curtain - np.array([0.2, 0.25, 0.7], np.float32)).max() < 2.5 / 255


def test_a_flickering_clip_flickers_no_more() -> None:
    truth = filmed("coffee")
    drifted = gone_astray(truth)

    def flicker(clip: list[F32]) -> float:
        """How the mean light jumps from picture to picture where it should not."""
        means = [float((one - other).mean()) for one, other in zip(clip, truth[1:], strict=True)]
        return float(np.abs(np.diff(means)).mean())

    assert flicker(brought_back(drifted, truth[0])) < flicker(drifted[1:]) / 5


def test_where_nothing_is_found_again_the_last_light_that_was_known_stays() -> None:
    truth = filmed("coffee")
    drifted = gone_astray(truth)
    steady = Steady(truth[0])
    known = [steady.drift_of(picture) for picture in drifted][-1]
    static = np.random.default_rng(1).random((HEIGHT, WIDTH, 3)).astype(np.float32)
    lost = steady.drift_of(static)
    assert lost.found < 0.05
    np.testing.assert_array_equal(lost.gain, known.gain)
    np.testing.assert_array_equal(lost.offset, known.offset)
