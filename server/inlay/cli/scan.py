"""`inlay models scan`: the models of other programs, where they lie."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.model_words import COMMERCIAL, MEMORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inlay.engines.models.catalog import Catalog
    from inlay.engines.models.scan import Found, Scanned


_KEY = re.compile(r"[0-9a-f]{8}[0-9a-f-]*")
"""What InvokeAI calls the folders of its models; their names are in its database."""


def scan_models(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...",
            help="Of ComfyUI, A1111, Forge, InvokeAI, SwarmUI, StabilityMatrix, a Hugging Face cache, or any other.",
            exists=True,
            file_okay=False,
        ),
    ],
    add: Annotated[
        bool, typer.Option("--add", help="Take those that are ready into models.toml; each is read once, for its hash.")
    ] = False,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """What lies in folders of models, by the headers of the files. Nothing is copied, and nothing is written there."""
    from inlay.cli.console import out, print_json
    from inlay.engines.models.catalog import Catalog
    from inlay.engines.models.scan import scan

    catalog = Catalog(config.data_dir(data) / config.MODELS_FILE)
    known = [(entry.family, entry.location) for entry in catalog.entries() if entry.kind == "folder"]
    found = scan(folders, known)
    taken = added_of(catalog, found.models, as_json) if add else {}
    if as_json:
        print_json(
            {
                "models": [plain_of(one) | {"id": taken.get(one.own, "")} for one in found.models],
                "parts": [{"path": str(path), "part": piece.name} for path, piece in found.parts],
                "loras": [str(path) for path in found.loras],
                "refused": [{"path": str(path), "reason": reason} for path, reason in found.refused],
            }
        )
        return
    for line in lines_of(found, taken):
        out().print(line, markup=False, soft_wrap=True)
    if not add and any(is_ready(one) for one in found.models):
        out().print("take those that are ready with: inlay models scan --add FOLDER", markup=False)


def added_of(catalog: "Catalog", models: "Sequence[Found]", silent: bool) -> dict[Path, str]:
    """Take what is ready into the catalog, unless it is there; the ids by their places."""
    from inlay.cli.adding import added
    from inlay.cli.models import hashing

    ids: dict[Path, str] = {}
    for one in models:
        if not is_ready(one):
            continue
        entry = catalog.at(one.path, one.lora)
        if entry is None:
            with hashing(silent) as notify:
                base = one.bases[0] if one.needs_base and one.bases else None
                name = _free_id(catalog, one)
                entry = added(
                    catalog, one.path, model_id=name, family=one.families[0], base=base, parts=one.parts, notify=notify
                )
        ids[one.own] = entry.id
    return ids


def is_ready(one: "Found") -> bool:
    """Nothing is missing, and nothing has to be said."""
    return not one.missing and not one.open


def lines_of(found: "Scanned", taken: "dict[Path, str]") -> list[str]:
    """What was found, for people."""
    lines: list[str] = []
    for one in found.models:
        where = f" ({one.program})" if one.program else ""
        lines.append(f"{one.path}{where}")
        lines.append(f"  {described(one)}")
        for beside in one.beside:
            held = ", ".join(str(path) for path in beside.found) or f"missing: look for {beside.piece.published}"
            several = "  (several fit; say which)" if len(beside.found) > 1 else ""
            lines.append(f"  {beside.piece.title}: {held}{several}")
        lines += [f"  {name}: {place}" for name, place in one.parts]
        lines += [f"  missing: {what}" for what in one.missing if what not in _told(one)]
        lines += [f"  say {what}" for what in one.open]
        if one.own in taken:
            lines.append(f"  is in models.toml as {taken[one.own]}")
    if not found.models:
        lines.append("no model that paints")
    lines.append(f"{len(found.parts)} text encoders and VAEs, {len(found.loras)} LoRAs")
    lines += [f"left out: {path}: {reason}" for path, reason in found.refused]
    return lines


def described(one: "Found") -> str:
    """A model in one line: family, precision, size, memory, licence."""
    licence = f"{one.licence.id or 'licence not known'}: {COMMERCIAL[one.licence.commercial]}"
    source = f" ({one.licence.source})" if one.licence.source else ""
    titles = " or ".join(one.families) if len(one.families) > 1 else one.title
    return f"{titles}, {one.precision}, {one.bytes / 1e9:.1f} GB; {MEMORY[one.memory]}; {licence}{source}"


def plain_of(one: "Found") -> dict[str, Any]:
    """A model as JSON values."""
    return {
        "path": str(one.path),
        "program": one.program,
        "families": list(one.families),
        "precision": one.precision,
        "bytes": one.bytes,
        "licence": one.licence.id,
        "commercial": one.licence.commercial.value,
        "licence_source": one.licence.source,
        "memory": one.memory.value,
        "beside": {each.piece.name: [str(path) for path in each.found] for each in one.beside},
        "bases": [str(base) for base in one.bases],
        "helpers": dict(one.parts),
        "missing": list(one.missing),
        "open": list(one.open),
        "ready": is_ready(one),
    }


def _told(one: "Found") -> set[str]:
    return {f"{beside.piece.title}: {beside.piece.published}" for beside in one.beside}


def _free_id(catalog: "Catalog", one: "Found") -> str:
    """The name of a file or folder, with a number where another model has it already; its family's where that is a key."""
    from inlay.engines.models.catalog import id_for

    taken = {entry.id for entry in catalog.entries()}
    name = id_for(one.own)
    if _KEY.fullmatch(name):
        name = f"{one.families[0]}-{name[:8]}"
    return next(
        free
        for number in range(1, len(taken) + 2)
        if (free := name if number == 1 else f"{name[:60]}-{number}") not in taken
    )
