"""The erasers with weights, known without torch: LaMa and MAT, which paint a hole in one pass and read no words.

LaMa: arXiv 2109.07161. MAT: arXiv 2203.15270. Tensor names: https://github.com/chaiNNer-org/spandrel, which runs them.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inlay.capabilities import Capabilities, Kind
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.family import Family
from inlay.errors import InvalidInput
from inlay.recipe import Verb

VERBS = frozenset({Verb.ERASE, Verb.FILL, Verb.SEPARATE})
MAX_PX = 8_000_000
"""Working area; what it needs beyond a tile is a few planes of the window."""

SUFFIX = ".safetensors"
LIBRARIES = ("torch", "torchvision", "safetensors", "spandrel")
"""The extra `inlay[eraser]`; torchvision comes with spandrel."""

_WRAPPERS = ("module.", "netG.")
"""What training puts before every name; spandrel takes it off again."""

OWN_FIELDS = ("id", "family", "path", "kind", "sha256", "revision", "licence", "files")
"""What means something for an eraser in `models.toml`."""


@dataclass(frozen=True, kw_only=True)
class EraserFamily(Family):
    """One architecture.

    tensors: any of these names gives it away. tile_px: the largest side it sees at once. least_px: the side a crop is given
    where the window has that much. varies: it draws its answer from the seed.
    """

    kind: Kind = Kind.ERASES
    verbs: frozenset[str] = VERBS
    engine: str = "inlay.engines.eraser.engine:engine_of"
    tensors: tuple[str, ...]
    tile_px: int
    least_px: int
    varies: bool

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        return Capabilities(
            name=name,
            kind=self.kind,
            verbs=self.verbs,
            understands_prompts=False,
            max_px=MAX_PX,
            description=f"{self.title}: erases with trained weights, reads no words.",
        )

    def check(self, entry: ModelEntry) -> None:
        """A base, LoRAs, tiers, quantisation ... mean nothing for an eraser."""
        where = f"models.{entry.id}"
        if not entry.path.lower().endswith(SUFFIX):
            raise InvalidInput(f"{where}.path", entry.path, f"an eraser is one {SUFFIX} file")
        for field in dataclasses.fields(entry):
            value = getattr(entry, field.name)
            if field.name not in OWN_FIELDS and value != field.default:
                raise InvalidInput(f"{where}.{field.name}", _shown(value), f"{self.name} is an eraser and has none")

    def check_options(self, given: Mapping[str, Any]) -> None:
        for option, value in given.items():
            if value:
                raise InvalidInput(option, _shown(value), f"{self.title} is an eraser and has none")


ERASERS: dict[str, EraserFamily] = {
    facts.name: facts
    for facts in (
        EraserFamily(
            name="lama",
            title="LaMa",
            tensors=("model.model.1.bn_l.running_mean", "generator.model.1.bn_l.running_mean"),
            tile_px=1024,  # Trained at 256 px; its makers show it at up to about 2000 px.
            least_px=256,
            varies=False,
            licence="Apache-2.0",  # https://github.com/advimman/lama
            libraries=LIBRARIES,
            install="'.[eraser]'",
        ),
        EraserFamily(
            name="mat",
            title="MAT",
            tensors=tuple(
                f"{prefix}synthesis.first_stage.conv_first.conv.resample_filter" for prefix in ("", "model.")
            ),
            tile_px=512,  # Its one size.
            least_px=512,
            varies=True,
            licence="CC-BY-NC-4.0",  # https://github.com/fenglinglwb/MAT
            libraries=(*LIBRARIES, "spandrel_extra_arches"),
            install="'.[eraser]' spandrel_extra_arches",
        ),
    )
}


def eraser_of(names: Iterable[str]) -> EraserFamily | None:
    """The eraser that these tensors are of; None for anything else."""
    own = set(names)
    for wrapper in _WRAPPERS:
        if own and all(name.startswith(wrapper) for name in own):
            own = {name.removeprefix(wrapper) for name in own}
    return next((facts for facts in ERASERS.values() if own & set(facts.tensors)), None)


def _shown(value: object) -> str:
    return f"{len(value)} of them" if isinstance(value, tuple) else str(value)
