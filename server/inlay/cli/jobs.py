"""`inlay jobs`: what a server has done and is doing, and the results nobody came back for."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.exits import EXIT_CODES
from inlay.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from inlay.client import Client
    from inlay.job import HistoryEntry, Job
    from inlay.recipe import Recipe

app = typer.Typer(name="jobs", help="The jobs of a running server.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id, or as much of its beginning as is unique.")]

MOST = 1_000
"""Jobs that a server lists at most."""

LONGEST_PAGE = 100
"""Entries of its history that a server gives at a time."""


@app.command("list", epilog=EXIT_CODES)
@takes_access
def list_jobs(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=MOST)] = 20,
    label: Annotated[str, typer.Option(help="Only jobs with this label (inlay edit: the photo's name).")] = "",
    batch: Annotated[str, typer.Option(help="Only jobs of this batch (inlay edit --batch).")] = "",
    unfetched: Annotated[bool, typer.Option("--unfetched", help="Only finished ones that nobody fetched.")] = False,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Jobs, newest first."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=False) as connection:
        jobs = connection.client.jobs(label=label, limit=limit, unfetched_only=unfetched, batch=batch)
    if as_json:
        print_json([_plain(job) for job in jobs])
        return
    console = out()
    if not jobs:
        console.print("no jobs")
    for job in jobs:
        console.print(_line(job), markup=False)


@app.command("history", epilog=EXIT_CODES)
@takes_access
def list_history(
    search: Annotated[
        list[str] | None, typer.Argument(help="Words that each have to be in it.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=MOST)] = 20,
    label: Annotated[str, typer.Option(help="Only of this label (inlay edit: the photo's name).")] = "",
    thumbnails: Annotated[
        Path | None,
        typer.Option(help="A folder that gets a small picture of each.", file_okay=False, show_default=False),
    ] = None,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """What was made, newest first: one line for each finished variation."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    entries: list[HistoryEntry] = []
    with connected(access, may_start=False) as connection:
        cursor, goes_on = "", True
        while goes_on and len(entries) < limit:
            wanted = min(limit - len(entries), LONGEST_PAGE)
            page, cursor = connection.client.history(label, " ".join(search or ()), cursor, wanted)
            entries += page
            goes_on = bool(cursor)
    if thumbnails:
        thumbnails.mkdir(parents=True, exist_ok=True)
        for entry in entries:
            if entry.thumbnail:
                (thumbnails / f"{entry.job_id}-{entry.variation + 1}.png").write_bytes(entry.thumbnail)
    if as_json:
        print_json([_plain_entry(entry) for entry in entries])
        return
    console = out()
    if not entries:
        console.print("nothing was made" if not search else "nothing was found")
    for entry in entries:
        console.print(_entry_line(entry), markup=False)


