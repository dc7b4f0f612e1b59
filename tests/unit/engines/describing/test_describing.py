"""A model of vision and language of the user's says what lies around a selection; who paints the whole scene is told it."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay.cli.adding import added
from inlay.color.raster import Raster, SampleType
from inlay.engines.describing import engine as describing
from inlay.engines.interface import Mask, Scene
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.engines.wording import told
from inlay.errors import InvalidInput
from inlay.forms import Forms
from inlay.recipe import Canvas, Recipe, Verb, Where, Words
from inlay.region import Rect, Size
from support.edits import Silent, photo
from support.tiny_words import saved_speaker

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 96, 64
WINDOW = "A kitchen with a blue window on the left, in soft morning light."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen2.5-VL of no size, as transformers saves one."""
    return saved_speaker(tmp_path_factory.mktemp("vlm") / "speaker")


@pytest.fixture
def registry(folder: Path, tmp_path: Path) -> Registry:
    catalog = Catalog(tmp_path / "models.toml")
    added(catalog, folder)
    return Registry(catalog)


def scene(under: float = 0.5) -> Scene:
    """Part of a photograph; what is selected of it has one grey."""
    pixels, mask = photo()[:HEIGHT, :WIDTH].copy(), np.zeros((HEIGHT, WIDTH), np.float32)
    mask[16:48, 32:64] = 1
    mask[15, 32:64] = 0.25
    pixels[mask > 0] = under
    return Scene(pixels, mask, np.ones(mask.shape, np.bool_))


def recipe(verb: str = Verb.DESCRIBE) -> Recipe:
    size = Size(WIDTH, HEIGHT)
    raster = Raster(WIDTH, HEIGHT, "RGBA", SampleType.U8, 255, "sRGB-elle-V2-srgbtrc.icc", "")
    return Recipe(verb, Canvas(size, size.bounds, raster), Where(Rect(0, 0, *size), raster))


def answered(registry: Registry, found: Scene) -> Mask:
    (one,) = registry.engine("speaker").paint(found, recipe(), Silent())
    assert isinstance(one, Mask)
    return one


def test_a_folder_of_transformers_is_one_that_describes_and_answers_in_words_that_stay_the_same(
    registry: Registry,
) -> None:
    assert registry.painter_of(recipe()).name == "speaker"
    first, again = answered(registry, scene()), answered(registry, scene())
    np.testing.assert_array_equal(first.share, scene().mask)
    words = first.suggested["words.surroundings"]
    assert words, "it says something, if nothing with a meaning"
    assert words == again.suggested["words.surroundings"]
    assert first.notes == (f"Around the selection: {words}",)
    assert first.receipt["model"] == "speaker"


def test_what_is_selected_is_never_shown_to_it(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NDArray[np.uint8]] = []
    monkeypatch.setattr(describing, "said", lambda _, pixels: seen.append(pixels) or WINDOW)
    for under in (0.0, 1.0):
        (note,) = answered(registry, scene(under)).notes
        assert note == f"Around the selection: {WINDOW}"
    np.testing.assert_array_equal(seen[0], seen[1])
    kept = scene().mask <= 0
    np.testing.assert_array_equal(seen[0][kept], np.round(photo()[:HEIGHT, :WIDTH][kept] * 255))


@pytest.mark.parametrize("family", ["flux2_klein", "flux2_dev", "flux_fill", "qwen_image", "z_image"])
@pytest.mark.parametrize("verb", [Verb.FILL, Verb.ERASE])
def test_a_family_that_wants_the_whole_scene_is_told_what_lies_around(family: str, verb: str) -> None:
    plain = told(family, verb, Words("a brass lamp"))
    around = told(family, verb, Words("a brass lamp", surroundings=WINDOW))
    assert around.prompt == f"{plain.prompt} The picture around it: {WINDOW}"
    assert around.negative_prompt == plain.negative_prompt
    assert told(family, verb, Words("a brass lamp", raw=True, surroundings=WINDOW)).prompt == "a brass lamp"


@pytest.mark.parametrize("family", ["sd15", "sdxl", "flux_kontext", "qwen_image_edit"])
def test_others_are_told_nothing_of_it(family: str) -> None:
    plain = told(family, Verb.REPLACE_BACKGROUND, Words("a wall"))
    assert told(family, Verb.REPLACE_BACKGROUND, Words("a wall", surroundings=WINDOW)) == plain


def test_long_words_of_the_retouchers_stay_as_they_are_before_it() -> None:
    long = " ".join(["word"] * 40)
    prompt = told("flux2_klein", Verb.FILL, Words(long, surroundings=WINDOW)).prompt
    assert prompt == f"{long}. The picture around it: {WINDOW}"


def test_it_is_offered_only_where_such_a_model_was_added(registry: Registry, tmp_path: Path) -> None:
    def offered(found: Registry) -> tuple[bool, list[str]]:
        forms = Forms().describe(found).verbs
        with_field = [form.id for form in forms if any(one.path == "words.surroundings" for one in form.fields)]
        return any(form.id == Verb.DESCRIBE for form in forms), with_field

    assert offered(Registry(Catalog(tmp_path / "none.toml"))) == (False, [])
    described, _ = offered(registry)
    assert described
    assert registry.told("classic", Verb.FILL, Words("a lamp", surroundings=WINDOW)) is None


def test_code_beside_its_weights_is_not_run(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "foreign"
    place.mkdir()
    paper = json.loads((folder / "config.json").read_text())
    strange = paper | {"model_type": "speaks_itself", "auto_map": {"AutoModelForImageTextToText": "code.Model"}}
    (place / "config.json").write_text(json.dumps(strange))
    (place / "code.py").write_text("raise SystemExit('it was run')")
    with pytest.raises(InvalidInput, match="brings code of its own"):
        added(Catalog(tmp_path / "models.toml"), place)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("  A wall.\n", "A wall."),
        ('"A wall."', "A wall."),
        ("A wall.\n\nHow else can I help?", "A wall."),
        ("A wall. " + "x " * 80, "A wall."),
        ("x " * 80, " ".join(["x"] * 60)),
    ],
)
def test_only_a_sentence_or_two_of_it_are_kept(words: str, kept: str) -> None:
    assert describing.trimmed(words) == kept
