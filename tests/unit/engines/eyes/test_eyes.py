"""What the small networks find: on photographs of scikit-image, on hands drawn here, and on lettering that is bent."""

import cv2
import numpy as np
import pytest
from skimage import data

from inlay.engines.eyes.bodies import LEFT_SHOULDER, NOSE, RIGHT_SHOULDER, Bodies
from inlay.engines.eyes.faces import Faces
from inlay.engines.eyes.hands import Hands
from inlay.engines.eyes.lettering import Lettering
from inlay.engines.eyes.squares import Square
from inlay.engines.eyes.subject import Subject
from support.drawn import hand
from support.eyes import eyes


@pytest.fixture(scope="module")
def hands() -> Hands:
    return Hands(eyes("hands").place("hands"))


@pytest.fixture(scope="module")
def faces() -> Faces:
    return Faces(eyes("faces").place("faces"))


@pytest.fixture(scope="module")
def bodies() -> Bodies:
    return Bodies(eyes("body").place("body"))


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering(eyes("text").place("text"))


def test_a_square_and_back_is_where_it_was():
    square = Square(30.0, 52.0, 41.0, 0.7)
    points = np.float32([[0, 0], [10, 90], [63, 63]])
    onto = square.onto(64)
    forth = square.back(points, 64) @ onto[:, :2].T + onto[:, 2]
    np.testing.assert_allclose(forth, points, atol=1e-3)
    corners = square.corners()
    assert corners[1] - corners[0] == pytest.approx(41 * 99 / 100 * np.array([np.cos(0.7), np.sin(0.7)]), abs=0.5)


@pytest.mark.slow
def test_the_astronaut_is_the_subject_and_the_wall_behind_her_is_not():
    alpha = Subject(eyes("subject").place("subject")).alpha(data.astronaut())
    assert alpha.shape == (512, 512)
    assert alpha[300:500, 120:320].mean() > 0.95
    assert alpha[150:250, 420:500].mean() < 0.2


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_every_depth_is_seen_alike(faces, kind):
    photo = data.astronaut()
    pixels = photo if kind is np.uint8 else (photo / 255 * (65535 if kind is np.uint16 else 1)).astype(kind)
    (face,) = faces.find(pixels)
    left, _, _, bottom = face.box
    assert left == pytest.approx(178, abs=4)
    assert bottom == pytest.approx(175, abs=4)


def test_a_face_has_both_its_eyes_where_they_are(faces):
    (face,) = faces.find(data.astronaut())
    assert face.points.shape == (468, 2)
    right, left = (eye.mean(axis=0) for eye in face.eyes)
    assert right == pytest.approx([203, 100], abs=4)  # her pupils, looked up in the photograph
    assert left == pytest.approx([246, 103], abs=4)
    mask = face.eyes_mask(512, 512)
    assert mask[100, 203] == mask[103, 246] == 1
    assert mask[146, 222] == 0, "her mouth"
    assert face.mask(512, 512)[146, 222] == 1


