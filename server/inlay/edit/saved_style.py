"""A style from what a recipe was painted with: everything that is about how, and nothing that is about where."""

from dataclasses import replace

from inlay.engines.wording.manner import joined
from inlay.recipe import NamedColor, Recipe, Style
from inlay.styles.limits import TAKEN_ROLES


def completed_from(style: Style, recipe: Recipe) -> Style:
    """`style` with what it leaves empty taken from `recipe`, which the server accepted: the words behind a prompt, the negative
    prompt, references, LoRAs, the model at its tier, a strength below 1, the target colour. What the recipe had from a style of its
    own is in it.
    """
    own, words, resolved = recipe.styled or Style("own"), recipe.words, recipe.sampling.resolved
    behind = joined(words.prompt.strip(), own.prompt_after.strip())
    colors = own.colors
    if words.target_color and words.target_color not in [one.color for one in colors]:
        colors = (*colors, NamedColor(words.target_color, words.target_color))
    models = dict(own.models)
    if resolved and recipe.sampling.model:
        models[str(recipe.sampling.tier)] = resolved.model
    strength = recipe.sampling.strength if recipe.sampling.strength < 1 else own.strength
    return replace(
        style,
        prompt_before=style.prompt_before or own.prompt_before,
        prompt_after=style.prompt_after or behind,
        negative_prompt=style.negative_prompt or joined(words.negative_prompt.strip(), own.negative_prompt.strip()),
        references=style.references or tuple(one for one in recipe.inputs if one.role not in TAKEN_ROLES),
        loras=style.loras or (resolved.loras if resolved else own.loras),
        models=style.models or models,
        strength=style.strength if style.strength is not None else strength,
        colors=style.colors or colors,
        type=style.type or own.type,
    )
