"""`make help` names every target that a person may call."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_make_help_lists_every_target_of_the_first_part_with_what_it_does() -> None:
    said = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = dict(re.findall(r"^make (\S+)\s+(\S.*)$", said.stdout, re.MULTILINE))
    (targets,) = re.findall(r"^\.PHONY: (help .*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert list(told) == targets.split()


def test_renewing_the_released_contract_writes_the_file_that_the_check_reads() -> None:
    command = [
        "make",
        "--no-print-directory",
        "--dry-run",
        "--assume-old=.venv/.dev",
        "--assume-old=node_modules/.ready",
        "released",
    ]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1].endswith("buf build --output proto/released.binpb")
    assert "--against proto/released.binpb" in (ROOT / "Makefile").read_text("utf-8")
