"""Whatever parses becomes a value of the domain or InvalidInput with the field's name, never anything else."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlay.capabilities import Capabilities
from inlay.edit.check import check
from inlay.errors import InlayError, InvalidInput
from inlay.events import Event, Queued
from inlay.recipe import Recipe, Tier, Verb
from inlay.v1 import inlay_pb2, job_pb2, recipe_pb2
from inlay.wire.convert import recipe_from, recipe_to, shortest_float, variation_from
from inlay.wire.convert_jobs import event_from, event_to, job_from, model_from, model_to
from rpc.messages import damaged, parsed

many = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

RASTER = {
    "width": 8,
    "height": 4,
    "order": 6,
    "sample_type": 2,
    "white_level": 32768,
    "blob": "a" * 64,
    "profile_name": "sRGB",
}
VALID = recipe_pb2.Recipe(
    verb=recipe_pb2.VERB_RECOLOR,
    document={"width": 640, "height": 480},
    window={"x": 5, "y": 6, "width": 8, "height": 4},
    source=RASTER,
    region={"x": 6, "y": 6, "width": 2, "height": 3},
    mask={"width": 2, "height": 3, "order": 1, "sample_type": 1, "white_level": 255, "blob": "b" * 64},
    target_color="#102030",
    strength=0.3,
    structure=RASTER,
)
VARIATION = recipe_pb2.Variation(
    patch={"bounds": VALID.window, "pixels": VALID.source, "mask": VALID.mask},
    report={"ring_delta_e_before": 2.5, "details_json": '{"a": 1}', "notes": ["n"]},
    receipt_json="{}",
)
EVENTS = [
    job_pb2.JobEvent(seq=1, queued={"position": 3, "eta_s": 1.5}),
    job_pb2.JobEvent(seq=2, step={"index": 1, "total": 9, "phase": "painting"}),
    job_pb2.JobEvent(
        seq=3, preview={"size": {"width": 2, "height": 1}, "bounds": VALID.window, "rgb": bytes(6), "variation": 1}
    ),
    job_pb2.JobEvent(seq=4, variation={"variation": VARIATION}),
    job_pb2.JobEvent(seq=5, done={"seconds": 3}),
]


def assert_typed(convert, message):
    """The value, or None where it was refused as it should be."""
    try:
        return convert(message)
    except InvalidInput as error:
        refusal = error
    assert refusal.field
    assert refusal.message.startswith(refusal.field)
    return None


def field_refused(recipe):
    """The field that `check` refuses; empty where the recipe is good."""
    try:
        check(recipe)
    except InlayError as error:
        return error.field
    return ""


@many
@given(damaged(VALID))
def test_a_damaged_recipe_is_refused_by_name_or_survives_the_way_there_and_back(message):
    recipe = assert_typed(recipe_from, message)
    if recipe:
        assert recipe_from(recipe_to(recipe)) == recipe
        assert Recipe.parse(recipe.canonical()) == recipe
        assert field_refused(recipe) or recipe.canvas.window.contains(recipe.where.region)


@many
@given(parsed(recipe_pb2.Recipe))
def test_any_bytes_that_parse_as_a_recipe_are_refused_by_name(message):
    assert_typed(recipe_from, message)


@many
@given(st.one_of(*(damaged(event) for event in EVENTS), parsed(job_pb2.JobEvent)))
def test_any_event_is_understood_or_refused_by_name(message):
    event = assert_typed(event_from, message)
    if event and not math.isnan(message.done.seconds):
        assert event_from(event_to(event)) == event


@many
@given(st.one_of(damaged(VARIATION), parsed(recipe_pb2.Variation)))
def test_any_variation_is_understood_or_refused_by_name(message):
    assert_typed(variation_from, message)


@many
@given(st.one_of(damaged(job_pb2.Job(job_id="x", state=1, recipe=VALID)), parsed(job_pb2.Job)))
def test_any_job_is_understood_or_refused_by_name(message):
    assert_typed(job_from, message)


@many
@given(parsed(inlay_pb2.Model))
def test_models_of_a_later_contract_are_understood_as_far_as_possible(message):
    model_from(message)


def test_the_contracts_defaults_are_filled_in():
    message = recipe_pb2.Recipe()
    message.CopyFrom(VALID)
    message.ClearField("strength")
    recipe = recipe_from(message)
    assert (recipe.sampling.strength, recipe.sampling.count, recipe.sampling.tier) == (1.0, 1, Tier.STANDARD)


@given(st.floats(0, 1, width=32))
def test_a_number_keeps_its_value_and_loses_its_tail_on_the_wire(value):
    assert shortest_float(shortest_float(value)) == shortest_float(value)
    assert np.float32(shortest_float(value)) == np.float32(value)
    assert recipe_from(recipe_to(dataclasses.replace(recipe_from(VALID), strength=0.3))).strength == 0.3


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("verb", "not set", "one of generate"),
        ("source.order", "not set", "one of Y"),
        ("source.sample_type", "not set", "one of u8"),
        ("source.white_level", "nan", "at least 1 "),
        ("source.blob", "'xyz'", "SHA-256"),
        ("document", "not set", "must be set"),
        ("region", "0 x 3", "1..65536"),
        ("window", "70000 x 4", "1..65536"),
        ("strength", "nan", "0 .. 1"),
        ("count", "17", "1 .. 16"),
        ("tier", "9", "one of draft"),
    ],
)
def test_a_refusal_names_the_field_the_value_and_the_limit(field, value, limit):
    message = recipe_pb2.Recipe()
    message.CopyFrom(VALID)
    changes = {
        "verb": lambda: message.ClearField("verb"),
        "source.order": lambda: message.source.ClearField("order"),
        "source.sample_type": lambda: message.source.ClearField("sample_type"),
        "source.white_level": lambda: setattr(message.source, "white_level", float("nan")),
        "source.blob": lambda: setattr(message.source, "blob", "xyz"),
        "document": lambda: message.ClearField("document"),
        "region": lambda: message.region.ClearField("width"),
        "window": lambda: setattr(message.window, "width", 70_000),
        "strength": lambda: setattr(message, "strength", float("nan")),
        "count": lambda: setattr(message, "count", 17),
        "tier": lambda: setattr(message, "tier", 9),
    }
    changes[field]()
    with pytest.raises(InvalidInput) as refused:
        recipe_from(message, "recipe.")
    assert refused.value.field == f"recipe.{field}"
    assert value in refused.value.message
    assert limit in refused.value.message


def test_an_unmeasured_time_stays_unset():
    message = event_to(Event(1, 2, Queued(0)))
    assert not message.queued.HasField("eta_s")
    assert event_from(message) == Event(1, 2, Queued(0))


@pytest.mark.parametrize("promotes", [False, True])
def test_what_an_engine_can_do_is_told_as_it_is(promotes):
    mine = Capabilities(
        "mine",
        frozenset({Verb.FILL, Verb.ERASE}),
        True,
        native_px=512,
        max_px=4096,
        promotes=promotes,
        description="Mine",
    )
    assert model_from(model_to(mine)) == mine
