"""The files of a model: which of them may be read, and what they are, by SHA-256. Pickles are never opened."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from inlay.engines.models.transformers_folder import family_in
from inlay.errors import InvalidInput

WEIGHTS = (".safetensors", ".gguf")
READ = (*WEIGHTS, ".json", ".txt", ".model")
PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle")
ORIGIN = "origin.toml"
"""In the folder of a small network: where Inlay took it from."""

_CHUNK_BYTES = 8 * 2**20

NotifyBytes = Callable[[int, int], None]
"""Bytes done and bytes in all."""


class ModelFile(NamedTuple):
    """A file as it was when its model was added. name: relative to the model's folder, with forward slashes.

    modified_ns: when it was last written, since 1970; 0 where nobody looked.
    """

    name: str
    sha256: str
    bytes: int
    modified_ns: int = 0

    @property
    def content(self) -> tuple[str, str]:
        """What the file is, wherever and whenever it was written."""
        return self.name, self.sha256


def readable(place: Path) -> list[Path]:
    """The files of the model at `place` (a diffusers folder, or one file) that loading reads, in a fixed order.

    Raises InvalidInput where `place` is no model, or where a part of it exists only as a pickle.
    """
    if place.is_file():
        if place.suffix.lower() in PICKLES:
            raise _pickle(place)
        if place.suffix.lower() not in WEIGHTS:
            raise InvalidInput("path", place, "it must be a diffusers folder, a .safetensors or a .gguf file")
        return [place]
    if (place / ORIGIN).is_file():
        return sorted(file for file in place.iterdir() if file.is_file() and not _hidden(file, place))
    if family_in(place):
        own = sorted(file for file in place.iterdir() if file.is_file() and not _hidden(file, place))
        if any(file.suffix.lower() in PICKLES for file in own) and not any(file.suffix in WEIGHTS for file in own):
            raise _pickle(next(file for file in own if file.suffix.lower() in PICKLES))
        return [file for file in own if file.suffix.lower() in READ]
    if not (place / "model_index.json").is_file():
        if place.is_dir() and any(file.suffix.lower() in PICKLES for file in place.iterdir()):
            raise _pickle(next(file for file in sorted(place.iterdir()) if file.suffix.lower() in PICKLES))
        limit = "it must be a folder with a model_index.json (as diffusers saves it), a .safetensors or a .gguf file"
        raise InvalidInput("path", place, limit)
    files = sorted(file for file in place.glob("*/*") if file.is_file() and not _hidden(file, place))
    for component in sorted({file.parent for file in files}):
        kinds = {file.suffix.lower() for file in files if file.parent == component}
        if kinds & set(PICKLES) and not kinds & set(WEIGHTS):
            raise _pickle(next(file for file in files if file.parent == component and file.suffix.lower() in PICKLES))
    for index in (file for file in files if file.name.endswith(".safetensors.index.json")):
        _check_shards(index)
    top = [place / "model_index.json"]
    return top + [file for file in files if file.suffix.lower() in READ]


def _check_shards(index: Path) -> None:
    """Raises InvalidInput where a list of shards names anything but safetensors files beside itself."""
    try:
        shards = {str(name) for name in json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("path", index, f"it must list a model's shards ({type(error).__name__})") from None
    for name in sorted(shards):
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise InvalidInput("path", index, f"it names {name[:80]!r}; shards are .safetensors files beside it")


def tiny_vae(folder: Path) -> Path:
    """Where an AutoencoderTiny lies, absolute. Raises InvalidInput where `folder` is none that may be read."""
    place = folder.expanduser().resolve()
    try:
        kind = json.loads((place / "config.json").read_text(encoding="utf-8"))["_class_name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("preview_vae", place, f"it must be a folder as diffusers saves one ({error!r})") from None
    if kind != "AutoencoderTiny":
        raise InvalidInput("preview_vae", place, f"it must be an AutoencoderTiny, not {kind}")
    if not any(place.glob("*.safetensors")):
        raise InvalidInput("preview_vae", place, "it must hold a .safetensors file; pickles can run code")
    return place


def hash_files(
    place: Path, files: Iterable[Path], notify: NotifyBytes | None, prefix: str = ""
) -> tuple[ModelFile, ...]:
    """The files with their SHA-256. prefix: stands before each name."""
    found = {file: file.stat() for file in files}
    total, done = sum(state.st_size for state in found.values()), 0
    hashed: list[ModelFile] = []
    for file, state in found.items():
        before = done

        def tell(read: int, before: int = before) -> None:
            if notify:
                notify(before + read, total)

        name = file.relative_to(place).as_posix() if place.is_dir() else file.name
        hashed.append(ModelFile(prefix + name, hash_file(file, tell), state.st_size, state.st_mtime_ns))
        done += state.st_size
    return tuple(hashed)


def hash_file(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """The SHA-256 of a file in hex. tell: called with the bytes read so far."""
    digest, read = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            read += len(chunk)
            if tell:
                tell(read)
    return digest.hexdigest()


def digest_of(files: Sequence[ModelFile], loras: tuple[tuple[str, float], ...] = ()) -> str:
    """One SHA-256 for a whole model: its files by name, and its LoRAs by hash and weight."""
    lines = [f"{file.sha256}  {file.name}\n" for file in sorted(files)]
    lines += [f"{sha256}  lora {weight!r}\n" for sha256, weight in loras]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _hidden(file: Path, place: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(place).parts)


def _pickle(path: Path) -> InvalidInput:
    limit = "it is a pickle, which can run any code when it is opened; use the model's .safetensors files"
    return InvalidInput("path", path, f"{limit} (for LaMa and MAT docs/diffusion.md says how to make them)")
