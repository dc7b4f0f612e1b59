"""What tier and model stand for, decided once, when a recipe is accepted: from then on nothing else decides its pixels."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from inlay.edit.plan import working_of
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import MAX_PROMPT_CHARACTERS, Recipe, Resolved

FIELD = "sampling.resolved"
MAX_STEPS = 200
MAX_TOLD_CHARACTERS = 5 * MAX_PROMPT_CHARACTERS
"""A prompt, a style's two, the surroundings, and what a family's manner adds."""


def resolve(recipe: Recipe, registry: Registry, devices: Sequence[str]) -> Recipe:
    """`recipe` with its `resolved`; one that brings it along keeps it as it is. devices: those that there are here.

    Reads LoRAs whose hash nobody knows yet: keep it off an event loop. Raises NotFound, Unsupported, InvalidInput and
    FilesChanged, naming what is missing.
    """
    if recipe.sampling.resolved is not None:
        _check(recipe, recipe.sampling.resolved, registry, devices)
        return recipe
    engine = registry.painter_of(recipe)
    able = engine.among(devices)
    if not able:
        raise Unsupported(
            f"nothing here can paint with {engine.name}; here is {', '.join(devices)}", field="sampling.model"
        )
    found = registry.resolved(engine.name, recipe, kind_of(able[0]))
    return recipe.altered(resolved=replace(found, working=working_of(recipe, engine)))


@lru_cache(1024)
def kind_of(device: str) -> str:
    """cpu, cuda or mps; empty for a device that is to come, of which nobody knows yet what it will be."""
    return device.partition(":")[0]


def _check(recipe: Recipe, resolved: Resolved, registry: Registry, devices: Sequence[str]) -> None:
    """Whether it can be painted as it was resolved, here and now."""
    engine = registry.painter_of(recipe)
    if recipe.sampling.model not in ("", resolved.model):
        limit = f"the recipe names model {recipe.sampling.model!r}; leave `resolved` out, or name that model"
        raise InvalidInput(f"{FIELD}.model", repr(resolved.model), limit)
    registry.honours(resolved)
    if resolved.device and not {resolved.device, ""} & set(map(kind_of, devices)):
        here = ", ".join(dict.fromkeys(map(kind_of, devices)))
        raise Unsupported(
            f"the recipe was resolved for {resolved.device}, and here is {here}; leave `resolved` out",
            field=f"{FIELD}.device",
        )
    size = resolved.working
    if size is None:
        raise InvalidInput(f"{FIELD}.working", "not set", "it must be set")
    size.check(f"{FIELD}.working")
    if size.area > engine.max_px or size.width % engine.multiple or size.height % engine.multiple:
        limit = f"{engine.name} paints at most {engine.max_px} px, in sides that {engine.multiple} divides"
        raise InvalidInput(f"{FIELD}.working", f"{size.width} x {size.height}", limit)
    if not 0 <= resolved.steps <= MAX_STEPS:
        raise InvalidInput(f"{FIELD}.steps", resolved.steps, f"it must be 0 .. {MAX_STEPS}")
    told = resolved.told
    longest = max(len(told.prompt), len(told.negative_prompt)) if told else 0
    if longest > MAX_TOLD_CHARACTERS:
        limit = f"at most {MAX_TOLD_CHARACTERS} are allowed"
        raise InvalidInput(f"{FIELD}.told", f"{longest} characters long", limit)
    if not 0 <= resolved.strength <= 1:
        raise InvalidInput(f"{FIELD}.strength", resolved.strength, "it must be 0 .. 1")
    if not 0 <= resolved.draft_hold <= 1:
        raise InvalidInput(f"{FIELD}.draft_hold", resolved.draft_hold, "it must be 0 .. 1")
