"""What this machine can paint on, found without loading anything: a server must answer in under a second."""

import platform
import sys
from pathlib import Path

from inlay.engines.registry import missing_libraries

_NVIDIA = Path("/proc/driver/nvidia/gpus")


def present_devices() -> tuple[str, ...]:
    """A worker's device each: every NVIDIA card, Apple's GPU, else the CPU.

    Without torch only the classic engine paints, and that on the CPU. On Windows cards are not looked for: name them with
    --device.
    """
    if missing_libraries(("torch",)):
        return ("cpu",)
    cards = len(list(_NVIDIA.iterdir())) if _NVIDIA.is_dir() else 0
    if cards:
        return tuple(f"cuda:{number}" for number in range(cards))
    return ("mps",) if sys.platform == "darwin" and platform.machine() == "arm64" else ("cpu",)
