"""What a machine has to paint with, what would run well on it, and what there is to get: facts, without a word about them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from inlay.capabilities import Commercial, Memory
from inlay.engines.models.catalog import Catalog
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.eye_families import EYES, EyeFamily
from inlay.engines.models.facts import this_machine
from inlay.engines.models.families import FAMILIES
from inlay.engines.models.licences import published, terms_of
from inlay.engines.models.memory_verdict import SIZES, Machine, published_need, published_weights, verdict
from inlay.engines.models.scan import REPOSITORIES, Found, recommended, scan
from inlay.engines.registry import missing_libraries, why_not

USUAL = (
    "ComfyUI",
    "ComfyUI/ComfyUI",
    "Documents/ComfyUI",
    "stable-diffusion-webui",
    "stable-diffusion-webui-forge",
    "invokeai",
    "SwarmUI",
    "StabilityMatrix",
    ".cache/huggingface",
)
"""Where other programs' installers put their models, below a user's home."""


class Advice(NamedTuple):
    """A family that would run well here. bytes: of its weights as they were published. repository: what to pull."""

    family: str
    title: str
    repository: str
    bytes: int
    licence: str
    memory: Memory


class Mine(NamedTuple):
    """A model of models.toml. lacks: what keeps it from being ready, with the cure; empty where nothing does."""

    id: str
    lacks: str


class Setup(NamedTuple):
    """What there is, and what to get. lacking: libraries that painting with models needs. folders: where was looked.

    found: models in them that are ready to be added; unready: how many are not. would_run: the best first. eyes: the small
    networks, and whether each is here.
    """

    machine: Machine
    lacking: tuple[str, ...]
    models: tuple[Mine, ...]
    folders: tuple[Path, ...]
    found: tuple[Found, ...]
    unready: int
    would_run: tuple[Advice, ...]
    eyes: tuple[tuple[EyeFamily, bool], ...]
    models_file: Path


def look(catalog: Catalog, folders: Sequence[Path] = ()) -> Setup:
    """Look around this machine: in `folders`, or else where other programs usually have their models. Changes nothing."""
    entries = catalog.entries()
    here = tuple(path for path in (folders or [Path.home() / name for name in USUAL]) if path.is_dir())
    known = [(entry.family, entry.location) for entry in entries if entry.kind == "folder"]
    models = scan(here, known).models
    ready = recommended(models)
    machine = this_machine()
    mine = {entry.family for entry in entries if not why_not(entry)}
    return Setup(
        machine,
        missing_libraries(FAMILIES["sdxl"].libraries),
        tuple(Mine(entry.id, why_not(entry)) for entry in entries if entry.family not in EYES),
        here,
        tuple(one for one in ready if catalog.at(one.path, one.lora) is None),
        len(models) - len(ready),
        would_run(machine),
        tuple((eye, eye.name in mine) for eye in EYES.values()),
        catalog.path,
    )


def would_run(machine: Machine) -> tuple[Advice, ...]:
    """The families, as their makers published them, that this machine paints with well and whose licence leaves one free.

    Those that fit wholly first, the larger before the smaller. None without a card: on a CPU a picture takes hours.
    """
    if not machine.card:
        return ()
    fitting: list[Advice] = []
    for family, repository in REPOSITORIES.items():
        terms = terms_of(published(family))
        memory = verdict(published_need(family, DIFFUSION[family].native_px), machine)
        if terms.commercial is Commercial.NO or memory not in (Memory.FITS, Memory.OFFLOAD) or family not in SIZES:
            continue
        weight = round(published_weights(family))
        fitting.append(Advice(family, DIFFUSION[family].title, repository, weight, terms.id, memory))
    return tuple(sorted(fitting, key=lambda one: (one.memory is not Memory.FITS, -one.bytes)))
