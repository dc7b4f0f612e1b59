"""Every bench in one go: `python -m bench --out FOLDER`. Tables on the screen; JSON and pictures in the folder.

At the end each figure stands beside the one kept from before (see `bench.compare`); the exit status is 1 if one is worse.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from bench import compare

BENCHES = (
    ("transfer", ["bench.transfer", "--json", "{out}/transfer.json"]),
    ("edit cost", ["bench.edit_cost", "--json", "{out}/edit_cost.json"]),
    ("classic engine", ["bench.classic", "--json", "{out}/classic.json", "--out", "{out}/classic"]),
    ("erase", ["bench.erase", "--n", "2", "--out", "{out}/erase"]),
    ("seam", ["bench.seam.run", "--out", "{out}/seam"]),
    ("match", ["bench.beside", "match", "--n", "48", "--out", "{out}/match"]),
    ("layers", ["bench.beside", "layers", "--out", "{out}/layers"]),
    ("matte", ["bench.beside", "matte", "--n", "18", "--out", "{out}/matte"]),
    ("select", ["bench.select.run", "--out", "{out}/select"]),
    ("upscale", ["bench.beside", "upscale", "--out", "{out}/upscale"]),
    ("propagate", ["bench.propagate.run", "--out", "{out}/propagate"]),
    ("colour", ["bench.color_table", "--json", "{out}/color.json"]),
    ("diffusion", ["bench.diffusion", "--json", "{out}/diffusion.json"]),
    ("steering", ["bench.steering", "--json", "{out}/steering.json"]),
    ("other servers", ["bench.remote", "--json", "{out}/remote.json"]),
    ("layouts of models", ["bench.layouts", "--json", "{out}/layouts.json"]),
    ("cluster", ["bench.cluster", "--json", "{out}/cluster.json"]),
    ("startup", ["bench.startup", "--json", "{out}/startup.json"]),
    ("brand colour", ["bench.brand", "--json", "{out}/brand.json", "--out", "{out}/brand"]),
    ("studio", ["bench.studio.run", "--json", "{out}/studio.json"]),
    ("queue", ["bench.studio.serving", "--json", "{out}/queue.json"]),
    ("holds of Krita", ["bench.ui_holds", "--json", "{out}/ui_holds.json"]),
)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("only", nargs="*", help="names of benches; all if none is given")
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for figure in compare.kept():
        (options.out / figure.file).unlink(missing_ok=True)  # An earlier run's figures are not this one's.
    failed: list[str] = []
    for name, command in BENCHES:
        if options.only and name not in options.only:
            continue
        print(f"\n=== {name}", flush=True)
        module, *rest = [part.format(out=options.out) for part in command]
        if subprocess.run([sys.executable, "-m", module, *rest], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    print("\n=== beside the figures kept from before")
    return compare.main([str(options.out)]) or min(len(failed), 1)


if __name__ == "__main__":
    sys.exit(main())
