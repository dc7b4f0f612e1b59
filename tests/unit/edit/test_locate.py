"""Where what an edit saw lies in a picture that was changed since: to the pixel, or the reason why it is nowhere."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inlay.color.raster import Raster, SampleType
from inlay.edit.locate import Located, locate
from inlay.errors import BlobMissing
from inlay.recipe import Canvas
from inlay.region import Rect, Size

WINDOW = Rect(90, 40, 120, 90)
Picture = NDArray[np.uint16]


def photo(seed: int = 0) -> Picture:
    """Height 200 x width 300 x 4: structure that no other place of it repeats."""
    return np.random.default_rng(seed).integers(0, 65536, (200, 300, 4), np.uint16)


BEFORE = photo()


class Host:
    """A host that shows what it is asked for, and a server that has what was shown."""

    def __init__(self, now: NDArray[np.generic], before: Picture = BEFORE, profile: str = "sRGB") -> None:
        self.now, self.profile, self.seen = now, profile, list[Rect]()
        self.stored: dict[str, bytes] = {}
        size = Size(before.shape[1], before.shape[0])
        self.canvas = Canvas(size, WINDOW, self.put(before[WINDOW.slices], "sRGB"))

    def put(self, pixels: NDArray[np.generic], profile: str) -> Raster:
        data = np.ascontiguousarray(pixels).tobytes()
        blob = hashlib.sha256(data).hexdigest()
        self.stored[blob] = data
        kind = {"u2": SampleType.U16, "u1": SampleType.U8}[pixels.dtype.str[1:]]
        return Raster(pixels.shape[1], pixels.shape[0], "BGRA", kind, float(np.iinfo(pixels.dtype).max), profile, blob)

    def read(self, blob: str) -> bytes:
        if blob not in self.stored:
            raise BlobMissing(blob)
        return self.stored[blob]

    def locate(self, expected: Sequence[Rect] = (WINDOW,), veiled: Sequence[Rect] = ()) -> Located:
        parts: dict[Rect, Raster] = {}
        document = Size(self.now.shape[1], self.now.shape[0])
        while (found := locate(self.canvas, document, expected, veiled, parts, self.read)).wanted:
            assert document.bounds.contains(found.wanted), "no host can show what is beside its canvas"
            assert found.wanted not in parts, "it was shown already"
            self.seen.append(found.wanted)
            parts[found.wanted] = self.put(self.now[found.wanted.slices], self.profile)
        return found


def painted(pixels: Picture, rect: Rect) -> Picture:
    """The picture with a stroke on it."""
    pixels = pixels.copy()
    pixels[rect.slices] = 9
    return pixels


def test_a_picture_that_shows_the_same_is_where_it_was_and_no_more_of_it_is_looked_at() -> None:
    host = Host(painted(BEFORE, Rect(0, 0, 60, 30)))
    assert host.locate() == Located((0, 0))
    assert host.seen == [WINDOW]


def test_a_crop_moves_it_by_what_was_cut_off() -> None:
    assert Host(BEFORE[25:180, 60:]).locate(()) == Located((-60, -25), ("moved",))


def test_a_crop_into_the_window_moves_it_too() -> None:
    assert Host(BEFORE[60:, 120:280]).locate(()) == Located((-120, -60), ("moved",))


def test_what_the_host_expects_is_looked_at_first() -> None:
    host, there = Host(BEFORE[25:180, 60:]), WINDOW.moved(-60, -25)
    assert host.locate([there]) == Located((-60, -25), ("moved",))
    assert host.seen == [there]


def test_a_stroke_inside_the_window_is_told() -> None:
    host = Host(painted(BEFORE, Rect(100, 50, 90, 60)))
    assert host.locate() == Located((0, 0), ("painted",))


def test_a_result_that_lies_over_it_is_no_change() -> None:
    over = Rect(100, 50, 100, 70)
    assert Host(painted(BEFORE, over)).locate(veiled=[over]) == Located((0, 0))


TURNS = {
    "mirrored": (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM),
    "turned_180": (Image.Transpose.ROTATE_180,),
    "turned_90": (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize(("said", "turn"), [(said, turn) for said, turns in TURNS.items() for turn in turns])
def test_a_picture_that_was_mirrored_or_turned_is_recognised(said: str, turn: Image.Transpose) -> None:
    """Pillow turns the indices of the pixels: it has no image of four times 16 bit."""
    indices = Image.fromarray(np.arange(200 * 300, dtype=np.int32).reshape(200, 300))
    now = BEFORE.reshape(-1, 4)[np.asarray(indices.transpose(turn))]
    expected = (WINDOW,) if now.shape == BEFORE.shape else ()
    assert Host(now).locate(expected) == Located(said=(said,))


def test_a_mirrored_picture_that_is_nearly_plain_is_not_taken_for_one_that_was_painted_on() -> None:
    plain = np.full((200, 300, 4), 40_000, np.uint16)
    plain[50:56, 100:110] = BEFORE[:6, :10]
    assert Host(plain[:, ::-1], plain).locate() == Located(said=("mirrored",))


def test_what_is_there_twice_is_ambiguous() -> None:
    sheet = np.zeros((300, 600, 4), np.uint16)
    for left in (10, 300):
        sheet[20:110, left : left + 120] = BEFORE[WINDOW.slices]
    assert Host(sheet).locate(()) == Located(said=("ambiguous",))


def test_another_picture_shows_nothing_of_it() -> None:
    assert Host(photo(seed=1)).locate() == Located(said=("gone",))
    assert Host(photo(seed=1)[:150]).locate(()) == Located(said=("cropped",))


def test_other_samples_were_converted() -> None:
    assert Host((BEFORE >> 8).astype(np.uint8)).locate() == Located(said=("converted",))
    assert Host(BEFORE, profile="Display P3").locate() == Located(said=("converted",))


def test_pixels_that_nobody_has_any_more_are_trusted_to_be_where_they_were_unless_the_size_is_another() -> None:
    for now, found in ((BEFORE, Located((0, 0))), (BEFORE[:150], Located(said=("cropped",)))):
        host = Host(now)
        host.stored.clear()
        assert host.locate() == found
