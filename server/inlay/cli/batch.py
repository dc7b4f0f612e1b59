"""`inlay batch`: a plan of documents, recipes, variables and formats, made into files."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.exits import Exit

if TYPE_CHECKING:
    from inlay.batch.cells import Cell
    from inlay.batch.costs import Cost
    from inlay.batch.onlooker import Ran
    from inlay.batch.plan import Plan
    from inlay.cli.connection import Connection

MIB = 2**20


@takes_access
def batch(
    plan: Annotated[
        Path,
        typer.Argument(
            metavar="PLAN", help="A .toml file; docs/production.md has its form.", exists=True, dir_okay=False
        ),
    ],
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only say what would be painted: seconds, bytes, and what would leave the machine."
        ),
    ] = False,
    approved: Annotated[
        str,
        typer.Option(
            help="A review of the plan's drafts, by the beginning of its id: what it approved is written as the final, "
            "what it turned down is told.",
            metavar="REVIEW",
            show_default=False,
        ),
    ] = "",
    stop_after: Annotated[
        int, typer.Option(help="Leave the rest after so many failures in a row. 0: never.", min=0, metavar="N")
    ] = 0,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Make every file of a plan; run it again to go on after anything that broke it off, or that changed.

    Ends with code 4 where a cell failed, with 5 where a person must look at one. Ctrl-C takes back what is being painted; files
    that are there stay.
    """
    from inlay.batch.cells import cells_of
    from inlay.batch.plan import read_plan
    from inlay.cli.connection import connected

    asked = read_plan(plan)
    cells = cells_of(asked)
    with connected(access, may_start=True) as connection:
        what = _dry if dry_run else partial(_run, stop_after=stop_after, approved=approved)
        code = what(asked, cells, connection, as_json=as_json)
    if code:
        raise typer.Exit(code)


def _dry(plan: "Plan", cells: "Sequence[Cell]", connection: "Connection", *, as_json: bool) -> int:
    from inlay.batch.costs import costs_of
    from inlay.cli.console import out, print_json

    costs = list(costs_of(plan, cells, connection.client))
    if as_json:
        print_json(_costs_plain(plan, costs))
    else:
        console = out()
        console.print(_costs_table(plan, costs))
        for line in _costs_lines(costs):
            console.print(line, markup=False)
    return Exit.INVALID if any(one.problem for one in costs) else Exit.OK


def _costs_table(plan: "Plan", costs: "list[Cost]") -> Any:
    from rich.markup import escape
    from rich.table import Table

    axes = list(dict.fromkeys(name for one in costs for name in one.cell.labels))
    table = Table(box=None, pad_edge=False)
    for heading in ("file", *axes, "model"):
        table.add_column(heading, overflow="fold")
    for heading in ("seconds", "MiB", ""):
        table.add_column(heading, justify="right" if heading else "left", overflow="fold")
    for one in costs:
        name = _short(plan, one.cell.out)
        labels = [one.cell.labels.get(axis, "") for axis in axes]
        if one.problem or one.there:
            row = [name, *labels, one.model, "", "", one.problem or "there"]
        else:
            seconds = "?" if one.seconds is None else f"{one.seconds:.1f}"
            row = [name, *labels, one.model, seconds, f"{(one.bytes or 0) / MIB:.2f}", _leaving(one)]
        table.add_row(*map(escape, row))
    return table


def _costs_lines(costs: "list[Cost]") -> list[str]:
    due = [one for one in costs if not one.there and not one.problem]
    known = [one.seconds for one in due if one.seconds is not None]
    unknown = f" and {len(due) - len(known)} cells that nothing is known of" if len(known) < len(due) else ""
    painting = (
        f"about {sum(known):.0f} s of painting{unknown}" if known or not due else "nothing like it was measured yet"
    )
    sent = sum(one.bytes or 0 for one in due) / MIB
    there, wrong = sum(one.there for one in costs), sum(bool(one.problem) for one in costs)
    lines = [
        f"{len(costs)} cells: {len(due)} to paint, {there} there, {wrong} with a problem",
        f"{painting}; {sent:.2f} MiB to upload to the server",
    ]
    leaving = [left for one in due for left in one.leaving]
    if not leaving:
        return [*lines, "nothing leaves the server's machine"]
    for to in dict.fromkeys(left.to for left in leaving):
        mine = [left for left in leaving if left.to == to]
        prices = list(dict.fromkeys(left.price for left in mine if left.price))
        priced = f", {len(mine)} times {' or '.join(prices)}" if prices else ""
        size = sum(left.bytes for left in mine) / MIB
        lines.append(f"to {to}: {len(mine)} times, at most {size:.1f} MiB in all{priced}")
    return lines


