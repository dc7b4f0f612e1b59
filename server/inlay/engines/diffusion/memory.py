"""What stays in a device's memory, and what is done when it does not suffice.

Models that were used least recently leave first. On out-of-memory a ladder is climbed, each rung slower and smaller than the
one before: VAE tiling -> one variation at a time -> model offload -> group offload -> an error that says what was tried.
"""

import gc
import logging
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

import torch

from inlay.engines.diffusion.loading import DENOISERS, LoadedModel, bytes_of, load
from inlay.engines.diffusion.tiers import card_for
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
ACCELERATOR_SHARE = 0.9
"""Of a card's memory; the rest is the desktop's and the driver's."""

MAIN_MEMORY_SHARE = 0.6
WORKING_SHARE = 0.35
"""Of the budget that stays free for activations beside the weights."""

T = TypeVar("T")
H = TypeVar("H", bound="Held")
_log = logging.getLogger(__name__)


class Progress(Protocol):
    """What loading and the ladder tell."""

    def loading(self, what: str) -> None: ...

    def check(self) -> None: ...


class Loader(Protocol):
    def __call__(
        self, entry: ModelEntry, device: str, tell: Callable[[str], None], check: Callable[[], None]
    ) -> LoadedModel: ...


class Held(Protocol):
    """Anything with weights in memory."""

    @property
    def bytes(self) -> int: ...


class ModelCache:
    """The models in memory of one device, those used last at the end. Not for several threads at once."""

    def __init__(self, device: str, budget_bytes: int | None = None, loader: Loader = load) -> None:
        """budget_bytes: for weights, on the device and in what it offloads to. None: what the device has.

        A device that PyTorch cannot use here (a card without its build of PyTorch) is replaced by the CPU.
        """
        self.device = usable(device)
        self.budget_bytes = device_bytes(self.device) if budget_bytes is None else budget_bytes
        self._loader = loader
        self._models: OrderedDict[ModelEntry, Held] = OrderedDict()

    def get(self, entry: ModelEntry, progress: Progress) -> LoadedModel:
        """The model, loaded if need be; others make room for it, and it counts as the one used last.

        An entry that changed (another LoRA, another hash) is another model. Raises what `loading.load` raises, MemoryError.
        """
        return self._kept(entry, lambda: self._load(entry, progress))

    def get_small(self, entry: ModelEntry, progress: Progress, load: Callable[[ModelEntry, str], H]) -> H:
        """The same for a model that is read in one go and stays whole, such as an eraser.

        load: from the entry and the device. Raises what it raises, Cancelled, MemoryError.
        """

        def loaded() -> H:
            progress.loading(entry.id)
            while True:
                try:
                    return load(entry, self.device)
                except torch.OutOfMemoryError as error:
                    short = str(error)
                release()
                progress.check()
                if not self._models:
                    raise MemoryError(f"model {entry.id} does not fit: {short}")
                self._evict()

        return self._kept(entry, loaded)

    def drop(self, entry: ModelEntry) -> None:
        """Let go of a model, if it is here."""
        if self._models.pop(entry, None):
            release()

    @property
    def held(self) -> tuple[str, ...]:
        """The ids of what is in memory, least recently used first."""
        return tuple(entry.id for entry in self._models)

    @property
    def bytes(self) -> int:
        return sum(model.bytes for model in self._models.values())

    def _kept(self, entry: ModelEntry, load: Callable[[], H]) -> H:
        if entry in self._models:
            self._models.move_to_end(entry)
            return cast(H, self._models[entry])  # one entry is always loaded the same way
        self._make_room(weight_bytes(entry))
        model = self._models[entry] = load()
        self._make_room(0)
        return model

    def _load(self, entry: ModelEntry, progress: Progress) -> LoadedModel:
        def tell(what: str) -> None:
            progress.loading(f"{entry.id}: {what}")

        relief = card_for(entry.family, card_bytes(self.device)).relief
        while relief not in OFFLOADS:
            try:
                model = self._loader(entry, self.device, tell, progress.check)
                if relief:
                    take(relief, model)
                return model
            except torch.OutOfMemoryError as error:
                short = str(error)
            release()
            if self._models:  # the estimate was too small: the others give what they have
                self._evict()
            elif self.device == "cpu":
                raise MemoryError(f"model {entry.id} does not fit: {short}")
            else:
                relief = "model_offload"
                progress.loading(SENTENCES[relief])
        # It does not fit, or there would be no room to paint: its parts wait in main memory from the start.
        model = self._loader(entry, "cpu", tell, progress.check)
        model.device = torch.device(self.device)
        take(relief, model)
        return model

    def _make_room(self, needed: int) -> None:
        limit = self.budget_bytes * (1 - WORKING_SHARE)
        while self._models and self.bytes + needed > limit and (needed or len(self._models) > 1):
            self._evict()

    def _evict(self) -> None:
        entry, _ = self._models.popitem(last=False)
        _log.info("model %s leaves the memory of %s", entry.id, self.device)
        release()


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


def release() -> None:
    """Give freed memory back to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def usable(device: str) -> str:
    """`device`, or the CPU where PyTorch has no such device."""
    kind = device.partition(":")[0]
    here = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}.get(kind, lambda: True)()
    if not here:
        _log.warning("PyTorch %s has no %s here; models paint on the CPU", torch.__version__, kind)
    return device if here else "cpu"


def card_bytes(device: str) -> int:
    """Memory of a card, 0 where there is none."""
    return torch.cuda.get_device_properties(device).total_memory if device.startswith("cuda") else 0


def device_bytes(device: str) -> int:
    """Memory that a device may use: most of a card's, a good part of the machine's for cpu and mps."""
    if device.startswith("cuda"):
        return int(card_bytes(device) * ACCELERATOR_SHARE)
    return int(main_memory_bytes() * MAIN_MEMORY_SHARE)


def main_memory_bytes() -> int:
    """The machine's, whole. psutil comes with accelerate."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows
        import psutil

        return int(psutil.virtual_memory().total)


def weight_bytes(entry: ModelEntry) -> int:
    """What the weights of a model weigh on disk: the estimate before it is loaded."""
    return sum(file.bytes for file in entry.files if file.name.endswith((".safetensors", ".gguf")))


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
