"""From a path on the command line to a model in the catalog: what it is, what it needs beside it, and its files' hashes."""

from pathlib import Path
from typing import TYPE_CHECKING

from inlay.errors import InvalidInput

if TYPE_CHECKING:
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
) -> "ModelEntry":
    """Hash what lies at `path` and put it into `catalog`. Raises InvalidInput where it is no model of a known family."""
    from inlay.capabilities import Kind
    from inlay.engines.models.assembly import MAP_LORA, assembly_of, is_part
    from inlay.engines.models.catalog import described
    from inlay.engines.models.detect import RESTYLED, identify, identify_restyling
    from inlay.engines.models.families import FAMILIES
    from inlay.engines.models.files import readable
    from inlay.engines.models.licence import licence_of
    from inlay.engines.models.skeleton import skeleton

    place = path.expanduser().resolve()
    readable(place)  # says what is wrong with the folder before anybody asks for its family
    lora = dict(parts).get(MAP_LORA)
    found, whole = identify_restyling(place, Path(lora), family) if lora else identify(place, family)
    FAMILIES[found].check_options({"--base": base, "--part": parts, "--preview-vae": preview_vae, "--lora": loras})
    lacks_parts = FAMILIES[found].kind is Kind.PAINTS and place.is_file() and not (whole and skeleton(found))
    if lacks_parts and base is None and not any(is_part(name) for name, _ in parts):
        # A folder of the same family, if there is one, has the tokenizers (and encoders) that a file lacks.
        weights_of = RESTYLED if lora else found
        kin = (entry for entry in catalog.entries() if entry.family == weights_of and entry.kind == "folder")
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
    from inlay.engines.models.catalog import Catalog

    catalog = Catalog(models)
    known = catalog.at(place)
    return (known or added(catalog, place)).id


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
    from inlay.engines.models.steering_parts import PARTS

    parts: dict[str, str] = {}
    for path in given or []:
        said, equals, rest = str(path).partition("=")
        told = said if equals and said in PARTS else ""
        place = Path(rest if told else path).expanduser().resolve()
        if not place.exists():
            raise InvalidInput("--part", place, "it must be a file or folder that is there")
        name = told or _part_at(place)
        if not name:
            limit = (
                "it must be a text encoder, a VAE, an IP-Adapter, a ControlNet, a LoRA of FLUX.1 Canny or Depth, or a folder of a "
                "tokenizer, of DepthAnything or of FLUX.1 Redux; where its name does not tell: NAME=PLACE, of "
                + ", ".join(PARTS)
            )
            raise InvalidInput("--part", place, limit)
        parts[name] = str(place)
    for place in [*parts.values()]:
        if (carried := _carried_by(Path(place))) and carried not in parts:
            parts[carried] = place
    return tuple(parts.items())


def _part_at(place: Path) -> str:
    """What a file or folder is, by its headers and papers; empty where it helps no model."""
    from inlay.engines.models.assembly import MAP_LORA, tokenizer_of
    from inlay.engines.models.beside import part_of_folder
    from inlay.engines.models.inspection import inspect, is_map_lora
    from inlay.engines.models.steering_parts import steering_at

    if steering := steering_at(place):
        return steering.part
    if place.is_file():
        piece = inspect(place).piece
        return piece.name if piece else MAP_LORA if is_map_lora(place) else ""
    return part_of_folder(place) or tokenizer_of(place)


def _carried_by(place: Path) -> str:
    """The tokenizer that an encoder in GGUF carries, which stands in for ComfyUI's folder of it; empty where there is none."""
    from inlay.engines.models.assembly import TOKENIZERS
    from inlay.engines.models.inspection import inspect

    name = inspect(place).tokenizer if place.suffix.lower() == ".gguf" else ""
    return name if name and TOKENIZERS[name].place else ""


def _knows(models: Path, model_id: str) -> bool:
    from inlay.engines.models.catalog import Catalog

    return any(entry.id == model_id for entry in Catalog(models).entries())
