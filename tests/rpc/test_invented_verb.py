"""A verb that the product does not know: a server that offers it needs data and words, and nothing else is told about it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest

from inlay.client import Client
from inlay.errors import InvalidInput
from inlay.form import FieldKind, VerbForm
from inlay.recipe import Input
from rpc import weather
from rpc.weather import REGION, Running
from support.invented_verb import rgb

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with weather.running(tmp_path_factory.mktemp("weather") / "data") as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    with server.client() as connected:
        yield connected


GRAIN = 24 / 255
"""What the grain of the surroundings may move a pixel by."""


def assert_alike(got, wanted):
    """Of sRGB-encoded pixels 0..1: the same colour, but for grain."""
    apart = np.abs(got - wanted)
    assert apart.max() <= GRAIN
    assert apart.mean() <= 2 / 255


def form(client: Client, locale: str = "") -> VerbForm:
    return next(verb for verb in client.describe(locale).verbs if verb.id == "weather")


def test_its_form_has_a_field_of_every_kind_but_references_and_regions_which_both_panels_have_tests_for(client):
    assert {field.kind for field in form(client).fields} == set(FieldKind) - {FieldKind.REFERENCES, FieldKind.REGIONS}


def test_its_words_are_spoken_in_both_languages(client):
    assert form(client).title == "Weather"
    german = form(client, "de-DE")
    assert german.title == "Wetter"
    assert {field.path: field.title for field in german.fields}["options.thunder"] == "Donner"
    assert all(field.title and field.tip for field in german.fields)


def test_its_engines_are_the_choice_of_its_model(client):
    weather_form = form(client)
    assert weather_form.models == ("clouds", "satellite")
    (model,) = (field for field in weather_form.fields if field.kind is FieldKind.MODEL)
    assert [choice.value for choice in model.choices] == ["", "clouds", "satellite"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"kind": "rain", "tint": "#2060C0", "density": 1.0},
            lambda before: np.broadcast_to(rgb("#2060C0"), before.shape),
        ),
        ({"kind": "snow", "density": 0.5}, lambda before: 0.5 * before + 0.5),
        ({"kind": "fog", "density": 0.25, "thunder": True}, lambda before: 1 - (0.75 * before + 0.125)),
    ],
)
def test_what_was_entered_is_what_is_painted(client, options, expected):
    before, mask = weather.photo(), weather.ellipse()
    recipe = weather.recipe_of(before, mask, motto="Stratus", drops=7.0, angle=-3.5, **options)
    _, (variation,) = weather.painted(client, recipe, before, mask)
    patch = variation.patch
    inside = REGION.relative_to(weather.WINDOW).slices
    wanted = expected(before[inside].astype(np.float32) / 255)
    got = weather.samples_of(client, patch.pixels)[REGION.relative_to(patch.bounds).slices] / 255
    assert_alike(got[mask == 255], wanted[mask == 255])
    assert variation.receipt["motto"] == "Stratus"
    assert (variation.receipt["drops"], variation.receipt["angle"]) == ("7.0", "-3.5")
    assert variation.receipt["prompt"] == "a storm"
    assert variation.receipt["recipe"]["options"]["drops"] == 7.0


def test_a_layer_of_the_document_reaches_the_engine(client):
    before, mask = weather.photo(), weather.ellipse()
    sky = np.full((20, 30, 3), (200, 40, 90), np.uint8)
    recipe = weather.recipe_of(before, mask, density=1.0)
    recipe = replace(recipe, inputs=(Input("sky", weather.raster(sky), name="Evening"),))
    _, (variation,) = weather.painted(client, recipe, before, mask, sky)
    got = weather.samples_of(client, variation.patch.pixels)[REGION.relative_to(variation.patch.bounds).slices]
    assert_alike(got[mask == 255] / 255, np.array((200, 40, 90)) / 255)


def test_the_model_that_was_chosen_paints_it(client):
    before, mask = weather.photo(), weather.ellipse()
    recipe = weather.recipe_of(before, mask).altered(model="satellite")
    _, (variation,) = weather.painted(client, recipe, before, mask)
    assert variation.receipt["engine"] == "satellite"


def test_an_option_beyond_its_limit_is_refused_by_its_name(client):
    before, mask = weather.photo(), weather.ellipse()
    with pytest.raises(InvalidInput) as refused:
        weather.painted(client, weather.recipe_of(before, mask, drops=21.0), before, mask)
    assert refused.value.field == "options.drops"
    assert "0 .. 20" in refused.value.message


def test_an_option_that_is_not_named_is_in_the_recipe_all_the_same(client):
    before, mask = weather.photo(), weather.ellipse()
    job_id, _ = weather.painted(client, weather.recipe_of(before, mask), before, mask)
    (job,) = [job for job in client.jobs() if job.job_id == job_id]
    assert job.recipe.options["kind"] == "rain"
    assert job.recipe.options["density"] == 0.75


def test_what_is_not_selected_stays_as_it_is(client):
    before, mask = weather.photo(), weather.ellipse()
    _, (variation,) = weather.painted(client, weather.recipe_of(before, mask, density=1.0), before, mask)
    shown = weather.samples_of(client, variation.patch.mask)
    wanted = np.zeros_like(shown)
    wanted[REGION.relative_to(variation.patch.bounds).slices] = mask
    assert np.array_equal(shown, wanted)


def test_the_command_line_asks_for_it_with_its_options(server, tmp_path):
    before, mask = weather.photo(), np.zeros((weather.WINDOW.height, weather.WINDOW.width), np.uint8)
    mask[20:60, 30:70] = 255
    for name, samples in (("photo", before), ("mask", mask)):
        (tmp_path / f"{name}.png").write_bytes(imagecodecs.png_encode(samples))
    command = [sys.executable, "-m", "inlay.cli", "edit", tmp_path / "photo.png", "--mask", tmp_path / "mask.png"]
    command += ["--verb", "weather", "--set", "kind=snow", "--set", "options.density=1", "--set", "thunder=true"]
    command += ["--out", tmp_path / "out.png", "--server", server.grpc, "--token", server.token]
    said = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    after = imagecodecs.png_decode((tmp_path / "out.png").read_bytes())
    assert np.array_equal(after[mask == 0], before[mask == 0])
    assert_alike(after[mask == 255] / 255, np.zeros(3))


def test_the_command_line_says_which_option_is_wrong(server, tmp_path):
    (tmp_path / "photo.png").write_bytes(imagecodecs.png_encode(weather.photo()))
    (tmp_path / "mask.png").write_bytes(imagecodecs.png_encode(np.full(weather.photo().shape[:2], 255, np.uint8)))
    command = [sys.executable, "-m", "inlay.cli", "edit", tmp_path / "photo.png", "--mask", tmp_path / "mask.png"]
    command += ["--verb", "weather", "--out", tmp_path / "out.png", "--server", server.grpc, "--token", server.token]
    for given, told in (("kind", "it must be NAME=VALUE"), ("drops=21", "options.drops is 21.0; it must be 0 .. 20")):
        said = subprocess.run([str(part) for part in (*command, "--set", given)], capture_output=True, text=True)
        assert said.returncode == 2
        assert told in said.stderr
