"""Whatever parses becomes a value of the domain or InvalidInput with the field's name, never anything else."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlay.capabilities import Capabilities
from inlay.edit.check import check
from inlay.engines.registry import Registry
from inlay.errors import InlayError, InvalidInput
from inlay.events import Event, Queued
from inlay.job import Job
from inlay.recipe import Recipe, Tier, Verb
from inlay.v1 import inlay_pb2, job_pb2, recipe_pb2
from inlay.variation import Variation
from inlay.wire.codec import from_message, shortest_float, to_message
from inlay.wire.models import model_from, model_to
from rpc.messages import damaged, parsed

few = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

RASTER = {
    "width": 8,
    "height": 4,
    "order": 6,
    "sample_type": 2,
    "white_level": 32768,
    "blob": "a" * 64,
    "profile": "sRGB",
}
VALID = recipe_pb2.Recipe(
    verb="recolor",
    canvas={
        "document": {"width": 640, "height": 480},
        "window": {"x": 5, "y": 6, "width": 8, "height": 4},
        "source": RASTER,
    },
    where={
        "region": {"x": 6, "y": 6, "width": 2, "height": 3},
        "mask": {"width": 2, "height": 3, "order": 1, "sample_type": 1, "white_level": 255, "blob": "b" * 64},
        "grow_px": -2,
    },
    words={"target_color": "#102030"},
    sampling={
        "strength": 0.3,
        "resolved": {"model": "m", "guidance": 7.5, "loras": [{"name": "l", "sha256": "c" * 64, "weight": 0.7}]},
    },
    inputs=[{"role": "draft", "raster": RASTER, "place": {"x": 5, "y": 6, "width": 8, "height": 4}, "weight": 0.25}],
    options={"size": {"number": 2.5}, "name": {"text": "x"}, "soft": {"flag": True}},
)
VARIATION = recipe_pb2.Variation(
    patch={"bounds": VALID.canvas.window, "pixels": VALID.canvas.source, "mask": VALID.where.mask},
    report={"ring_delta_e_before": 2.5, "details_json": '{"a": 1}', "notes": ["n"]},
    receipt_json="{}",
)
EVENTS = [
    job_pb2.Event(seq=1, queued={"position": 3, "eta_s": 1.5}),
    job_pb2.Event(seq=2, step={"index": 1, "total": 9, "phase": "painting"}),
    job_pb2.Event(
        seq=3,
        preview={"size": {"width": 2, "height": 1}, "bounds": VALID.canvas.window, "rgb": bytes(6), "variation": 1},
    ),
    job_pb2.Event(seq=4, variation={"variation": VARIATION}),
    job_pb2.Event(seq=5, done={"seconds": 3}),
]


def assert_typed(kind, message):
    """The value, or None where it was refused as it should be."""
    try:
        return from_message(kind, message)
    except InvalidInput as error:
        refusal = error
    assert refusal.field
    assert refusal.message.startswith(refusal.field)
    return None


def field_refused(recipe):
    """The field that `check` refuses; empty where the recipe is good."""
    try:
        check(recipe, Registry())
    except InlayError as error:
        return error.field
    return ""


@few
@given(damaged(VALID))
def test_a_damaged_recipe_is_refused_by_name_or_survives_the_way_there_and_back(message):
    recipe = assert_typed(Recipe, message)
    if recipe:
        assert from_message(Recipe, to_message(recipe, recipe_pb2.Recipe)) == recipe
        assert Recipe.parse(recipe.canonical()) == recipe
        assert field_refused(recipe) or recipe.canvas.window.contains(recipe.where.region)


@pytest.mark.slow
@many
@given(parsed(recipe_pb2.Recipe))
def test_any_bytes_that_parse_as_a_recipe_are_refused_by_name(message):
    assert_typed(Recipe, message)


@pytest.mark.slow
@many
@given(st.one_of(*(damaged(event) for event in EVENTS), parsed(job_pb2.Event)))
def test_any_event_is_understood_or_refused_by_name(message):
    event = assert_typed(Event, message)
    if event and not math.isnan(message.done.seconds):
        assert from_message(Event, to_message(event, job_pb2.Event)) == event


@pytest.mark.slow
@many
@given(st.one_of(damaged(VARIATION), parsed(recipe_pb2.Variation)))
def test_any_variation_is_understood_or_refused_by_name(message):
    assert_typed(Variation, message)


@pytest.mark.slow
@many
@given(st.one_of(damaged(job_pb2.Job(job_id="x", state=1, recipe=VALID)), parsed(job_pb2.Job)))
def test_any_job_is_understood_or_refused_by_name(message):
    assert_typed(Job, message)


@few
@given(parsed(inlay_pb2.Model))
def test_models_of_a_later_contract_are_understood_as_far_as_possible(message):
    model_from(message)


def test_the_contracts_defaults_are_filled_in():
    message = recipe_pb2.Recipe()
    message.CopyFrom(VALID)
    message.sampling.ClearField("strength")
    recipe = from_message(Recipe, message)
    assert (recipe.sampling.strength, recipe.sampling.count, recipe.sampling.tier) == (1.0, 1, Tier.STANDARD)


@given(st.floats(0, 1, width=32))
def test_a_number_keeps_its_value_and_loses_its_tail_on_the_wire(value):
    assert shortest_float(shortest_float(value)) == shortest_float(value)
    assert np.float32(shortest_float(value)) == np.float32(value)
    recipe = from_message(Recipe, VALID).altered(strength=0.3)
    assert from_message(Recipe, to_message(recipe, recipe_pb2.Recipe)).sampling.strength == 0.3


REFUSALS = {
    "canvas": (lambda m: m.ClearField("canvas"), "not set", "must be set"),
    "canvas.document": (lambda m: m.canvas.ClearField("document"), "not set", "must be set"),
    "canvas.source.order": (lambda m: m.canvas.source.ClearField("order"), "''", "one of Y"),
    "canvas.source.sample_type": (lambda m: m.canvas.source.ClearField("sample_type"), "not set", "one of u8"),
    "canvas.source.white_level": (
        lambda m: setattr(m.canvas.source, "white_level", math.nan),
        "nan",
        "must be a finite number",
    ),
    "canvas.source.blob": (lambda m: setattr(m.canvas.source, "blob", "xyz"), "'xyz'", "SHA-256"),
    "canvas.window": (lambda m: setattr(m.canvas.window, "width", 70_000), "70000 x 4", "1..65536"),
    "where.region": (lambda m: m.where.region.ClearField("width"), "0 x 3", "1..65536"),
    "where.mask.sample_type": (lambda m: setattr(m.where.mask, "sample_type", 9), "9", "one of u8"),
    "sampling.strength": (lambda m: setattr(m.sampling, "strength", math.inf), "inf", "must be a finite number"),
    "sampling.tier": (lambda m: setattr(m.sampling, "tier", "best"), "'best'", "one of draft"),
    "sampling.resolved.loras[0].weight": (
        lambda m: setattr(m.sampling.resolved.loras[0], "weight", math.nan),
        "nan",
        "must be a finite number",
    ),
    "inputs[0].raster": (lambda m: m.inputs[0].ClearField("raster"), "not set", "must be set"),
    "options.size": (lambda m: setattr(m.options["size"], "number", -math.inf), "-inf", "must be a finite number"),
}


@pytest.mark.parametrize("field", REFUSALS)
def test_a_refusal_names_the_field_the_value_and_the_limit(field):
    message = recipe_pb2.Recipe()
    message.CopyFrom(VALID)
    change, value, limit = REFUSALS[field]
    change(message)
    with pytest.raises(InvalidInput) as refused:
        from_message(Recipe, message, "recipe")
    assert refused.value.field == f"recipe.{field}"
    assert value in refused.value.message
    assert limit in refused.value.message


def test_every_part_of_a_recipe_arrives():
    """Each field of each message, so that none is forgotten when one is added."""
    recipe = from_message(Recipe, VALID)
    assert recipe.options == {"name": "x", "size": 2.5, "soft": True}
    assert recipe.inputs[0].weight == 0.25
    assert recipe.sampling.resolved.loras[0].weight == 0.7
    assert to_message(recipe, recipe_pb2.Recipe).SerializeToString(deterministic=True) == filled_in(VALID)


def filled_in(message):
    """`message` with the contract's defaults written out."""
    full = type(message)()
    full.CopyFrom(message)
    full.sampling.count, full.sampling.tier = 1, "standard"
    return full.SerializeToString(deterministic=True)


def test_an_unmeasured_time_stays_unset():
    message = to_message(Event(1, 2, Queued(0)), job_pb2.Event)
    assert not message.queued.HasField("eta_s")
    assert from_message(Event, message) == Event(1, 2, Queued(0))


@pytest.mark.parametrize("promotes", [False, True])
def test_what_an_engine_can_do_is_told_as_it_is(promotes):
    mine = Capabilities(
        "mine",
        frozenset({Verb.FILL, Verb.ERASE}),
        True,
        native_px=512,
        max_px=4096,
        accepts=frozenset({"draft"} if promotes else ()),
        description="Mine",
    )
    assert model_from(model_to(mine)) == mine
