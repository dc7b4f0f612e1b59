"""A report as rows of text, as CSV and as plain values."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inlay.report.figures import Figures, Region, Summary
from inlay.report.work import name_of

NOBODY = {"style": "(none)", "model": "(not known)", "batch": "(none)"}
"""What stands for an empty key."""

MOST_REGIONS = 20

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate (OWASP, CSV Injection)."""


@dataclass(frozen=True)
class Column:
    """One figure: its heading, and how it is written."""

    title: str
    text: Callable[[Figures], str]


COLUMNS = (
    Column("tries", lambda one: str(one.tries)),
    Column("failed", lambda one: str(one.failed)),
    Column("cancelled", lambda one: str(one.cancelled)),
    Column("regions", lambda one: str(one.regions)),
    Column("approved", lambda one: str(one.approved)),
    Column("first pass", lambda one: _percent(one.first_pass_yield)),
    Column("passes a region", lambda one: _number(one.passes_per_region, 1)),
    Column("minutes to approval", lambda one: _number(one.minutes_to_approval, 1)),
    Column("finals", lambda one: str(one.finals)),
    Column("kept", lambda one: str(one.kept)),
    Column("rejected", lambda one: str(one.rejected)),
    Column("device s", lambda one: f"{one.device_s:.1f}"),
    Column("money", lambda one: money_text(one.money)),
)


def row_name(by: str, key: str) -> str:
    """What a row is called."""
    return name_of(key) if by == "document" else key or NOBODY[by]


def money_text(money: Mapping[str, float]) -> str:
    """`1.20 EUR + 0.08 USD`; empty where nothing has a price."""
    return " + ".join(f"{amount:.2f} {currency}" for currency, amount in sorted(money.items()))


def table_of(summary: Summary) -> list[list[str]]:
    """The heading, the rows, and all together as the last one."""
    rows = [(row_name(summary.by, key), one) for key, one in summary.rows.items()]
    return [
        [summary.by, *(column.title for column in COLUMNS)],
        *([name, *(column.text(one) for column in COLUMNS)] for name, one in (*rows, ("all", summary.total))),
    ]


def csv_of(summary: Summary) -> str:
    """One line for each row, with all figures; money has a column for each currency. Names that a spreadsheet would calculate are
    quoted for it.
    """
    currencies = sorted(summary.total.money)
    out = io.StringIO()
    writer = csv.writer(out)
    plain = [(row_name(summary.by, key), _plain(one)) for key, one in summary.rows.items()]
    names = [name for name in _plain(summary.total) if name != "money"]
    writer.writerow([summary.by, *names, *(f"money_{currency}" for currency in currencies)])
    for name, told in plain:
        money = [told["money"].get(currency, 0) for currency in currencies]
        writer.writerow([f"'{name}" if name.startswith(_FORMULA) else name, *(told[key] for key in names), *money])
    return out.getvalue()


def plain_of(summary: Summary, *, prompts: bool = False) -> dict[str, Any]:
    """JSON values. prompts: with the words of the regions that took the most passes."""
    return {
        "by": summary.by,
        "since": summary.since.isoformat() if summary.since else None,
        "until": summary.until.isoformat() if summary.until else None,
        "rows": [
            {summary.by: key, "name": row_name(summary.by, key)} | _plain(one) for key, one in summary.rows.items()
        ],
        "total": _plain(summary.total),
        "most_passes": [plain_region(region, prompts=prompts) for region in most_passes(summary.regions)],
    }


def most_passes(regions: Sequence[Region]) -> list[Region]:
    """Those that took more than one pass, the most first, at most MOST_REGIONS."""
    several = [region for region in regions if len(region.passes) > 1]
    return sorted(several, key=lambda region: -len(region.passes))[:MOST_REGIONS]


def plain_region(region: Region, *, prompts: bool) -> dict[str, Any]:
    """JSON values of one region."""
    last = region.passes[-1].work
    told: dict[str, Any] = {
        "document": name_of(last.document),
        "region": list(last.region),
        "verbs": list(dict.fromkeys(one.work.verb for one in region.tries)),
        "passes": len(region.passes),
        "approved": region.approved_ms is not None,
        "minutes_to_approval": _rounded(region.minutes),
    }
    if prompts:
        told["prompts"] = list(dict.fromkeys(one.work.prompt for one in region.tries if one.work.prompt))
    return told


def _plain(one: Figures) -> dict[str, Any]:
    return {
        "tries": one.tries,
        "failed": one.failed,
        "cancelled": one.cancelled,
        "passes": one.passes,
        "finals": one.finals,
        "regions": one.regions,
        "approved": one.approved,
        "approved_at_first": one.approved_at_first,
        "first_pass_yield": _rounded(one.first_pass_yield),
        "passes_per_region": _rounded(one.passes_per_region),
        "minutes_to_approval": _rounded(one.minutes_to_approval),
        "variations": one.variations,
        "kept": one.kept,
        "rejected": one.rejected,
        "device_s": round(one.device_s, 3),
        "money": {currency: round(amount, 6) for currency, amount in sorted(one.money.items())},
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"
