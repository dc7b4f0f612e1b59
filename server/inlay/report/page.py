"""A report as one HTML page: no script, nothing from elsewhere, light and dark, every word of a user's escaped."""

import datetime
import itertools
from collections import Counter
from collections.abc import Sequence
from html import escape

from inlay.report.figures import Region, Summary
from inlay.report.plots import Bar, columns, rows
from inlay.report.told import COLUMNS, most_passes, plain_region, row_name, table_of

MANY_PASSES = 8
MINUTES = (1, 2, 5, 10, 20, 60)
MOST_BARS = 12
MOST_DAYS = 31

STYLE = """
:root { color-scheme: light dark; --ink: #1d1f21; --soft: #5b6066; --page: #fff; --line: #d6d9dc;
--whole: #9fc0de; --part: #1f5f99 }
@media (prefers-color-scheme: dark) {
:root { --ink: #e6e8ea; --soft: #a3a9af; --page: #17191b; --line: #3a3f44; --whole: #3c5f80; --part: #8fc1ef } }
body { background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 74rem;
padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem } p { color: var(--soft); margin: .2rem 0 }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2.2rem; margin: 1.4rem 0 } dt { color: var(--soft) }
dd { font-size: 1.5rem; margin: 0 }
.plots { display: grid; gap: 0 2rem; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)) }
svg { height: auto; max-width: 100%; width: 35rem } svg text { fill: var(--ink); font: 12px system-ui, sans-serif }
form { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: end; margin: 1.2rem 0 } label { color: var(--soft) }
input, select, button { display: block; font: inherit; min-height: 2rem } .refused { color: var(--ink); font-weight: 600 }
.whole { fill: var(--whole) } .part { fill: var(--part) } .axis { stroke: var(--line) }
.table { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: right; vertical-align: top; white-space: nowrap }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere; white-space: normal; min-width: 9rem }
thead th { white-space: normal } .words { text-align: left; white-space: normal } tfoot td { border-bottom: 0; font-weight: 600 }
"""

_TOLD = ("regions", "approved", "first pass", "passes a region", "minutes to approval", "device s", "money")


def page_of(summary: Summary, made: datetime.datetime, *, prompts: bool = False) -> str:
    """The page. made: when, with its time zone. prompts: with the words of the regions that took the most passes."""
    heading, *body, last = table_of(summary)
    said = {column.title: column.text(summary.total) or "-" for column in COLUMNS}
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>Inlay: what it cost</title><style>{STYLE}</style></head><body>",
            f"<h1>What it cost</h1><p>{escape(_period(summary))}. Made {made:%Y-%m-%d %H:%M %Z}.</p>",
            f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{escape(said[name])}</dd></div>' for name in _TOLD)}</dl>",
            '<div class="plots">',
            _section("Tries a day", _days(summary)),
            _section("Passes a region took (strong: approved)", _passes(summary.regions)),
            _section("Minutes from the first try to approval", _minutes(summary.regions)),
            _section(f"Device seconds by {summary.by}", _seconds(summary)),
            "</div>",
            f"<h2>By {summary.by}</h2>{_table(heading, body, last)}",
            _longest(summary.regions, prompts=prompts),
            "</body></html>\n",
        )
    )


def _period(summary: Summary) -> str:
    since, until = (one and f"{one:%Y-%m-%d %H:%M}" for one in (summary.since, summary.until))
    match since, until:
        case None, None:
            return "Everything that the journal has"
        case _, None:
            return f"Submitted since {since}"
        case None, _:
            return f"Submitted before {until}"
        case _:
            return f"Submitted from {since} to before {until}"


def _section(title: str, plot: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{plot}</section>"


def _days(summary: Summary) -> str:
    days = Counter(datetime.datetime.fromtimestamp(one.work.submitted_ms / 1000).date() for one in summary.tries)
    bars = [Bar(f"{day:%m-%d}", days[day], f"{day}: {days[day]}") for day in sorted(days)[-MOST_DAYS:]]
    return columns("Tries a day", bars)


def _passes(regions: Sequence[Region]) -> str:
    counts: Counter[int] = Counter()
    approved: Counter[int] = Counter()
    for region in regions:
        passes = min(len(region.passes), MANY_PASSES)
        counts[passes] += 1
        approved[passes] += region.approved_ms is not None
    bars = [
        Bar(
            f"{passes}+" if passes == MANY_PASSES else str(passes),
            counts[passes],
            f"{counts[passes]} regions, {approved[passes]} approved",
            approved[passes],
        )
        for passes in range(1, max(counts, default=0) + 1)
    ]
    return columns("Regions by the passes they took", bars)


def _minutes(regions: Sequence[Region]) -> str:
    minutes = [region.minutes for region in regions if region.minutes is not None]
    edges = (0.0, *MINUTES, float("inf"))
    bars: list[Bar] = []
    for least, most in itertools.pairwise(edges):
        found = sum(least <= one < most for one in minutes)
        bars.append(Bar(f"< {most:g}" if most < float("inf") else f"{least:g}+", found, f"{found} regions"))
    return columns("Regions by minutes to approval", bars)


def _seconds(summary: Summary) -> str:
    longest = sorted(summary.rows.items(), key=lambda row: -row[1].device_s)[:MOST_BARS]
    bars = [Bar(row_name(summary.by, key), one.device_s, f"{one.device_s:.1f} s") for key, one in longest]
    return rows(f"Device seconds by {summary.by}", bars)


def _table(heading: Sequence[str], body: Sequence[Sequence[str]], last: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heading)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in body)
    foot = "".join(f"<td>{escape(cell)}</td>" for cell in last)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="figures"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{lines}</tbody><tfoot><tr>{foot}</tr></tfoot></table></div>"
    )


def _longest(regions: Sequence[Region], *, prompts: bool) -> str:
    told = [plain_region(region, prompts=prompts) for region in most_passes(regions)]
    if not told:
        return ""
    names = ("document", "region", "verbs", "passes", "approved", "minutes")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    head += '<th scope="col" class="words">words</th>' if prompts else ""
    lines: list[str] = []
    for one in told:
        x, y, width, height = one["region"]
        minutes = one["minutes_to_approval"]
        cells = [
            one["document"],
            f"{width} x {height} at {x}, {y}",
            ", ".join(one["verbs"]),
            str(one["passes"]),
            "yes" if one["approved"] else "no",
            "" if minutes is None else f"{minutes:.1f}",
        ]
        words = f'<td class="words">{escape(" / ".join(one["prompts"]))}</td>' if prompts else ""
        lines.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}{words}</tr>")
    return (
        "<h2>Regions that took the most passes</h2>"
        '<div class="table" tabindex="0" role="region" aria-label="regions"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
