"""What code and pages point to is there: every cited page and its heading, and every file a page links to."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LISTED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
TEXT = {".py", ".pyi", ".ts", ".mts", ".mjs", ".md", ".toml", ".proto", ".txt", ".yml", ".html", ".action", ".psjs", ""}
FILES = sorted(ROOT / name for name in LISTED if name and Path(name).suffix in TEXT and (ROOT / name).is_file())
PAGES = [path for path in FILES if path.suffix == ".md"]

CITED = re.compile(r"(?<![\w/.-])((?:[\w.-]+/)*[\w-]+\.md)(?!\w)(?:#([\w-]+))?")
"""A page named in code or prose: its path from the repository's root, and perhaps a heading."""

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchor_of(heading: str) -> str:
    """The fragment under which a heading is reached, as GitHub and most renderers make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor_of(line.lstrip("#")) for line in page.read_text("utf-8").splitlines() if re.match("#+ ", line)}


def cited_by_code() -> Iterator[tuple[Path, str, str]]:
    for path in FILES:
        if path.suffix != ".md" and path != Path(__file__):
            for page, heading in CITED.findall(path.read_text("utf-8")):
                yield path, page, heading


@pytest.mark.skipif(not FILES, reason="no checkout: what belongs to the repository is not known")
def test_every_page_that_code_cites_is_in_the_repository_with_that_heading() -> None:
    cited = list(cited_by_code())
    assert len(cited) > 20
    missing = [
        f"{path.relative_to(ROOT)}: {page}#{heading}"
        for path, page, heading in cited
        if not (ROOT / page).is_file() or (heading and heading not in anchors(ROOT / page))
    ]
    assert missing == []


def test_a_fact_is_cited_with_its_heading_and_no_page_of_facts_is_cited_by_nobody() -> None:
    facts = [(page, heading) for _, page, heading in cited_by_code() if page.startswith("docs/facts/")]
    assert all(heading for _, heading in facts)
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/facts").glob("*.md")}
    assert {page for page, _ in facts} == there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for target, heading in LINK.findall(page.read_text("utf-8")):
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (heading and heading not in anchors(file)):
            broken.append(f"{target}#{heading}")
    assert broken == []
