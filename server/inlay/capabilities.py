"""What an engine can do, as a plain value: plans and panels follow from it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Capabilities:
    """One engine's name and abilities."""

    name: str
    verbs: frozenset[str]
    understands_prompts: bool
    multiple: int = 1
    """Both working sides must be multiples of it."""
    native_px: int = 0
    """Working area it paints best; the final tier enlarges smaller windows to it. 0: any size."""
    least_px: int = 0
    """Working area below which it no longer paints well; every tier enlarges smaller windows to it. 0: any size."""
    max_px: int = 4_000_000
    """Working area it can paint at most."""
    promotes: bool = False
    """Can finish a draft: `Recipe.structure`."""
    description: str = ""
