"""Separate and Enlarge in the real Krita, by the server's own engines: added up by Krita, layers are the picture, bit for bit."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from krita.conftest import Server
from krita.driver import Krita
from krita.photo import DTYPES, grainy, read, soft, write

WIDTH, HEIGHT = 300, 220
DEPTHS = ["U8", "U16"]
PROFILE = "sRGB-elle-V2-srgbtrc.icc"


def run(krita: Krita, server: Server, folder: Path, verb: str, depth: str) -> tuple[dict, NDArray[np.generic]]:
    """What there was then, and the picture."""
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", depth), soft(WIDTH, HEIGHT, (150, 100), 40, 10)
    picture[90:110, 130:170, 2] = np.iinfo(DTYPES[depth]).max  # something to lift off
    result = krita.script(
        "separated",
        url=server.url,
        verb=verb,
        depth=depth,
        profile=PROFILE,
        folder=str(folder),
        pixels=write(picture, folder / "pixels"),
        mask=write(mask, folder / "mask"),
    )
    return result, picture


@pytest.mark.parametrize("depth", DEPTHS)
def test_krita_shows_the_picture_of_the_layers_alone_and_one_undo_takes_them_out(
    real_krita: Krita, server: Server, tmp_path: Path, depth: str
):
    result, picture = run(real_krita, server, tmp_path, "separate", depth)
    group, background = result["tree"]
    assert group == [
        "grouplayer",
        "Separate",
        [["paintlayer", "Subject", True], ["paintlayer", "Clean plate", True]],
    ]
    assert result["undone"] == [background]
    x, y, width, height = result["window"]
    window = (slice(y, y + height), slice(x, x + width))
    alone = read(tmp_path / "alone", picture)
    assert np.array_equal(alone[window], picture[window]), "without the original below, the layers are not the picture"
    assert (tmp_path / "shown").read_bytes() == picture.tobytes(), "with it, they are not"
    plate, subject = (read(tmp_path / name, picture) for name in ("Clean plate", "Subject"))
    assert (plate[window] != picture[window]).any(axis=-1).sum() > 1000, "nothing was erased"
    assert 0 < (subject[..., 3] > 0).mean() < 0.5


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_selection_is_enlarged_into_a_document_of_its_own(
    real_krita: Krita, server: Server, tmp_path: Path, depth: str
):
    result, picture = run(real_krita, server, tmp_path, "upscale", depth)
    (made,) = result["pictures"]
    name, width, height, *rest = made
    assert rest == ["RGBA", depth, PROFILE]
    x, y, wide, high = result["region"]
    assert (name, width, height) == ("test Enlarge", 2 * wide, 2 * high), "it is called by the picture that it is of"
    white = np.iinfo(DTYPES[depth]).max
    larger = np.frombuffer((tmp_path / "picture").read_bytes(), DTYPES[depth]).reshape(height, width, 4)
    encoded = larger[..., :3] / white
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    means = light.reshape(high, 2, wide, 2, 3).mean((1, 3))
    small = np.where(means <= 0.0031308, means * 12.92, 1.055 * means ** (1 / 2.4) - 0.055)
    off = np.abs(small - picture[y : y + high, x : x + wide, :3] / white) * 255
    assert np.quantile(off, 0.999) <= 0.6
    assert (tmp_path / "shown").read_bytes() == picture.tobytes()


@pytest.mark.parametrize(("verb", "active"), [("separate", "Background"), ("match", "Cut-out")])
def test_undo_makes_the_layer_active_again_that_was_before_the_result(
    real_krita: Krita, server: Server, tmp_path: Path, verb: str, active: str
):
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", "U16"), soft(WIDTH, HEIGHT, (150, 100), 40, 10)
    real_krita.script(
        "between_layers",
        url=server.url,
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
    )
    real_krita.run("made.setActiveNode(made.nodeByName(active))", active=active)
    real_krita.until(f"made.activeNode().name() == {active!r}", 20)
    real_krita.run(
        "before = tree(made)\nmade_of = made.activeNode()\njob = api.session().run(Wish(verb), made)", verb=verb
    )
    real_krita.until("job.phase == 'placed' and made.activeNode() != made_of", 60)
    real_krita.until("made.activeNode() in place.nodes_in(made.rootNode())", 20)
    real_krita.run("app.action('edit_undo').trigger()")
    real_krita.until("tree(made) == before and made.activeNode() == made_of", 20)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_part_that_is_enlarged_lands_at_its_place_in_the_document_that_was_enlarged_before(
    real_krita: Krita, server: Server, tmp_path: Path, depth: str
):
    picture = grainy(WIDTH, HEIGHT, "RGBA", depth)
    result = real_krita.script(
        "enlarged_part",
        url=server.url,
        depth=depth,
        profile=PROFILE,
        folder=str(tmp_path),
        pixels=write(picture, tmp_path / "pixels"),
    )
    assert result["pictures"] == 1, "the part was opened as a picture of its own"
    x, y, width, height = result["region"]
    assert result["bounds"] == [2 * x, 2 * y, 2 * width, 2 * height]
    assert [result["after"][0][:2], *result["after"][1:]] == [["paintlayer", "Enlarge"], *result["before"]]
    assert result["undone"] == result["before"]
    assert result["layer_remembers"] == "upscale"
    assert "layer in test Enlarge" in result["said"]
    assert result["said first"] == "", "what is in front is not told of"
    part = np.frombuffer((tmp_path / "part").read_bytes(), DTYPES[depth]).reshape(2 * height, 2 * width, 4)
    larger = np.frombuffer((tmp_path / "larger").read_bytes(), DTYPES[depth]).reshape(2 * HEIGHT, 2 * WIDTH, 4)
    below = larger[2 * y : 2 * (y + height), 2 * x : 2 * (x + width)]
    middle = np.s_[20:-20, 20:-20, :3]
    off = np.abs(part[middle].astype(float) - below[middle]) * 255 / np.iinfo(DTYPES[depth]).max
    assert np.quantile(off, 0.99) <= 1.5, "it does not lie where it was in the picture"


def test_layers_remember_how_they_were_made_and_make_the_same_again_after_the_picture_was_saved_and_opened(
    real_krita: Krita, server: Server, tmp_path: Path
):
    picture, mask = grainy(WIDTH, HEIGHT, "RGBA", "U8"), soft(WIDTH, HEIGHT, (150, 100), 40, 10)
    picture[90:110, 130:170, 2] = 255
    result = real_krita.script(
        "separated_again",
        url=server.url,
        depth="U8",
        profile=PROFILE,
        folder=str(tmp_path),
        file=str(tmp_path / "saved.kra"),
        pixels=write(picture, tmp_path / "pixels"),
        mask=write(mask, tmp_path / "mask"),
    )
    verb, title, is_the_job, mask_bytes = result["remembers"]
    assert (verb, title, is_the_job, result["known"]) == ("separate", "Separate", True, True)
    assert mask_bytes > 0
    assert "algorithm" in result["receipt"] or "model" in result["receipt"]
    assert result["recipes_alike"]
    second, first, _background = result["tree"]
    assert (
        second
        == first
        == ["grouplayer", "Separate", [["paintlayer", "Subject", True], ["paintlayer", "Clean plate", True]]]
    )
    for name in ("Subject", "Clean plate"):
        assert (tmp_path / f"first-{name}").read_bytes() == (tmp_path / f"second-{name}").read_bytes()
