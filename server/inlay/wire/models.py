"""Between the contract's Model and what an engine can do."""

from enum import StrEnum
from typing import TypeVar

from inlay.capabilities import Capabilities, Commercial, Kind, Memory, ModelFacts
from inlay.v1 import inlay_pb2

_E = TypeVar("_E", bound=StrEnum)


def model_from(message: inlay_pb2.Model) -> Capabilities:
    """What an engine elsewhere can do."""
    return Capabilities(
        name=message.id,
        description=message.title,
        verbs=frozenset(message.verbs),
        understands_prompts=message.understands_prompts,
        native_px=message.native_px,
        max_px=message.max_px,
        kind=Kind(message.kind) if message.kind in set(Kind) else Kind.PAINTS,
        accepts=frozenset(message.accepts),
        references=message.references,
        weighs=message.weighs_references,
        structures=frozenset(message.structures),
        licence=message.licence,
        leaves=message.leaves,
        facts=ModelFacts(
            message.family,
            _known(Commercial, message.commercial),
            message.licence_source,
            message.bytes,
            message.precision,
            _known(Memory, message.memory),
        ),
    )


def model_to(engine: Capabilities) -> inlay_pb2.Model:
    return inlay_pb2.Model(
        id=engine.name,
        title=engine.description or engine.name,
        verbs=sorted(engine.verbs),
        understands_prompts=engine.understands_prompts,
        native_px=engine.native_px,
        max_px=engine.max_px,
        promotes=engine.promotes,
        kind=engine.kind,
        accepts=sorted(engine.accepts),
        references=engine.references,
        weighs_references=engine.weighs,
        structures=sorted(engine.structures),
        licence=engine.licence,
        leaves=engine.leaves,
        family=engine.facts.family,
        commercial=engine.facts.commercial,
        licence_source=engine.facts.licence_source,
        bytes=engine.facts.bytes,
        precision=engine.facts.precision,
        memory=engine.facts.memory,
    )


def _known(kind: type[_E], value: str) -> _E:
    """The value, or, of a later contract, that it is not known."""
    return kind(value) if value in set(kind) else kind("")
