"""One master, many deliverables, through every door: a mask on a sibling picture, and the part that a format shows."""

import uuid
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from inlay.client import Client
from inlay.color.raster import Raster, SampleType
from inlay.recipe import Recipe, Verb
from inlay.region import Rect, Size
from inlay.v1 import production_pb2, raster_pb2
from inlay.wire.codec import to_message
from inlay.wire.requests import CarryQuestion, FormatsQuestion
from rpc.doors import Refused, call
from rpc.process import RunningServer

pytestmark = pytest.mark.slow

U8 = NDArray[np.uint8]
Upload = Callable[[NDArray[np.generic]], Raster]
SRGB = "sRGB IEC61966-2.1"
LARGER = 3
"""The documents are as much larger than the pictures that are sent of them."""
REGION = Rect(120, 330, 100, 100)
"""Around the astronaut's badge, in px of the picture."""
TURNED = np.vstack([cv2.getRotationMatrix2D((256, 256), 7, 0.9) + np.array([[0, 0, -20], [0, 0, -60]]), (0, 0, 1)])
SIBLING = Size(480, 400)


@pytest.fixture(scope="module")
def badge() -> U8:
    """A soft disc around the badge, as large as the region is in the document."""
    side = LARGER * REGION.width
    mask = np.zeros((side, side), np.uint8)
    cv2.circle(mask, (side // 2 - 3, side // 2 + 9), 120, 255, -1)
    return cv2.GaussianBlur(mask, (0, 0), 4).astype(np.uint8)


@pytest.fixture
def uploaded(client: Client) -> Upload:
    """The raster of a picture, or of a mask, after it was uploaded."""

    def upload(samples: NDArray[np.generic]) -> Raster:
        name = client.upload(samples.tobytes()).sha256
        height, width = samples.shape[:2]
        depth, white = (SampleType.U16, 65_535.0) if samples.dtype == np.uint16 else (SampleType.U8, 255.0)
        order, profile = ("Y", "") if samples.ndim == 2 else ("RGB", SRGB)
        return Raster(width, height, order, depth, white, profile, name)

    return upload


def asked(
    uploaded: Upload, badge: U8, sibling: NDArray[np.generic], locale: str = ""
) -> production_pb2.CarryMaskRequest:
    question = CarryQuestion(
        uploaded(data.astronaut()),
        Size(LARGER * 512, LARGER * 512),
        Rect(*(LARGER * side for side in REGION)),
        uploaded(badge),
        uploaded(sibling),
        Size(LARGER * sibling.shape[1], LARGER * sibling.shape[0]),
        locale,
    )
    return to_message(question, production_pb2.CarryMaskRequest)


def turned(picture: U8) -> U8:
    return cv2.warpPerspective(picture, TURNED, SIBLING, flags=cv2.INTER_CUBIC).astype(np.uint8)


def test_a_mask_is_carried_at_the_documents_own_size_whatever_was_sent_of_it(
    door: Any, client: Client, uploaded: Upload, badge: U8
):
    darker = (turned(data.astronaut()).astype(np.uint16) * 200).astype(np.uint16)
    answer = call(door, "CarryMask", asked(uploaded, badge, darker))
    assert answer.is_sure
    assert not answer.sentence
    whole = np.zeros((LARGER * 512, LARGER * 512), np.uint8)
    whole[Rect(*(LARGER * side for side in REGION)).slices] = badge
    scale = np.diag([LARGER, LARGER, 1.0])
    size = Size(LARGER * SIBLING.width, LARGER * SIBLING.height)
    truth = cv2.warpPerspective(whole, scale @ TURNED @ np.linalg.inv(scale), size)
    found = np.zeros_like(truth)
    bounds, raster = answer.found.bounds, answer.found.mask
    assert (raster.width, raster.height) == (bounds.width, bounds.height)
    samples = np.frombuffer(client.fetch(raster.blob), np.uint8).reshape(bounds.height, bounds.width)
    assert samples.any(axis=0).all() or (samples[:, [0, -1]].any() and samples[[0, -1]].any()), "no empty border"
    found[bounds.y : bounds.y + bounds.height, bounds.x : bounds.x + bounds.width] = samples
    both, either = (found > 127) & (truth > 127), (found > 127) | (truth > 127)
    assert both.sum() / either.sum() > 0.95
    assert ((found > 20) & (found < 235)).sum() > 500, "soft as it was"


def test_what_is_gone_is_left_to_a_person_in_the_callers_language(door: Any, uploaded: Upload, badge: U8):
    answer = call(door, "CarryMask", asked(uploaded, badge, data.coffee(), locale="de"))
    assert not answer.is_sure
    assert "selbst" in answer.sentence


def test_what_is_only_somewhat_alike_is_shown_and_not_believed(door: Any, uploaded: Upload, badge: U8):
    """The badge is painted over, and its surroundings say where it was."""
    disc = np.zeros((512, 512), np.uint8)
    cv2.circle(disc, (169, 383), 46, 255, -1)
    without = cv2.inpaint(data.astronaut(), disc, 5, cv2.INPAINT_TELEA).astype(np.uint8)
    answer = call(door, "CarryMask", asked(uploaded, badge, turned(without)))
    assert not answer.is_sure
    assert answer.HasField("found")
    assert f"{100 * answer.alike:.0f} %" in answer.sentence


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("region", {"region": raster_pb2.Rect(x=1500, y=0, width=300, height=300)}),
        ("mask", {"region": raster_pb2.Rect(x=0, y=0, width=30, height=30)}),
        ("master_size", {"master_size": raster_pb2.Size(width=30_000, height=30_000)}),
        ("sibling_size", {"sibling_size": raster_pb2.Size(width=0, height=9)}),
    ],
)
def test_a_question_that_makes_no_sense_names_its_field(
    door: Any, uploaded: Upload, badge: U8, field: str, change: dict[str, Any]
):
    request = asked(uploaded, badge, data.coffee())
    for name, value in change.items():
        getattr(request, name).CopyFrom(value)
    with pytest.raises(Refused) as refused:
        call(door, "CarryMask", request)
    assert (refused.value.code, named(refused)) == ("INVALID_ARGUMENT", field)


