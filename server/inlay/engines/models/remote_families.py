"""The families of models on other servers: image APIs, Gemini and ComfyUI. Known without a connection; nothing is asked here."""

import os
from collections.abc import Mapping
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
from inlay.recipe import LOOKED_AT, Verb
from inlay.region import AS_IT_IS, Framing, Size

EXR_MULTIPLE = 32
"""At any other width ComfyUI reads floats clipped and rounded."""

GEMINI_SHAPES: Mapping[Size, str] = {
    Size(1024, 1024): "1:1",
    Size(848, 1264): "2:3",
    Size(1264, 848): "3:2",
    Size(896, 1200): "3:4",
    Size(1200, 896): "4:3",
    Size(928, 1152): "4:5",
    Size(1152, 928): "5:4",
    Size(768, 1376): "9:16",
    Size(1376, 768): "16:9",
    Size(1584, 672): "21:9",
}
"""What it paints at 1K, and what it calls that: the pixels are not quite of the named ratio. https://github.com/minimaxir/gemimg"""

_PAINTS = frozenset({Verb.FILL, Verb.ERASE, Verb.INSTRUCT, Verb.REFINE, Verb.REPLACE_BACKGROUND, Verb.EXPAND})
_OWN_FIELDS = ("id", "family", "path", "kind", "sha256", "licence", "files", "remote")
"""What means something for them in `models.toml`."""
_DECIDES_NOTHING = ("price", "key_env", "key_file", "timeout_s", "sends_pixels_to")


@dataclass(frozen=True, kw_only=True)
class RemoteFamily(Family):
    """One protocol.

    framing: which pictures it takes; the entry says what divides their sides where this does not. bytes_per_px: what it sends for
    each pixel of one, at most. reference_bytes_per_px: and for each of a further picture.
    sends_once: whether files are sent once, whatever the number of variations. least_px: smaller windows are enlarged to it.
    defaults: what an entry is made with where nobody says otherwise.
    """

    kind: Kind = Kind.PAINTS
    verbs: frozenset[str] = _PAINTS
    libraries: tuple[str, ...] = ()
    install: str = ""
    framing: Framing
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
        roles = _places_for(entry)
        taken = able.references if roles is None else min(able.references, len(roles))
        accepts = able.accepts if roles is None else able.accepts & frozenset(roles)
        return replace(able, understands_prompts=_reads_words(entry), references=taken, accepts=accepts)

    def _able(self, name: str, remote: Remote, licence: str = "") -> Capabilities:
        price = remote.price
        outside = Outside(
            remote.to,
            self.bytes_per_px,
            self.framing_of(remote),
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
            accepts=LOOKED_AT if remote.references else frozenset(),
            references=remote.references,
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

    def framing_of(self, remote: Remote) -> Framing:
        """What a picture is padded to before it is sent."""
        sides = Size(remote.multiple, remote.multiple)
        return self.framing if self.framing.multiple != AS_IT_IS.multiple else self.framing._replace(multiple=sides)

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
        return not entry.path or _of_graph(entry.path, entry.location.stat().st_mtime_ns)[0]
    except (OSError, InvalidInput):
        return True  # whoever runs it says what is wrong with it


def _places_for(entry: ModelEntry) -> tuple[str, ...] | None:
    """The roles of the pictures for which a graph has a place; None for other servers' models, which are told them in words."""
    try:
        return _of_graph(entry.path, entry.location.stat().st_mtime_ns)[1] if entry.path else None
    except (OSError, InvalidInput):
        return None


@cache
def _of_graph(path: str, _modified_ns: int) -> tuple[bool, tuple[str, ...]]:
    """Whether it has a node for the prompt, and the roles of its places for pictures."""
    from inlay.engines.remote.comfy_graph import marks_of, parsed

    marks = marks_of(parsed(Path(path).read_bytes()))
    return bool(marks.prompt), tuple(role for role, _ in marks.references)


REMOTE_FAMILIES: dict[str, RemoteFamily] = {
    family.name: family
    for family in (
        RemoteFamily(
            name="images_api",
            title="Image API",
            engine="inlay.engines.remote.images_api:engine_of",
            framing=Framing(longest=3.0),  # https://platform.openai.com/docs/guides/image-generation
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
            framing=Framing(shapes=tuple(GEMINI_SHAPES)),
            bytes_per_px=4.1,  # RGB, 8 bit, as base64
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
            framing=Framing(multiple=Size(EXR_MULTIPLE, 1)),
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
