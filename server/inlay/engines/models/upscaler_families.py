"""Networks of the user's that enlarge, known without torch; spandrel runs them. Tensor names: https://github.com/chaiNNer-org/spandrel."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from inlay.capabilities import Capabilities, Kind
from inlay.color.raster import MAX_AREA_PX
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.eraser_families import LIBRARIES, OWN_FIELDS, SUFFIX
from inlay.engines.models.family import Family
from inlay.errors import InvalidInput
from inlay.recipe import Verb

_SIGNS = (
    frozenset({"conv_first.weight"}),  # ESRGAN as Real-ESRGAN's makers name it, SwinIR, HAT, DAT
    frozenset({"model.0.weight", "model.1.sub.0.RDB1.conv1.0.weight"}),  # ESRGAN as it was first published
    frozenset({"block_1.c1_r.sk.weight"}),  # SPAN
    frozenset({"body.0.weight", "body.1.weight"}),  # compact networks (SRVGG)
)
_WRAPPERS = ("params_ema.", "params.", "module.")


@dataclass(frozen=True, kw_only=True)
class UpscalerFamily(Family):
    """Any architecture that enlarges."""

    kind: Kind = Kind.UPSCALES
    verbs: frozenset[str] = frozenset({Verb.UPSCALE})
    engine: str = "inlay.engines.upscale.spandrel:engine_of"
    libraries: tuple[str, ...] = LIBRARIES
    install: str = "'.[eraser]'"

    def capabilities(self, name: str, compiled: bool = False) -> Capabilities:
        return Capabilities(
            name=name,
            kind=self.kind,
            verbs=self.verbs,
            understands_prompts=False,
            max_px=MAX_AREA_PX,
            wants_card=True,
            description=f"{self.title}: enlarges with trained weights, reads no words.",
        )

    def check(self, entry: ModelEntry) -> None:
        """A base, LoRAs, tiers, quantisation ... mean nothing for an upscaler."""
        where = f"models.{entry.id}"
        if not entry.path.lower().endswith(SUFFIX):
            raise InvalidInput(f"{where}.path", entry.path, f"an upscaler is one {SUFFIX} file")
        for field in dataclasses.fields(entry):
            value = getattr(entry, field.name)
            if field.name not in OWN_FIELDS and value != field.default:
                raise InvalidInput(f"{where}.{field.name}", str(value), f"{self.name} is an upscaler and has none")


UPSCALERS: dict[str, UpscalerFamily] = {"upscaler": UpscalerFamily(name="upscaler", title="Upscaler")}


def upscaler_of(names: Iterable[str]) -> UpscalerFamily | None:
    """The family that these tensors are of; None for anything else."""
    own = set(names)
    for wrapper in _WRAPPERS:
        if own and all(name.startswith(wrapper) for name in own):
            own = {name.removeprefix(wrapper) for name in own}
    return UPSCALERS["upscaler"] if any(signs <= own for signs in _SIGNS) else None
