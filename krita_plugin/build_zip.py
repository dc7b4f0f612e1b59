"""Builds dist/inlay_krita-<version>.zip, which Krita takes under Tools › Scripts › Import Python Plugin from File."""

import sys
from pathlib import Path

from inlay.krita_install import build

if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "dist"))
