"""What a model is read with beside its own files, hashed like them: a base, what is shipped for its family, and its parts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from inlay.engines.models import skeleton
from inlay.engines.models.assembly import assembly_of, is_part, shipped_files
from inlay.engines.models.files import READ, ModelFile, hash_files, readable
from inlay.errors import InvalidInput

BASE = "base:"
"""Stands before the names of the base's files."""

SKELETON = "skeleton:"
"""Stands before the names of the files that Inlay ships for a checkpoint without a base."""

PART = "part:"
"""Stands before a part's name, a colon and the names of its files."""

DEPTH, REDUX = "depth", "redux"
"""A folder of DepthAnything, as transformers saves one, which makes maps of depth; one of FLUX.1 Redux, which reads references."""

Parts = tuple[tuple[str, str], ...]
"""What lies beside a model by what it is, DEPTH or a component's name, and where: files and folders, absolute."""


def hashed_beside(place: Path, family: str, base: str, parts: Parts) -> tuple[ModelFile, ...]:
    """The files beside the model at `place`, hashed: its base's, else those that are shipped for its family; and its parts'."""
    if base:
        found = hash_files(Path(base), readable(Path(base)), None, BASE)
    else:
        found = hash_files(skeleton.CONFIGS, _shipped(family, parts) if place.is_file() else (), None, SKELETON)
    for name, part in parts:
        found += hash_files(Path(part), part_files(Path(part)), None, f"{PART}{name}:")
    return found


def _shipped(family: str, parts: Parts) -> tuple[Path, ...]:
    """What of Inlay's own a single file without a base is read with."""
    assembly = assembly_of(family, dict(parts)) if any(is_part(name) for name, _ in parts) else None
    return shipped_files(assembly) if assembly else skeleton.skeleton_files(family)


def place_beside(name: str, base: str, parts: Parts) -> Path | None:
    """Where the file of that name in an entry's `files` lies; None where it is one of the model's own."""
    for prefix, root in (
        (BASE, base),
        (SKELETON, str(skeleton.CONFIGS)),
        *((f"{PART}{part}:", at) for part, at in parts),
    ):
        if name.startswith(prefix):
            return Path(root) / name.removeprefix(prefix) if Path(root).is_dir() else Path(root)
    return None


def part_files(place: Path) -> list[Path]:
    """The files of a part that loading reads: itself, a diffusers folder's, or those of a folder as transformers saves one.

    Raises InvalidInput where there is none.
    """
    if place.is_file() or (place / "model_index.json").is_file():
        return readable(place)
    found = sorted(file for file in place.glob("*") if file.is_file() and file.suffix.lower() in READ)
    if not found:
        raise InvalidInput("part", place, "it must be a file of weights, or a folder with .safetensors and .json files")
    return found


def part_of_folder(place: Path) -> str:
    """Which part a folder is, by its papers: DEPTH or REDUX. Empty for any other folder."""
    for paper, key, said, part in (
        ("config.json", "model_type", "depth_anything", DEPTH),
        ("model_index.json", "_class_name", "FluxPriorReduxPipeline", REDUX),
    ):
        if _paper(place / paper).get(key) == said:
            return part
    return ""


def parts_of(where: str, plain: object) -> Parts:
    """The parts that `models.toml` names. Raises InvalidInput naming the key under `where`."""
    return tuple(_checked(where, plain))


def _checked(where: str, plain: object) -> Iterator[tuple[str, str]]:
    if not isinstance(plain, Mapping):
        raise InvalidInput(where, plain, "it must be a table of paths")
    for name, place in cast(Mapping[str, Any], plain).items():
        if not isinstance(place, str):
            raise InvalidInput(f"{where}.{name}", place, "it must be the path of a file or folder")
        yield name, place


def _paper(path: Path) -> dict[str, Any]:
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], read) if isinstance(read, dict) else {}
