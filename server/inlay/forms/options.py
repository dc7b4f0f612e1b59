"""The options of a recipe: what only its verb knows, held to what the verb's form allows."""

from collections.abc import Mapping
from dataclasses import replace

from inlay.errors import InvalidInput
from inlay.form import Field, FieldKind, VerbForm
from inlay.recipe import Option, Recipe

PREFIX = "options."
NUMBERS = frozenset({FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.FRACTION, FieldKind.SEED})


def completed(form: VerbForm, recipe: Recipe) -> Recipe:
    """The recipe with the initial value of each option that it does not name, so that it holds everything that decides it.

    Raises InvalidInput as `check_options` does, and for a required one without a value.
    """
    check_options(form, recipe.options)
    fields = _fields(form)
    begun = {name: field.initial for name, field in fields.items() if field.initial is not None}
    options: dict[str, Option] = begun | dict(recipe.options)
    for name, field in fields.items():
        if field.required and options.get(name, "") == "":
            raise InvalidInput(field.path, "empty", f"{form.id} needs it")
    return replace(recipe, options=options)


def check_options(form: VerbForm, options: Mapping[str, Option]) -> None:
    """Raise InvalidInput for an option that the form does not know, that is of another type or outside its limits."""
    fields = _fields(form)
    for name, value in options.items():
        if name not in fields:
            known = ", ".join(sorted(fields)) or "none"
            raise InvalidInput(f"{PREFIX}{name}", "not known", f"{form.id} has: {known}")
        _check(fields[name], value)


def _fields(form: VerbForm) -> dict[str, Field]:
    return {field.path.removeprefix(PREFIX): field for field in form.fields if field.path.startswith(PREFIX)}


def _check(field: Field, value: Option) -> None:
    """Raise InvalidInput unless `value` is what the field may hold."""
    if field.kind in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidInput(field.path, value, "it must be a number")
        if field.minimum < field.maximum and not field.minimum <= value <= field.maximum:
            raise InvalidInput(field.path, value, f"it must be {field.minimum:g} .. {field.maximum:g}")
        if field.kind in (FieldKind.INTEGER, FieldKind.SEED) and value != int(value):
            raise InvalidInput(field.path, value, "it must be a whole number")
    elif field.kind is FieldKind.SWITCH:
        if not isinstance(value, bool):
            raise InvalidInput(field.path, value, "it must be a flag")
    elif not isinstance(value, str):
        raise InvalidInput(field.path, value, "it must be a text")
    elif field.kind is FieldKind.CHOICE and value not in (choice.value for choice in field.choices):
        raise InvalidInput(
            field.path, repr(value), f"it must be one of {', '.join(choice.value for choice in field.choices)}"
        )
    elif field.maximum and len(value) > field.maximum:
        raise InvalidInput(field.path, f"{len(value)} characters long", f"at most {field.maximum:g} are allowed")
