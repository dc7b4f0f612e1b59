"""Image APIs as engines, against imitations that behave badly: an answer becomes an exact layer, or is refused by name."""

import io
import json
import os

import numpy as np
import pytest
from PIL import Image

from inlay.color.raster import Raster, SampleType
from inlay.engines.models.remote_entry import Price, Remote
from inlay.engines.models.remote_families import GEMINI_SHAPES
from inlay.engines.remote.framing import frame_for, padded, padded_mask
from inlay.errors import BadAnswer, Declined, InvalidInput, MayBeBilled, Unavailable
from inlay.recipe import Input
from inlay.region import Framing, Size
from support import image_servers as away
from support.image_servers import Manners, image_server
from support.remote_edits import CENTER, HOLE, KEY, RADIUS, WINDOW, Room, mask, photograph, where_the_disc_is

pytestmark = pytest.mark.slow

DISC = away.disc(*CENTER, RADIUS, WINDOW.size)
AREA = np.pi * RADIUS**2


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("TEST_KEY", KEY)


@pytest.fixture(params=["openai", "gemini"])
def dialect(request):
    return request.param


def room_for(server, folder, dialect, **more) -> Room:
    facts = {"key_env": "TEST_KEY", "model": "imitation-1", "sends_pixels_to": "Imitation Inc.", **more}
    if dialect == "openai":
        remote = Remote(f"{server.address}", **{"mask": "both", "seed_field": "seed", **facts})
        return Room(folder, "images_api", remote)
    return Room(folder, "gemini", Remote(server.address, **{"multiple": 1, "seed_field": "seed", **facts}))


def lies_where_it_was_painted(layer: np.ndarray) -> None:
    x, y, area = where_the_disc_is(layer)
    assert abs(x - CENTER[0]) < 1.5, (x, y)
    assert abs(y - CENTER[1]) < 1.5, (x, y)
    assert area == pytest.approx(AREA, rel=0.06)


PAINTED = {
    "as it should be": Manners(DISC),
    "2 px aside": Manners(away.then(DISC, away.moved(2, -2))),
    "7 px aside": Manners(away.then(DISC, away.moved(-7, 7))),
    "23 px aside": Manners(away.then(DISC, away.moved(23, 11))),
    "enlarged to 1.05": Manners(away.then(DISC, away.moved(zoom=1.05))),
    "shrunk to 0.95": Manners(away.then(DISC, away.moved(zoom=0.95))),
    "stretched by a percent": Manners(away.then(DISC, away.moved(stretch=1.01))),
    "turned a little": Manners(away.then(DISC, away.moved(turn=0.005))),
    "larger": Manners(away.then(DISC, away.sized(1.5, 1.5))),
    "8 px short": Manners(away.then(DISC, away.sized(0.99, 0.99))),
    "of another ratio, stretched": Manners(away.then(DISC, away.sized(1, 1.03))),
    "enlarged and cut below": Manners(away.then(DISC, away.cut_below(0.08, 1.125))),
    "all painted anew": Manners(away.then(away.repainted, DISC)),
    "a watermark's noise": Manners(away.then(DISC, away.noisy)),
    "anew, noisy, moved, zoomed, as JPEG": Manners(
        away.then(away.repainted, DISC, away.noisy, away.moved(9, -5, 1.03)), away.jpeg(75)
    ),
    "JPEG of 90": Manners(DISC, away.jpeg(90)),
    "WebP": Manners(DISC, away.webp),
    "with alpha": Manners(DISC, away.rgba),
    "a palette": Manners(DISC, away.palette),
    "16 bit": Manners(DISC, away.sixteen),
    "on its side": Manners(DISC, away.lying),
    "in Adobe RGB": Manners(DISC, away.wide_gamut),
    "only gAMA": Manners(DISC, away.gamma_only),
}


QUICK = ("23 px aside", "of another ratio, stretched", "on its side", "anew, noisy, moved, zoomed, as JPEG")
"""Every way in which an answer is read or put back into its place, once; the others are looked at with the slow tests."""

ANSWERS = [
    pytest.param(dialect, how, marks=() if dialect == "openai" and how in QUICK else pytest.mark.slow)
    for dialect in ("openai", "gemini")
    for how in PAINTED
]


