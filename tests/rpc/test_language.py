"""What goes wrong is said in the caller's language, through every door; what a program reads of it is the same in any."""

import logging
import uuid

import pytest

from inlay.client import Client
from inlay.errors import InvalidInput
from inlay.forms import catalogues
from inlay.recipe import Recipe
from inlay.rpc.language import told
from inlay.rpc.results import translated
from inlay.v1 import inlay_pb2, job_pb2, recipe_pb2
from inlay.wire.codec import to_message
from rpc.doors import DOORS, Refused, call, stream
from rpc.process import RunningServer, running_server

pytestmark = pytest.mark.slow

TWO_LANGUAGES = "de-AT,de;q=0.9,en;q=0.8"


@pytest.fixture(params=list(DOORS))
def german(request: pytest.FixtureRequest, server: RunningServer):
    """A door whose caller's program is in German, as browsers say it."""
    opened = server.door(DOORS[request.param], language=TWO_LANGUAGES)
    yield opened
    opened.close()


@pytest.fixture
def too_many(client: Client, recipe: Recipe, pixels: bytes, selection: bytes) -> recipe_pb2.Recipe:
    client.upload(pixels)
    client.upload(selection)
    return to_message(recipe.altered(count=17), recipe_pb2.Recipe)


def refused(door, name: str, request) -> Refused:
    with pytest.raises(Refused) as found:
        call(door, name, request)
    return found.value


def submission(recipe: recipe_pb2.Recipe, locale: str = "") -> inlay_pb2.SubmitEditRequest:
    return inlay_pb2.SubmitEditRequest(job_id=str(uuid.uuid4()), recipe=recipe, locale=locale)


def test_a_german_program_is_refused_in_german(german, door, too_many):
    said = refused(german, "SubmitEdit", submission(too_many))
    assert said.message == "Varianten ist 17; möglich ist 1 .. 16"
    in_english = refused(door, "SubmitEdit", submission(too_many))
    assert in_english.message == "sampling.count is 17; it must be 1 .. 16"
    assert (said.code, said.facts.type, said.facts.field) == ("INVALID_ARGUMENT", "InvalidInput", "sampling.count")
    for one in (said, in_english):
        del one.facts.details["request"]
    assert said.facts == in_english.facts


def test_the_language_of_a_request_goes_before_that_of_its_program(german, door, too_many):
    assert refused(german, "SubmitEdit", submission(too_many, "en")).message.startswith("sampling.count is 17")
    assert refused(door, "SubmitEdit", submission(too_many, "de")).message.startswith("Varianten ist 17")


def test_who_speaks_what_the_server_does_not_gets_english(server: RunningServer, too_many):
    for language in ("fr-FR", "*", ";;,", "x" * 500):
        opened = server.door(DOORS["connect-binary"], language=language)
        assert refused(opened, "SubmitEdit", submission(too_many)).message.startswith("sampling.count is 17")


def test_requests_without_a_language_of_their_own_are_refused_in_the_programs(german):
    gone = inlay_pb2.CancelJobRequest(job_id=str(uuid.UUID(int=7)))
    said = refused(german, "CancelJob", gone).message
    assert said == "den Auftrag '00000000-0000-0000-0000-000000000007' gibt es nicht"


def test_a_job_that_fails_says_so_in_the_language_of_who_watches(german, door, client, recipe, pixels):
    nothing = bytes(recipe.where.mask.byte_length)
    client.upload(pixels)
    mask = to_message(recipe, recipe_pb2.Recipe)
    mask.where.mask.blob = client.upload(nothing).sha256
    job_id = str(uuid.uuid4())
    call(door, "SubmitEdit", inlay_pb2.SubmitEditRequest(job_id=job_id, recipe=mask))

    def failure(at) -> job_pb2.Failed:
        *_, last = stream(at, "WatchJob", inlay_pb2.WatchJobRequest(job_id=job_id))
        return last.event.failed

    assert failure(german).message == "where.mask ist leer (jeder Wert ist 0); wählen Sie mindestens ein Pixel aus"
    assert failure(door).message == "where.mask is empty (every sample is 0); select at least one pixel"
    assert (failure(german).code, failure(german).field) == ("INVALID_ARGUMENT", "where.mask")


@pytest.mark.parametrize("kind", DOORS)
def test_whoever_has_no_token_is_told_so_in_their_language(tmp_path, kind):
    with running_server(tmp_path / "data", token="secret") as server:
        opened = server.door(DOORS[kind], language="de")
        said = refused(opened, "GetServerInfo", inlay_pb2.GetServerInfoRequest())
        opened.close()
    assert (said.code, said.message) == ("UNAUTHENTICATED", "der Server verlangt ein Token; es fehlt")


def test_the_log_is_in_english_whoever_asks(caplog):
    caplog.set_level(logging.INFO, "inlay")
    german = catalogues().speaking("de")
    assert told(InvalidInput("count", 17, "it must be 1 .. 16"), german).message == "count ist 17; möglich ist 1 .. 16"
    assert [record.getMessage() for record in caplog.records] == [
        "refused: INVALID_ARGUMENT count is 17; it must be 1 .. 16"
    ]


def test_layers_are_named_in_the_language_that_is_spoken_but_for_those_that_are_named_for_words():
    event = job_pb2.Event()
    layers = event.variation.variation.layers.layers
    made = ("Subject", "Clean plate", "Clean surface", "Face 2", "Hand 1", "Mark 3", "Region 12", "Soft edges")
    names = (*made, "Face the wall", "Subject")
    for name in names:
        layers.add(name=name)
    layers[-1].type.words = "Subject"
    said = translated(event, catalogues().speaking("de"))
    assert [layer.name for layer in said.variation.variation.layers.layers] == [
        "Motiv",
        "Hintergrund ohne Motiv",
        "Saubere Fläche",
        "Gesicht 2",
        "Hand 1",
        "Markierung 3",
        "Bereich 12",
        "Weiche Kanten",
        "Face the wall",
        "Subject",
    ]
    assert [
        layer.name for layer in translated(event, catalogues().speaking("en")).variation.variation.layers.layers
    ] == [*names]
