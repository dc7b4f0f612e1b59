"""`inlay setup`: from nothing to a first picture: what is here, what would run well here, what to get, and where it goes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay import config
from inlay.cli import options

if TYPE_CHECKING:
    from inlay.engines.models.memory_verdict import Machine

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
"""Where other programs' installers put them, below a user's home."""


def setup(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER...]",
            help="Where your models lie. Default: where other programs usually have them.",
            show_default=False,
        ),
    ] = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """What this machine has to paint with, what would run well on it, what to get and where to put it. Changes nothing."""
    from inlay.cli.console import out, print_json
    from inlay.cli.scan import described, plain_of
    from inlay.engines.models.catalog import Catalog
    from inlay.engines.models.facts import this_machine
    from inlay.engines.models.families import FAMILIES
    from inlay.engines.models.scan import recommended, scan
    from inlay.engines.registry import missing_libraries, why_not

    machine = this_machine()
    catalog = Catalog(config.data_dir(data) / config.MODELS_FILE)
    lacking = missing_libraries(FAMILIES["sdxl"].libraries)
    here = [path for path in (folders or [Path.home() / name for name in USUAL]) if path.is_dir()]
    known = [(entry.family, entry.location) for entry in catalog.entries() if entry.kind == "folder"]
    found = scan(here, known)
    ready = recommended(found.models)
    would = would_run(machine)
    if as_json:
        print_json(
            {
                "card_bytes": machine.card,
                "main_bytes": machine.main,
                "lacking": list(lacking),
                "models": [{"id": entry.id, "cure": why_not(entry)} for entry in catalog.entries()],
                "folders": [str(path) for path in here],
                "found": [plain_of(one) for one in ready],
                "would_run": would,
                "models_file": str(catalog.path),
            }
        )
        return
    lines = ["1. This machine", f"   {_machine(machine)}"]
    if lacking:
        lines.append("   To paint with models, run in Inlay's folder: pip install '.[diffusion]'")
    lines.append(
        "   Without a model: inlay demo makes a first picture, and inlay serve erases, fills, expands and recolors"
    )
    lines += ["", "2. Your models"]
    for entry in catalog.entries():
        lines.append(f"   {entry.id}: {why_not(entry) or 'ready'}")
    lines += [f"   {one.path}: {described(one)}" for one in ready if catalog.at(one.path) is None]
    if not catalog.entries() and not ready:
        looked = ", ".join(str(path) for path in here) or "no folder of another program is where it usually is"
        lines.append(f"   none yet (looked in: {looked})")
    if ready:
        shown = " ".join(f'"{path}"' for path in here)
        lines.append(f"   take them with: inlay models scan --add {shown}")
    lines += ["", "3. What would run well here"]
    for one in would:
        lines.append(f"   {one['title']}: {one['bytes'] / 1e9:.0f} GB, {one['licence']}")
        lines.append(f"     inlay models pull {one['repository']}")
    if not would:
        why = (
            "no model that anybody may use fits this card"
            if machine.card
            else "without a card no model paints in minutes"
        )
        lines.append(f"   {why}; erase, fill, expand and recolor need none")
    lines += [
        "",
        "4. Where it goes",
        f"   pull puts it below {catalog.path.parent / 'models'}; files that you have stay where they are: inlay models add PATH",
        "",
        "5. The first picture",
        "   inlay serve, then in Krita: inlay krita install; or: inlay edit photo.png --mask mask.png --verb erase --out out.ora",
    ]
    for line in lines:
        out().print(line, markup=False, soft_wrap=True)


def would_run(machine: "Machine") -> list[dict[str, Any]]:
    """The families, as their makers published them, that this machine paints with well and whose licence leaves one free; those
    that fit wholly first, the larger before the smaller.
    """
    from inlay.capabilities import Commercial, Memory
    from inlay.engines.models.diffusion_families import DIFFUSION
    from inlay.engines.models.licences import published, terms_of
    from inlay.engines.models.memory_verdict import SIZES, published_need, published_weights, verdict
    from inlay.engines.models.scan import REPOSITORIES

    if not machine.card:
        return []  # a model that wants a card takes hours on a CPU
    fitting: list[tuple[Memory, int, dict[str, Any]]] = []
    for family, repository in REPOSITORIES.items():
        terms = terms_of(published(family))
        memory = verdict(published_need(family, DIFFUSION[family].native_px), machine)
        if terms.commercial is Commercial.NO or memory not in (Memory.FITS, Memory.OFFLOAD) or family not in SIZES:
            continue
        weight = round(published_weights(family))
        told = {"family": family, "title": DIFFUSION[family].title, "repository": repository, "bytes": weight}
        fitting.append((memory, weight, told | {"licence": terms.id, "memory": memory.value}))
    fitting.sort(key=lambda one: (one[0] is not Memory.FITS, -one[1]))
    return [told for _, _, told in fitting]


def _machine(machine: "Machine") -> str:
    main = f"{machine.main / 2**30:.0f} GiB of main memory"
    if not machine.card:
        return f"no graphics card that PyTorch here can use, {main}: models would take hours for a picture"
    return f"a card with {machine.card / 2**30:.0f} GiB, {main}"
