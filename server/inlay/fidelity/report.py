"""What harmonizing found out, in numbers for the receipt and in words for the retoucher."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

HINT_RING_DELTA_E = 2.0
"""Ring colour difference (dE2000) left after harmonizing above which a seam is usually seen (quality.md: meanstd
1.75, ours 1.1)."""
HINT_LARGE_SHIFT = 12.0
"""Ring colour difference before harmonizing: twice the largest shift (dE 3-10) seen from healthy models in the benchmark."""
HINT_DRIFT_PX = 4.0
"""Movement that is undone but tells of a model that reframes (edit models: 2-3 px, InvokeAI #9507)."""
HINT_SCALE = 0.01
"""Zoom beyond the 0.5 % that edit models usually show."""
HINT_RING_SHARE = 0.12
"""Protected share of the looked-at area below which the estimate rests on little (quality.md: a 6 px ring loses 20 points)."""


@dataclass(frozen=True)
class Registration:
    """How the generated window was displaced (pixels, at its centre) and magnified against the original, and
    whether it was undone.
    """

    dx_px: float = 0.0
    dy_px: float = 0.0
    scale: float = 1.0
    applied: bool = False


@dataclass(frozen=True)
class Trust:
    """Whether anything could be learned from the generated surroundings, and why not; `likeness` is their correlation (-1..1)."""

    trusted: bool
    reason: str = ""
    likeness: float = 0.0

    @property
    def pasted(self) -> bool:
        """The surroundings are copies: nothing to learn from, nothing wrong either; no hint is given."""
        return not self.trusted and self.likeness == 1.0


@dataclass(frozen=True)
class Report:
    """What harmonizing measured; plain Python values only.

    `ring_delta_e_before` and `_after`: mean CIEDE2000 of the low-passed protected surroundings, original against generated.
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
            "trust": vars(self.trust).copy(),
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
    if not trust.trusted and not trust.pasted:
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
