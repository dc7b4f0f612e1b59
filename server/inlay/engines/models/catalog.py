"""Which models the user has: `models.toml` in the data folder, read by the gateway and the workers, written by `inlay models`.

Nothing here knows torch, and reading costs milliseconds: the gateway asks at every plan.
"""

import dataclasses
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inlay.engines.models.assembly import MAP_LORA
from inlay.engines.models.beside import Parts, hashed_beside, parts_of, place_beside
from inlay.engines.models.files import ModelFile, NotifyBytes, digest_of, hash_file, hash_files, readable, tiny_vae
from inlay.engines.models.remote_entry import Remote, plain_of, remote_of
from inlay.errors import FilesChanged, InvalidInput, NotFound
from inlay.lock import hold
from inlay.recipe import Tier
from inlay.toml_text import toml_text

VERSION = 1

DTYPES = ("auto", "float32", "float16", "bfloat16")
QUANTIZATIONS = ("", "nf4", "int8", "torchao-int8")
"""Empty: as the files are. nf4 and int8 need bitsandbytes, torchao-int8 needs torchao; GGUF files bring their own."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MAX_STEPS = 200
MAX_CLIP_SKIP = 11
MAX_GUIDANCE = 50.0
MAX_LORA_WEIGHT = 4.0

Kind = Literal["folder", "file", "address"]

_NOTE = """The models of this Inlay. `inlay models add`, `remove` and `check` keep it; tiers, dtype, quantization, compile and
licence are yours to edit. Comments do not survive the next `add`."""


@dataclass(frozen=True)
class Lora:
    """A safetensors file with a low-rank change of the weights. weight: how much of it, -4 .. 4; 0 is none."""

    path: str
    weight: float = 1.0
    sha256: str = ""


@dataclass(frozen=True)
class TierOverrides:
    """What the user wants a tier to be; None leaves it to the family's default for the card (`engines/models/defaults.toml`)."""

    steps: int | None = None
    guidance: float | None = None
    scheduler: str | None = None
    strength: float | None = None
    promote_strength: float | None = None
    promote_hold: float | None = None
    cache: bool | None = None
    loras: tuple[Lora, ...] | None = None


@dataclass(frozen=True)
class ModelEntry:
    """One model of the user's. Comparable and hashable: two equal entries paint the same pixels."""

    id: str
    family: str
    """A name in `inlay.engines.models.families.FAMILIES`."""
    path: str
    """Absolute: a diffusers folder, or one .safetensors or .gguf file; a ComfyUI graph; empty where `remote` says it all."""
    kind: Kind
    sha256: str
    """Of everything that decides the weights: the model's files, the base's or those shipped for it, and the LoRAs'."""
    revision: str = ""
    """Of a Hugging Face repository, where it came from one."""
    base: str = ""
    """A diffusers folder that has what a single file lacks: tokenizers, and for a lone transformer the encoders and the VAE.
    Empty for a folder, and for a whole SD 1.5 or SDXL checkpoint, which needs no more than `skeleton` has."""
    parts: Parts = ()
    """What it is read with that lies alone, such as a model that makes maps of depth for it."""
    preview_vae: str = ""
    """A diffusers folder of an AutoencoderTiny for the same latents; it paints previews, so no hash has it."""
    loras: tuple[Lora, ...] = ()
    tiers: tuple[tuple[Tier, TierOverrides], ...] = ()
    dtype: str = "auto"
    """One of DTYPES. auto: bfloat16 or float16 on a GPU, float32 on a CPU."""
    quantization: str = ""
    compile: bool = False
    """Compile the repeated blocks (torch.compile) when a worker starts. Worth it on a GPU that paints all day."""
    clip_skip: int = 0
    """SD 1.5: last layers of the text encoder to leave out, 0 .. 11; many fine-tunes were trained with 1."""
    licence: str = ""
    """What its own papers say when it is added (`licence_of`): an SPDX id, a name, or that of the licence's file. Yours to edit."""
    files: tuple[ModelFile, ...] = ()
    """What was there when the model was added; `check` compares."""
    remote: Remote | None = None
    """Where it is asked, of a model on another server."""

    def overrides(self, tier: Tier) -> TierOverrides:
        """What the user wants of `tier`."""
        return dict(self.tiers).get(tier, TierOverrides())

    @property
    def location(self) -> Path:
        return Path(self.path)


