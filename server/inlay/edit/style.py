"""A style's values in a recipe, put there once, when the recipe is accepted: afterwards the studio's file decides nothing of it."""

from dataclasses import replace
from typing import Protocol

from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.recipe import LOOKED_AT, Input, Recipe, Style
from inlay.styles.limits import check


class Styles(Protocol):
    """What of `inlay.styles.StyleBook` a recipe depends on."""

    def style(self, style_id: str) -> Style: ...


def with_style(recipe: Recipe, styles: Styles, registry: Registry) -> Recipe:
    """`recipe` with its style's values; one that brings them along keeps them as they are, and has a colour of theirs by its name.

    The style gives what the recipe leaves open: the model of its tier, a strength of 1, the colour that it names. Its references
    come along where what paints reads such a thing and has room for it, wholly where it cannot look at them less. Its words and
    LoRAs are resolved with the model.
    Raises NotFound for a style that there is not, InvalidInput for values that are not of the version that they name.
    """
    if recipe.styled is not None:
        _check(recipe.sampling.style, recipe.styled)
        return recipe.altered(target_color=_color_of(recipe, recipe.styled))
    if not recipe.sampling.style:
        return recipe
    if recipe.sampling.resolved is not None:
        limit = "a recipe that brings `resolved` brings its style's values in `styled`; leave `resolved` or `style` out"
        raise InvalidInput("sampling.style", repr(recipe.sampling.style), limit)
    style = styles.style(recipe.sampling.style)
    open_strength = recipe.sampling.strength == 1 and style.strength is not None
    made = replace(
        recipe.altered(
            target_color=_color_of(recipe, style),
            strength=style.strength if open_strength else recipe.sampling.strength,
        ),
        styled=style,
    )
    if not style.references:
        return made
    engine = registry.painter_of(replace(made, inputs=(*made.inputs, *style.references)))
    room = engine.references - sum(one.role in LOOKED_AT for one in made.inputs)
    brought: list[Input] = []
    for one in style.references:
        room -= one.role in LOOKED_AT
        if one.role in engine.accepts and (one.role not in LOOKED_AT or room >= 0):
            wholly = one.role in LOOKED_AT and one.weight > 0 and not engine.weighs
            brought.append(replace(one, weight=1.0) if wholly else one)
    return replace(made, inputs=(*made.inputs, *brought))


def left_out(style: Style, registry: Registry, model: str) -> tuple[str, ...]:
    """What of a style the engine `model` has no use for: one sentence each."""
    engine = next(one for one in registry.available() if one.name == model)
    blind = bool(style.references) and not {one.role for one in style.references} & engine.accepts
    return (
        *((f"{model} looks at no references: those of the style are left out.",) if blind else ()),
        *(
            (f"{model} wears no LoRAs: those of the style are left out.",)
            if style.loras and not registry.wears(model)
            else ()
        ),
    )


def _check(named: str, style: Style) -> None:
    check(style, lambda part: f"styled.{part}")
    if named not in ("", style.id):
        raise InvalidInput("styled.id", repr(style.id), f"the recipe names style {named!r}; leave one of them out")
    if style.sha256 != style.content_sha256:
        raise InvalidInput("styled.sha256", repr(style.sha256), "it is not that of these values; leave `styled` out")


def _color_of(recipe: Recipe, style: Style) -> str:
    """The colour that is asked for, also by its name in the style."""
    asked = recipe.words.target_color
    called = asked.strip().casefold()
    return next((one.color for one in style.colors if called and one.name.casefold() == called), asked)
