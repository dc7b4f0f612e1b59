"""What this machine can paint on, found without loading anything: a server must answer in under a second."""

import importlib.util
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from inlay.errors import InvalidInput

_NVIDIA = Path("/proc/driver/nvidia/gpus")

_BUILT_FOR = re.compile(r"^(?:cuda|hip)\b[^=]*= *['\"]", re.MULTILINE)
"""In torch's own version.py, which says None for what it was built without."""


def present_devices() -> tuple[str, ...]:
    """A worker's device each: every NVIDIA card, Apple's GPU, else the CPU.

    Without torch only the classic engine paints, and that on the CPU; a torch that was built without cards paints there too. On
    Windows cards are not looked for: name them with --device.
    """
    if _torch() is None:
        return ("cpu",)
    cards = len(list(_NVIDIA.iterdir())) if _NVIDIA.is_dir() and _torch_knows_cards() else 0
    if cards:
        return tuple(f"cuda:{number}" for number in range(cards))
    return ("mps",) if sys.platform == "darwin" and platform.machine() == "arm64" else ("cpu",)


def checked(devices: Sequence[str]) -> tuple[str, ...]:
    """`devices`, as somebody named them. Raises InvalidInput for a card where torch was built without: the models would paint
    on the CPU, and their receipts name a device that this server does not have.
    """
    for device in devices:
        if device.startswith("cuda") and _torch() is not None and not _torch_knows_cards():
            limit = "PyTorch is built for the CPU here; install one for this card (https://pytorch.org), or name cpu"
            raise InvalidInput("--device", device, limit)
    return tuple(devices)


def _torch() -> Path | None:
    """The folder of the installed torch."""
    found = importlib.util.find_spec("torch")
    return Path(found.origin).parent if found and found.origin else None


def _torch_knows_cards() -> bool:
    folder = _torch()
    try:
        return folder is not None and bool(_BUILT_FOR.search((folder / "version.py").read_text("utf-8")))
    except OSError:
        return True  # built in some other way: its worker will tell
