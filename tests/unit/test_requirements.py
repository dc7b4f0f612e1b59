"""What `make` installs is named to the byte."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^[A-Za-z0-9._-]+==")


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_every_package_has_one_version_and_the_hashes_of_its_files(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text().replace("\\\n", " ").splitlines()
    assert len(lines) > 40
    for line in lines:
        assert PINNED.match(line), line
        assert "--hash=sha256:" in line, line


def test_the_locked_packages_are_the_ones_that_the_package_asks_for() -> None:
    """A dependency that was added to pyproject.toml and not locked would be installed by nobody."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    base, everything = (
        {
            line.split("==")[0].lower()
            for line in (ROOT / "requirements" / name).read_text().splitlines()
            if "==" in line
        }
        for name in ("base.txt", "dev.txt")
    )

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[<>=!;\[ ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}

    assert names(project["project"]["dependencies"]) <= base
    extras = project["project"]["optional-dependencies"]
    extra = names(extras["diffusion"]) | names(extras["cluster"]) | names(project["dependency-groups"]["dev"])
    assert extra - {"torch"} <= everything
