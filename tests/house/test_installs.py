"""Whoever follows a page or a message installs this Inlay: the name on PyPI is somebody else's."""

import re
from pathlib import Path

from house.test_citations import FILES, ROOT

NAMED = re.compile(r"pip install[^\n`\"]*['\" ]inlay(?:\[|['\"\s]|$)")


def test_nothing_tells_anybody_to_install_what_only_has_our_name() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:120]}"
        for path in FILES
        if path != Path(__file__)
        for line in path.read_text("utf-8", errors="ignore").splitlines()
        if NAMED.search(line)
    ]
    assert not found, found