@pytest.mark.parametrize(("dialect", "how"), ANSWERS)
def test_an_answer_becomes_a_layer_that_lies_where_it_was_painted(how, dialect, tmp_path):
    with image_server(dialect, PAINTED[how]) as server:
        room = room_for(server, tmp_path, dialect)
        (variation,) = room.edit()
        lies_where_it_was_painted(room.layer(variation))
        assert len(server.received) == 1


@pytest.mark.parametrize(
    "how",
    [
        "in Adobe RGB",
        *(pytest.param(how, marks=pytest.mark.slow) for how in ("only gAMA", "16 bit", "as it should be")),
    ],
)
def test_colours_are_read_as_the_answer_means_them(how, tmp_path):
    with image_server("openai", PAINTED[how]) as server:
        room = room_for(server, tmp_path, "openai")
        (variation,) = room.edit(room.recipe("instruct"))
        layer = room.layer(variation)
        x, y = CENTER
        shown = layer[y - 9 : y + 9, x - 9 : x + 9].mean(axis=(0, 1))
        assert np.abs(shown - away.MAGENTA).max() < 0.05


def test_nothing_outside_the_selection_comes_from_the_answer(dialect, tmp_path):
    """The whole answer is painted over; where the mask is closed the layer's own mask shows nothing of it."""
    with image_server(dialect, Manners(away.then(away.repainted, DISC))) as server:
        room = room_for(server, tmp_path, dialect)
        (variation,) = room.edit()
        samples = np.frombuffer(room.blobs.read(variation.patch.mask.blob), np.uint16)
        assert variation.patch.bounds.width * variation.patch.bounds.height == samples.size
        assert (samples == 0).any()


REFUSED = {
    "another picture": (Manners(away.another), BadAnswer, "another picture"),
    "without the selection": (Manners(away.moved(dx=560)), BadAnswer, "not used"),
    "a bomb of pixels": (Manners(codes=away.bomb), BadAnswer, "30000 x 30000"),
    "text that is no picture": (Manners(codes=lambda _: b"<html>no</html>"), BadAnswer, "no PNG"),
    "no JSON": (Manners(wraps=lambda _: b"<html>hello</html>"), BadAnswer, "no JSON"),
    "half a body": (Manners(transport="half"), MayBeBilled, "broke the connection off"),
    "no answer": (Manners(transport="never"), MayBeBilled, "did not answer within 1 s"),
    "a stall": (Manners(transport="stall"), MayBeBilled, "did not answer within 1 s"),
    "a closed line": (Manners(transport="drop"), MayBeBilled, "may have been billed"),
    "a failure": (Manners(says=away.always(500, {"error": {"message": "oops"}})), MayBeBilled, "500: oops"),
    "a wrong key": (Manners(says=away.always(401, {"error": {"message": f"bad {KEY}"}})), Declined, "the key"),
    "a key for something else": (
        Manners(says=away.always(403, {"error": {"message": f"{KEY[:9]}... may not", "status": "PERMISSION_DENIED"}})),
        Declined,
        r"does not accept the key, or not for this model \(403\)$",
    ),
    "an unknown model": (
        Manners(says=away.always(404, {"error": {"message": "no model imitation-1"}})),
        Declined,
        "no model imitation-1",
    ),
    "redirect": (
        Manners(says=away.always(302, b"", {"location": "http://169.254.169.254/latest"})),
        Declined,
        "never followed",
    ),
    "packed": (Manners(says=away.always(200, b"\x1f\x8b", {"content-encoding": "gzip"})), BadAnswer, "packed"),
    "an hour's patience": (Manners(says=away.always(429, {}, {"retry-after": "3600"})), Unavailable, "3600"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_answer_ends_with_its_reason_after_one_request(what, dialect, tmp_path, monkeypatch):
    manners, kind, words = REFUSED[what]
    with image_server(dialect, manners) as server:
        room = room_for(server, tmp_path, dialect, timeout_s=1.0 if "1 s" in words else 20.0)
        with pytest.raises(kind, match=words) as caught:
            room.edit()
        assert len(server.received) == 1
        assert KEY not in caught.value.message


DECLINED = {
    "openai": [
        (
            400,
            {"error": {"message": "rejected by the safety system", "code": "moderation_blocked"}},
            "moderation_blocked",
        ),
        (400, {"error": "a bare string"}, "a bare string"),
        (429, {"error": {"code": "insufficient_quota", "message": "pay"}}, "insufficient_quota"),
    ],
    "gemini": [
        (200, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, "PROHIBITED_CONTENT"),
        (200, {"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": "Unsafe."}]}, "IMAGE_SAFETY Unsafe"),
        (200, {"candidates": [{"finishReason": "STOP", "content": {"parts": [{"text": "I cannot."}]}}]}, "I cannot"),
    ],
}


