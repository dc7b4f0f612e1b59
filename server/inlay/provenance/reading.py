"""Content Credentials read back, in plain words: whether they hold, what was done, and what came before."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa

from inlay.errors import InvalidInput, Unsupported
from inlay.provenance.kinds import bytes_of, kind_of, sidecar_of, stated_in
from inlay.provenance.signing import PARENT, context
from inlay.provenance.source_types import named

_UNKNOWN_SIGNER = "signingCredential.untrusted"
_ELSEWHERE = "Remote:"
"""How c2pa-rs begins to say that a mark is named in the XMP and lies in the net."""
_MAX_DEPTH = 32

STATES = {
    "Trusted": "intact, and signed by a certificate that is trusted here",
    "Valid": "intact; who signed it is not known here",
    "Invalid": "broken: the file, or its mark, was changed since, or its certificate does not count",
}


@dataclass(frozen=True)
class Step:
    """One action. region: x, y, width, height in px; empty where none is named."""

    action: str
    term: str = ""
    """IPTC's source type; empty where none is named."""
    description: str = ""
    region: tuple[float, ...] = ()
    recipe_sha256: str = ""


@dataclass(frozen=True)
class Mark:
    """One manifest, and those of what went into the file."""

    made_with: str
    issuer: str
    steps: tuple[Step, ...]
    ingredients: tuple["Part", ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """Every source type of this and of all that went in, this one's first."""
        own = (step.term for step in self.steps if step.term)
        return (*own, *(term for part in self.ingredients for term in (part.mark.terms if part.mark else ())))


@dataclass(frozen=True)
class Part:
    """What went in: its relation, what failed when it was looked at, and its own mark, if it has one."""

    title: str
    relation: str
    failures: tuple[str, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True)
class Verdict:
    """A file's mark. state: Trusted, Valid or Invalid. failures: codes of C2PA, but for the one that `state` says."""

    state: str
    failures: tuple[str, ...]
    mark: Mark

    @property
    def lines(self) -> tuple[str, ...]:
        """For people."""
        said = [f"{self.state}: {STATES.get(self.state, self.state)}"]
        said += [f"failed: {failure}" for failure in self.failures]
        return (*said, *_lines(self.mark, ""))


@dataclass(frozen=True)
class Look:
    """What a file says of itself. verdict: None where it has no Content Credentials. term: the source type in its XMP, or empty."""

    verdict: Verdict | None
    term: str

    @property
    def lines(self) -> tuple[str, ...]:
        """For people."""
        said = self.verdict.lines if self.verdict else ("no Content Credentials",)
        return (*said, f"XMP DigitalSourceType: {self.term or 'none'}")


def look(path: Path, roots: bytes = b"") -> Look:
    """What a file and its sidecar say. roots: PEM certificates to trust. Raises Unsupported for formats that are not signed,
    InvalidInput where a mark cannot be read."""
    data, sidecar = bytes_of(path), sidecar_of(path)
    kind = kind_of(data)
    if kind is None:
        raise Unsupported(f"{path.name} is of no format that Inlay signs", field="FILE")
    found = verdict(data, kind.mime, roots=roots) if kind.carrier else None
    if found is None and not kind.embeds and sidecar.exists():
        found = verdict(data, kind.mime, sidecar.read_bytes(), roots)
    return Look(found, stated_in(data))


def verdict(data: bytes, mime: str, sidecar: bytes = b"", roots: bytes = b"") -> Verdict | None:
    """What a file's mark says, embedded or beside it; None where there is none, or only one in the net, which nobody fetches.

    roots: PEM certificates to trust.
    Raises InvalidInput where there is one that cannot be read.
    """
    try:
        reader = c2pa.Reader.try_create(mime, io.BytesIO(data), sidecar or None, context=context(roots))
    except c2pa.C2paError as broken:
        if str(broken).startswith(_ELSEWHERE):
            return None
        raise InvalidInput("FILE", mime, f"its Content Credentials cannot be read ({broken})") from broken
    if reader is None:
        return None
    told = json.loads(reader.json())
    manifests: Mapping[str, Any] = told["manifests"]
    failures = _failures(told.get("validation_results", {}).get("activeManifest", {}))
    return Verdict(str(told["validation_state"]), failures, _mark(manifests, str(told["active_manifest"]), 0))


def _mark(manifests: Mapping[str, Any], label: str, depth: int) -> Mark:
    own = manifests[label]
    maker = (own.get("claim_generator_info") or [{}])[0]
    signer = own.get("signature_info") or {}
    actions = [
        action
        for assertion in own.get("assertions", ())
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", ())
    ]
    parts = (_part(manifests, one, depth + 1) for one in own.get("ingredients", ())) if depth < _MAX_DEPTH else ()
    made_with = f"{maker.get('name', 'unknown')} {maker.get('version', '')}".strip()
    return Mark(made_with, str(signer.get("issuer", "")), tuple(map(_step, actions)), tuple(parts))


def _part(manifests: Mapping[str, Any], ingredient: Mapping[str, Any], depth: int) -> Part:
    label = str(ingredient.get("active_manifest", ""))
    return Part(
        str(ingredient.get("title", "")),
        str(ingredient.get("relationship", "")),
        _failures((ingredient.get("validation_results") or {}).get("activeManifest") or {}),
        _mark(manifests, label, depth) if label in manifests else None,
    )


def _step(action: Mapping[str, Any]) -> Step:
    parameters = action.get("parameters") or {}
    return Step(
        str(action.get("action", "")),
        named(str(action.get("digitalSourceType", ""))),
        str(action.get("description", "")),
        next(_regions(action), ()),
        str(parameters.get("app.inlay.recipe_sha256", "")),
    )


def _regions(action: Mapping[str, Any]) -> Iterator[tuple[float, ...]]:
    for change in action.get("changes") or ():
        for region in change.get("region") or ():
            shape = region.get("shape") or {}
            if shape.get("type") == "rectangle":
                origin = shape.get("origin") or {}
                yield (
                    float(origin.get("x", 0)),
                    float(origin.get("y", 0)),
                    float(shape.get("width", 0)),
                    float(shape.get("height", 0)),
                )


def _failures(results: Mapping[str, Any]) -> tuple[str, ...]:
    codes = (str(one.get("code", "")) for one in results.get("failure") or ())
    return tuple(dict.fromkeys(code for code in codes if code != _UNKNOWN_SIGNER))


def _lines(mark: Mark, indent: str) -> Iterator[str]:
    yield f"{indent}made with {mark.made_with}, signed by {mark.issuer or 'nobody that is named'}"
    for step in mark.steps:
        where = " at {:g}, {:g}, {:g} x {:g} px".format(*step.region) if step.region else ""
        what = f": {step.description}" if step.description else ""
        yield f"{indent}  {step.action}{what}{where}" + (f" ({step.term})" if step.term else "")
    for part in mark.ingredients:
        role = "from" if part.relation == PARENT else "with"
        broken = f", broken: {', '.join(part.failures)}" if part.failures else ""
        known = "" if part.mark else ", without Content Credentials"
        yield f"{indent}  {role} {part.title or 'a picture'}{known}{broken}"
        if part.mark:
            yield from _lines(part.mark, indent + "    ")
