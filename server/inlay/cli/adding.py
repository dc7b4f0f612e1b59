"""From a path on the command line to a model in the catalog: what it is, what it needs beside it, and its files' hashes."""

from pathlib import Path
from typing import TYPE_CHECKING

from inlay.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from inlay.engines.models.beside import Parts
    from inlay.engines.models.catalog import Catalog, Lora, ModelEntry
    from inlay.engines.models.files import NotifyBytes


def added(
    catalog: "Catalog",
    path: Path,
    *,
    model_id: str = "",
    family: str = "",
    base: Path | None = None,
    parts: "Parts" = (),
    preview_vae: Path | None = None,
    loras: "tuple[Lora, ...]" = (),
    revision: str = "",
    notify: "NotifyBytes | None" = None,
    note: "Callable[[str], None]" = lambda _: None,
) -> "ModelEntry":
    """Hash what lies at `path` and put it into `catalog`. Raises InvalidInput where it is no model of a known family.

    note: called with a sentence where something had to be assumed.
    """
    from inlay.capabilities import Kind
    from inlay.engines.models.assembly import assembly_of, is_part
    from inlay.engines.models.catalog import described
    from inlay.engines.models.detect import identify
    from inlay.engines.models.families import FAMILIES
    from inlay.engines.models.files import readable
    from inlay.engines.models.licence import licence_of
    from inlay.engines.models.skeleton import skeleton

    place = path.expanduser().resolve()
    readable(place)  # says what is wrong with the folder before anybody asks for its family
    found, whole, assumed = identify(place, family)
    if assumed:
        note(assumed)
    FAMILIES[found].check_options({"--base": base, "--part": parts, "--preview-vae": preview_vae, "--lora": loras})
    lacks_parts = FAMILIES[found].kind is Kind.PAINTS and place.is_file() and not (whole and skeleton(found))
    if lacks_parts and base is None and not any(is_part(name) for name, _ in parts):
        # A folder of the same family, if there is one, has the tokenizers (and encoders) that a file lacks.
        kin = (entry for entry in catalog.entries() if entry.family == found and entry.kind == "folder")
        base = next((entry.location for entry in kin), None)
        if base is None and assembly_of(found) is None:
            limit = (
                f"it has no tokenizers; give --base FOLDER, a diffusers folder of the family {found}, or add one first"
            )
            raise InvalidInput("--base", "missing", limit)
    entry = described(
        place,
        found,
        model_id=model_id,
        base=base,
        parts=parts,
        preview_vae=preview_vae,
        loras=loras,
        revision=revision,
        licence=licence_of(place),
        notify=notify,
    )
    return catalog.add(entry)


def name_of(model: str, models: Path | None) -> str:
    """The id of `--model`, which is an id or a folder or file; one that is new is added on the fly.

    models: the server's models.toml, None where it is on another machine. Raises InvalidInput.
    """
    place = Path(model).expanduser()
    if not model or not place.exists() or (models is not None and _knows(models, model)):
        return model
    if models is None:
        limit = "a server named with --server has its own files; give the id of one of its models"
        raise InvalidInput("--model", model, limit)
    from inlay.cli.console import remarks
    from inlay.engines.models.catalog import Catalog

    catalog = Catalog(models)
    known = catalog.at(place)
    return (known or added(catalog, place, note=lambda text: remarks().print(text, markup=False))).id


def parse_loras(given: list[str] | None) -> "tuple[Lora, ...]":
    """LoRAs from FILE[:WEIGHT]. Raises InvalidInput naming the option."""
    from inlay.engines.models.catalog import checked_lora

    loras: list[Lora] = []
    for text in given or []:
        path, _, weight = text.rpartition(":")
        try:
            value = float(weight)
        except ValueError:  # no weight; and on Windows a path has a colon of its own
            path, value = text, 1.0
        place = Path(path).expanduser().resolve()
        lora = checked_lora("--lora", str(place), value)
        if not place.is_file():
            raise InvalidInput("--lora", str(place), "it must be a file that exists")
        loras.append(lora)
    return tuple(loras)


def parse_parts(given: list[Path] | None) -> "Parts":
    """What each of the given files and folders is. Raises InvalidInput naming the option where one helps no model."""
    from inlay.engines.models.assembly import tokenizer_of
    from inlay.engines.models.beside import part_of_folder
    from inlay.engines.models.inspection import inspect

    parts: dict[str, str] = {}
    for path in given or []:
        place = path.expanduser().resolve()
        piece = inspect(place).piece if place.is_file() else None
        name = piece.name if piece else part_of_folder(place) or tokenizer_of(place)
        if not name:
            limit = "it must be a text encoder, a VAE, or a folder of a tokenizer, of DepthAnything or of FLUX.1 Redux"
            raise InvalidInput("--part", place, limit)
        parts[name] = str(place)
    return tuple(parts.items())


def _knows(models: Path, model_id: str) -> bool:
    from inlay.engines.models.catalog import Catalog

    return any(entry.id == model_id for entry in Catalog(models).entries())
