"""What a tier means for a model on a device: the shipped defaults (`defaults.toml`), then what the user wrote in `models.toml`."""

import dataclasses
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from inlay import recipe as recipe_values
from inlay.engines.models.catalog import Lora, ModelEntry, overrides
from inlay.engines.models.files import hash_file
from inlay.engines.models.steering_parts import knows_tiles
from inlay.engines.models.style_loras import with_style
from inlay.engines.models.video_families import BY_DIFFUSERS
from inlay.engines.wording import told
from inlay.errors import FilesChanged, Unsupported
from inlay.recipe import DRAFT, Recipe, Resolved, Tier, Verb

GB = 1_000_000_000

SMALL_FAMILIES = ("sd15", "sdxl")
"""Families whose denoiser has at most a few billion weights."""

Relief = Literal["", "vae_tiling", "model_offload", "group_offload"]


@dataclass(frozen=True)
class TierSettings:
    """Everything a tier decides."""

    steps: int
    guidance: float
    """1 or less: no classifier-free guidance."""
    scheduler: str = ""
    """Empty: the model's own."""
    strength: float = 0.6
    promote_strength: float = 0.4
    promote_hold: float = 1.0
    """How firmly a draft holds the final, where a ControlNet for tiles lies beside the model; 0: not at all."""
    cache: bool = False
    """Skip steps whose first block hardly changed."""
    loras: tuple[Lora, ...] = ()
    """In place of the model's own."""


@dataclass(frozen=True)
class Card:
    """What a device can bear, for one family."""

    name: str
    batch: int
    """Variations at once."""
    relief: Relief
    """Where the memory ladder starts."""


def settings_for(entry: ModelEntry, tier: Tier, device: str = "cpu") -> TierSettings:
    """What `tier` means for `entry` on a kind of device: cpu, cuda, mps."""
    shipped = _shipped()["tiers"]
    values: dict[str, Any] = {**shipped["default"][tier]}
    values["guidance"] = BY_DIFFUSERS[entry.family].guidance
    values |= shipped.get(entry.family, {}).get(tier, {})
    factor = shipped_devices().get(device, {}).get(tier, 1.0)
    values["steps"] = max(1, round(values["steps"] * factor)) if values["steps"] > 8 else values["steps"]
    wanted = entry.overrides(tier)
    said = {field.name: getattr(wanted, field.name) for field in dataclasses.fields(wanted)}
    values["loras"] = entry.loras
    return TierSettings(**{**values, **{name: value for name, value in said.items() if value is not None}})


def card_for(family: str, memory_bytes: int = 0) -> Card:
    """What a device with so much memory (0: the CPU) can bear of `family`."""
    cards: dict[str, dict[str, Any]] = _shipped()["cards"]
    held = max((int(least) for least in cards if int(least) * GB <= memory_bytes), default=0)
    facts = cards[str(held)]
    size = "small" if family in SMALL_FAMILIES else "large"
    name = "CPU" if held == 0 else f"{memory_bytes / GB:.0f} GB"
    return Card(name, facts["batch"][size], facts["relief"][size])


def strength_of(recipe: Recipe, settings: TierSettings) -> float:
    """How far the pixels may move, 0 .. 1: the tier's for what must not start over, else the recipe's."""
    if recipe.input(DRAFT) is not None:
        return settings.promote_strength
    if recipe.verb == Verb.REFINE and recipe.sampling.strength >= 1:
        return settings.strength
    return recipe.sampling.strength


def hold_of(entry: ModelEntry, recipe: Recipe, settings: TierSettings) -> float:
    """How firmly the draft that `recipe` finishes holds what is painted, 0 .. 1."""
    holds = recipe.input(DRAFT) is not None and knows_tiles(entry.parts)
    return settings.promote_hold if holds else 0.0


def resolved(entry: ModelEntry, recipe: Recipe, device: str) -> Resolved:
    """Everything that decides what a diffusion model makes of `recipe` on a kind of device, but the working size.

    LoRAs that a tier names without their hash are read. Raises FilesChanged where one is not there, Unsupported where the model
    has not those of the recipe's style.
    """
    facts = BY_DIFFUSERS[entry.family]
    settings = settings_for(entry, recipe.sampling.tier, device)
    own = tuple(recipe_lora(entry, lora) for lora in settings.loras)
    return Resolved(
        model=entry.id,
        model_sha256=entry.sha256,
        steps=settings.steps,
        scheduler=settings.scheduler,
        guidance=settings.guidance,
        loras=with_style(entry.id, own, _wardrobe(entry), recipe.styled) if recipe.styled else own,
        native_px=facts.native_px,
        strength=strength_of(recipe, settings),
        draft_hold=hold_of(entry, recipe, settings),
        # Its hooks would take compiled blocks apart again.
        step_cache=settings.cache and facts.step_cache and not entry.compile,
        clip_skip=entry.clip_skip,
        compiled=entry.compile,
        quantization=entry.quantization,
        device=device,
        dtype="" if entry.dtype == "auto" else entry.dtype,
        told=told(
            entry.family, recipe.verb, recipe.words, recipe.styled, recipe.options, weighs=facts.prompt_weighting
        ),
    )


def recipe_lora(entry: ModelEntry, lora: Lora) -> recipe_values.Lora:
    """As a recipe names it. Raises FilesChanged where it is not there."""
    return recipe_values.Lora(Path(lora.path).name, _hash_of(entry, lora), lora.weight)


def worn(entry: ModelEntry, settled: Resolved) -> tuple[Lora, ...]:
    """The LoRAs of a recipe, among all that the user has for the model. Raises Unsupported, naming one that is not here."""
    here = {_hash_of(entry, lora): lora for lora in _all_of(entry)}
    for lora in settled.loras:
        if lora.sha256 not in here:
            lack = f"LoRA {lora.name!r} (SHA-256 {lora.sha256}) is not among those of model {entry.id!r}"
            raise Unsupported(
                f"{lack}; add it to models.toml, or leave `resolved` out", field="sampling.resolved.loras"
            )
    return tuple(
        dataclasses.replace(here[lora.sha256], sha256=lora.sha256, weight=lora.weight) for lora in settled.loras
    )


def _all_of(entry: ModelEntry) -> tuple[Lora, ...]:
    """All that the user has for the model and that are there, whichever tier wears them."""
    tiers = [lora for _, tier in entry.tiers for lora in tier.loras or ()]
    return tuple(lora for lora in (*entry.loras, *tiers) if Path(lora.path).is_file())


def _wardrobe(entry: ModelEntry) -> tuple[recipe_values.Lora, ...]:
    """The same, as a recipe names them."""
    return tuple(recipe_lora(entry, lora) for lora in _all_of(entry))


def _hash_of(entry: ModelEntry, lora: Lora) -> str:
    if lora.sha256:
        return lora.sha256
    place = Path(lora.path)
    if not place.is_file():
        raise FilesChanged(entry.id, [lora.path], "is not there any more")
    facts = place.stat()
    return _hashed(place, facts.st_mtime_ns, facts.st_size)


@cache
def _hashed(place: Path, _modified_ns: int, _bytes: int) -> str:
    return hash_file(place)


def shipped_devices() -> dict[str, dict[str, float]]:
    """Factors on a tier's steps by the kind of device."""
    return _shipped()["devices"]


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    read = tomllib.loads((resources.files("inlay.engines.models") / "defaults.toml").read_text(encoding="utf-8"))
    for name, tiers in read["tiers"].items():
        for tier, plain in tiers.items():
            overrides(f"defaults.toml: tiers.{name}.{tier}", plain)  # the same limits as the user's
    return read
