"""Events as the journal stores them and as workers send them: a kind, JSON facts, and the bytes of a preview."""

import base64
import dataclasses
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from inlay.color.raster import Raster, SampleType
from inlay.events import (
    Done,
    Failed,
    Happening,
    JobCancelled,
    Loading,
    Preview,
    Queued,
    Step,
    VariationDone,
)
from inlay.region import Rect, Size
from inlay.variation import Patch, Report, Variation

PREVIEW = "preview"
QUEUED = "queued"
VARIATION = "variation"

_PLAIN: dict[str, type[Queued | Loading | Step | Done | Failed | JobCancelled]] = {
    "queued": Queued,
    "loading": Loading,
    "step": Step,
    "done": Done,
    "failed": Failed,
    "cancelled": JobCancelled,
}
_KIND = {happening: kind for kind, happening in _PLAIN.items()}


class Encoded(NamedTuple):
    """A happening in plain values."""

    kind: str
    facts: str
    picture: bytes | None


def encode(happening: Happening) -> Encoded:
    """The inverse of `decode`. Raises TypeError where a report or receipt holds what JSON cannot."""
    match happening:
        case Preview():
            facts = {"variation": happening.variation, "size": happening.size, "bounds": happening.bounds}
            return Encoded(PREVIEW, _json(facts), happening.rgb)
        case VariationDone():
            return Encoded(VARIATION, _json(dataclasses.asdict(happening.variation)), None)
        case _:
            return Encoded(_KIND[type(happening)], _json(dataclasses.asdict(happening)), None)


def decode(encoded: Encoded, icc: Callable[[str], bytes] = base64.b64decode) -> Happening:
    """The happening, equal to the one that was encoded. icc: the profile that a text stands for, where that is not its base64."""
    facts: dict[str, Any] = json.loads(encoded.facts)
    match encoded.kind:
        case "preview":
            size, bounds = Size(*facts["size"]), Rect(*facts["bounds"])
            return Preview(facts["variation"], size, bounds, encoded.picture or b"")
        case "variation":
            return VariationDone(_variation(facts, icc))
        case kind:
            return _PLAIN[kind](**facts)


def _json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, separators=(",", ":"), default=_base64)


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"an event cannot hold a {type(value).__name__}")


def _variation(facts: dict[str, Any], icc: Callable[[str], bytes]) -> Variation:
    patch = facts["patch"]
    report: dict[str, Any] = {**facts["report"], "notes": tuple(facts["report"]["notes"])}
    return Variation(
        index=facts["index"],
        seed=facts["seed"],
        patch=Patch(Rect(*patch["bounds"]), _raster(patch["pixels"], icc), _raster(patch["mask"], icc)),
        report=Report(**report),
        receipt=facts["receipt"],
    )


def _raster(facts: dict[str, Any], icc: Callable[[str], bytes]) -> Raster:
    own: dict[str, Any] = {"sample_type": SampleType(facts["sample_type"]), "icc": icc(facts["icc"])}
    return Raster(**(facts | own))
