"""How much memory a worker takes, as it finds itself."""

import sys
from pathlib import Path
from typing import Any

from inlay.jobs.workers.base import Memory, Workplace


def resident_bytes(pid: int | str = "self") -> int:
    """Of main memory, by a process on this machine; 0 where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    import resource

    return pages * resource.getpagesize()


def measured(place: Workplace) -> Memory:
    """This process, and the device that it paints on where PyTorch has been loaded for it."""
    torch: Any = sys.modules.get("torch")
    used = total = 0
    if torch is not None and place.kind == "cuda" and torch.cuda.is_initialized():
        free, total = torch.cuda.mem_get_info()
        used = total - free
    return Memory(resident_bytes(), used, total)