@app.command("show", epilog=EXIT_CODES)
@takes_access
def show_job(
    job_id: JobId,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """One job: its recipe and what became of it."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json
    from inlay.events import Failed, VariationDone

    with connected(access, may_start=False) as connection:
        job = job_named(connection.client, job_id)
        happenings = [event.happening for event in connection.client.poll(job.job_id)]
    failures = [happening for happening in happenings if isinstance(happening, Failed)]
    variations = [happening.variation for happening in happenings if isinstance(happening, VariationDone)]
    if as_json:
        plain = _plain(job) | {
            "recipe": job.recipe.plain(),
            "error": failures[-1].message if failures else "",
            "variations": [
                {
                    "index": each.index,
                    "seed": each.seed,
                    "bounds": list(each.patch.bounds),
                    "notes": list(each.report.notes),
                }
                for each in variations
            ],
        }
        print_json(plain)
        return
    console = out()
    console.print(_line(job), markup=False)
    for field, value in _recipe_lines(job.recipe):
        console.print(f"  {field:<9}{value}", markup=False)
    for failure in failures:
        console.print(f"  failed   {failure.message}", markup=False)
    for each in variations:
        console.print(f"  variation {each.index + 1}, seed {each.seed}", markup=False)


@app.command("cancel", epilog=EXIT_CODES)
@takes_access
def cancel_job(
    job_id: JobId,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Take a job back, queued or running; one that ended stays as it is."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=False) as connection:
        job = connection.client.cancel(job_named(connection.client, job_id).job_id)
    if as_json:
        print_json(_plain(job))
    else:
        out().print(_line(job), markup=False)


@app.command("watch", epilog=EXIT_CODES)
@takes_access
def watch_job(
    job_id: JobId,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Follow a job to its end. Ctrl-C ends the watching, not the job."""
    from inlay.cli.connection import connected
    from inlay.cli.console import Bar, out, print_json
    from inlay.client.watching import outcome

    with connected(access, may_start=False) as connection, Bar() as bar:
        job = job_named(connection.client, job_id)
        outcome(job.job_id, connection.client.watch(job.job_id), bar)
        job = job_named(connection.client, job.job_id)
    if as_json:
        print_json(_plain(job))
    else:
        out().print(_line(job), markup=False)


@app.command("fetch", epilog=EXIT_CODES)
@takes_access
def fetch_job(
    job_id: JobId,
    photo: Annotated[Path, typer.Argument(help="The picture that the job was made for.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", help="As in inlay edit: .ora, .psd, .png or .tif.", dir_okay=False)],
    margins: Annotated[
        str, typer.Option(help="expand: the margins that the job was made with.", metavar="L,T,R,B")
    ] = "",
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Place a finished job's result in its picture: for results whose client went away."""
    from inlay import documents
    from inlay.cli.connection import connected
    from inlay.cli.console import Bar, print_json
    from inlay.cli.console import out as console
    from inlay.cli.edit import check_out, write
    from inlay.client.canvas import expanded, parse_margins
    from inlay.client.edit import check_source, fetch
    from inlay.client.watching import outcome

    check_out(out)
    document = documents.read(photo)
    if margins:
        document, _ = expanded(document, parse_margins(margins))
    with connected(access, may_start=False) as connection, Bar() as bar:
        job = job_named(connection.client, job_id)
        if not job.state.ended:
            raise InvalidInput("JOB", job.job_id, f"it is {job.state}; wait for it with `inlay jobs watch`")
        check_source(document, job.recipe)
        variations = outcome(job.job_id, connection.client.watch(job.job_id), bar)
        placed = fetch(connection.client, job.job_id, job.recipe, variations, bar)
    files, notes = write(out, document, placed, config.data_dir(access.data), sign)
    if as_json:
        print_json(_plain(job) | {"files": [str(path) for path in files], "notes": list(notes)})
        return
    for line in (*(f"note: {note}" for note in notes), *(f"wrote {path}" for path in files)):
        console().print(line, markup=False)


@app.command("promote", epilog=EXIT_CODES)
@takes_access
def promote_job(
    draft: Annotated[
        str,
        typer.Argument(
            metavar="JOB[:VARIATION]",
            help="The job's id, or as much of its beginning as is unique; of several variations, which one, from 1.",
        ),
    ],
    photo: Annotated[Path, typer.Argument(help="The picture that the job was made for.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", help="As in inlay edit: .ora, .psd, .png or .tif.", dir_okay=False)],
    tier: Annotated[
        Literal["standard", "final"], typer.Option(help="How much to spend; more than the job did.")
    ] = "final",
    model: Annotated[
        str, typer.Option(help="Another model than the job's, as in inlay edit.", show_default=False)
    ] = "",
    margins: Annotated[
        str, typer.Option(help="expand: the margins that the job was made with.", metavar="L,T,R,B")
    ] = "",
    access: Access = HERE,
    sign: options.Sign = None,
    as_json: options.Json = False,
) -> None:
    """Finish a draft: paint one variation of a finished job anew at a higher tier, keeping what it shows.

    Verb, prompts, mask and window are the job's, the seed and what is shown are the variation's; how far that may still move
    is the tier's. Ctrl-C takes the new job back.
    """
    from inlay import documents
    from inlay.cli.adding import name_of
    from inlay.cli.connection import connected
    from inlay.cli.console import Bar, print_json
    from inlay.cli.console import out as console
    from inlay.cli.edit import check_out, write
    from inlay.client.canvas import expanded, parse_margins
    from inlay.client.promote import numbered, promote
    from inlay.recipe import Tier

    check_out(out)
    beginning, number = numbered(draft)
    document = documents.read(photo)
    if margins:
        document, _ = expanded(document, parse_margins(margins))
    with Bar() as bar, connected(access, may_start=False) as connection:
        job = job_named(connection.client, beginning)
        name = name_of(model, connection.models)
        promoted = promote(connection.client, document, job, number, Tier(tier), bar, model=name)
    files, left_out = write(out, document, promoted.placed, config.data_dir(access.data), sign)
    variation = promoted.variation
    if as_json:
        print_json(
            {
                "job_id": promoted.job_id,
                "promoted": {"job_id": job.job_id, "variation": promoted.number},
                "tier": promoted.recipe.sampling.tier.value,
                "model": variation.receipt["engine"],
                "seed": variation.seed,
                "seconds": {phase: round(seconds, 4) for phase, seconds in promoted.seconds.items()},
                "notes": [*variation.report.notes, *left_out],
                "files": [str(path) for path in files],
            }
        )
        return
    lines = [
        f"variation {promoted.number} of job {job.job_id}: {job.recipe.sampling.tier} -> {tier} "
        f"with {variation.receipt['engine']}, "
        f"seed {variation.seed}",
        *(f"note: {note}" for note in (*variation.report.notes, *left_out)),
        *(f"wrote {path}" for path in files),
    ]
    for line in lines:
        console().print(line, markup=False)


def job_named(client: "Client", beginning: str) -> "Job":
    """The one job whose id begins so. Raises NotFound, InvalidInput where several do."""
    found = [job for job in client.jobs(limit=MOST) if job.job_id.startswith(beginning.lower())]
    if not found:
        raise NotFound("job", beginning, hint="`inlay jobs list` shows them")
    if len(found) > 1:
        raise InvalidInput("JOB", repr(beginning), f"{len(found)} jobs begin so; give more of it")
    return found[0]


def _plain(job: "Job") -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "state": job.state.value,
        "verb": job.recipe.verb,
        "prompt": job.recipe.words.prompt,
        "seed": job.recipe.sampling.seed,
        "count": job.recipe.sampling.count,
        "variations_done": job.variations_done,
        "fetched": job.fetched,
        "label": job.label,
        "lane": job.lane.value,
        "batch": job.batch,
        "person": job.person,
        "project": job.project,
        "submitted": datetime.datetime.fromtimestamp(job.submitted_unix_ms / 1000, datetime.UTC).isoformat(),
    }


def _plain_entry(entry: "HistoryEntry") -> dict[str, Any]:
    return {
        "job_id": entry.job_id,
        "variation": entry.variation + 1,
        "title": entry.title,
        "verb": entry.verb,
        "prompt": entry.prompt,
        "target_color": entry.target_color,
        "seed": entry.seed,
        "seconds": entry.seconds,
        "model": entry.model,
        "rating": entry.rating.value if entry.rating else "",
        "submitted": datetime.datetime.fromtimestamp(entry.submitted_unix_ms / 1000, datetime.UTC).isoformat(),
    }


def _entry_line(entry: "HistoryEntry") -> str:
    took = "" if entry.seconds is None else f"{entry.seconds:.1f} s"
    what = f"{entry.title[:40]}  {entry.model}  seed {entry.seed}"
    return f"{entry.job_id}:{entry.variation + 1}  {_when(entry)}  {took:>8}  {entry.rating or '':<8}  {what}".rstrip()


def _when(of: "Job | HistoryEntry") -> str:
    return datetime.datetime.fromtimestamp(of.submitted_unix_ms / 1000).strftime("%Y-%m-%d %H:%M:%S")


def _line(job: "Job") -> str:
    done = f"{job.variations_done}/{job.recipe.sampling.count}"
    what = f"{job.recipe.verb.replace('_', ' ')} {job.recipe.words.prompt[:40]}".strip()
    fetched = "" if job.fetched or job.state != "done" else "  not fetched"
    return f"{job.job_id}  {_when(job)}  {job.state.value:<9}  {done:>5}  {what}  {job.label}{fetched}".rstrip()


def _recipe_lines(recipe: "Recipe") -> list[tuple[str, str]]:
    document, window, source = recipe.canvas.document, recipe.canvas.window, recipe.canvas.source
    return [
        ("seed", str(recipe.sampling.seed)),
        ("tier", recipe.sampling.tier.value),
        ("document", f"{document.width} x {document.height} px"),
        ("window", f"{window.width} x {window.height} px at {window.x}, {window.y}"),
        ("pixels", f"{source.order} {source.sample_type}, {source.profile or 'own profile'}"),
    ]
