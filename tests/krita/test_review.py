"""A review from the panel: a link for who looks at a result, and pins and decisions that come back into the picture."""

import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.v1 import review_pb2 as messages
from krita.conftest import Server
from krita.driver import Krita, Screen
from krita.photo import grainy, soft, write
from rpc.doors import ConnectBinary
from rpc.reviewing import APPROVE, CHANGES, DECIDE, decided, happenings, pinned, state
from support import invented_verb

WIDTH, HEIGHT = 300, 220


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose drafts can be painted in earnest."""
    running = Server(tmp_path_factory.mktemp("review"), program=(str(Path(invented_verb.__file__)),))
    yield running
    running.kill()


@pytest.fixture
def scene(tmp_path: Path, weather: Server) -> dict[str, object]:
    """Where a scenario finds its server, its picture and its selection."""
    return {
        "url": weather.url,
        "pixels": write(grainy(WIDTH, HEIGHT, "RGBA", "U16"), tmp_path / "pixels"),
        "mask": write(soft(WIDTH, HEIGHT, (100, 90), 30, 8), tmp_path / "mask"),
    }


def shared(krita: Krita, name: str = "Anna") -> ConnectBinary:
    """What `name` sees who opens the link that the panel left on the clipboard."""
    krita.run("QtWidgets.QApplication.clipboard().clear()")
    krita.script("review/press_share", name=name)
    krita.until("QtWidgets.QApplication.clipboard().text()")
    return by_link(krita.script("review/seen")["clipboard"])


def by_link(url: str) -> ConnectBinary:
    parts = urllib.parse.urlsplit(url)
    assert parts.path == "/review/"
    assert parts.port
    return ConnectBinary(parts.port, token=parts.fragment.removeprefix("t="))


def read_from(code: str) -> str:
    """What a camera reads from a QR code that is shown."""
    picture = cv2.imdecode(np.frombuffer(bytes.fromhex(code), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return cv2.QRCodeDetector().detectAndDecode(cv2.resize(picture, None, fx=2, fy=2))[0]


def texts_until(krita: Krita, wanted: str) -> list[str]:
    krita.until(f"any({wanted!r} in one.text() for one in review._list.findChildren(QtWidgets.QLabel))")
    return krita.script("review/seen")["texts"]


def test_sharing_makes_a_link_for_who_looks_with_which_the_variations_are_decided_on(
    real_krita: Krita, weather: Server, scene: dict[str, object]
) -> None:
    real_krita.script("review/begin", **scene)
    assert not real_krita.run("result['seen'] = review.isVisible()")["seen"], "there is no review of it yet"
    anna = shared(real_krita)
    seen = real_krita.script("review/seen")
    assert seen["clipboard"].startswith(f"{weather.url}/review/#t=")
    assert "Anna" in seen["said"]
    assert "Only this machine can open it" in seen["said"]
    assert read_from(seen["code"]) == seen["clipboard"], "a tablet opens the same"
    assert seen["code is called"] == "The link for Anna as a QR code: point a tablet’s camera at it."
    assert seen["least width"] <= 230 - 12, "it makes no panel wider"
    review = state(anna)
    (me,) = happenings(review, "reviewer")
    assert (me.name, me.role) == ("Anna", DECIDE)
    assert round((me.expires_unix_ms - review.created_unix_ms) / 86_400_000) == 7
    drafts = happenings(review, "draft")
    job_id = real_krita.run("result['job'] = job.job_id")["job"]
    assert sorted((one.job_id, one.variation) for one in drafts) == [(job_id, 0), (job_id, 1)]
    assert texts_until(real_krita, "in review") == [f"{one.draft}. Weather, version 1: in review" for one in drafts]


def test_nobody_is_asked_without_a_name(real_krita: Krita, scene: dict[str, object]) -> None:
    real_krita.script("review/begin", **scene)
    real_krita.script("review/press_share", name=" ")
    real_krita.until("shown_panel.trouble.text()")
    seen = real_krita.script("review/seen")
    assert seen["said"] == "Say who looks at it."
    assert seen["texts"] == []


@pytest.mark.parametrize("width", [230, 320])
def test_pins_are_a_list_whose_places_are_selected_and_which_are_ticked_off(
    real_krita: Krita, screen: Screen, screenshots: Path, scene: dict[str, object], width: int
) -> None:
    real_krita.script("review/begin", **scene, width=width)
    anna = shared(real_krita)
    draft = happenings(state(anna), "draft")[0]
    window, region = draft.window, draft.region
    inside = (region.x + region.width / 2 - window.x) / window.width, (region.y + 1 - window.y) / window.height
    pinned(anna, "More rain here, please", inside)
    pinned(anna, "A <b>bird</b> would be nice", (1.0, 1.0))
    texts = texts_until(real_krita, "bird")
    assert texts[-2:] == ["Anna: More rain here, please", "Anna: A <b>bird</b> would be nice"]
    screen.screenshot(screenshots / f"panel-{width}-with-a-review.png")
    assert real_krita.script("review/seen")["cut"] == []

    real_krita.script("review/press_pin", part="words", text="rain")
    real_krita.until("made.selection()")
    selected = real_krita.script("review/seen")["selected"]
    assert selected == [region.x, region.y, region.width, region.height]

    real_krita.script("review/press_pin", part="words", text="bird")
    real_krita.until(f"made.selection().x() != {region.x}")
    x, y, across, down = real_krita.script("review/seen")["selected"]
    corner = min(WIDTH, window.x + window.width), min(HEIGHT, window.y + window.height)
    side = max(64, min(window.width, window.height) // 8)
    assert (x, y) == (window.x + window.width - side // 2, window.y + window.height - side // 2)
    assert (x + across, y + down) == (min(WIDTH, corner[0] + side // 2), min(HEIGHT, corner[1] + side // 2))

    told = real_krita.run("result['pins'] = api.pins()")["pins"]
    assert [(pin["name"], pin["text"], pin["place"]) for pin in told] == [
        ("Anna", "More rain here, please", [region.x, region.y, region.width, region.height]),
        ("Anna", "A <b>bird</b> would be nice", [x, y, across, down]),
    ]

    real_krita.script("review/press_pin", part="tick", text="rain")
    real_krita.until("not any('rain' in one.text() for one in review._list.findChildren(QtWidgets.QLabel))")
    (resolved,) = happenings(state(anna), "resolved")
    assert (resolved.is_resolved, resolved.reviewer) == (True, 0), "the studio did it"
    assert [pin["text"] for pin in real_krita.run("result['pins'] = api.pins()")["pins"]] == [
        "A <b>bird</b> would be nice"
    ]


def test_each_pin_at_a_place_shows_how_the_document_looks_there_with_its_number_in_the_middle(
    real_krita: Krita, screen: Screen, screenshots: Path, tmp_path: Path, scene: dict[str, object]
) -> None:
    real_krita.script("review/begin", **scene, width=230, height=860)
    anna = shared(real_krita)
    real_krita.run("shown_panel.variations.share.turn.setChecked(False)")
    window = happenings(state(anna), "draft")[0].window
    inside, corner = (100, 90), (window.x + window.width, window.y + window.height)
    share = (inside[0] - window.x) / window.width, (inside[1] - window.y) / window.height
    pinned(anna, "More rain here, please", share)
    pinned(anna, "The whole is too dark", None)
    pinned(anna, "A bird in the corner", (1.0, 1.0))
    pinned(anna, "A star up there", (0.0, 0.0))
    pinned(anna, "Here it may rain as well", share, draft=2)
    texts_until(real_krita, "as well")
    real_krita.run("made.setSelection(None)\nsettle(made)\nmade.setModified(False)")
    real_krita.until(f"{PICTURES} == 4")
    places = (inside, corner, (window.x, window.y), inside)
    seen = looks(real_krita, tmp_path)
    assert [(one.words.split()[1], one.number) for one in seen] == [
        ("rain", "1"),
        ("bird", "2"),
        ("star", "3"),
        ("it", "1"),
    ], "each draft has its own numbers, as on its page"
    for look, at in zip(seen, places, strict=True):
        assert_shows(look, at)
    rain, bird, *_ = seen
    assert np.abs(rain.picture.astype(int) - bird.picture)[17:31, 17:31].max() > 100, "1 is no 2"
    screen.screenshot(screenshots / "panel-230-with-pictures-of-pins.png")

    real_krita.run(f"kept = [one.pixmap().cacheKey() for one in {VISIBLE}]")
    real_krita.run("for _ in range(5):\n    shown_panel.look()")
    assert real_krita.run(f"result['same'] = [one.pixmap().cacheKey() for one in {VISIBLE}] == kept")["same"], "kept"
    after = looks(real_krita, tmp_path)[0]
    assert (after.is_modified, after.has_selection, after.undo) == (False, False, rain.undo), "looking changes nothing"

    real_krita.run(
        "from PyQt5.QtCore import QByteArray\n"
        "from krita import Krita\n"
        "over = made.createNode('Over', 'paintlayer')\n"
        "made.rootNode().addChildNode(over, None)\n"
        "over.setPixelData(QByteArray(b'\\x00\\xf0\\x00\\x10\\x00\\x80\\xff\\xff' * 400), 106, 80, 20, 20)\n"
        "made.refreshProjection()\nsettle(made)"
    )
    real_krita.until(f"not any(one.pixmap().cacheKey() in kept for one in {VISIBLE} if one.accessibleName() == '1')")
    for look, at in zip(looks(real_krita, tmp_path), places, strict=True):
        assert_shows(look, at)

    real_krita.run("made.crop(20, 10, 200, 160)\nsettle(made)")
    real_krita.until(f"{PICTURES} == 2")
    rain, well = looks(real_krita, tmp_path)
    for look in (rain, well):
        assert_shows(look, (inside[0] - 20, inside[1] - 10))
    assert any("A bird" in text for text in real_krita.script("review/seen")["texts"]), "its words stay"

    real_krita.run("made.crop(70, 0, 130, 160)\nsettle(made)")
    real_krita.until(f"{PICTURES} == 0")
    assert len(real_krita.script("review/seen")["texts"][2:]) == 5, "nobody can tell where it is once the result is cut"
    real_krita.script("review/press_pin", part="words", text="More rain")
    real_krita.until("shown_panel.trouble.text()")
    assert not real_krita.script("review/pictures", folder=str(tmp_path))["selection"]


class Look(NamedTuple):
    """A picture beside a pin: BGRA, and the document as it was then, 16 bit BGRA."""

    words: str
    number: str
    picture: NDArray[np.uint8]
    document: NDArray[np.uint16]
    is_modified: bool
    has_selection: bool
    undo: str


VISIBLE = "[one for one in review._list.findChildren(QtWidgets.QLabel) if one.isVisible() and not one.text()]"
PICTURES = f"len({VISIBLE})"


def looks(krita: Krita, folder: Path) -> list[Look]:
    seen = krita.script("review/pictures", folder=str(folder))
    width, height = seen["size"]
    document = np.frombuffer(bytes.fromhex(seen["document"]), "<u2").reshape(height, width, 4)
    found = []
    for words, number, path in seen["pictures"]:
        picture = cv2.imread(path, cv2.IMREAD_UNCHANGED)
        assert picture is not None
        found.append(Look(words, number, picture, document, seen["modified"], seen["selection"], seen["undo"]))
    return found


def assert_shows(look: Look, at: tuple[int, int], around: int = 128) -> None:
    """The document around a point, smaller, clear beyond its edge, and in the middle the mark and nothing else."""
    half, side = around // 2, 48
    assert look.picture.shape == (side, side, 4)
    canvas = np.zeros((2 * half + look.document.shape[0], 2 * half + look.document.shape[1], 4), np.float32)
    canvas[half:-half, half:-half] = look.document / 257
    wanted = cv2.resize(
        canvas[at[1] : at[1] + around, at[0] : at[0] + around], (side, side), interpolation=cv2.INTER_AREA
    )
    off = np.abs(look.picture.astype(np.float32) - wanted).max(axis=2)
    there = cv2.erode((wanted[..., 3] > 254).astype(np.uint8), np.ones((3, 3)), borderValue=1) > 0
    beyond = cv2.erode((wanted[..., 3] < 1).astype(np.uint8), np.ones((3, 3)), borderValue=1) > 0
    y, x = np.mgrid[0:side, 0:side] + 0.5
    from_middle = np.hypot(x - side / 2, y - side / 2)
    outside = from_middle > 9
    assert off[outside & there].max() < 12, "the document's own pixels"
    assert look.picture[outside & beyond][:, 3].max(initial=0) == 0, "nothing is made up beyond its edge"
    gray = look.picture[..., :3].max(axis=2)
    ring, ink = np.abs(from_middle - 6.5) < 0.4, np.abs(from_middle - 5.6) < 0.3
    assert gray[ring].min() > 200, "white around it, for dark pictures"
    assert look.picture[from_middle < 5][:, :3].min() < 60, "dark in it, for white ones"
    assert gray[ink].max() < 160
    assert (gray[from_middle < 4.5] > 180).any(), "with a number"


def test_in_german_nothing_is_cut_at_230_px_either(
    real_krita: Krita, screen: Screen, screenshots: Path, scene: dict[str, object]
) -> None:
    real_krita.run(
        "import os\nos.environ['LANGUAGE'] = 'de_AT'\nuse_server(url)\nassert api.connect(60)\nfresh_panels()", **scene
    )
    try:
        real_krita.script("review/begin", **scene, width=230)
        shared(real_krita)
        texts_until(real_krita, "in Abstimmung")
        screen.screenshot(screenshots / "panel-230-with-a-german-review.png")
        assert real_krita.script("review/seen")["cut"] == []
    finally:
        real_krita.run(
            "os.environ['LANGUAGE'] = 'en'\nuse_server(url)\nassert api.connect(60)\nfresh_panels()", **scene
        )


def test_what_is_approved_is_painted_and_waits_for_the_picture_as_any_result(
    real_krita: Krita, scene: dict[str, object]
) -> None:
    real_krita.script("review/begin", **scene)
    anna = shared(real_krita)
    decided(anna, CHANGES, draft=2)
    texts_until(real_krita, "changes wanted")
    decided(anna, APPROVE, draft=1)
    approved, wanted = texts_until(real_krita, "Its final is painted.")
    assert approved.endswith("version 1: approved\nIts final is painted.")
    assert wanted.endswith("version 1: changes wanted")
    (final,) = [one for one in happenings(state(anna), "final") if one.state == messages.FINAL_STATE_DONE]
    real_krita.until("shown_panel.offer.isVisible()")
    real_krita.run("shown_panel.do('accept')")
    real_krita.until("not shown_panel.session.edits")
    jobs = real_krita.run("from inlay_krita.host import memories\nresult['jobs'] = memories.job_ids(made)")["jobs"]
    assert final.job_id in jobs


def test_what_the_server_cannot_finish_is_finished_from_its_layer(
    real_krita: Krita, weather: Server, scene: dict[str, object]
) -> None:
    """Its pixels are gone: here because somebody deleted them."""
    real_krita.script("review/begin", **{**scene, "pixels": _another(scene)})
    anna = shared(real_krita)
    source = real_krita.run("result['blob'] = job.recipe.canvas.source.blob")["blob"]
    (blob,) = [path for path in (weather.data / "blobs").rglob("*") if path.name == source]
    blob.unlink()
    decided(anna, APPROVE, draft=2)
    texts_until(real_krita, "Its final is yours to paint: the server no longer has its")
    assert real_krita.script("review/seen")["cut"] == []
    real_krita.run(
        "(finish,) = review._list.findChildren(QtWidgets.QPushButton)\n"
        "QTest.mouseClick(finish, Qt.LeftButton)\nedit = shown_panel.session.edits[-1]"
    )
    real_krita.until("edit.has_ended")
    seen = real_krita.run(
        "result['phase'] = edit.phase\nresult['tier'], result['seed'] = edit.recipe.sampling.tier, edit.recipe.sampling.seed"
    )
    variation = next(one.variation for one in happenings(state(anna), "draft") if one.draft == 2)
    assert seen == {"phase": "placed", "tier": "final", "seed": 3 + variation}


def test_what_is_painted_again_is_the_newer_version_of_what_was_turned_down(
    real_krita: Krita, scene: dict[str, object]
) -> None:
    real_krita.script("review/begin", **scene)
    anna = shared(real_krita)
    decided(anna, CHANGES, draft=2)
    texts_until(real_krita, "changes wanted")
    real_krita.run("more = shown_panel.session.more(made)")
    real_krita.until("more.has_ended")
    real_krita.run("shown_panel.look()")
    shared(real_krita, "Ben")
    review = state(anna)
    versions = [(one.draft, one.version) for one in happenings(review, "draft")]
    more = real_krita.run("result['job'] = more.job_id")["job"]
    fresh = [(one.draft, one.version) for one in happenings(review, "draft") if one.job_id == more]
    assert versions[:2] == [(1, 1), (2, 1)]
    assert fresh[0] == (2, 2)
    assert [one.name for one in happenings(review, "reviewer")] == ["Anna", "Ben"]
    assert any("version 2: in review" in text for text in texts_until(real_krita, "version 2: in review"))
    before = len(review.events)
    shared(real_krita, "Ben")
    assert [event.WhichOneof("happening") for event in state(anna).events[before:]] == ["reviewer"], "nothing is new"


def test_another_place_of_the_picture_is_a_review_of_its_own(real_krita: Krita, scene: dict[str, object]) -> None:
    real_krita.script("review/begin", **scene)
    anna = shared(real_krita)
    elsewhere = write(soft(WIDTH, HEIGHT, (230, 150), 25, 6), Path(str(scene["mask"])).with_name("elsewhere"))
    real_krita.run(
        "select(made, elsewhere)\nother = api.edit('weather', seed=4)\napi.wait(other)\napi.place(other)\nsettle(made)",
        elsewhere=elsewhere,
    )
    real_krita.run("made.setActiveNode(place.result_with(made, other.group_id))")
    real_krita.until("place.result_at(made) == place.result_with(made, other.group_id)")
    url = real_krita.run("result['url'] = api.share('Ben')")["url"]
    ben = by_link(url)
    assert state(ben).review_id != state(anna).review_id
    assert len(happenings(state(anna), "draft")) == 2


def test_folded_it_asks_nothing_and_open_again_it_knows_what_happened(
    real_krita: Krita, scene: dict[str, object]
) -> None:
    real_krita.script("review/begin", **scene)
    anna = shared(real_krita)
    texts_until(real_krita, "in review")
    real_krita.until("shown_panel.look() or shown_panel.session.reviews._follows")
    real_krita.run("review.section.set_open(False)\nshown_panel.look()")
    assert real_krita.run("result['asks'] = len(shown_panel.session.reviews._follows)")["asks"] == 0
    pinned(anna, "Said while it was folded")
    real_krita.run("review.section.set_open(True)")
    assert "Anna: Said while it was folded" in texts_until(real_krita, "folded")


def _another(scene: dict[str, object]) -> str:
    """A picture that no other scenario has."""
    return write(grainy(WIDTH, HEIGHT, "RGBA", "U16", seed=1), Path(str(scene["pixels"])).with_name("another"))
