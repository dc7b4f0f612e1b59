"""What a studio asks of a model before it uses it: licence, size, precision, and how it fits the card that is here."""

import os
import subprocess
from functools import cache
from pathlib import Path

from inlay.capabilities import Memory, ModelFacts
from inlay.engines.devices import present_devices
from inlay.engines.models.assembly import assembly_of
from inlay.engines.models.beside import BASE, PART, SKELETON
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.families import FAMILIES
from inlay.engines.models.inspection import Inspected, inspect
from inlay.engines.models.licences import Terms, published, terms_of
from inlay.engines.models.memory_verdict import ENCODERS, GB, SIZES, Machine, Need, need_of, verdict
from inlay.engines.models.pieces import PIECES
from inlay.engines.models.video_families import BY_DIFFUSERS
from inlay.errors import InlayError

ASKED_S = 10.0
"""nvidia-smi answers in a second, or the driver hangs."""

_KLEIN_9B_FROM = 6 * GB
"""Parameters of FLUX.2 klein's denoiser: 3.88 or 9.08 billion."""


def facts_of(entry: ModelEntry) -> ModelFacts:
    """Of a model in the catalog. Reads headers, once for each state of its file."""
    terms, seen = terms_for(entry), _seen(entry.path, _state(entry.location))
    weights = () if entry.remote else entry.files  # what is kept of another server's model is its graph
    own = sum(file.bytes for file in weights if not file.name.startswith((BASE, PART, SKELETON)))
    need = need_of_entry(entry, seen)
    memory = verdict(need, this_machine()) if need else Memory.UNKNOWN
    return ModelFacts(entry.family, terms.commercial, terms.source, own, seen.layout.name if seen else "", memory)


def lacking(entry: ModelEntry) -> tuple[str, ...]:
    """What a lone denoiser without a base still needs beside it, by what to look for; nothing where it is whole."""
    seen = _seen(entry.path, _state(entry.location)) if entry.kind == "file" and not entry.base else None
    if seen is None or seen.role != "denoiser":
        return ()
    assembly = assembly_of(entry.family, [piece.name for piece in seen.lacks])
    if assembly is None:
        return (f"a diffusers folder of the family {entry.family} (--base)",)
    return tuple(told for name, told in assembly.wanted.items() if name not in dict(entry.parts))


def terms_for(entry: ModelEntry) -> Terms:
    """The licence of a model in the catalog: what it says itself, or else that of its makers."""
    if said := entry.licence or FAMILIES[entry.family].licence:
        return terms_of(said)
    seen = _seen(entry.path, _state(entry.location))
    return terms_of(published(entry.family, [piece.name for piece in seen.lacks] if seen else ()))


def need_of_entry(entry: ModelEntry, seen: Inspected | None) -> Need | None:
    """What a diffusion model takes; None where that cannot be told."""
    if entry.family not in BY_DIFFUSERS or seen is None:
        return None
    return need_of_parts(entry.family, seen, {_as_in_folder(file.name): file.bytes for file in entry.files})


def _as_in_folder(name: str) -> str:
    """What a file of an entry would be called in a diffusers folder, as far as its kind goes."""
    part, _, file = name.removeprefix(PART).partition(":") if name.startswith(PART) else ("", "", "")
    return f"{PIECES[part].role}/{file}" if part in PIECES else name.removeprefix(BASE)


def need_of_parts(family: str, seen: Inspected, files: dict[str, int]) -> Need | None:
    """What a model takes. files: bytes by name, of a diffusers folder or of the base's; what is not among them is taken to be as
    it was published, at 16 bits. None for a family that nobody counted.
    """
    key = "flux2_klein_9b" if family == "flux2_klein" and seen.layout.weights > _KLEIN_9B_FROM else family
    if key not in SIZES:
        return None
    size, number_bytes = SIZES[key], 2 if this_machine().card else 4

    def part(name: str, published_parameters: float) -> int:
        found = sum(count for file, count in files.items() if file.startswith(name) and file.endswith(".safetensors"))
        return found * number_bytes // 2 or round(published_parameters * GB * number_bytes)

    unpacked = seen.layout.bytes if seen.layout.stays_small else seen.layout.weights * number_bytes
    denoiser = round(size.denoiser * GB * number_bytes) if seen.role == "checkpoint" else unpacked
    denoiser += part("transformer_2", 0)
    encoders = part("text_encoder", sum(ENCODERS[name].parameters for name in size.encoders))
    return need_of(key, BY_DIFFUSERS[family].native_px, denoiser, encoders, part("vae", size.vae), number_bytes)


@cache
def this_machine() -> Machine:
    """The card that models paint on here, and main memory. Asked once; a card that is put in later is seen after a restart."""
    main = _main_memory()
    device = present_devices()[0].partition(":")[0]
    if device == "mps":
        return Machine(main, main)  # the same memory
    return Machine(_card_bytes() if device == "cuda" else 0, main)


def _card_bytes() -> int:
    """Of the first NVIDIA card, by its driver's own tool; 0 where that says nothing."""
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=ASKED_S, check=True).stdout
        return int(said.split()[0]) * 2**20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0


def _main_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows
        try:
            import psutil
        except ImportError:
            return 0
        return int(psutil.virtual_memory().total)


def _state(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0


@cache
def _seen(path: str, state: int) -> Inspected | None:
    """What the headers say; None where they cannot be read, which whoever uses the model is told. state: of the file."""
    try:
        return inspect(Path(path))
    except (InlayError, OSError):
        return None