@pytest.mark.parametrize(("dialect", "case"), [(name, case) for name, cases in DECLINED.items() for case in cases])
def test_a_refusal_says_why_in_the_servers_own_words(dialect, case, tmp_path):
    status, body, words = case
    with image_server(dialect, Manners(says=away.always(status, body))) as server:
        with pytest.raises(Declined, match=words):
            room_for(server, tmp_path, dialect).edit()
        assert len(server.received) == 1


EMPTY = {
    "openai": [
        {"data": []},
        {"data": [{}]},
        {"data": [{"url": "http://169.254.169.254/x.png"}]},
        {"data": [{"b64_json": "%"}]},
    ],
    "gemini": [{"candidates": []}, {"candidates": [{"finishReason": "STOP", "content": {"parts": []}}]}, {}],
}


@pytest.mark.parametrize(("dialect", "body"), [(name, body) for name, bodies in EMPTY.items() for body in bodies])
def test_an_answer_without_a_picture_is_refused_and_nothing_is_fetched(dialect, body, tmp_path):
    with image_server(dialect, Manners(says=away.always(200, body))) as server:
        with pytest.raises(BadAnswer):
            room_for(server, tmp_path, dialect).edit()
        assert [got.path for got in server.received] == [server.received[0].path]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"retry-after": "0.1"}, {}),
        ({}, {"error": {"details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.1s"}]}}),
    ],
)
def test_a_busy_server_is_asked_again_when_it_says_and_paid_once(headers, body, dialect, tmp_path):
    manners = Manners(DISC, says=away.busy_once(headers, json.dumps(body).encode()))
    with image_server(dialect, manners) as server:
        room = room_for(server, tmp_path, dialect)
        (variation,) = room.edit()
        lies_where_it_was_painted(room.layer(variation))
        assert len(server.received) == 2


def test_two_answers_for_one_are_one_variation_with_a_note(tmp_path):
    def twice(coded: bytes) -> dict:
        answer = away.openai_answer(coded)
        return {**answer, "data": answer["data"] * 2}

    with image_server("openai", Manners(DISC, wraps=twice)) as server:
        room = room_for(server, tmp_path, "openai")
        (variation,) = room.edit()
        assert any("More pictures came" in note for note in variation.report.notes)


def test_each_variation_is_one_request_with_its_own_seed(dialect, tmp_path):
    with image_server(dialect, Manners(DISC)) as server:
        room = room_for(server, tmp_path, dialect)
        assert [one.seed for one in room.edit(room.recipe(count=2))] == [7, 8]
        if dialect == "openai":
            seeds = [got.fields["seed"] for got in server.received]
        else:
            seeds = [str(json.loads(got.body)["generationConfig"]["seed"]) for got in server.received]
        assert seeds == ["7", "8"]


def test_what_was_paid_for_is_never_paid_for_again(tmp_path):
    """The worker died after the answer had come: the next attempt takes what was kept."""
    with image_server("openai", Manners(DISC)) as server:
        room = room_for(server, tmp_path, "openai")
        recipe = room.recipe(count=2)
        first = room.layer(room.edit(recipe)[1])
        again = room.layer(room.edit(recipe)[1])
        assert len(server.received) == 2
        assert np.array_equal(first, again)


