"""`inlay report`: what was tried, approved and spent, from the journal alone."""

import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from inlay import config
from inlay.cli import options
from inlay.errors import InvalidInput


def report(
    journal: Annotated[
        Path | None,
        typer.Argument(
            help="A journal, or the one of an `inlay backup`. Default: that of the data folder, whether its server runs or not.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        Literal["document", "person", "style", "model", "batch"], typer.Option(help="What has a row each.")
    ] = "document",
    since: Annotated[
        str, typer.Option(help="Only jobs submitted from this day on.", metavar="YYYY-MM-DD", show_default=False)
    ] = "",
    until: Annotated[
        str, typer.Option(help="Only jobs submitted up to this day's end.", metavar="YYYY-MM-DD", show_default=False)
    ] = "",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the rows to this file.", dir_okay=False, show_default=False)
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a page with plots to this file.", dir_okay=False, show_default=False),
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(
            "--rates",
            help="What devices cost an hour and APIs a variation. Default: rates.toml in the data folder.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    prompts: Annotated[
        bool, typer.Option("--prompts", help="Show the words of what took the most passes, on the page and as JSON.")
    ] = False,
    language: options.Language = "",
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """What was tried, approved and spent: tries, minutes to approval, device seconds, money, first-pass yield.

    docs/report.md says what each figure means.
    """
    first, end = _day("--since", since), _day("--until", until, 1)
    from inlay.cli.console import out, print_json
    from inlay.report import RATES_FILE, place, read, read_rates, summarise
    from inlay.report.page import page_of, words_of
    from inlay.report.told import csv_of, plain_of, table_of

    folder = config.data_dir(data)
    given = read_rates(rates or folder / RATES_FILE)
    works = place(read(journal or folder / "journal.sqlite"))
    summary = summarise(works, given, by, first, end)
    if csv:
        csv.write_text(csv_of(summary), encoding="utf-8-sig", newline="")  # Excel takes it for Latin 1 without
    if html:
        now = datetime.datetime.now().astimezone()
        made = page_of(summary, now, words_of(language), prompts=prompts)
        html.write_text(made, encoding="utf-8")
    if as_json:
        print_json(plain_of(summary, prompts=prompts))
        return
    console = out()
    if not (csv or html):
        for line in _lines(table_of(summary)):
            console.print(line, markup=False)
    for path in filter(None, (csv, html)):
        console.print(f"wrote {path}", markup=False)


def _day(option: str, text: str, later: int = 0) -> datetime.datetime | None:
    """The beginning of the day, or of one `later`, where this machine is."""
    if not text:
        return None
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d") + datetime.timedelta(days=later)
        return day.astimezone()
    except ValueError:
        raise InvalidInput(option, repr(text), "it must be a day, such as 2026-11-30") from None


def _lines(table: list[list[str]]) -> list[str]:
    """The names to the left, the figures to the right."""
    cells = [["".join(c if c.isprintable() else "?" for c in cell) for cell in row] for row in table]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
