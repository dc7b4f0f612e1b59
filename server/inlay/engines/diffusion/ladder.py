"""What is done when a device's memory does not suffice: a ladder is climbed, each rung slower and smaller than the one before.

VAE tiling -> one variation at a time -> model offload -> group offload -> an error that says what was tried.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import torch

from inlay.engines.diffusion.loading import DENOISERS, LoadedModel, bytes_of, load
from inlay.engines.models.cache import ModelCache, card_bytes, enduring
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.tiers import card_for

RUNGS = ("vae_tiling", "smaller_batch", "model_offload", "group_offload")
OFFLOADS = ("model_offload", "group_offload")
SENTENCES = {
    "vae_tiling": "Memory was short: the picture is encoded and decoded in tiles.",
    "smaller_batch": "Memory was short: fewer variations are painted at once.",
    "model_offload": "Memory was short: parts of the model wait in main memory until they are needed. It is slower.",
    "group_offload": "Memory was very short: the model is brought in layer by layer. It is much slower.",
}
NAMES = {
    "vae_tiling": "encoding and decoding in tiles",
    "smaller_batch": "fewer variations at once",
    "model_offload": "offloading parts of the model",
    "group_offload": "offloading layer by layer",
}

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Progress(Protocol):
    """What loading tells, and asks."""

    def loading(self, what: str) -> None: ...

    def check(self) -> None: ...


class Load(Protocol):
    """As `loading.load`."""

    def __call__(
        self, entry: ModelEntry, device: str, tell: Callable[[str], None], check: Callable[[], None]
    ) -> LoadedModel: ...


def kept_in(models: ModelCache, load: Load = load) -> Callable[[ModelEntry, Progress], LoadedModel]:
    """A loader that shares a device's memory with all other models. It raises what `load` raises, MemoryError."""

    def loader(entry: ModelEntry, progress: Progress) -> LoadedModel:
        def tell(what: str) -> None:
            progress.loading(f"{entry.id}: {what}")

        def whole() -> LoadedModel:
            model = load(entry, models.device, tell, progress.check)
            if relief:
                take(relief, model)
            return model

        def in_parts() -> LoadedModel:
            """It does not fit, or there would be no room to paint: its parts wait in main memory from the start."""
            model = load(entry, "cpu", tell, progress.check)
            model.device = torch.device(models.device)
            take(relief, model)
            return model

        relief = card_for(entry.family, card_bytes(models.device)).relief
        if relief not in OFFLOADS:
            try:
                return models.get(entry, whole, progress.check)
            except MemoryError:
                if models.device == "cpu":
                    raise
            relief = "model_offload"
            progress.loading(SENTENCES[relief])
        return models.get(entry, in_parts, progress.check)

    return loader


@dataclass
class Ladder:
    """One recipe's way through memory that does not suffice."""

    model: LoadedModel
    batch: int
    """Variations at once; an attempt must not paint more."""
    notify: Callable[[str], None]
    refused: frozenset[str] = frozenset()
    """Rungs that may not be taken: they would change what was promised."""
    tried: list[str] = field(default_factory=list[str])

    def climb(self, attempt: Callable[[int], T]) -> T:
        """What `attempt(batch)` returns, after as many rungs as it takes. `attempt` is started over on each.

        Raises MemoryError, saying what was tried, once the ladder ends.
        """
        return enduring(lambda: attempt(self.batch), self._next)

    def _next(self, short: str) -> None:
        """Take the next rung that changes something. Raises MemoryError where none is left."""
        for rung in RUNGS:
            if self._takes(rung):
                if rung not in self.tried:
                    self.tried.append(rung)
                self.notify(SENTENCES[rung])
                return
        tried = "; ".join(NAMES[rung] for rung in self.tried) or "nothing could be tried"
        raise MemoryError(f"{short} Tried: {tried}")

    def _takes(self, rung: str) -> bool:
        if rung == "smaller_batch":
            smaller, self.batch = self.batch > 1, max(1, self.batch // 2)
            return smaller
        return rung not in (*self.refused, *self.tried) and _reaches(rung, self.model) and take(rung, self.model)


def take(rung: str, model: LoadedModel) -> bool:
    """Set up `model` for a rung and remember it; False where the model has nothing of the kind."""
    match rung:
        case "vae_tiling":
            enable = getattr(model.components.get("vae"), "enable_tiling", None)
            if enable is None:
                return False
            enable()
        case "model_offload":
            _offload_modules(model)
        case "group_offload":
            _offload_groups(model)
        case _:
            raise ValueError(rung)
    model.relieved = rung
    return True


def encode_and_decode(model: LoadedModel, how: str) -> None:
    """Have the VAE work `whole` or `tiled`; an empty text leaves it as it is."""
    if how == "tiled" and not tiles_its_vae(model):
        take("vae_tiling", model)
    elif how == "whole" and tiles_its_vae(model):
        model.components["vae"].disable_tiling()
        model.relieved = "" if model.relieved == "vae_tiling" else model.relieved


def tiles_its_vae(model: LoadedModel) -> bool:
    return bool(getattr(model.components.get("vae"), "use_tiling", False))


def _reaches(rung: str, model: LoadedModel) -> bool:
    """Whether `rung` is beyond what was taken for the model already, in this job or an earlier one."""
    return not model.relieved or RUNGS.index(rung) > RUNGS.index(model.relieved)


def _offload_modules(model: LoadedModel) -> None:
    """Each module comes to the device when it is called, and leaves when the next one is."""
    from accelerate import cpu_offload_with_hook

    before: Any = None
    for name, module in _in_order(model).items():
        module.to("cpu")
        _, before = cpu_offload_with_hook(module, model.device, prev_module_hook=before)
        _log.debug("%s of %s waits in main memory, %d bytes", name, model.entry.id, bytes_of(module))


def _offload_groups(model: LoadedModel) -> None:
    """Each layer comes to the device when it is called, and leaves after it."""
    from accelerate.hooks import remove_hook_from_module
    from diffusers.hooks.group_offloading import apply_group_offloading

    for module in model.modules.values():
        remove_hook_from_module(module, recurse=True)
        module.to("cpu")
        apply_group_offloading(module, onload_device=model.device, offload_type="leaf_level")


def _in_order(model: LoadedModel) -> dict[str, torch.nn.Module]:
    """As they are called: text encoders, denoiser, VAE."""
    modules = model.modules
    last = [name for name in (*DENOISERS, "vae") if name in modules]
    return {name: modules[name] for name in (*(name for name in modules if name not in last), *last)}
