"""Writes SHA256SUMS beside what is built, for `sha256sum --check SHA256SUMS`: `python scripts/sha256sums.py FOLDER`."""

import hashlib
import sys
from pathlib import Path

folder = Path(sys.argv[1])
packages = sorted(file for file in folder.iterdir() if file.suffix in (".zip", ".ccx"))
lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in packages]
(folder / "SHA256SUMS").write_text("".join(lines))