def test_a_selection_of_next_to_nothing_is_refused(door: Any, uploaded: Upload, badge: U8):
    request = asked(uploaded, np.where(badge > 300, badge, np.uint8(0)), data.coffee())
    with pytest.raises(Refused) as refused:
        call(door, "CarryMask", request)
    assert named(refused) == "mask"


def framed(door: Any, **how: Any) -> dict[str, production_pb2.FramedFormat]:
    request = to_message(FormatsQuestion(Size(600, 400), **how), production_pb2.FrameFormatsRequest)
    return {one.name: one for one in call(door, "FrameFormats", request).formats}


def test_formats_are_cropped_around_the_focus_or_reach_beyond_the_picture(door: Any):
    found = framed(door, focus=Rect(500, 100, 80, 80), formats=("1:1", "9:16"))
    assert [to_rect(one.crop) for one in found.values()] == [Rect(200, 0, 400, 400), Rect(375, 0, 225, 400)]
    wide = framed(door, focus=Rect(40, 150, 500, 100), formats=("9:16",))["9:16"]
    crop = to_rect(wide.crop)
    assert (crop.width, crop.height) == (504, 896)
    assert crop.y < 0
    assert crop.bottom > 400
    assert wide.flags == ["55 % of it has to be painted"]


def test_without_a_name_there_are_all_platforms_with_titles_in_the_callers_language(door: Any):
    found = framed(door, focus=Rect(250, 150, 100, 100), locale="de")
    assert set(found) == {"square", "portrait", "widescreen", "story", "reel", "link", "pin"}
    assert found["link"].title == "Link 1,91:1"
    story, safe = to_rect(found["story"].crop), to_rect(found["story"].safe)
    assert abs(story.width / story.height - 9 / 16) < 0.002
    assert safe.y - story.y == np.ceil(0.14 * story.height - 1e-6)
    assert safe.contains(Rect(250, 150, 100, 100))


@pytest.mark.parametrize(
    ("field", "how"), [("formats", {"formats": ("4;5",)}), ("focus", {"focus": Rect(590, 0, 20, 20)})]
)
def test_a_format_that_there_is_not_and_a_focus_outside_are_named(door: Any, field: str, how: dict[str, Any]):
    with pytest.raises(Refused) as refused:
        framed(door, **how)
    assert (refused.value.code, named(refused)) == ("INVALID_ARGUMENT", field)


def test_the_client_asks_the_same(client: Client, uploaded: Upload, badge: U8):
    pictures = uploaded(data.astronaut()), uploaded(turned(data.astronaut()))
    region = Rect(*(LARGER * side for side in REGION))
    size = Size(LARGER * SIBLING.width, LARGER * SIBLING.height)
    carried = client.carry_mask(pictures[0], Size(1536, 1536), region, uploaded(badge), pictures[1], size)
    assert carried.is_sure
    assert carried.found
    assert size.bounds.contains(carried.found.bounds)
    (square,) = client.frame_formats(Size(600, 400), Rect(500, 100, 80, 80), ["1:1"])
    assert (square.crop, square.flags) == (Rect(200, 0, 400, 400), ())


def named(refused: pytest.ExceptionInfo[Refused]) -> str:
    assert refused.value.facts
    return refused.value.facts.field


def test_a_recipe_that_brings_its_style_has_a_colour_of_it_by_name(
    client: Client, server: RunningServer, recipe: Recipe, pixels: bytes, selection: bytes
):
    """So that a cell of a table is of the same version of the style as the result that it is made of."""
    file = server.data_dir / "styles.toml"
    file.write_text('[styles.kit]\ncolors = [{ name = "Green", color = "#00A651" }]\n')
    for data_ in (pixels, selection):
        client.upload(data_)
    asked_for = recipe.altered(verb=Verb.RECOLOR, target_color="#112233", style="kit", count=1)
    held = client.submit(str(uuid.uuid4()), asked_for).recipe
    file.unlink()
    cell = client.submit(str(uuid.uuid4()), held.altered(target_color=" GREEN ", resolved=None)).recipe
    assert cell == held.altered(target_color="#00A651")


def to_rect(message: raster_pb2.Rect) -> Rect:
    return Rect(message.x, message.y, message.width, message.height)