def test_a_call_that_was_under_way_when_the_server_died_is_not_sent_again(dialect, tmp_path):
    with image_server(dialect, Manners(DISC)) as server:
        room = room_for(server, tmp_path, dialect)
        room.progress("11111111-1111-4111-8111-111111111111").ledger.begin("7", "Imitation Inc.")
        with pytest.raises(MayBeBilled, match=r"Imitation Inc\. was asked .* may have been billed"):
            room.edit()
        assert not server.received


def test_exactly_the_announced_rectangle_leaves_and_nothing_else(dialect, tmp_path):
    with image_server(dialect, Manners(DISC)) as server:
        room = room_for(server, tmp_path, dialect, price=Price(0.04, "USD", "2026-11"))
        recipe = room.recipe()
        (variation,) = room.edit(recipe)
        (got,) = server.received
        sent = got.picture
        width, height = (int(side) for side in variation.receipt["sent_px"].split(" x "))
        assert sent.shape[:2] == (height, width)
        top, left = (height - WINDOW.height) // 2, (width - WINDOW.width) // 2
        inside = sent[top : top + WINDOW.height, left : left + WINDOW.width]
        assert np.abs(inside - photograph()).max() <= 0.5 / 255 + 1e-6  # the window to the last pixel, in 8 bit
        assert np.isin(_colors(sent), _colors(inside)).all()  # around it only what is in it, mirrored
        for _, name, file in got.files:
            assert name in ("image.png", "mask.png", "")
            assert _chunk_kinds(file) <= {"IHDR", "IDAT", "IEND"}  # no Exif, no profile, no text
        announced = room.registry.available()[0].outside
        assert (
            sum(len(file) for _, _, file in got.files) <= announced.bytes_per_px * WINDOW.width * WINDOW.height * 1.45
        )
        assert variation.receipt["sent_to"] == "Imitation Inc."
        assert variation.receipt["sent_window"] == " ".join(map(str, WINDOW))
        assert variation.receipt["price"] == "0.04 USD (2026-11)"


def _colors(picture: np.ndarray) -> np.ndarray:
    """Each colour of a picture of 8 bit, 0..1, as one number."""
    return np.unique(np.rint(picture.reshape(-1, 3) * 255).astype(np.int64) @ (1, 256, 65536))


def _chunk_kinds(data: bytes) -> set[str]:
    at, kinds = 8, set()
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kinds.add(data[at + 4 : at + 8].decode())
        at += 12 + length
    return kinds


