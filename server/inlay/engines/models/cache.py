"""What stays in a device's memory: models of any kind, those that were used least recently leave first."""

import gc
import logging
import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

import torch

from inlay.engines.models.catalog import ModelEntry
from inlay.errors import Unavailable

ACCELERATOR_SHARE = 0.9
"""Of a card's memory; the rest is the desktop's and the driver's."""

MAIN_MEMORY_SHARE = 0.6
WORKING_SHARE = 0.35
"""Of the budget that stays free for activations beside the weights."""

H = TypeVar("H", bound="Held")
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Held(Protocol):
    """Anything with weights in memory."""

    @property
    def bytes(self) -> int: ...


class ModelCache:
    """The models in memory of one device, those used last at the end. Not for several threads at once."""

    def __init__(self, device: str, budget_bytes: int | None = None) -> None:
        """budget_bytes: for weights, on the device and in what it offloads to. None: what the device has.

        A device that PyTorch cannot use here (a card without its build of PyTorch) is replaced by the CPU.
        """
        self.device = usable(device)
        self.budget_bytes = device_bytes(self.device) if budget_bytes is None else budget_bytes
        self._models: OrderedDict[ModelEntry, Held] = OrderedDict()

    def get(self, entry: ModelEntry, load: Callable[[], H], check: Callable[[], None]) -> H:
        """The model, loaded if need be; others make room for it, and it counts as the one used last.

        An entry that changed (another LoRA, another hash) is another model. check: called before `load` is tried again, because
        the estimate of what it takes was too small. Raises what both raise, MemoryError where it does not fit alone.
        """
        if entry in self._models:
            self._models.move_to_end(entry)
            return cast(H, self._models[entry])  # one entry is always loaded the same way

        def make_more_room(short: str) -> None:
            check()
            if not self._models:
                raise MemoryError(f"model {entry.id} does not fit: {short}")
            self._evict()

        self._make_room(weight_bytes(entry))
        model = self._models[entry] = enduring(load, make_more_room)
        self._make_room(0)
        return model

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

    def _make_room(self, needed: int) -> None:
        limit = self.budget_bytes * (1 - WORKING_SHARE)
        while self._models and self.bytes + needed > limit and (needed or len(self._models) > 1):
            self._evict()

    def _evict(self) -> None:
        entry, _ = self._models.popitem(last=False)
        _log.info("model %s leaves the memory of %s", entry.id, self.device)
        release()


def enduring(attempt: Callable[[], T], relieve: Callable[[str], None]) -> T:
    """What `attempt()` returns. Whenever the device's memory does not suffice for it, it is started over after `relieve`, which
    is given PyTorch's words and raises once there is nothing left to do.
    """
    while True:
        try:
            return attempt()
        except torch.OutOfMemoryError as error:
            short = str(error).partition("\n")[0]
        # Outside the handler: a traceback would keep the tensors that have to go.
        release()
        relieve(short)


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


def compute(kind: str) -> None:
    """Have a card (cuda, mps) compute something and answer. Raises Unavailable where PyTorch could use one and sees none, or where
    the answer is wrong; RuntimeError as PyTorch does.
    """
    if kind == "cuda" and not torch.cuda.is_available():
        if torch.backends.cuda.is_built():
            raise Unavailable(f"PyTorch {torch.__version__} sees no card")
        return
    field, around = torch.ones((1, 1, 64, 64), device=kind), torch.ones((1, 1, 3, 3), device=kind)
    found = torch.nn.functional.conv2d(field, around).sum().item()
    if found != 9 * 62**2:
        raise Unavailable(f"the card computes {found:g} where {9 * 62**2} is right")


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
