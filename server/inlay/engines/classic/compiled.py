"""Compile a kernel with numba, once per machine: the machine code is kept where this user may write.

Imported only inside workers, because numba takes longer to import than `inlay serve` may take to answer.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import platformdirs
from numba.core import config


def cache_folder(package: Path) -> Path | None:
    """Where compiled code goes; None leaves numba's own choice, the `__pycache__` beside the source.

    A read-only install (system packages, containers) falls back to the user's cache folder, and a user without one
    to a temporary folder, so that numba always finds a place and never fails the edit.
    """
    if os.environ.get("NUMBA_CACHE_DIR") or _writable(package / "__pycache__"):
        return None
    beside_the_user = Path(platformdirs.user_cache_dir("inlay", appauthor=False)) / "numba"
    if _writable(beside_the_user):
        return beside_the_user
    return Path(tempfile.gettempdir()) / f"inlay-numba-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` on first call: without the GIL, so that threads run it side by side, and cached on disk.

    Sums may be reassociated (that is what lets them use vector instructions); NaN and infinity keep their meaning.
    """
    return numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})(
        function
    )


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


if (_folder := cache_folder(Path(__file__).parent)) is not None:
    setattr(config, "CACHE_DIR", str(_folder))  # noqa: B010 - numba builds this module's names at run time
