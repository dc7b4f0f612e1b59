"""What fitting found out, in numbers for the receipt and in words for the retoucher."""

from __future__ import annotations

import enum
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

HINT_RING_DELTA_E = 2.0
"""Ring colour difference (dE2000) left after fitting above which a seam is usually seen."""
HINT_LARGE_SHIFT = 12.0
"""Ring colour difference before fitting: twice the largest shift (dE 3-10) seen from healthy models in the benchmark."""
HINT_DRIFT_PX = 4.0
"""Movement that is undone but tells of a model that reframes (edit models: 2-3 px, InvokeAI #9507)."""
HINT_SCALE = 0.01
"""Zoom beyond the 0.5 % that edit models usually show."""
HINT_RING_SHARE = 0.12
"""Protected share of the looked-at area below which the estimate rests on little."""


@dataclass(frozen=True)
class Registration:
    """How the generated window was displaced (pixels, at its centre) and magnified, and whether that was undone."""

    dx_px: float = 0.0
    dy_px: float = 0.0
    scale: float = 1.0
    applied: bool = False


class Surroundings(enum.StrEnum):
    """How the pixels that the mask protects came back from the engine."""

    REPAINTED = "repainted"
    """As they are, but by the engine's own hand: they tell what it does to light, colour, sharpness and place."""
    COPIED = "copied"
    """As the original's own samples: they tell nothing, and nothing is wrong with them."""
    RECOLORED = "recolored"
    """Plain, and in another colour."""
    UNLIKE = "unlike"
    """As another picture."""
    MISSING = "missing"
    """There are none, or hardly any."""


REASONS = {
    Surroundings.REPAINTED: "",
    Surroundings.COPIED: "The surroundings came back as exact copies, so they tell nothing about the new pixels.",
    Surroundings.RECOLORED: "The plain surroundings came back in another colour.",
    Surroundings.UNLIKE: "The model did not repaint the surroundings as they are; it may show another picture.",
    Surroundings.MISSING: "Hardly any untouched picture surrounds the selection.",
}


@dataclass(frozen=True)
class Trust:
    """Whether anything can be learned from the generated surroundings.

    likeness: their correlation with the original's, -1..1; None where none was measured.
    """

    surroundings: Surroundings
    likeness: float | None = None

    @property
    def trusted(self) -> bool:
        """The engine's errors may be learned from the surroundings."""
        return self.surroundings is Surroundings.REPAINTED

    @property
    def copied(self) -> bool:
        """The engine left the surroundings to the document; no hint is given."""
        return self.surroundings is Surroundings.COPIED

    @property
    def reason(self) -> str:
        """Why nothing can be learned, as a sentence; empty where it can."""
        return REASONS[self.surroundings]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "trusted": self.trusted,
            "surroundings": str(self.surroundings),
            "reason": self.reason,
            "likeness": self.likeness,
        }


@dataclass(frozen=True)
class Report:
    """What fitting measured; plain Python values only.

    `ring_delta_e_before` and `_after`: mean CIEDE2000 of the low-passed protected surroundings, original against generated,
    as generated and as fitted; None where it was not measured.
    `grain_level`: standard deviation of the grain added, in encoded 0..1. `seconds`: time by stage. `hints`: sentences.
    """

    ring_delta_e_before: float | None
    ring_delta_e_after: float | None
    registration: Registration
    trust: Trust
    grain_level: float
    seconds: dict[str, float]
    hints: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values (numbers, strings, lists, dicts, None)."""
        return {
            "ring_delta_e_before": self.ring_delta_e_before,
            "ring_delta_e_after": self.ring_delta_e_after,
            "registration": vars(self.registration).copy(),
            "trust": self.trust.as_dict(),
            "grain_level": self.grain_level,
            "seconds": dict(self.seconds),
            "hints": list(self.hints),
        }


@dataclass
class Stopwatch:
    """Collects the seconds each stage took."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Add the time spent in the block to `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def word_hints(
    trust: Trust, registration: Registration, before: float | None, after: float | None, ring_share: float
) -> tuple[str, ...]:
    """The sentences a retoucher should read about this result; empty when all is well."""
    hints: list[str] = []
    if not trust.trusted and not trust.copied:
        hints.append(f"{trust.reason} Light and colour were left as generated.")
    if ring_share < HINT_RING_SHARE:
        hints.append(
            "The mask is tight: there is little untouched picture around it to match to. Give the edit more surroundings."
        )
    if trust.trusted and before is not None and before > HINT_LARGE_SHIFT:
        hints.append(
            "The model changed light or colour a lot; it was matched, but check the tones. A lower strength may help."
        )
    if trust.trusted and after is not None and after > HINT_RING_DELTA_E:
        hints.append(
            "A colour difference remains at the seam. Try another variation, a softer selection, or a little more selection."
        )
    moved = max(abs(registration.dx_px), abs(registration.dy_px))
    if registration.applied and (moved > HINT_DRIFT_PX or abs(registration.scale - 1) > HINT_SCALE):
        hints.append(
            "The model moved the picture; it was moved back. If shapes at the edge do not meet, try another variation."
        )
    return tuple(hints)
