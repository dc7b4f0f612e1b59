"""What is done when a device's memory does not suffice: a ladder is climbed, each rung slower and smaller than the one before.

VAE tiling -> one variation at a time -> model offload -> group offload -> an error that says what was tried.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import torch

from inlay.engines.diffusion.loading import DENOISERS, LoadedModel, bytes_of, load
from inlay.engines.diffusion.tiers import card_for
from inlay.engines.models.cache import ModelCache, card_bytes, release
from inlay.engines.models.catalog import ModelEntry

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
        return models.get(entry, lambda: _loaded(entry, models, load, progress))

    return loader


def _loaded(entry: ModelEntry, models: ModelCache, load: Load, progress: Progress) -> LoadedModel:
    def tell(what: str) -> None:
        progress.loading(f"{entry.id}: {what}")

    def whole() -> LoadedModel:
        model = load(entry, models.device, tell, progress.check)
        if relief:
            take(relief, model)
        return model

    relief = card_for(entry.family, card_bytes(models.device)).relief
    if relief not in OFFLOADS:
        try:
            return models.squeezed(entry, whole, progress.check)
        except MemoryError:
            if models.device == "cpu":
                raise
        relief = "model_offload"
        progress.loading(SENTENCES[relief])
    # It does not fit, or there would be no room to paint: its parts wait in main memory from the start.
    model = load(entry, "cpu", tell, progress.check)
    model.device = torch.device(models.device)
    take(relief, model)
    return model


@dataclass
class Ladder:
    """One recipe's way through memory that does not suffice."""

    model: LoadedModel
    batch: int
    """Variations at once; an attempt must not paint more."""
    notify: Callable[[str], None]
    tried: list[str] = field(default_factory=list[str])

    def climb(self, attempt: Callable[[int], T]) -> T:
        """What `attempt(batch)` returns, after as many rungs as it takes. `attempt` is started over on each.

        Raises MemoryError, saying what was tried, once the ladder ends.
        """
        while True:
            try:
                return attempt(self.batch)
            except torch.OutOfMemoryError as error:
                short = str(error).partition("\n")[0]
            # Outside the handler: a traceback would keep the tensors that have to go.
            release()
            if not self._next():
                tried = "; ".join(NAMES[rung] for rung in self.tried) or "nothing could be tried"
                raise MemoryError(f"{short} Tried: {tried}")

    def _next(self) -> bool:
        """Take the next rung that changes something; False where none is left."""
        for rung in RUNGS:
            if rung == "smaller_batch":
                if self.batch > 1:
                    self.batch //= 2
                    return self._took(rung)
            elif rung not in self.tried and _reaches(rung, self.model) and take(rung, self.model):
                return self._took(rung)
        return False

    def _took(self, rung: str) -> bool:
        if rung not in self.tried:
            self.tried.append(rung)
        self.notify(SENTENCES[rung])
        return True


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
