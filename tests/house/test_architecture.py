"""docs/architecture.md is the design as built: what it names is in the code, and its words are few."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
LISTED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
CODE = [name for name in LISTED if Path(name).suffix in {".py", ".ts", ".proto", ".toml"} and (ROOT / name).is_file()]
MOST_WORDS = 40

pytestmark = pytest.mark.skipif(not LISTED, reason="no checkout: what belongs to the repository is not known")


def named_in_the_page() -> list[str]:
    """What stands in backticks, without commands and placeholders."""
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    return [name for name in re.findall(r"`([^`]+)`", prose) if "NAME" not in name and " " not in name]


def test_every_file_that_the_design_names_is_there() -> None:
    files = [name for name in named_in_the_page() if re.fullmatch(r"[\w./]+\.(py|ts|toml|proto|json)", name)]
    assert len(files) > 10
    lost = [name for name in files if not any(f"/{there}".endswith(f"/{name}") for there in LISTED)]
    assert [name for name in lost if name != "model_index.json"] == []  # a file of the models


def test_every_name_that_the_design_names_is_in_the_code() -> None:
    code = "\n".join((ROOT / name).read_text("utf-8") for name in CODE)
    words = set(re.findall(r"\w+", code))
    names = [part for name in named_in_the_page() if "/" not in name for part in re.findall(r"[A-Za-z_]\w+", name)]
    assert len(names) > 40
    assert [name for name in names if name not in words] == []


def test_the_words_are_at_most_forty() -> None:
    table = PAGE.split("## Words")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[2:]
    words = [word.strip() for row in rows for word in row.split(",")]
    assert 20 < len(words) <= MOST_WORDS
    assert len(words) == len(set(words))