def test_a_small_face_in_a_large_picture_is_found_too(faces):
    photo = data.astronaut()
    wall = np.full((1600, 2400, 3), 128, np.uint8)
    wall[1000:1512, 1700:2212] = photo
    wall = cv2.resize(wall, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    (face,) = faces.find(wall)
    assert face.box[0] == pytest.approx((1700 + 178) / 2, abs=5)


def test_there_is_neither_face_nor_hand_on_a_cat(faces, hands):
    assert faces.find(data.chelsea()) == []
    assert hands.find(data.chelsea()) == []


@pytest.mark.parametrize("turned", [0, 40, -90])
def test_a_hand_is_found_however_it_is_turned(hands, turned):
    (found,) = hands.find(hand(turned=turned))
    assert found.points.shape == (21, 2)
    assert found.presence > 0.8
    mask = found.mask(480, 480)
    assert mask[240, 240] == 1, "its palm"
    assert mask[:20].max() == mask[:, -20:].max() == 0


def test_a_hand_without_some_of_its_fingers_is_less_of_a_hand(hands):
    def presence(fingers: int) -> float:
        return max(one.presence for one in hands.find(hand(fingers=fingers), least=0.0))

    assert presence(5) > 0.8 > 0.5 > presence(3)


@pytest.mark.slow
def test_a_page_is_read_line_by_line(lettering):
    lines = lettering.read(np.dstack([data.page()] * 3))
    words = [line.words for line in lines]
    assert words[0] == "Region-based segmentation"
    assert words[1] == "Let us first determine markers of the coins and the"
    assert all(line.confidence > 0.9 and abs(line.angle) < 4 for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("angle", [90, 180, -90, 25])
def test_lettering_is_read_however_it_is_turned(lettering, angle):
    paper = np.full((500, 500, 3), 235, np.uint8)
    cv2.putText(paper, "Fresh coffee", (70, 265), cv2.FONT_HERSHEY_DUPLEX, 1.6, (40, 30, 90), 2, cv2.LINE_AA)
    onto = cv2.getRotationMatrix2D((250, 250), -angle, 1)
    (line,) = lettering.read(cv2.warpAffine(paper, onto, (500, 500), borderValue=(235, 235, 235)))
    assert line.words.replace(" ", "") == "Freshcoffee"
    assert (line.angle - angle + 180) % 360 - 180 == pytest.approx(0, abs=3)
    assert 30 < line.height_px < 80


@pytest.mark.slow
def test_the_reader_is_the_less_sure_the_more_letters_bend(lettering):
    """As garbled lettering of generated pictures is: the page's letters, shifted by smooth noise of so many pixels."""
    page = data.page()
    random = np.random.default_rng(1)
    rows, columns = np.mgrid[: page.shape[0], : page.shape[1]].astype(np.float32)
    noise = [cv2.GaussianBlur(random.normal(size=page.shape).astype(np.float32), (0, 0), 3) for _ in range(2)]
    across, down = (one / one.std() for one in noise)
    quads = [line.quad for line in lettering.read(np.dstack([page] * 3))][1:4]

    def sure(px: float) -> float:
        bent = cv2.remap(page, columns + px * across, rows + px * down, cv2.INTER_CUBIC, None, cv2.BORDER_REPLICATE)
        return float(np.mean([lettering.line(np.dstack([bent] * 3), quad).confidence for quad in quads]))

    straight, bent, broken = sure(0), sure(1.5), sure(3)
    assert straight > 0.9 > bent > broken
    assert broken < 0.6


HERS = {NOSE: (222, 126), RIGHT_SHOULDER: (118, 220), LEFT_SHOULDER: (302, 230)}
"""Where the astronaut's nose and shoulders are, looked up in the photograph; her suit is wider than she."""


@pytest.mark.slow
@pytest.mark.parametrize(("turned", "scale"), [(0, 1.0), (25, 1.0), (-15, 0.5), (0, 2.0), (-40, 1.0)])
def test_a_body_is_found_by_its_face_wherever_it_is_however_large_and_turned(faces, bodies, turned, scale):
    onto = cv2.getRotationMatrix2D((256, 256), turned, scale)
    onto[:, 2] += (560, 330)
    picture = cv2.warpAffine(data.astronaut(), onto, (1500, 1100), borderValue=(128, 128, 128))
    seen = faces.find(picture)
    (body,) = bodies.find(picture, seen)
    assert body.presence > 0.8
    for at, point in HERS.items():
        there = onto @ np.array([*point, 1.0])
        assert np.hypot(*(body.points[at] - there)) < (15 if at == NOSE else 45) * scale, at
        assert body.seen[at] > 0.9


@pytest.mark.slow
def test_each_face_has_its_own_body(faces, bodies):
    photo = data.astronaut()
    picture = np.hstack([photo[:, ::-1], photo])
    found = sorted(bodies.find(picture, faces.find(picture)), key=lambda body: body.points[NOSE, 0])
    assert len(found) == 2
    for body, nose in zip(found, (511 - 222, 512 + 222), strict=True):
        assert body.points[NOSE] == pytest.approx([nose, 126], abs=12)


@pytest.mark.slow
def test_a_body_whose_face_is_not_seen_is_found_too_and_none_in_an_empty_picture(bodies):
    photo = data.astronaut().copy()
    photo[80:150, 180:270] = cv2.GaussianBlur(photo, (0, 0), 9)[80:150, 180:270]
    (body,) = bodies.find(photo)
    assert body.points[RIGHT_SHOULDER] == pytest.approx(HERS[RIGHT_SHOULDER], abs=45)
    assert bodies.find(np.full((300, 400, 3), 128, np.uint8)) == []
