"""How long the plugin holds Krita's UI thread, beside what Krita takes to hand a script a megapixel: of tests/krita/test_speed.py.

    python -m bench.ui_holds [--json FILE]

Needs Krita, as its tests do; where it is missing, nothing is measured.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOLD = ROOT / "build" / "ui_holds.json"
"""Written by the test."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    options = arguments.parse_args()
    TOLD.unlink(missing_ok=True)
    test = [sys.executable, "-m", "pytest", "-q", "tests/krita/test_speed.py"]
    code = subprocess.run(test, cwd=ROOT, check=False).returncode
    if code or not TOLD.exists():
        return code
    held = json.loads(TOLD.read_text("utf-8"))
    figures = {
        name: {
            part: took / result["a megapixel read, ms"]
            for part, took in result["longest stay in the plugin, ms"].items()
        }
        for name, result in held.items()
    }
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
