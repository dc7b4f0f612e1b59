"""What the command line says of a model's licence and memory."""

from typing import TYPE_CHECKING, Any

from inlay.capabilities import Kind

if TYPE_CHECKING:
    from inlay.capabilities import Capabilities
    from inlay.engines.models.catalog import ModelEntry

MEMORY = {
    "fits": "fits wholly",
    "offload": "fits with its text encoders in main memory, slower",
    "layers": "layer by layer, much slower",
    "not": "too large for this machine",
    "": "memory not known",
}
COMMERCIAL = {
    "yes": "commercial use allowed",
    "no": "NOT for commercial use",
    "conditions": "commercial use has conditions",
    "": "read its licence",
}

SMALL_BYTES = 100_000_000
"""A network below it runs wherever Inlay does."""


def plain_of(model: "Capabilities") -> dict[str, Any]:
    """A model as JSON values."""
    return {
        "id": model.name,
        "ready": True,
        "verbs": sorted(verb for verb in model.verbs),
        "understands_prompts": model.understands_prompts,
        "native_px": model.native_px,
        "max_px": model.max_px,
        "description": model.description,
        "family": model.facts.family,
        "licence": model.licence,
        "commercial": model.facts.commercial.value,
        "licence_source": model.facts.licence_source,
        "bytes": model.facts.bytes,
        "precision": model.facts.precision,
        "memory": model.facts.memory.value,
    }


def abilities_of(model: "Capabilities") -> str:
    """What it can do, in one line."""
    if not model.verbs:
        return model.description
    prompts = "follows prompts" if model.understands_prompts else "knows no prompts"
    return f"{prompts}; at most {model.max_px / 1e6:.0f} megapixels at once. {model.description}".rstrip()


def held_by(entry: "ModelEntry") -> str:
    """Where the weights of a model in models.toml are: how many files, or on which server."""
    if entry.remote:
        return f"asked at {entry.remote.address}"
    return "1 file" if len(entry.files) == 1 else f"{len(entry.files)} files"


def facts_of(model: "Capabilities") -> str:
    """Family, precision, size, memory and licence in one line; of a model on another server who gets the pixels."""
    facts = model.facts
    if not facts.bytes:
        where = f"its pixels go to {model.leaves}" if model.leaves else "no weights here"
        return f"{facts.family}; {where}"
    stored = f"{facts.precision}, " if facts.precision else ""
    small = model.kind in (Kind.SEGMENTS, Kind.DETECTS, Kind.UPSCALES) and facts.bytes < SMALL_BYTES
    size = f"{facts.bytes / 1e6:.1f} MB; any CPU" if small else f"{facts.bytes / 1e9:.1f} GB; {MEMORY[facts.memory]}"
    source = f" ({facts.licence_source})" if facts.licence_source else ""
    licence = f"{model.licence or 'licence not known'}: {COMMERCIAL[facts.commercial]}{source}"
    return f"{facts.family}, {stored}{size}; {licence}"
