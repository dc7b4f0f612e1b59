"""Takes the small networks out of the packages that carry them: checked, converted, with licence and origin beside them."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from inlay.engines.models.carriers import CARRIED, Carried, Part
from inlay.engines.models.catalog import Catalog, ModelEntry, described
from inlay.engines.models.files import ORIGIN
from inlay.engines.models.pull import package
from inlay.errors import BadAnswer
from inlay.toml_text import toml_text

FOLDER = "eyes"
"""Below the models of the data folder."""

MAX_PART_BYTES = 100_000_000

Fetch = Callable[[str, str, Path], Path]
"""From a package's name and version, and a folder, to its wheel in there."""

_AT_THE_TOP = "Where this network comes from. Inlay took these files out of packages and installed none of them"


def carry(names: Iterable[str], catalog: Catalog, fetch: Fetch = package) -> list[ModelEntry]:
    """Have these networks in the catalog, their files beside it; each package is fetched once.

    Raises Unavailable, Unsupported, and BadAnswer where a file is not the one that was pinned; then nothing of that network is
    kept.
    """
    wheels: dict[tuple[str, str], Path] = {}
    entries: list[ModelEntry] = []
    with tempfile.TemporaryDirectory(prefix="inlay-") as room:
        for name in names:
            carried = CARRIED[name]
            for part in carried.parts:
                key = part.package, part.version
                if key not in wheels:
                    wheels[key] = fetch(*key, Path(room))
            place = catalog.path.parent / "models" / FOLDER / name
            _place(carried, [wheels[part.package, part.version] for part in carried.parts], place)
            entries.append(catalog.add(described(place, name, model_id=name, licence=carried.licence)))
    return entries


def _place(carried: Carried, wheels: list[Path], place: Path) -> None:
    """Write the network's folder whole or not at all."""
    parts = {part.name: _taken(wheel, part) for wheel, part in zip(wheels, carried.parts, strict=True)}
    files = carried.convert(parts) if carried.convert else parts
    partial = place.with_name(place.name + ".new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, content in files.items():
        (partial / name).write_bytes(content)
    for wheel in dict.fromkeys(wheels):
        for name, content in _papers(wheel).items():
            (partial / name).write_bytes(content)
    (partial / ORIGIN).write_text(_origin(carried), encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    os.replace(partial, place)


def _taken(wheel: Path, part: Part) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(part.place).file_size > MAX_PART_BYTES:
                raise BadAnswer(f"{part.place} of {part.package} {part.version} is larger than any network of ours")
            content = archive.read(part.place)
    except (KeyError, zipfile.BadZipFile) as error:
        raise BadAnswer(f"{part.package} {part.version} has no {part.place} ({error})") from None
    if (found := hashlib.sha256(content).hexdigest()) != part.sha256:
        limit = f"SHA-256 {found} is not {part.sha256}; nothing was taken"
        raise BadAnswer(f"{part.place} of {part.package} {part.version} is another file: {limit}")
    return content


def _papers(wheel: Path) -> dict[str, bytes]:
    """The package's own licence and notices, by a name that says whose they are."""
    found: dict[str, bytes] = {}
    owner = wheel.name.partition("-")[0]
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            last = name.rpartition("/")[2]
            told = last.upper().startswith(("LICENSE", "LICENCE", "NOTICE", "PROVENANCE"))
            if told and name.count("/") < 4 and archive.getinfo(name).file_size < 1_000_000:
                found[f"{owner}.{last}"] = archive.read(name)
    return found


def _origin(carried: Carried) -> str:
    plain = {
        "network": carried.network,
        "licence": carried.licence,
        "licence_source": carried.licence_source,
        "converted": carried.convert is not None,
        "parts": [
            {"package": one.package, "version": one.version, "file": one.place, "sha256": one.sha256}
            for one in carried.parts
        ],
    }
    return toml_text(plain, _AT_THE_TOP)
