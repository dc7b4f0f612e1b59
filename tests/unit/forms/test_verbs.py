"""The forms keep what they promise: every field goes somewhere in the recipe, and its limits are the server's own."""

import dataclasses
from typing import Any

import pytest

from inlay.capabilities import Capabilities
from inlay.edit.check import check
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, Unsupported
from inlay.form import Field, FieldKind, VerbForm
from inlay.forms import VERBS, Forms
from inlay.recipe import CONTROL, MARKS, REFERENCE, Input, Recipe, Verb
from inlay.structure import STRUCTURES
from inlay.v1 import recipe_pb2
from support.edits import MemoryBlobs, recipe_for
from support.invented_verb import FORM as WEATHER
from support.invented_verb import registry_of

pytestmark = pytest.mark.slow

TEXTS = {FieldKind.TEXT, FieldKind.LINE, FieldKind.COLOR, FieldKind.CHOICE, FieldKind.MODEL}
NUMBERS = {FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.FRACTION, FieldKind.SEED}
ALL = (*VERBS, WEATHER)


class Everybody:
    """An engine for every verb, so that only limits can refuse a recipe."""

    def __init__(self, form: VerbForm) -> None:
        self.verb = form.id

    def capabilities(self) -> Capabilities:
        return Capabilities(
            "everybody",
            frozenset({self.verb}),
            understands_prompts=True,
            accepts=frozenset({"sky", REFERENCE, MARKS, CONTROL}),
            references=1,
            structures=frozenset(STRUCTURES),
            sees_depth=True,
        )


FIELDS = [pytest.param(form, field, id=f"{form.id}-{field.path}") for form in ALL for field in form.fields]


def held(recipe: Recipe, path: str) -> Any:
    """What a recipe has at a path."""
    part, name = path.split(".")
    return recipe.options.get(name) if part == "options" else getattr(getattr(recipe, part), name)


def filled(form: VerbForm, **other: Any) -> Recipe:
    """A recipe as a panel fills it with what every field begins with, and `other` values by path."""
    asked = [field for field in form.fields if field.kind is not FieldKind.LAYER]
    values = {field.path: field.initial for field in asked if field.initial is not None} | other
    required = {field.path: "a word" for field in asked if field.required and field.path not in values}
    recipe = dataclasses.replace(recipe_for(MemoryBlobs()), verb=form.id)
    for path, value in (required | values).items():
        part, name = path.split(".")
        whole = isinstance(value, float) and value == int(value) and part != "options"
        value = int(value) if whole and path != "sampling.strength" else value
        if part == "options":
            recipe = dataclasses.replace(recipe, options={**recipe.options, name: value})
        else:
            recipe = dataclasses.replace(recipe, **{part: dataclasses.replace(getattr(recipe, part), **{name: value})})
    return recipe


def submitted(form: VerbForm, recipe: Recipe) -> Recipe:
    """What the server makes of it; raises what it refuses it with."""
    registry = registry_of(None)
    registry.register(Everybody(form))
    recipe = Forms(ALL).completed(recipe)
    check(recipe, registry)
    return recipe


@pytest.mark.parametrize(("form", "field"), FIELDS)
def test_every_field_goes_somewhere_in_the_contracts_recipe(form: VerbForm, field: Field) -> None:
    part, name = field.path.split(".")
    descriptor = recipe_pb2.Recipe.DESCRIPTOR.fields_by_name[part]
    if part in ("options", "inputs"):
        assert name.isidentifier()
        assert (part == "inputs") == (field.kind in (FieldKind.LAYER, FieldKind.REFERENCES, FieldKind.REGIONS))
        return
    there = descriptor.message_type.fields_by_name[name]
    is_text = there.type == there.TYPE_STRING
    assert is_text == (field.kind in TEXTS)
    assert not is_text or field.initial is None or isinstance(field.initial, str)


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.id)
def test_what_a_form_begins_with_is_a_recipe_that_the_server_takes(form: VerbForm) -> None:
    recipe = submitted(form, filled(form))
    for field in form.fields:
        if field.initial is not None and field.kind is not FieldKind.LAYER:
            assert held(recipe, field.path) == field.initial, field.path


