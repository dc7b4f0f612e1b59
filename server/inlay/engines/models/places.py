"""Where other programs keep their models: ComfyUI, A1111 and Forge, InvokeAI, SwarmUI, StabilityMatrix, the Hugging Face cache.

Everything is only read, where it lies. Their own papers: ComfyUI's extra_model_paths.yaml.example, SwarmUI's Settings.fds,
InvokeAI's databases/invokeai.db, https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
"""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from inlay.errors import Unsupported

WEIGHTS = (".safetensors", ".gguf", ".ckpt")
"""The last are pickles, which nobody here opens; whoever has them is told so."""

FOLDER_MARK = "model_index.json"
COMFY_PATHS = "extra_model_paths.yaml"

_HUB = re.compile(r"models--(.+?)--(.+)")
_SHARD = re.compile(r"-\d{5}-of-\d{5}\.safetensors$")
_SKIPPED = {
    "node_modules",
    "venv",
    "__pycache__",
    "site-packages",
    "blobs",
    "custom_nodes",
    "output",
    "outputs",
    "input",
}
"""Folders that hold no models, or the Hub's files by their hashes, which are found by their names."""


class Place(NamedTuple):
    """A program's models. roots: the folders and files that hold them, not all of which have to be there."""

    program: str
    roots: tuple[Path, ...]


def place_of(folder: Path) -> Place:
    """Whose models lie in `folder`: a program's own folder, its models' folder, or any other. Nothing is written there.

    Raises Unsupported where ComfyUI's list of folders is there and cannot be read for want of a library.
    """
    folder = folder.expanduser().resolve()
    for program, roots_of in _PROGRAMS:
        if roots := roots_of(folder):
            return Place(program, tuple(dict.fromkeys(roots)))
    return Place("", (folder,))


def models_in(place: Place) -> Iterator[Path]:
    """Every diffusers folder and every file of weights, each once, however many links lead to it. Shards of a larger part are
    left out: the folder that lists them is what is found.
    """
    seen: set[tuple[int, int]] = set()
    for root in place.roots:
        for found in _walk(root, seen):
            state = (found / FOLDER_MARK if found.is_dir() else found).stat()
            if (state.st_dev, state.st_ino) not in seen:
                seen.add((state.st_dev, state.st_ino))
                yield found


def _walk(root: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    if root.is_file():
        yield from [root] if _is_weights(root.name) else []
        return
    for path, folders, files in os.walk(root, followlinks=True):
        here = Path(path)
        state = here.stat()
        if (state.st_dev, state.st_ino) in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add((state.st_dev, state.st_ino))
        if FOLDER_MARK in files:
            folders.clear()
            yield here
            continue
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        yield from (here / name for name in sorted(files) if _is_weights(name) and (here / name).is_file())


def _is_weights(name: str) -> bool:
    return name.lower().endswith(WEIGHTS) and not _SHARD.search(name) and not name.startswith(".")


def _hugging_face(folder: Path) -> list[Path]:
    """The snapshots that `main` stands for; those of an unfinished download lack what their index lists, which is said of them."""
    hub = folder / "hub" if (folder / "hub").is_dir() else folder
    found: list[Path] = []
    for repository in sorted(hub.glob("models--*")):
        if not _HUB.fullmatch(repository.name):
            continue
        main = repository / "refs" / "main"
        commits = [main.read_text("utf-8").strip()] if main.is_file() else []
        commits += sorted(one.name for one in (repository / "snapshots").glob("*"))[:1] if not commits else []
        found += [repository / "snapshots" / commit for commit in commits]
    return found


def _invoke(folder: Path) -> list[Path]:
    """By the names in its database: files that were installed in place lie elsewhere."""
    database = folder / "databases" / "invokeai.db"
    if not database.is_file():
        return []
    models = folder / "models"
    found: list[Path] = []
    # Immutable: not even the files beside a database in WAL mode are made.
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT config FROM models").fetchall()
        except sqlite3.Error:
            rows = []
    for (config,) in rows:
        try:
            said: dict[str, Any] = json.loads(config)
            found.append(models / str(said["path"]))  # an absolute one stands for itself
        except (ValueError, KeyError, TypeError):
            continue
    return [*found, models]


def _swarm(folder: Path) -> list[Path]:
    settings = folder / "Data" / "Settings.fds"
    if not settings.is_file():
        return []
    said = re.search(r"^\s*ModelRoot:[ \t]*(\S.*)$", settings.read_text("utf-8", errors="replace"), re.MULTILINE)
    return [folder / root.strip() for root in (said[1] if said else "Models").split(";") if root.strip()]


def _stability_matrix(folder: Path) -> list[Path]:
    for data in (folder / "Data", folder):
        if (data / "Models" / "StableDiffusion").is_dir():
            return [data / "Models"]
    return []


def _comfy(folder: Path) -> list[Path]:
    lists = [path for path in (folder / COMFY_PATHS,) if path.is_file()]
    own = folder / "models"
    if not lists and not (own / "checkpoints").is_dir() and not (own / "diffusion_models").is_dir():
        return []
    return [own, *(root for path in lists for root in _listed(path))]


def _listed(path: Path) -> list[Path]:
    """The folders of an extra_model_paths.yaml, each section's relative to its base_path, and that to the file."""
    try:
        import yaml
    except ImportError:
        limit = f"reading {path} needs, in Inlay's folder, pip install '.[diffusion]'"
        raise Unsupported(limit, field="folder") from None
    try:
        sections: Any = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError):
        return []
    found: list[Path] = []
    for section in sections.values() if isinstance(sections, dict) else ():
        if not isinstance(section, dict):
            continue
        base = path.parent / os.path.expandvars(str(section.get("base_path", ""))).strip()
        for key, value in section.items():
            if key not in ("base_path", "is_default", "custom_nodes") and isinstance(value, str):
                found += [base.expanduser() / line.strip() for line in value.splitlines() if line.strip()]
    return found


def _webui(folder: Path) -> list[Path]:
    return [folder / "models"] if (folder / "models" / "Stable-diffusion").is_dir() else []


_PROGRAMS = (
    ("Hugging Face", _hugging_face),
    ("InvokeAI", _invoke),
    ("SwarmUI", _swarm),
    ("StabilityMatrix", _stability_matrix),
    ("A1111 or Forge", _webui),
    ("ComfyUI", _comfy),
)
"""The first whose own marks are there."""