def _leaving(cost: "Cost") -> str:
    return "; ".join(f"to {left.to} {left.price}".strip() for left in cost.leaving)


def _costs_plain(plan: "Plan", costs: "list[Cost]") -> dict[str, Any]:
    return {
        "batch": plan.name,
        "cells": [
            {
                "out": _short(plan, one.cell.out),
                "id": one.id,
                "axes": one.cell.labels,
                "there": one.there,
                "model": one.model,
                "seconds": one.seconds,
                "upload_bytes": one.bytes,
                "leaving": [
                    {"to": left.to, "bytes": left.bytes, "price": left.price, "sentence": left.sentence}
                    for left in one.leaving
                ],
                "problem": one.problem,
                "notes": list(one.notes),
            }
            for one in costs
        ],
        "sentences": _costs_lines(costs),
    }


def _short(plan: "Plan", path: Path) -> str:
    import os

    try:
        return Path(os.path.relpath(path, plan.path.parent)).as_posix()
    except ValueError:  # another drive
        return str(path)


def _run(
    plan: "Plan", cells: "Sequence[Cell]", connection: "Connection", *, stop_after: int, approved: str, as_json: bool
) -> int:
    from inlay.batch.manifest import State, plain, reached, write_csv
    from inlay.batch.proof import prove, write_proof
    from inlay.batch.run import run
    from inlay.batch.sheet import write_sheets
    from inlay.cli.console import out, print_json, remarks
    from inlay.cli.progress import Bars
    from inlay.cli.review import review_named

    review = review_named(connection.client, approved) if approved else None
    try:
        with Bars() as bars:
            ran = run(plan, cells, connection.client, bars, stop_after, review)
    except KeyboardInterrupt:
        remarks().print(f"stopped; `inlay batch {plan.path.name}` goes on from here", markup=False)
        raise
    write_csv(plan.beside("manifest.csv"), ran.records)
    console = remarks()
    with console.status("comparing the files") if console.is_terminal else nullcontext():
        proven = prove(plan, cells, ran.records, connection.client)
        write_proof(plan.beside("proof.json"), proven)
        sentences = [one.sentence for one in proven if one.pairs]
        sheets = write_sheets(plan, cells, ran.records, [*sentences, *reached(ran.records)])
    failed, flagged = ran.count(State.FAILED), ran.count(State.FLAGGED)
    if as_json:
        print_json(
            {
                "batch": plan.name,
                "cells": len(cells),
                "painted": ran.painted,
                "done": ran.count(State.DONE),
                "failed": failed,
                "flagged": flagged,
                "stopped": ran.stopped,
                "manifest": str(plan.beside("manifest.csv")),
                "sheets": [str(path) for path in sheets],
                "controlled": [vars(one) for one in proven],
                "records": plain(ran.records),
            }
        )
    else:
        written = [plan.beside("manifest.csv"), plan.beside("proof.json"), *sheets]
        problems = [problem for one in proven for problem in one.problems]
        for line in [
            *_told(cells, ran),
            *sentences,
            *reached(ran.records),
            *problems,
            *(f"wrote {one}" for one in written),
        ]:
            out().print(line, markup=False)
    if failed or ran.stopped:
        return Exit.FAILED
    return Exit.NOT_FOUND if flagged else Exit.OK


def _told(cells: "Sequence[Cell]", ran: "Ran") -> list[str]:
    from inlay.batch.manifest import State

    lines = [f"{one.state}: {one.out}: {one.error}" for one in ran.records if one.state is not State.DONE]
    if ran.stopped:
        lines.append(f"stopped after failures in a row; {len(cells) - len(ran.records)} cells are left")
    there = ran.count(State.DONE)
    lines.append(
        f"{there} of {len(cells)} done ({ran.painted} in this run), {ran.count(State.FAILED)} failed, "
        f"{ran.count(State.FLAGGED)} for a person to look at"
    )
    return lines
