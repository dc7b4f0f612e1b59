"""What is promised, at full size: `python -m bench.soak [PART ...] [--jobs N] [--kills N] [--messages N] [--seed N]`.

One line of figures a part; each violation in a sentence below it. The exit status is 1 if there is one. What a seed decides:
pictures, recipes, messages, the order of kills and after how many events they come; the scheduler of the machine decides the rest.
"""

import argparse
import importlib
import json
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"

PARTS = {"messages": "messages", "local": "kills", "cluster": "jobs"}
"""Each is a module of this folder, and which size is its."""

SHOWN = 20
"""Violations of a part on the screen; the JSON has all."""


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    arguments.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is given")
    arguments.add_argument("--jobs", type=int, default=200, help="on the cluster")
    arguments.add_argument("--kills", type=int, default=500, help="of the local server and worker")
    arguments.add_argument("--messages", type=int, default=1_000_000, help="at both doors")
    arguments.add_argument("--seed", type=int, help="of an earlier run")
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--keep", type=Path, help="a folder for logs, notes and data; else they are removed")
    options = arguments.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        arguments.error(f"no such part: {', '.join(sorted(unknown))}")
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    sys.path += [str(TESTS), str(TESTS / "rpc")]
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, TESTS, TESTS / "rpc")))
    found: dict[str, Any] = {"seed": seed}
    with tempfile.TemporaryDirectory(prefix="soak") as temporary:
        for part in options.parts or PARTS:
            folder = (options.keep or Path(temporary)) / part
            folder.mkdir(parents=True)
            began = time.monotonic()
            figures, violations = importlib.import_module(f"bench.soak.{part}").soak(
                folder, seed, getattr(options, PARTS[part])
            )
            took_s = round(time.monotonic() - began)
            print(f"{part}: {figures}; {took_s} s; {len(violations)} violations", flush=True)
            print("\n".join(f"  {one}" for one in violations[:SHOWN]), end="\n" if violations else "", flush=True)
            found[part] = {"figures": figures, "seconds": took_s, "violations": violations}
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return int(any(found[part]["violations"] for part in found if part in PARTS))


if __name__ == "__main__":
    sys.exit(main())
