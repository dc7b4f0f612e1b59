"""The families of models on other servers: image APIs, Gemini and ComfyUI. Known without a connection; nothing is asked here."""

import os
from dataclasses import dataclass, fields, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from inlay.capabilities import Capabilities, Kind, Outside
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.family import Family
from inlay.engines.models.remote_entry import Remote, plain_of
from inlay.errors import InvalidInput
from inlay.recipe import Verb

REFERENCE = "reference"
"""The role of a further picture that a request may have."""

_PAINTS = frozenset({Verb.FILL, Verb.ERASE, Verb.INSTRUCT, Verb.REFINE, Verb.REPLACE_BACKGROUND, Verb.EXPAND})
_OWN_FIELDS = ("id", "family", "path", "kind", "sha256", "licence", "files", "remote")
"""What means something for them in `models.toml`."""
_DECIDES_NOTHING = ("price", "key_env", "key_file", "timeout_s", "sends_pixels_to")


@dataclass(frozen=True, kw_only=True)
class RemoteFamily(Family):
    """One protocol.

    bytes_per_px: what it sends for each working pixel, at most. reference_bytes_per_px: and for each of a further picture.
    sends_once: whether files are sent once, whatever the number of variations. least_px: smaller windows are enlarged to it.
    defaults: what an entry is made with where nobody says otherwise.
    """

    kind: Kind = Kind.PAINTS
    verbs: frozenset[str] = _PAINTS
    libraries: tuple[str, ...] = ()
    install: str = ""
    bytes_per_px: float
    reference_bytes_per_px: float
    sends_once: bool = False
    least_px: int
    native_px: int
    defaults: Remote

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        return self._able(name, self.defaults)

    def capabilities_of(self, entry: ModelEntry) -> Capabilities:
        self.check(entry)
        assert entry.remote
        able = self._able(entry.id, entry.remote, entry.licence)
        return replace(able, understands_prompts=_reads_words(entry))

    def _able(self, name: str, remote: Remote, licence: str = "") -> Capabilities:
        price = remote.price
        outside = Outside(
            remote.to,
            self.bytes_per_px,
            self.reference_bytes_per_px,
            remote.references,
            self.sends_once,
            price.amount,
            price.currency,
            price.as_of,
        )
        return Capabilities(
            name=name,
            kind=self.kind,
            verbs=self.verbs,
            understands_prompts=True,
            accepts=frozenset({REFERENCE}) if remote.references else frozenset(),
            multiple=remote.multiple,
            native_px=min(self.native_px, remote.max_px),
            least_px=min(self.least_px, remote.max_px),
            max_px=remote.max_px,
            description=f"{self.title}: {remote.model}" if remote.model else self.title,
            licence=licence,
            leaves=remote.to if remote.leaves else "",
            remote=True,
            outside=outside if remote.leaves else None,
        )

    def check(self, entry: ModelEntry) -> None:
        """LoRAs, tiers, quantisation ... are the other server's matter."""
        where = f"models.{entry.id}"
        if entry.remote is None:
            raise InvalidInput(f"{where}.remote", "missing", "it must say where the model is asked")
        for field in fields(entry):
            if field.name not in _OWN_FIELDS and getattr(entry, field.name) != field.default:
                raise InvalidInput(f"{where}.{field.name}", "set", f"a model of {self.name} is on another server")
        if entry.remote.key_env and not os.environ.get(entry.remote.key_env):
            limit = "the server must be started with this variable, which holds the key"
            raise InvalidInput(f"{where}.remote.key_env", f"{entry.remote.key_env}, which is not set", limit)
        if entry.remote.key_file and not Path(entry.remote.key_file).is_file():
            limit = f"it must hold the key; run: inlay models key {entry.id}"
            raise InvalidInput(f"{where}.remote.key_file", entry.remote.key_file, limit)


def _reads_words(entry: ModelEntry) -> bool:
    """Whether a graph has a node for the prompt; other servers' models all have a place for one."""
    try:
        return not entry.path or _has_prompt(entry.path, entry.location.stat().st_mtime_ns)
    except (OSError, InvalidInput):
        return True  # whoever runs it says what is wrong with it


@cache
def _has_prompt(path: str, _modified_ns: int) -> bool:
    from inlay.engines.remote.comfy_graph import marks_of, parsed

    return bool(marks_of(parsed(Path(path).read_bytes())).prompt)


REMOTE_FAMILIES: dict[str, RemoteFamily] = {
    family.name: family
    for family in (
        RemoteFamily(
            name="images_api",
            title="Image API",
            engine="inlay.engines.remote.images_api:engine_of",
            bytes_per_px=7.1,  # RGB and an RGBA mask, 8 bit, and what PNG adds where nothing can be packed
            reference_bytes_per_px=3.1,
            least_px=655_360,  # OpenAI's smallest picture
            native_px=1_048_576,
            defaults=Remote("https://api.openai.com/v1", mask="both", references=4),
        ),
        RemoteFamily(
            name="gemini",
            title="Gemini",
            engine="inlay.engines.remote.gemini:engine_of",
            bytes_per_px=5.9,  # RGB, 8 bit, as base64, padded to one of its ratios
            reference_bytes_per_px=4.1,
            least_px=0,
            native_px=1_048_576,
            defaults=Remote(
                "https://generativelanguage.googleapis.com",
                max_px=1_048_576,
                references=4,
                multiple=1,
                seed_field="seed",
            ),
        ),
        RemoteFamily(
            name="comfyui",
            title="ComfyUI",
            engine="inlay.engines.remote.comfyui:engine_of",
            bytes_per_px=16.0,  # RGBA as 32 bit floats
            reference_bytes_per_px=3.1,  # RGB, 8 bit
            sends_once=True,
            least_px=262_144,
            native_px=1_048_576,
            defaults=Remote("http://127.0.0.1:8188", mask="white", multiple=32, references=4, timeout_s=1800.0),
        ),
    )
}


def remote_entry(
    model_id: str, family: str, remote: Remote, path: str = "", digest: str = "", **more: Any
) -> ModelEntry:
    """The entry of a model on another server. digest: the SHA-256 of the graph at `path`, where there is one.

    Its own SHA-256 says what decides its pixels: not the price, not the key's place.
    """
    deciding = {name: said for name, said in plain_of(remote).items() if name not in _DECIDES_NOTHING}
    text = "".join(f"{name}={deciding[name]}\n" for name in sorted(deciding)) + digest
    return ModelEntry(
        id=model_id,
        family=family,
        path=path,
        kind="file" if path else "address",
        sha256=sha256(text.encode()).hexdigest(),
        remote=remote,
        **more,
    )
