"""What layers remember of a result, how it is finished, and which results an edit takes the place of: pixels, not promises."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from inlay.client import Client
from inlay.errors import BlobMissing, InvalidInput
from inlay.forms import catalogues
from inlay.memory import Relation, ResultMemory
from inlay.recipe import Recipe, Tier
from inlay.region import Rect
from inlay.rpc.results import translated
from inlay.v1 import inlay_pb2, job_pb2, memory_pb2, raster_pb2, recipe_pb2
from inlay.wire.codec import from_message, to_message
from rpc import weather
from rpc.doors import ConnectBinary, call
from rpc.test_invented_verb import assert_alike
from rpc.weather import REGION, WINDOW, Running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with weather.running(tmp_path_factory.mktemp("weather") / "data") as running:
        yield running


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    with server.client() as connected:
        yield connected


@pytest.fixture
def door(server: Running) -> ConnectBinary:
    return ConnectBinary(server.http_port, token=server.token)


BEFORE, MASK = weather.photo(), weather.ellipse()
DRAFT = weather.recipe_of(BEFORE, MASK, density=0.8).altered(tier=Tier.DRAFT, count=2)


@pytest.fixture
def draft(client: Client) -> tuple[str, tuple[ResultMemory, ...]]:
    """A job of two drafts, and what their layers remember."""
    job_id, _ = weather.painted(client, DRAFT, BEFORE, MASK)
    return job_id, client.memories(job_id)


def test_a_layer_remembers_all_of_its_result_and_its_bytes_are_enough(client, draft):
    job_id, memories = draft
    variations = weather.finished(client, job_id)
    assert [memory.variation for memory in memories] == [0, 1]
    for memory, variation in zip(memories, variations, strict=True):
        kept = to_message(memory, memory_pb2.ResultMemory).SerializeToString()
        memory = from_message(ResultMemory, memory_pb2.ResultMemory.FromString(kept))
        assert (memory.job_id, memory.title) == (job_id, "a storm")
        assert memory.patch == variation.patch
        assert memory.receipt == variation.receipt
        assert memory.report.notes == variation.report.notes
        assert memory.recipe.where == DRAFT.where
        mask = np.frombuffer(memory.mask, np.uint8)
        assert np.array_equal(mask, weather.samples_of(client, variation.patch.mask).ravel())


def test_a_job_that_is_not_there_has_no_memories(client):
    with pytest.raises(Exception, match="does not exist"):
        client.memories(str(uuid.uuid4()))


def test_a_draft_is_finished_as_its_layer_shows_it_now(client, draft):
    """The retoucher painted on it since."""
    _, memories = draft
    memory = memories[1]
    painted_on = weather.samples_of(client, memory.patch.pixels).copy()
    painted_on[:, : painted_on.shape[1] // 2] = (240, 200, 30)
    client.upload(painted_on.tobytes())
    job = client.finish(str(uuid.uuid4()), memory, pixels=weather.raster(painted_on), label="portrait.kra")
    (final,) = weather.finished(client, job.job_id)
    place = REGION.relative_to(final.patch.bounds).slices
    got = weather.samples_of(client, final.patch.pixels)[place][MASK == 255]
    assert_alike(got / 255, painted_on[place][MASK == 255] / 255)
    assert np.array_equal(weather.samples_of(client, final.patch.mask)[place], MASK)
    assert final.patch.bounds == memory.patch.bounds


def test_everything_of_the_drafts_recipe_is_kept_but_its_tier(client, draft):
    job_id, memories = draft
    memory = memories[1]
    final = client.finish(str(uuid.uuid4()), memory, label="portrait.kra")
    accepted = next(job for job in client.jobs() if job.job_id == job_id).recipe
    assert final.label == "portrait.kra"
    assert (final.recipe.canvas, final.recipe.where) == (accepted.canvas, accepted.where)
    assert (final.recipe.words, final.recipe.options) == (accepted.words, accepted.options)
    how = final.recipe.sampling
    assert (how.tier, how.count, how.seed) == (Tier.FINAL, 1, weather.finished(client, job_id)[1].seed)
    assert how.model == memory.receipt["engine"]
    assert [(one.role, one.raster) for one in final.recipe.inputs] == [("draft", memory.patch.pixels)]


def test_finishing_twice_under_one_id_is_one_job(client, draft):
    _, (memory, _) = draft
    job_id = str(uuid.uuid4())
    assert client.finish(job_id, memory).job_id == client.finish(job_id, memory).job_id
    assert sum(job.job_id == job_id for job in client.jobs()) == 1


def test_what_is_final_already_is_not_finished_again(client):
    job_id, _ = weather.painted(client, DRAFT.altered(tier=Tier.FINAL), BEFORE, MASK)
    with pytest.raises(InvalidInput, match="it was painted at final; finishing needs a higher one") as refused:
        client.finish(str(uuid.uuid4()), client.memories(job_id)[0])
    assert refused.value.field == "tier"


def test_pixels_that_are_not_at_the_server_are_asked_for(client, draft):
    _, (memory, _) = draft
    nowhere = replace(memory.patch.pixels, blob="0" * 64)
    with pytest.raises(BlobMissing) as refused:
        client.finish(str(uuid.uuid4()), memory, pixels=nowhere)
    assert refused.value.field == "inputs[0].raster.blob"


def test_a_damaged_memory_is_refused_and_the_server_lives_on(client, draft):
    _, (memory, _) = draft
    broken = replace(memory, mask_samples=b"not deflated")
    job_id, region = str(uuid.uuid4()), Rect(REGION.x, REGION.y, REGION.width + 1, REGION.height)
    gone = replace(broken, recipe=replace(memory.recipe, where=replace(memory.recipe.where, mask=UNKNOWN)))
    mask = weather.ellipse(region)
    client.upload(mask.tobytes())
    with pytest.raises(InvalidInput) as refused:
        client.compare("fill", weather.where(mask, region), [gone])
    assert refused.value.field == "mask_samples"
    assert client.finish(job_id, memory).job_id == job_id


UNKNOWN = replace(weather.raster(MASK), blob="1" * 64)
"""A mask that nobody has."""


# --- which results an edit takes the place of ------------------------------------


def relation(client: Client, memory: ResultMemory, verb: str, mask, region: Rect = REGION, **how) -> Relation:
    client.upload(np.ascontiguousarray(mask).tobytes())
    (found,) = client.compare(verb, replace(weather.where(mask, region), **how), [memory])
    return found


def larger(by: int) -> tuple[np.ndarray, Rect]:
    """The ellipse, opened wide and grown on all sides."""
    region = REGION.padded(by)
    return np.full((region.height, region.width), 255, np.uint8), region


def test_the_same_edit_of_the_same_selection_is_another_roll(client, draft):
    _, (memory, _) = draft
    assert relation(client, memory, "weather", MASK) is Relation.SAME


def test_the_same_selection_grown_otherwise_is_no_other_roll(client, draft):
    _, (memory, _) = draft
    assert relation(client, memory, "weather", MASK, grow_px=3) is Relation.COVERED


def test_a_larger_selection_covers_a_result(client, draft):
    _, (memory, _) = draft
    assert relation(client, memory, "fill", *larger(4)) is Relation.COVERED


def test_a_selection_that_leaves_a_pixel_out_does_not(client, draft):
    _, (memory, _) = draft
    mask, region = larger(4)
    mask[mask.shape[0] // 2, mask.shape[1] // 2] = 0
    assert relation(client, memory, "fill", mask, region) is Relation.APART


def test_a_detail_of_a_much_larger_selection_stays(client, draft):
    _, (memory, _) = draft
    assert relation(client, memory, "fill", *larger(20)) is Relation.APART


def test_an_edit_of_what_is_there_is_built_on_the_result(client, draft):
    _, (memory, _) = draft
    assert relation(client, memory, "recolor", MASK) is Relation.APART
    assert relation(client, memory, "refine", *larger(4)) is Relation.APART


def test_a_selection_elsewhere_leaves_it_alone(client, draft):
    _, (memory, _) = draft
    away = Rect(WINDOW.x, WINDOW.y, REGION.width, REGION.height - 4)
    assert relation(client, memory, "fill", weather.ellipse(away), away) is Relation.APART


def test_a_selection_that_the_server_forgot_is_told_from_the_layers_memory(client, draft):
    _, (memory, _) = draft
    gone = replace(memory, recipe=replace(memory.recipe, where=replace(memory.recipe.where, mask=UNKNOWN)))
    assert relation(client, gone, "fill", *larger(4)) is Relation.COVERED
    mask, region = larger(4)
    mask[:, : mask.shape[1] // 2] = 0
    assert relation(client, gone, "fill", mask, region) is Relation.APART


# --- names and words ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "locale", "title"),
    [
        ({"prompt": "a red\n  lantern"}, "", "a red lantern"),
        ({"prompt": "lantern " * 20}, "", ("lantern " * 20)[:59] + "…"),
        ({"prompt": ""}, "", "Weather"),
        ({"prompt": ""}, "de-DE", "Wetter"),
        ({"prompt": "", "verb": "recolor", "target_color": "#C0392B", "options": {}}, "", "Recolor #C0392B"),
        ({"prompt": "", "verb": "recolor", "target_color": "#C0392B", "options": {}}, "de", "Umfärben #C0392B"),
    ],
)
def test_a_job_says_what_its_result_is_named(door, client, changes, locale, title):
    for samples in (BEFORE, MASK):
        client.upload(samples.tobytes())
    recipe: Recipe = DRAFT.altered(count=1, **changes)
    job_id = str(uuid.uuid4())
    request = inlay_pb2.SubmitEditRequest(job_id=job_id, recipe=to_message(recipe, recipe_pb2.Recipe), locale=locale)
    assert call(door, "SubmitEdit", request).job.title == title
    listed = call(door, "ListJobs", inlay_pb2.ListJobsRequest(locale=locale)).jobs
    assert next(job.title for job in listed if job.job_id == job_id) == title


def test_a_plan_says_its_cost_and_its_notes_in_the_editors_language(door):
    request = inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=6000, height=4000),
        region=raster_pb2.Rect(x=100, y=100, width=5600, height=3600),
        verb="erase",
        prompted=True,
        locale="de-DE",
    )
    plan = call(door, "PlanEdit", request)
    percent = int(100 * plan.scale)
    assert plan.sentence.endswith(f"{percent} % Schärfe: für volle weniger auswählen")
    assert plan.notes[0] == "classic liest keine Beschreibungen; hier braucht es auch keine."
    request.locale = ""
    plan = call(door, "PlanEdit", request)
    assert plan.sentence.endswith(f"{percent} % sharpness: select less for full")
    assert plan.notes[0].startswith("classic does not read prompts")


def test_the_notes_of_a_result_are_in_the_editors_language(door, client):
    """The classic engine is asked for the impossible: nothing is left around the selection."""
    mask = np.full((WINDOW.height, WINDOW.width), 255, np.uint8)
    recipe = weather.recipe_of(BEFORE, mask, WINDOW, verb="erase")
    job_id, (variation,) = weather.painted(client, recipe, BEFORE, mask)
    said = {}
    for locale in ("", "de"):
        events = call(door, "PollJob", inlay_pb2.PollJobRequest(job_id=job_id, locale=locale)).events
        (report,) = (event.variation.variation.report for event in events if event.HasField("variation"))
        said[locale] = list(report.notes)
        (memory,) = call(
            door, "DescribeResult", memory_pb2.DescribeResultRequest(job_id=job_id, locale=locale)
        ).memories
        assert list(memory.report.notes) == said[locale]
    assert said[""] == list(variation.report.notes)
    assert any("nothing was changed: select less" in note for note in said[""])
    assert any("darum wurde nichts geändert: wählen Sie weniger aus" in note for note in said["de"])


def test_a_picture_is_remembered_with_its_recipe_and_receipt_and_runs_again_to_the_same_pixels(door, client):
    recipe = weather.recipe_of(BEFORE, MASK, verb="upscale").altered(tier=Tier.DRAFT)
    job_id, (variation,) = weather.painted(client, recipe, BEFORE, MASK)
    answer = call(door, "DescribeResult", memory_pb2.DescribeResultRequest(job_id=job_id, locale="de"))
    assert not answer.memories
    (other,) = answer.others
    kept = memory_pb2.ResultMemory.FromString(other.SerializeToString())
    assert (kept.job_id, kept.variation, kept.title) == (job_id, 0, "a storm")
    assert "lanczos" in kept.receipt_json
    assert not kept.HasField("patch")
    again = from_message(Recipe, kept.recipe)
    _, (repeated,) = weather.painted(client, again, BEFORE, MASK)
    assert repeated.result == variation.result


def test_a_model_says_what_it_is_what_it_reads_its_licence_and_that_it_keeps_the_pixels(door):
    models = {model.id: model for model in call(door, "ListModels", inlay_pb2.ListModelsRequest()).models}
    assert models["classic"].kind == "erases"
    assert models["classic"].licence == "Apache-2.0"
    assert models["classic"].leaves == ""
    assert list(models["clouds"].accepts) == ["draft", "palette", "sky"]
    assert models["clouds"].promotes


def test_translating_an_event_leaves_the_one_that_everybody_gets_as_it_is():
    report = {"notes": ["Nothing is selected.", "Something new."]}
    event = job_pb2.Event(seq=3, variation={"variation": {"report": report}})
    german = catalogues().speaking("de")
    said = translated(event, german).variation.variation.report.notes
    assert list(said) == ["Nichts ist ausgewählt.", "Something new."]
    assert list(event.variation.variation.report.notes) == report["notes"]


def test_why_a_job_waits_is_said_in_the_editors_language():
    why = "the disk under the server's data folder is full; accepted jobs wait and go on once there is room"
    said = translated(job_pb2.Event(queued={"why": why}), catalogues().speaking("de"))
    assert said.queued.why.startswith("der Datenträger unter dem Datenordner des Servers ist voll")
