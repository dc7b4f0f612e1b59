"""The packages that `make plugins` builds can be checked by whoever downloads them."""

import hashlib
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "sha256sums.py"


def test_a_package_that_was_changed_does_not_match_its_sum(tmp_path: Path) -> None:
    package = tmp_path / "inlay-1.0.0.ccx"
    package.write_bytes(b"built here")
    (tmp_path / "notes.txt").write_text("not a package")
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True)
    assert (tmp_path / "SHA256SUMS").read_text() == f"{hashlib.sha256(b'built here').hexdigest()}  {package.name}\n"
    package.write_bytes(b"changed on the way")
    checked = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True)
    assert checked.returncode == 1
    assert f"{package.name}: FAILED" in checked.stdout