@pytest.mark.parametrize(("form", "field"), FIELDS)
def test_the_limits_of_a_field_are_those_of_the_server(form: VerbForm, field: Field) -> None:
    if field.kind in NUMBERS:
        for value, beyond in ((field.minimum, field.minimum - 1), (field.maximum, field.maximum + 1)):
            submitted(form, filled(form, **{field.path: value}))
            with pytest.raises(InvalidInput) as refused:
                submitted(form, filled(form, **{field.path: beyond}))
            assert refused.value.field == field.path
    elif field.kind in TEXTS and field.maximum:
        submitted(form, filled(form, **{field.path: "a" * int(field.maximum)}))
        with pytest.raises(InvalidInput) as refused:
            submitted(form, filled(form, **{field.path: "a" * (int(field.maximum) + 1)}))
        assert refused.value.field == field.path


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.id)
def test_every_choice_is_one_that_the_server_takes(form: VerbForm) -> None:
    for field in form.fields:
        for choice in field.choices if not field.path.startswith("inputs.") else ():
            submitted(form, filled(form, **{field.path: choice.value}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("options.kind", "hail"),
        ("options.kind", 1.0),
        ("options.drops", 2.5),
        ("options.drops", "three"),
        ("options.drops", True),
        ("options.thunder", "yes"),
        ("options.motto", ""),
        ("options.unheard_of", 1.0),
    ],
)
def test_an_option_that_its_form_does_not_allow_is_refused_by_its_name(path: str, value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        submitted(WEATHER, filled(WEATHER, **{path: value}))
    assert refused.value.field == path


def test_a_verb_without_options_takes_none() -> None:
    with pytest.raises(InvalidInput, match="erase has: none"):
        submitted(VERBS[0], filled(VERBS[0], **{"options.drops": 3.0}))


def test_an_option_that_is_not_named_has_what_its_field_begins_with() -> None:
    recipe = dataclasses.replace(recipe_for(MemoryBlobs()), verb="weather", options={"density": 0.25})
    options = submitted(WEATHER, recipe).options
    assert options["density"] == 0.25
    assert (options["kind"], options["thunder"], options["motto"]) == ("rain", False, "Cumulus")


def test_every_verb_that_something_can_paint_has_a_form() -> None:
    painted = {verb for engine in Registry().available() for verb in engine.verbs}
    assert painted <= {form.id for form in VERBS}
    assert {form.id for form in VERBS} == set(Verb)


class Elsewhere:
    """A model that is not here: its pixels leave, under a licence that forbids the job."""

    def capabilities(self) -> Capabilities:
        return Capabilities(
            "cloud",
            frozenset({Verb.ERASE}),
            understands_prompts=False,
            description="Erases",
            licence="CC-BY-NC-4.0",
            leaves="api.example.com",
        )


def test_whoever_chooses_a_model_sees_its_licence_and_where_the_pixels_go() -> None:
    registry = Registry()
    registry.register(Elsewhere())
    (form,) = (form for form in Forms().describe(registry).verbs if form.id == Verb.ERASE)
    (field,) = (field for field in form.fields if field.kind is FieldKind.MODEL)
    offered = {choice.value: choice for choice in field.choices}
    assert offered["cloud"].title == "cloud → api.example.com"
    assert "CC-BY-NC-4.0" in offered["cloud"].tip
    assert "leave this machine" in offered["cloud"].tip
    assert "leave" not in offered["classic"].tip
    assert "→" not in offered["classic"].title


class Looks:
    """A model that fills from words, and looks at references or not."""

    def __init__(self, name: str, accepts: frozenset[str] = frozenset()) -> None:
        self.name, self.accepts = name, accepts

    def capabilities(self) -> Capabilities:
        return Capabilities(
            self.name, frozenset({Verb.FILL}), understands_prompts=True, accepts=self.accepts, references=2
        )


def test_a_reference_is_asked_for_only_where_a_model_looks_at_one_and_that_model_gets_it() -> None:
    registry = Registry()
    registry.register(Looks("blind"))
    blobs = MemoryBlobs()
    recipe = recipe_for(blobs, verb=Verb.FILL, prompt="a hat")
    with_reference = dataclasses.replace(recipe, inputs=(Input(REFERENCE, recipe.canvas.source),))

    def asked() -> bool:
        (form,) = (form for form in Forms().describe(registry).verbs if form.id == Verb.FILL)
        (rows,) = (field for field in form.fields if field.path == "inputs.references" and field.title)
        return any(choice.value == REFERENCE for choice in rows.choices)

    assert not asked(), "only colours, which every painting is matched to without its model"
    with pytest.raises(Unsupported, match="blind does not read an input 'reference'"):
        check(with_reference, registry)

    registry.register(Looks("sees", frozenset({REFERENCE})))
    assert asked()
    assert registry.painter_of(recipe).name == "blind"
    assert registry.painter_of(with_reference).name == "sees"
    check(with_reference, registry)
