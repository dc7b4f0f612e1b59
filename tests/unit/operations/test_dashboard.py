"""Each query of the Grafana dashboard asks for figures and labels that a server gives."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from inlay.jobs.occurrences import Accepted, Committed, Died, Released
from inlay.jobs.workers.base import Memory
from inlay.operations.metrics import Metrics
from support.edits import MemoryBlobs
from support.job_room import small_recipe
from support.scraping import Scraped
from unit.operations.test_metrics import job_of, painted

DASHBOARD = json.loads((Path(__file__).parents[3] / "docs/grafana.json").read_text("utf-8"))
QUERIES: list[str] = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
BY_PROMETHEUS = {"instance"}
"""Labels that Prometheus itself adds."""


@pytest.fixture(scope="module")
def told() -> Scraped:
    """Of a server on which everything has happened once."""
    metrics = Metrics(("cuda:0",), Counter(quota_exceeded=1), lambda: "", lambda: (1, 2))
    recipe = small_recipe(MemoryBlobs())  # pyright: ignore[reportArgumentType]
    painted(metrics, recipe, "classic")
    for occurrence in (
        Accepted(job_of(recipe, "classic")),
        Committed(0.001, True),
        Died("job", "cuda:0", "it hung", True),
        Released("job", "cuda:0", (), Memory(1, 2, 3)),
    ):
        metrics.hear(occurrence)
    return Scraped(metrics.exposition("")[0].decode())


def labels_of(scraped: Scraped) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, labels, _ in scraped.samples:
        found.setdefault(name, set()).update(labels)
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_figures_that_are_there_by_labels_that_they_have(query: str, told: Scraped) -> None:
    known = labels_of(told)
    names = re.findall(r"\binlay_\w+", query)
    assert names
    assert set(names) <= set(known), set(names) - set(known)
    grouped = {label for found in re.findall(r"by \(([^)]*)\)", query) for label in re.split(r",\s*", found)}
    matched = set(re.findall(r"[{,](\w+)[=!]", query))
    for name in names:
        assert grouped | matched <= known[name] | BY_PROMETHEUS, (grouped | matched) - known[name]
    assert query.count("(") == query.count(")")
    if "histogram_quantile" in query:
        assert "le" in grouped


def test_what_only_rises_is_asked_for_as_a_rate_and_what_does_not_is_not() -> None:
    for query in QUERIES:
        for name in re.findall(r"\binlay_\w+", query):
            rises = name.endswith(("_total", "_bucket", "_count", "_sum"))
            assert rises == (f"rate({name}" in query), (name, query)


def test_every_figure_is_on_the_dashboard(told: Scraped) -> None:
    shown = {
        re.sub(r"_(total|bucket|count|sum)$", "", name) for query in QUERIES for name in re.findall(r"inlay_\w+", query)
    }
    there = {re.sub(r"_(total|bucket|count|sum)$", "", name) for name, _, _ in told.samples}
    assert there - shown == {"inlay_jobs_accepted"}


def test_a_legend_uses_labels_that_its_query_keeps() -> None:
    def check(target: dict[str, Any]) -> None:
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
            assert re.search(rf"by \([^)]*\b{label}\b", target["expr"]), target

    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            check(target)
