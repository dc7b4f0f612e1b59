"""The studio's styles through every door: a menu, what a model would be told, keeping one, and a file that is wrong."""

import threading
import uuid
from pathlib import Path

import numpy as np
import pytest

from inlay.client import Client
from inlay.errors import InvalidInput, NotFound, StyleConflict
from inlay.recipe import NamedColor, Recipe, Style, Verb
from inlay.v1 import inlay_pb2, raster_pb2, recipe_pb2, style_pb2, verbs_pb2
from rpc.doors import Refused, call
from rpc.process import RunningServer

pytestmark = pytest.mark.slow

KIT = (
    '[styles.kit]\ntitle = "House kit"\nprompt_after = "soft light"\ncolors = [{ name = "Green", color = "#00A651" }]\n'
)


@pytest.fixture
def file(server: RunningServer):
    path = server.data_dir / "styles.toml"
    path.write_text(KIT)
    yield path
    path.unlink()


def style_field(door, verb: str) -> verbs_pb2.Field | None:
    answer = call(door, "DescribeVerbs", verbs_pb2.DescribeVerbsRequest())
    form = next(form for form in answer.verbs if form.id == verb)
    return next((field for field in form.fields if field.path == "sampling.style"), None)


def test_the_menu_has_the_studios_styles_as_soon_as_they_stand_in_the_file(door, file: Path):
    field = style_field(door, "recolor")
    assert field
    assert [(choice.value, choice.title) for choice in field.choices] == [("", "No style"), ("kit", "House kit")]
    assert field.choices[1].tip == "… soft light; Green"
    file.write_text(KIT.replace("House kit", "New kit"))
    field = style_field(door, "fill")
    assert field
    assert field.choices[1].title == "New kit"
    file.write_text("version = 1\n")
    assert style_field(door, "fill") is None, "where there is nothing to choose, nothing is asked"


def test_a_wrong_file_is_told_by_its_line_and_stops_nothing_else(door, file: Path, client: Client, recipe, pixels):
    file.write_text(KIT + "strength = 7\n")
    field = style_field(door, "fill")
    assert field
    (choice,) = field.choices
    assert choice.title == "Styles cannot be read"
    assert "line 5" in choice.tip
    assert "strength" in choice.tip
    with pytest.raises(InvalidInput, match=r"line 5.*strength"):
        client.styles()
    file.write_text(KIT)
    assert [style.id for style in client.styles()] == ["kit"]


def planned(door, **changes) -> inlay_pb2.PlanEditResponse:
    request = inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=640, height=480),
        region=raster_pb2.Rect(x=40, y=40, width=32, height=24),
        verb="fill",
        words=recipe_pb2.Words(prompt="a kite"),
    )
    request.MergeFrom(inlay_pb2.PlanEditRequest(**changes))
    return call(door, "PlanEdit", request)


def test_an_engine_that_reads_no_words_is_told_none(door, file: Path):
    plan = planned(door, style="kit")
    assert not plan.HasField("told")
    assert any("does not read prompts" in note for note in plan.notes)


def test_a_colour_of_the_kit_is_taken_by_its_name_and_the_recipe_that_is_kept_has_its_value(
    client: Client, file: Path, recipe: Recipe, pixels: bytes, selection: bytes, job_id: str
):
    for data in (pixels, selection):
        client.upload(data)
    asked = recipe.altered(verb=Verb.RECOLOR, target_color="green", style="kit", count=1)
    held = client.submit(job_id, asked).recipe
    assert held.words.target_color == "#00A651"
    assert held.styled
    assert held.styled.colors == (NamedColor("Green", "#00A651"),)
    file.write_text(KIT.replace("#00A651", "#112233"))
    assert client.submit(str(uuid.uuid4()), held).recipe == held, "whatever became of the file"
    assert client.submit(str(uuid.uuid4()), asked).recipe.words.target_color == "#112233"
    made = client.save_style(Style("", title="From that"), job_id=job_id)
    assert made.id == "from-that"
    assert made.colors == (NamedColor("Green", "#00A651"),)
    assert made.prompt_after == "soft light"


def test_two_people_who_save_at_once_both_have_their_style(client: Client, server: RunningServer, file: Path):
    refused = []

    def save(person: int) -> None:
        with Client(server.address) as own:
            for turn in range(5):
                own.save_style(Style(f"of-{person}-{turn}", prompt_after=f"words of {person}"))
            try:
                own.save_style(Style("same", prompt_after=f"words of {person}"))
            except StyleConflict as conflict:
                refused.append((person, conflict.sha256))

    people = [threading.Thread(target=save, args=(person,)) for person in range(3)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    styles = {style.id: style for style in client.styles()}
    assert len(styles) == 1 + 3 * 5 + 1
    assert len(refused) == 2
    assert {version for _, version in refused} == {styles["same"].sha256}
    assert file.read_text().startswith(KIT.rstrip())


def test_what_cannot_be_saved_is_refused_by_name(door, file: Path):
    with pytest.raises(Refused, match=r"style\.title"):
        call(door, "SaveStyle", style_pb2.SaveStyleRequest(style=recipe_pb2.Style()))


def test_a_style_that_is_not_there_is_named(client: Client, file: Path, recipe: Recipe, pixels, selection, job_id):
    for data in (pixels, selection):
        client.upload(data)
    with pytest.raises(NotFound, match="kit"):
        client.submit(job_id, recipe.altered(style="other"))


def test_a_picture_is_held_against_a_kit_through_every_door(door, client: Client, file: Path):
    samples = np.zeros((20, 40, 3), np.uint8)
    samples[:], samples[:, 30:] = (0, 166, 81), (10, 10, 10)
    blob = client.upload(samples.tobytes()).sha256
    source = raster_pb2.Raster(
        width=40,
        height=20,
        order=raster_pb2.CHANNEL_ORDER_RGB,
        sample_type=raster_pb2.SAMPLE_TYPE_U8,
        white_level=255,
        profile="sRGB built-in",
        blob=blob,
    )
    answer = call(door, "CheckBrand", style_pb2.CheckBrandRequest(source=source, style="kit"))
    assert answer.pixels == 800
    assert answer.share == 0.75
    assert list(answer.shares) == [0.75]
    assert [(round(one.share, 3), one.nearest) for one in answer.clusters] == [(0.75, "Green"), (0.25, "Green")]
    assert answer.clusters[0].hex == "#00a651"
    assert answer.lines[0] == "75.0 % of the pixels are within dE 2 of a colour of the brand"
    with pytest.raises(Refused, match="colors"):
        call(door, "CheckBrand", style_pb2.CheckBrandRequest(source=source))
