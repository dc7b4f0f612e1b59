"""`inlay models add` for what is on another server: its address, its key's place, and for ComfyUI the graph."""

import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inlay.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inlay.engines.models.catalog import Catalog, ModelEntry

KEYS = "keys"
"""The folder in the data folder, which only its owner can read."""


def is_remote(what: str) -> bool:
    """Whether `what` names a family of models on other servers."""
    from inlay.engines.models.remote_families import REMOTE_FAMILIES

    return what in REMOTE_FAMILIES


def add_remote(
    catalog: "Catalog", family: str, where: "Sequence[str]", model_id: str, said: "Sequence[str]", key: str
) -> "tuple[ModelEntry, list[str]]":
    """Put a model on another server into `catalog`; the entry, and sentences about it.

    where: the address, and for ComfyUI the graph's file. said: NAME=VALUE for each key of the model's table `remote`. key: its
    secret, to be kept in the data folder; empty: none, or one that `key_env` names. Raises InvalidInput.
    """
    from inlay.engines.models.remote_entry import MAX_REFERENCES, plain_of, remote_of
    from inlay.engines.models.remote_families import REMOTE_FAMILIES, remote_entry

    facts = REMOTE_FAMILIES[family]
    plain = {**plain_of(facts.defaults), **_said(said)}
    if where:
        plain["address"] = where[0]
    chosen = model_id or _id_of(family, plain.get("model", ""), where[1] if len(where) > 1 else "")
    folder = catalog.path.parent
    if key:
        plain["key_file"] = str(folder / KEYS / chosen)
    remote = remote_of("remote", plain)
    notes: list[str] = []
    path, digest, files = "", "", ()
    if family == "comfyui":
        from inlay.engines.remote.comfy_graph_file import references_of, stored

        if len(where) < 2:
            raise InvalidInput("graph", "missing", "give the file that ComfyUI's File > Export (API) wrote")
        path, digest, files, notes = stored(where[1], folder / "graphs" / f"{chosen}.json", remote)
        remote = replace(remote, references=min(references_of(path), MAX_REFERENCES))
    elif len(where) > 1:
        raise InvalidInput("graph", where[1], f"{facts.title} has none")
    if family != "comfyui" and not remote.model:
        raise InvalidInput("--set", "no model", "say which model is asked, such as --set model=NAME")
    entry = remote_entry(chosen, family, remote, path, digest, files=files)
    if key:
        _keep(Path(remote.key_file), key)
    return catalog.add(entry), notes


def keep_key(catalog: "Catalog", model_id: str, key: str) -> Path:
    """Give a model another key. Raises NotFound, InvalidInput where its key has no file here."""
    entry = catalog.entry(model_id)
    if entry.remote is None or not entry.remote.key_file:
        raise InvalidInput("id", model_id, "its key is not kept in a file here")
    _keep(Path(entry.remote.key_file), key)
    return Path(entry.remote.key_file)


def _keep(place: Path, key: str) -> None:
    """Write a secret that only this user can read."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = place.with_suffix(".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.strip() + "\n")
    os.replace(partial, place)


def _said(said: "Sequence[str]") -> dict[str, Any]:
    """Values by name, numbers and flags as TOML writes them; `price.amount` goes into a table."""
    plain: dict[str, Any] = {}
    for text in said:
        name, given, value = text.partition("=")
        if not given or not name:
            raise InvalidInput("--set", text, "it must be NAME=VALUE")
        try:
            read: Any = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            read = value
        table, dot, inner = name.partition(".")
        if dot:
            held = plain.setdefault(table, {})
            held[inner] = str(read) if table == "further" else read
        else:
            plain[name] = read
    return plain


def _id_of(family: str, model: str, graph: str) -> str:
    from inlay.engines.models.catalog import id_for

    return id_for(Path(model.rsplit("/", 1)[-1] or Path(graph).stem or family))