def test_the_key_is_in_its_header_and_nowhere_else(dialect, tmp_path):
    with image_server(dialect, Manners(DISC)) as server:
        room = room_for(server, tmp_path, dialect)
        (variation,) = room.edit()
        (got,) = server.received
        holders = {name for name, value in got.headers.items() if KEY in value}
        assert holders == {"authorization" if dialect == "openai" else "x-goog-api-key"}
        assert KEY.encode() not in got.body
        assert KEY not in repr(variation) + repr(room.catalog.entries()) + repr(room.registry.__dict__)
        for file in tmp_path.rglob("*"):
            assert not file.is_file() or KEY.encode() not in file.read_bytes()
        assert set(got.headers) <= {
            *("host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "content-type"),
            *holders,
        }


def test_a_proxy_in_the_environment_gets_nothing(dialect, tmp_path, monkeypatch):
    with image_server(dialect, Manners(DISC)) as server, image_server(dialect) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        monkeypatch.setenv("NO_PROXY", "")
        room_for(server, tmp_path, dialect).edit()
        assert not proxy.received
        assert len(server.received) == 1


@pytest.mark.parametrize("style", ["alpha", "white", "both"])
def test_a_mask_can_be_read_as_its_servers_read_it(style, tmp_path):
    with image_server("openai", Manners(DISC)) as server:
        room = room_for(server, tmp_path, "openai", mask=style, mask_field="mask_image")
        room.edit()
        (got,) = server.received
        (field, _, file) = got.files[1]
        image = Image.open(io.BytesIO(file))
        assert field == "mask_image"
        assert image.size == got.picture.shape[1::-1]
        middle, corner = (CENTER[0], CENTER[1]), (2, 2)
        held = np.asarray(image.getchannel("A" if style == "alpha" else 0), np.float32) / 255
        top, left = (held.shape[0] - WINDOW.height) // 2, (held.shape[1] - WINDOW.width) // 2
        shown = np.zeros_like(held)
        shown[top + HOLE.y : top + HOLE.y + HOLE.height, left + HOLE.x : left + HOLE.x + HOLE.width] = mask()
        assert np.abs((1 - held if style == "alpha" else held) - shown).max() <= 0.5 / 255 + 1e-3
        if style in ("alpha", "both"):  # OpenAI: transparent where it may change
            alpha = image.getchannel("A")
            assert (alpha.getpixel(middle), alpha.getpixel(corner)) == (0, 255)
        if style in ("white", "both"):  # diffusers: white there
            light = image.convert("RGB").convert("L")
            assert (light.getpixel(middle), light.getpixel(corner)) == (255, 0)


def test_pictures_travel_after_the_window_each_said_what_for_and_never_more_than_are_taken(dialect, tmp_path):
    with image_server(dialect, Manners(DISC)) as server:
        room = room_for(server, tmp_path, dialect, references=2)
        pixels = np.full((32, 48, 3), 200, np.uint8)
        raster = Raster(48, 32, "RGB", SampleType.U8, 255, "sRGB IEC61966-2.1", room.blobs.add(pixels.tobytes()))
        with pytest.raises(InvalidInput, match="3 references; away looks at 2 at most"):
            room.edit(room.recipe(inputs=(Input("reference", raster),) * 3))
        assert not server.received
        (variation,) = room.edit(room.recipe(inputs=(Input("product", raster), Input("style", raster))))
        (got,) = server.received
        names = [name for name, _, _ in got.files if "mask" not in name]
        assert names == (["image[]"] * 3 if dialect == "openai" else ["inlineData"] * 3)
        assert np.asarray(Image.open(io.BytesIO(got.files[1][2])).convert("RGB"))[5, 5].tolist() == [200] * 3
        assert variation.receipt["sent_what"].count("reference") == 2
        words = (
            got.fields["prompt"] if dialect == "openai" else json.loads(got.body)["contents"][0]["parts"][-1]["text"]
        )
        assert "the product of image 2," in words
        assert "the style of image 3." in words


@pytest.mark.parametrize("size", [(1600, 320), (320, 1600), (1024, 640), (65, 64)])
def test_a_picture_is_padded_to_a_shape_that_is_taken_never_stretched(size):
    scene = Size(*size)
    pixels = np.random.default_rng(1).random((scene.height, scene.width, 3)).astype(np.float32)
    longest = Framing(longest=3.0, multiple=Size(16, 16))
    for frame in (frame_for(scene, longest), frame_for(scene, Framing(tuple(GEMINI_SHAPES)))):
        made, mask = padded(pixels, frame), padded_mask(np.ones(pixels.shape[:2], np.float32), frame)
        assert made.shape[:2] == mask.shape == (frame.size.height, frame.size.width)
        assert np.array_equal(made[frame.place.slices], pixels)
        assert mask[frame.place.slices].all()
        assert mask.sum() == scene.area  # around the window nothing may change
    assert max(*frame.size) >= max(scene)
    wide = frame_for(scene, longest).size
    assert max(wide) <= 3 * min(wide) + 16
    assert not wide.width % 16
    assert not wide.height % 16


def test_a_cancelled_edit_leaves_the_waiting_call_at_once(dialect, tmp_path):
    import threading

    from inlay.errors import Cancelled

    with image_server(dialect, Manners(transport="never")) as server:
        room = room_for(server, tmp_path, dialect, timeout_s=60.0)
        threading.Thread(
            target=lambda: (away.soon(lambda: bool(server.received)), setattr(room, "cancelled", True))
        ).start()
        with pytest.raises(Cancelled):
            room.edit()
        assert len(server.received) == 1


def test_without_its_key_nothing_is_sent(dialect, tmp_path, monkeypatch):
    with image_server(dialect) as server:
        room = room_for(server, tmp_path, dialect)
        monkeypatch.delenv("TEST_KEY")
        with pytest.raises(Exception, match="TEST_KEY"):
            room.edit()
        assert not server.received
        assert "TEST_KEY" not in os.environ
