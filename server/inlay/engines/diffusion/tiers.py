"""What a tier means for a model on a card: the shipped defaults (`defaults.toml`), then what the user wrote in `models.toml`."""

import dataclasses
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from inlay.engines.models.catalog import Lora, ModelEntry, overrides
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.recipe import Tier

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
    steps: dict[str, float] = dataclasses.field(default_factory=dict[str, float])


def settings_for(entry: ModelEntry, tier: Tier, memory_bytes: int = 0) -> TierSettings:
    """What `tier` means for `entry` on a device with so much memory (0: the CPU)."""
    shipped = _shipped()["tiers"]
    values: dict[str, Any] = {**shipped["default"][tier]}
    values["guidance"] = DIFFUSION[entry.family].guidance
    values |= shipped.get(entry.family, {}).get(tier, {})
    factor = card_for(entry.family, memory_bytes).steps.get(tier, 1.0)
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
    return Card(name, facts["batch"][size], facts["relief"][size], facts.get("steps", {}))


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    read = tomllib.loads((resources.files("inlay.engines.diffusion") / "defaults.toml").read_text(encoding="utf-8"))
    for name, tiers in read["tiers"].items():
        for tier, plain in tiers.items():
            overrides(f"defaults.toml: tiers.{name}.{tier}", plain)  # the same limits as the user's
    return read
