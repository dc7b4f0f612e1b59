"""`inlay audit`: who did what from where, and whether anybody changed what was noted."""

import datetime
import sqlite3
from contextlib import closing
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.exits import Exit
from inlay.errors import InvalidInput, NotFound, Unavailable


def audit(
    since: Annotated[
        str, typer.Option("--since", metavar="YYYY-MM-DD", help="Only lines from this day on.", show_default=False)
    ] = "",
    verify: Annotated[
        bool, typer.Option("--verify", help="Say whether each line is as it was written and follows the one before it.")
    ] = False,
    head: Annotated[
        str,
        typer.Option(
            "--head",
            metavar="SHA256",
            help="With --verify: a head that has to be there.",
            show_default=False,
        ),
    ] = "",
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Who did what from where: a line for each call that changed something or fetched pixels.

    It is noted as soon as there are people (inlay people add). docs/people.md tells what a line holds.
    """
    from inlay.cli.console import out, print_json
    from inlay.jobs.audit import flaw, head_of, lines

    journal = config.data_dir(data) / "journal.sqlite"
    if not journal.is_file():
        raise NotFound("journal", str(journal), hint="no server ever used this data folder", field="data_dir")
    try:
        with closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")
            if verify:
                found, newest = flaw(connection, head.lower()), head_of(connection)
                if as_json:
                    print_json({"lines": newest.number, "head": newest.sha256, "flaw": found})
                else:
                    told = found or f"{newest.number} lines, each as it was written; head {newest.sha256}"
                    out().print(told, markup=False, soft_wrap=True)
                if found:
                    raise typer.Exit(Exit.FAILED)
                return
            noted = list(lines(connection, _day_ms(since)))
    except sqlite3.Error as error:
        raise Unavailable(f"the journal {journal} cannot be read ({error})", field="data_dir") from error
    if as_json:
        print_json([one.facts | {"number": one.number, "sha256": one.sha256} for one in noted])
        return
    for one in noted:
        facts = dict(one.facts)
        time = (
            datetime.datetime.fromtimestamp(facts.pop("time_unix_ms") / 1000)
            .astimezone()
            .isoformat("T", "milliseconds")
        )
        who = facts.pop("person", "") or f"reviewer {facts.pop('reviewer', '')}"
        first = f"{time}  {who}  {facts.pop('method')}  {facts.pop('outcome')}"
        out().print(
            "  ".join([first, *(f"{name}={_on_one_line(value)}" for name, value in facts.items())]),
            markup=False,
            soft_wrap=True,
        )


def _on_one_line(value: object) -> str:
    """What a client sent might look like a line of its own."""
    text = str(value)
    return text if text.isprintable() else repr(text)


def _day_ms(text: str) -> int:
    if not text:
        return 0
    try:
        return round(datetime.datetime.strptime(text, "%Y-%m-%d").astimezone().timestamp() * 1000)
    except ValueError:
        raise InvalidInput("--since", repr(text), "it must be a day, such as 2026-11-30") from None