class Catalog:
    """The models of one `models.toml`. Every change is written whole or not at all, one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int, int], tuple[ModelEntry, ...]] | None = None

    def entries(self) -> tuple[ModelEntry, ...]:
        """Every model, in the order of the file. Raises InvalidInput naming the key that is wrong."""
        try:
            facts = os.stat(self.path)
        except FileNotFoundError:
            return ()
        state = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        if self._read is None or self._read[0] != state:
            self._read = state, _parsed(self.path)
        return self._read[1]

    def entry(self, model_id: str) -> ModelEntry:
        """The model of that name. Raises NotFound."""
        for entry in self.entries():
            if entry.id == model_id:
                return entry
        known = ", ".join(entry.id for entry in self.entries()) or "none"
        raise NotFound("model", model_id, field="model", hint=f"{self.path} has: {known}")

    def at(self, path: Path, lora: str = "") -> ModelEntry | None:
        """The model that was added from this place, if one was. lora: what makes another model of it, which lies beside it."""
        place = str(path.expanduser().resolve())
        here = (entry for entry in self.entries() if entry.path == place)
        return next((entry for entry in here if dict(entry.parts).get(MAP_LORA, "") == lora), None)

    def add(self, entry: ModelEntry) -> ModelEntry:
        """Append, or replace the model of the same id."""
        self._change(lambda entries: [*(one for one in entries if one.id != entry.id), entry])
        return entry

    def remove(self, model_id: str) -> ModelEntry:
        """Forget a model; its files stay where they are. Raises NotFound."""
        entry = self.entry(model_id)
        self._change(lambda entries: [one for one in entries if one.id != model_id])
        return entry

    def _change(self, change: Callable[[list[ModelEntry]], list[ModelEntry]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with hold(self.path.with_suffix(".lock")):
            entries = change(list(self.entries()))
            partial = self.path.with_suffix(".new")
            partial.write_text(toml_text(_plain(entries), _NOTE), encoding="utf-8")
            os.replace(partial, self.path)
            self._read = None


def described(
    path: Path,
    family: str,
    *,
    model_id: str = "",
    base: Path | None = None,
    parts: Parts = (),
    preview_vae: Path | None = None,
    loras: tuple[Lora, ...] = (),
    revision: str = "",
    licence: str = "",
    notify: NotifyBytes | None = None,
) -> ModelEntry:
    """The entry of a model that lies at `path`, its files hashed. Raises InvalidInput where it cannot be used.

    notify: called with bytes hashed so far and in all.
    """
    place = path.expanduser().resolve()
    names = readable(place)
    base_place = str(base.expanduser().resolve()) if base else ""
    if base_place:
        readable(Path(base_place))
    chosen = model_id or id_for(place)
    _check_id(chosen)
    files = hash_files(place, names, notify)
    beside = hashed_beside(place, family, base_place, parts)
    hashed = tuple(dataclasses.replace(lora, sha256=hash_file(Path(lora.path))) for lora in loras)
    return ModelEntry(
        id=chosen,
        family=family,
        path=str(place),
        kind="folder" if place.is_dir() else "file",
        sha256=digest_of((*files, *beside), tuple((lora.sha256, lora.weight) for lora in hashed)),
        revision=revision,
        base=base_place,
        parts=parts,
        preview_vae=str(tiny_vae(preview_vae)) if preview_vae else "",
        loras=hashed,
        licence=licence,
        files=(*files, *beside),
    )


def id_for(path: Path) -> str:
    """A name for the model at `path`: its file's or folder's, in a Hub's cache its repository's, in the characters of an id."""
    name = path.stem if path.is_file() else path.name
    if path.parent.name == "snapshots":  # models--OWNER--NAME/snapshots/COMMIT
        name = path.parent.parent.name.rpartition("--")[2] or name
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64] or "model"


def check_files(entry: ModelEntry, notify: NotifyBytes | None = None) -> None:
    """Read every file of a model again. Raises FilesChanged, naming those that differ from what was added."""
    if not entry.location.exists():
        raise FilesChanged(entry.id, [entry.path], "is not there any more")
    graph = [entry.location] if entry.path else []
    present = list(hash_files(entry.location, graph if entry.remote else readable(entry.location), notify))
    present += hashed_beside(entry.location, entry.family, entry.base, entry.parts)
    if changed := sorted(
        {name for name, _ in {file.content for file in entry.files} ^ {file.content for file in present}}
    ):
        raise FilesChanged(entry.id, changed, "changed since the model was added")
    for lora in entry.loras:
        if not Path(lora.path).is_file() or hash_file(Path(lora.path)) != lora.sha256:
            raise FilesChanged(entry.id, [lora.path], "changed since the model was added")


def check_unchanged(entry: ModelEntry) -> None:
    """The look before loading: whether the files are those that were added. Raises FilesChanged.

    A file with the size and the time of writing that it had is believed; any other is read again.
    """
    for file in entry.files:
        place = place_beside(file.name, entry.base, entry.parts) or _own(entry, file.name)
        if not place.is_file() or place.stat().st_size != file.bytes:
            raise FilesChanged(entry.id, [file.name], "changed since the model was added")
        if place.stat().st_mtime_ns != file.modified_ns and hash_file(place) != file.sha256:
            raise FilesChanged(entry.id, [file.name], "changed since the model was added")
    for lora in entry.loras:
        if not Path(lora.path).is_file():
            raise FilesChanged(entry.id, [lora.path], "is not there any more")


def _own(entry: ModelEntry, name: str) -> Path:
    return entry.location / name if entry.location.is_dir() else entry.location


def _parsed(path: Path) -> tuple[ModelEntry, ...]:
    try:
        read: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(str(path), "not readable", f"it must be TOML ({error})") from None
    if read.get("version", VERSION) != VERSION:
        raise InvalidInput(f"{path}: version", read["version"], f"this Inlay reads version {VERSION}")
    models = read.get("models", {})
    if not isinstance(models, dict):
        raise InvalidInput(f"{path}: models", "not a table", "it must hold a table for each model")
    return tuple(_entry(path, name, plain) for name, plain in models.items())


def _entry(path: Path, name: str, plain: dict[str, Any]) -> ModelEntry:
    where = f"{path}: models.{name}"
    _check_id(name)
    known = {field.name for field in dataclasses.fields(ModelEntry)} - {"id"}
    if unknown := sorted(set(plain) - known):
        raise InvalidInput(f"{where}.{unknown[0]}", "not known", f"it must be one of {', '.join(sorted(known))}")
    for needed in ("family", "path", "kind", "sha256"):
        if not isinstance(plain.get(needed), str):
            raise InvalidInput(f"{where}.{needed}", plain.get(needed, "missing"), "it must be a text")
    _check_one_of(f"{where}.kind", plain["kind"], ("folder", "file", "address"))
    _check_one_of(f"{where}.dtype", plain.get("dtype", "auto"), DTYPES)
    _check_one_of(f"{where}.quantization", plain.get("quantization", ""), QUANTIZATIONS)
    tiers = plain.get("tiers", {})
    for tier in tiers:
        _check_one_of(f"{where}.tiers.{tier}", tier, tuple(Tier))
    return ModelEntry(
        id=name,
        family=plain["family"],
        path=plain["path"],
        kind=plain["kind"],
        sha256=plain["sha256"],
        revision=str(plain.get("revision", "")),
        base=str(plain.get("base", "")),
        parts=parts_of(f"{where}.parts", plain.get("parts", {})),
        preview_vae=str(plain.get("preview_vae", "")),
        loras=_loras(f"{where}.loras", plain.get("loras", [])),
        tiers=tuple((Tier(tier), overrides(f"{where}.tiers.{tier}", tiers[tier])) for tier in tiers),
        dtype=plain.get("dtype", "auto"),
        quantization=plain.get("quantization", ""),
        compile=bool(plain.get("compile", False)),
        clip_skip=_clip_skip(f"{where}.clip_skip", plain.get("clip_skip", 0)),
        licence=str(plain.get("licence", "")),
        files=tuple(
            ModelFile(file["name"], file["sha256"], file["bytes"], file.get("modified_ns", 0))
            for file in plain.get("files", [])
        ),
        remote=remote_of(f"{where}.remote", plain["remote"]) if "remote" in plain else None,
    )


def _clip_skip(where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_CLIP_SKIP:
        raise InvalidInput(where, value, f"it must be a whole number, 0 .. {MAX_CLIP_SKIP}")
    return value


def overrides(where: str, plain: dict[str, Any]) -> TierOverrides:
    """A tier from a TOML table. Raises InvalidInput naming the key under `where`."""
    known = {field.name for field in dataclasses.fields(TierOverrides)}
    if unknown := sorted(set(plain) - known):
        raise InvalidInput(f"{where}.{unknown[0]}", "not known", f"it must be one of {', '.join(sorted(known))}")
    shares = dict.fromkeys(("strength", "promote_strength", "promote_hold"), (0, 1))
    limits = {"steps": (1, MAX_STEPS), "guidance": (0, MAX_GUIDANCE), **shares}
    for key, (low, high) in limits.items():
        value = plain.get(key, low)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise InvalidInput(f"{where}.{key}", value, f"it must be {low} .. {high}")
    if not isinstance(plain.get("steps", 1), int):
        raise InvalidInput(f"{where}.steps", plain["steps"], "it must be a whole number")
    values: dict[str, Any] = {
        key: float(value) if key in limits and key != "steps" else value for key, value in plain.items()
    }
    if "loras" in plain:
        values["loras"] = _loras(f"{where}.loras", plain["loras"])
    return TierOverrides(**values)


def _loras(where: str, plain: list[dict[str, Any]]) -> tuple[Lora, ...]:
    return tuple(
        checked_lora(f"{where}[{index}]", lora.get("path", ""), lora.get("weight", 1.0), lora.get("sha256", ""))
        for index, lora in enumerate(plain)
    )


def checked_lora(where: str, path: str, weight: Any, sha256: str = "") -> Lora:
    """A LoRA within its limits. Raises InvalidInput naming `where`."""
    if not path.endswith(".safetensors"):
        raise InvalidInput(f"{where}.path", path or "empty", "it must be a .safetensors file; pickles can run code")
    if not isinstance(weight, int | float) or not -MAX_LORA_WEIGHT <= weight <= MAX_LORA_WEIGHT:
        raise InvalidInput(f"{where}.weight", weight, f"it must be {-MAX_LORA_WEIGHT:g} .. {MAX_LORA_WEIGHT:g}")
    return Lora(path, float(weight), sha256)


def _check_id(name: str) -> None:
    if not _ID.fullmatch(name) or name == "classic":
        raise InvalidInput(
            "id",
            repr(name),
            "it must be 1 .. 64 of a-z, 0-9, '.', '_', '-', start with a letter or digit, not be 'classic'",
        )


def _check_one_of(field: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInput(field, repr(value), f"it must be one of {', '.join(name or 'empty' for name in allowed)}")


def _plain(entries: list[ModelEntry]) -> dict[str, Any]:
    return {"version": VERSION, "models": {entry.id: _plain_entry(entry) for entry in entries}}


def _plain_entry(entry: ModelEntry) -> dict[str, Any]:
    """What differs from the defaults, as TOML values."""
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(entry):
        value = getattr(entry, field.name)
        if field.name not in ("id", "tiers", "loras", "files", "remote", "parts") and value != field.default:
            plain[field.name] = value
    if entry.remote:
        plain["remote"] = plain_of(entry.remote)
    if entry.parts:
        plain["parts"] = dict(entry.parts)
    if entry.loras:
        plain["loras"] = [dataclasses.asdict(lora) for lora in entry.loras]
    if entry.files:
        plain["files"] = [file._asdict() for file in entry.files]
    if entry.tiers:
        plain["tiers"] = {tier.value: _said(overrides) for tier, overrides in entry.tiers}
    return plain


def _said(tier: TierOverrides) -> dict[str, Any]:
    return {
        key: [dataclasses.asdict(lora) for lora in tier.loras or ()] if key == "loras" else value
        for key, value in ((field.name, getattr(tier, field.name)) for field in dataclasses.fields(tier))
        if value is not None
    }
