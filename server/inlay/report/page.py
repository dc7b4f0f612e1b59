"""A report as one HTML page: no script, nothing from elsewhere, light and dark, every word of a user's escaped."""

import datetime
import itertools
from collections import Counter
from collections.abc import Sequence
from html import escape

from inlay.forms.catalogue import ENGLISH, Catalogue, catalogues
from inlay.report.figures import Figures, Region, Summary
from inlay.report.plots import Bar, columns, rows
from inlay.report.told import COLUMNS, NOBODY, most_passes, plain_region, row_name

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


def page_of(summary: Summary, made: datetime.datetime, words: Catalogue | None = None, *, prompts: bool = False) -> str:
    """The page. made: when, with its time zone. words: of its language; None: English. prompts: with the words of the regions that
    took the most passes.
    """
    words = words or words_of(ENGLISH)
    say = Say(words)
    row = say(f"row.{summary.by}")
    head = [row, *(say.figure(column.title) for column in COLUMNS)]
    body = [[_row(say, summary.by, key), *_figures(say, one)] for key, one in summary.rows.items()]
    said = dict(zip((column.title for column in COLUMNS), _figures(say, summary.total), strict=True))
    told = "".join(
        f"<div><dt>{escape(say.figure(name))}</dt><dd>{escape(said[name] or '-')}</dd></div>" for name in _TOLD
    )
    time = f"{made:%Y-%m-%d %H:%M %Z}"
    return "\n".join(
        (
            f'<!doctype html><html lang="{words.locale}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>Inlay: {escape(say('title'))}</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(say('title'))}</h1><p>{escape(say('made', period=_period(say, summary), time=time))}</p>",
            f"<dl>{told}</dl>",
            '<div class="plots">',
            _section(say("days"), _days(say, summary)),
            _section(say("passes"), _passes(say, summary.regions)),
            _section(say("minutes"), _minutes(say, summary.regions)),
            _section(say("seconds", row=row), _seconds(say, summary)),
            "</div>",
            f"<h2>{escape(say('rows', row=row))}</h2>",
            _table(say("figures"), head, body, [say("all"), *_figures(say, summary.total)]),
            _longest(say, summary.regions, prompts=prompts),
            "</body></html>\n",
        )
    )


def words_of(language: str) -> Catalogue:
    """A page's words. language: a BCP 47 tag, or as POSIX writes it; English where it is not spoken here."""
    return catalogues().speaking(language)


class Say:
    """The page's sentences."""

    def __init__(self, words: Catalogue) -> None:
        self.words = words

    def __call__(self, key: str, **values: object) -> str:
        return self.words.say(f"server.report.{key}", **values)

    def figure(self, title: str) -> str:
        """What a figure is called."""
        return self(f"figure.{title.replace(' ', '_')}")

    def number(self, text: str) -> str:
        """A number that is written with a point."""
        return text.replace(".", self("decimal"))


def _figures(say: Say, one: Figures) -> list[str]:
    return [say.number(column.text(one)) for column in COLUMNS]


def _row(say: Say, by: str, key: str) -> str:
    return row_name(by, key) if key or by not in NOBODY else say(f"nobody.{by}")


def _period(say: Say, summary: Summary) -> str:
    since, until = (one and f"{one:%Y-%m-%d %H:%M}" for one in (summary.since, summary.until))
    match since, until:
        case None, None:
            return say("everything")
        case _, None:
            return say("from", since=since)
        case None, _:
            return say("before", until=until)
        case _:
            return say("between", since=since, until=until)


def _section(title: str, plot: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{plot}</section>"


def _days(say: Say, summary: Summary) -> str:
    days = Counter(datetime.datetime.fromtimestamp(one.work.submitted_ms / 1000).date() for one in summary.tries)
    bars = [Bar(f"{day:%m-%d}", days[day], f"{day}: {days[day]}") for day in sorted(days)[-MOST_DAYS:]]
    return columns(say("days"), bars, say("nothing"))


def _passes(say: Say, regions: Sequence[Region]) -> str:
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
            say("so_many_approved", count=counts[passes], approved=approved[passes]),
            approved[passes],
        )
        for passes in range(1, max(counts, default=0) + 1)
    ]
    return columns(say("by_passes"), bars, say("nothing"))


def _minutes(say: Say, regions: Sequence[Region]) -> str:
    minutes = [region.minutes for region in regions if region.minutes is not None]
    edges = (0.0, *MINUTES, float("inf"))
    bars: list[Bar] = []
    for least, most in itertools.pairwise(edges):
        found = sum(least <= one < most for one in minutes)
        bars.append(Bar(f"< {most:g}" if most < float("inf") else f"{least:g}+", found, say("so_many", count=found)))
    return columns(say("by_minutes"), bars, say("nothing"))


def _seconds(say: Say, summary: Summary) -> str:
    longest = sorted(summary.rows.items(), key=lambda row: -row[1].device_s)[:MOST_BARS]
    bars = [Bar(_row(say, summary.by, key), one.device_s, say.number(f"{one.device_s:.1f} s")) for key, one in longest]
    return rows(say("seconds", row=say(f"row.{summary.by}")), bars, say("nothing"))


def _table(label: str, heading: Sequence[str], body: Sequence[Sequence[str]], last: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heading)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in body)
    foot = "".join(f"<td>{escape(cell)}</td>" for cell in last)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(label)}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{lines}</tbody><tfoot><tr>{foot}</tr></tfoot></table></div>"
    )


def _longest(say: Say, regions: Sequence[Region], *, prompts: bool) -> str:
    told = [plain_region(region, prompts=prompts) for region in most_passes(regions)]
    if not told:
        return ""
    names = (say("row.document"), *map(say.figure, ("region", "verbs", "passes", "approved", "minutes")))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    head += f'<th scope="col" class="words">{escape(say.figure("words"))}</th>' if prompts else ""
    lines: list[str] = []
    for one in told:
        x, y, width, height = one["region"]
        minutes = one["minutes_to_approval"]
        cells = [
            one["document"],
            say("place", width=width, height=height, x=x, y=y),
            ", ".join(say.words.find(f"verb.{verb}.title") or verb for verb in one["verbs"]),
            str(one["passes"]),
            say("yes" if one["approved"] else "no"),
            "" if minutes is None else say.number(f"{minutes:.1f}"),
        ]
        words = f'<td class="words">{escape(" / ".join(one["prompts"]))}</td>' if prompts else ""
        lines.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}{words}</tr>")
    return (
        f"<h2>{escape(say('longest'))}</h2>"
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(say.figure("regions"))}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
