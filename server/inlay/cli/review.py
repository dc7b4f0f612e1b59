"""`inlay review`: drafts for others to look at, and what they say, before the final is spent."""

import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.exits import EXIT_CODES
from inlay.cli.review_told import iso, name_of, place_of, plain, plain_pin, tell, verdict_of, when
from inlay.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from inlay.client import Client
    from inlay.client.reviews import Links
    from inlay.review.events import NewDraft
    from inlay.review.standing import Review

app = typer.Typer(name="review", help="Drafts for others to look at and decide on.", no_args_is_help=True)

MANIFEST = "-manifest.jsonl"
MOST = 100
"""Reviews that a server lists at most."""

RoleName = Literal["view", "comment", "decide"]
ReviewId = Annotated[
    str, typer.Argument(metavar="REVIEW", help="The review's id, or as much of its beginning as is unique.")
]
Drafts = Annotated[
    list[str],
    typer.Argument(
        metavar="JOB[:N]... | MANIFEST",
        help="Jobs that are done, each with all its variations or with number N, from 1; or all cells of a plan: the "
        "...-manifest.jsonl that inlay batch wrote.",
    ),
]
Days = Annotated[int, typer.Option(help="For how many days the link is good.", min=1, max=90)]
Host = Annotated[
    str,
    typer.Option(
        help="The server's name or address as reviewers reach it. Default: what it listens on.", show_default=False
    ),
]
Qr = Annotated[bool | None, typer.Option("--qr/--no-qr", help="Print each link as a QR code. Default: in a terminal.")]


@app.command("share", epilog=EXIT_CODES)
@takes_access
def share(
    drafts: Drafts,
    name: Annotated[str, typer.Option(help="How the review is called.")],
    people: Annotated[list[str], typer.Option("--for", help="Who is asked; repeat for more, each gets a link.")],
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = "decide",
    days: Days = 7,
    note: Annotated[str, typer.Option(help="What to say of the drafts.", show_default=False)] = "",
    all_agree: Annotated[
        bool, typer.Option("--all", help="Approved only when everybody who decides approves.")
    ] = False,
    host: Host = "",
    qr: Qr = None,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Show drafts for review: a link for each reviewer, printed once."""
    from inlay.cli.connection import connected
    from inlay.review.events import Invitation, Role

    with connected(access, may_start=False) as connection:
        shown = _new_drafts(connection.client, drafts, note)
        invitations = [Invitation(person, Role(role), days) for person in people]
        links = connection.client.reviews.create(name, shown, invitations, all_agree)
    _tell_links(links, host, qr, as_json)


@app.command("add", epilog=EXIT_CODES)
@takes_access
def add(
    review: ReviewId,
    drafts: Drafts,
    replaces: Annotated[
        int, typer.Option(help="The draft that this is a newer version of; 0: drafts of their own.", min=0)
    ] = 0,
    note: Annotated[str, typer.Option(help="What to say of them.", show_default=False)] = "",
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Add drafts to a review, or a newer version of one, which locks the older."""
    from inlay.cli.connection import connected

    with connected(access, may_start=False) as connection:
        found = review_named(connection.client, review)
        shown = _new_drafts(connection.client, drafts, note, replaces)
        tell(connection.client.reviews.add(found.review_id, shown), as_json)


@app.command("invite", epilog=EXIT_CODES)
@takes_access
def invite(
    review: ReviewId,
    person: Annotated[str, typer.Option("--for", help="Who is asked.")],
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = "decide",
    days: Days = 7,
    host: Host = "",
    qr: Qr = None,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """A link for one more reviewer, printed once."""
    from inlay.cli.connection import connected
    from inlay.review.events import Invitation, Role

    with connected(access, may_start=False) as connection:
        found = review_named(connection.client, review)
        links = connection.client.reviews.invite(found.review_id, Invitation(person, Role(role), days))
    _tell_links(links, host, qr, as_json)


@app.command("list", epilog=EXIT_CODES)
@takes_access
def list_reviews(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=MOST)] = 20,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Reviews, newest first, and what came of them."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=False) as connection:
        found = connection.client.reviews.newest(limit)
    if as_json:
        print_json([plain(review) for review in found])
        return
    console = out()
    for review in found:
        said = ", ".join(f"{one.draft} {verdict_of(one)}" for one in review.drafts if not one.is_locked)
        over = "  over" if review.is_over else ""
        console.print(f"{review.review_id}  {when(review.created_unix_ms)}  {review.title}  {said}{over}", markup=False)
    if not found:
        console.print("no reviews")


@app.command("show", epilog=EXIT_CODES)
@takes_access
def show(
    review: ReviewId,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """A review: its drafts and finals, its reviewers, and its whole log."""
    from inlay.cli.connection import connected

    with connected(access, may_start=False) as connection:
        tell(review_named(connection.client, review), as_json)


@app.command("pins", epilog=EXIT_CODES)
@takes_access
def pins(
    review: ReviewId,
    done: Annotated[
        str, typer.Option(help="The beginning of a pin's id: what it asks for is done.", show_default=False)
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Those that are done, too.")] = False,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """What reviewers ask for, as a list to work through, with places in document px."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out, print_json

    with connected(access, may_start=False) as connection:
        found = review_named(connection.client, review)
        if done:
            pin_id = _pin_named(found, done)
            connection.client.reviews.resolve(found.review_id, pin_id)
            found = connection.client.reviews.get(found.review_id)
    left = [pin for pin in found.pins.values() if everything or pin.pin_id not in found.resolved]
    if as_json:
        print_json([plain_pin(found, pin) for pin in left])
        return
    console = out()
    for pin in left:
        x, y = place_of(found, pin) or ("", "")
        where = f"at {x}, {y} px" if pin.at else "answers" if pin.answers else "the whole"
        state = "done  " if pin.pin_id in found.resolved else ""
        who = name_of(found, pin.reviewer)
        console.print(f"{pin.pin_id[:8]}  {pin.draft}.{pin.version}  {where}  {state}{who}: {pin.text}", markup=False)
    if not left:
        console.print("nothing is left to do")


@app.command("revoke", epilog=EXIT_CODES)
@takes_access
def revoke(
    review: ReviewId,
    person: Annotated[
        str,
        typer.Option(
            "--for",
            help="Whose link: a name, or a reviewer's number. Default: all, and it is over.",
            show_default=False,
        ),
    ] = "",
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Make links void at once; what was said stays."""
    from inlay.cli.connection import connected

    with connected(access, may_start=False) as connection:
        found = review_named(connection.client, review)
        for number in _numbers(found, person):
            found = connection.client.reviews.revoke(found.review_id, number)
        tell(found, as_json)


@app.command("finish", epilog=EXIT_CODES)
@takes_access
def finish(
    review: ReviewId,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Close a review: nobody decides any more, its links end, what was approved is still painted."""
    from inlay.cli.connection import connected
    from inlay.cli.console import out

    with connected(access, may_start=False) as connection:
        found = connection.client.reviews.revoke(review_named(connection.client, review).review_id, 0)
    if not as_json:
        undecided = [one for one in found.drafts if not (one.is_locked or one.verdict)]
        count = len(undecided)
        out().print(f"the review is finished; {count} of its drafts {'was' if count == 1 else 'were'} never decided on")
    tell(found, as_json)


def review_named(client: "Client", beginning: str) -> "Review":
    """The one review whose id begins so. Raises NotFound, InvalidInput where several do."""
    if len(beginning) == 36:
        return client.reviews.get(beginning)
    found = [review for review in client.reviews.newest(MOST) if review.review_id.startswith(beginning.lower())]
    if not found:
        raise NotFound("review", beginning, hint="`inlay review list` shows them")
    if len(found) > 1:
        raise InvalidInput("REVIEW", repr(beginning), f"{len(found)} reviews begin so; give more of it")
    return found[0]


def _new_drafts(client: "Client", named: list[str], note: str, replaces: int = 0) -> "list[NewDraft]":
    from inlay.cli.jobs import job_named
    from inlay.client.promote import numbered
    from inlay.review.events import NewDraft

    drafts: list[NewDraft] = []
    for one in named:
        if one.endswith(MANIFEST):
            drafts += _planned(Path(one))
            continue
        beginning, number = numbered(one)
        job = job_named(client, beginning)
        all_of_it = range(1, job.variations_done + 1)
        drafts += [NewDraft(job.job_id, each - 1, note, replaces) for each in ([number] if number else all_of_it)]
    return drafts


def _planned(path: Path) -> "list[NewDraft]":
    """The drafts of a plan that was run, from its manifest. Raises InvalidInput where it has none."""
    from inlay.batch.approved import drafts_of
    from inlay.batch.manifest import Manifest

    found = drafts_of(Manifest(path).records)
    if not found:
        raise InvalidInput(
            "DRAFTS", str(path), "there is no such manifest, or no cell in it has a file; run inlay batch"
        )
    return found


def _numbers(review: "Review", person: str) -> list[int]:
    """The reviewers that are meant: by number, or all who are called so. Raises NotFound."""
    if not person:
        return [0]
    found = [one.number for one in review.reviewers.values() if person in (str(one.number), one.name)]
    if not found:
        names = ", ".join(one.name for one in review.reviewers.values())
        raise NotFound("reviewer", person, field="--for", hint=f"there are {names}")
    return found


def _pin_named(review: "Review", beginning: str) -> str:
    found = [pin_id for pin_id in review.pins if pin_id.startswith(beginning.lower())]
    if len(found) != 1:
        raise InvalidInput("--done", repr(beginning), f"{len(found)} pins begin so; `inlay review pins` shows them")
    return found[0]


def _at_host(url: str, host: str) -> str:
    """The link with another host in it."""
    if not (host and url):
        return url
    parts = urllib.parse.urlsplit(url)
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return parts._replace(netloc=f"{name}:{parts.port}").geturl()


def _tell_links(links: "Links", host: str, qr: bool | None, as_json: bool) -> None:
    from inlay.cli.console import out, print_json
    from inlay.config import is_loopback

    urls = [_at_host(link.url, host) for link in links.links]
    if as_json:
        told = [
            {
                "reviewer": link.reviewer.number,
                "name": link.reviewer.name,
                "role": link.reviewer.role.value,
                "until": iso(link.reviewer.expires_unix_ms),
                "url": url,
            }
            for link, url in zip(links.links, urls, strict=True)
        ]
        print_json({"review_id": links.review_id, "links": told, "fingerprint": links.fingerprint})
        return
    console = out()
    console.print(f"review {links.review_id}")
    for link, url in zip(links.links, urls, strict=True):
        who = link.reviewer
        console.print(f"{who.name} ({who.role}, until {when(who.expires_unix_ms)}):", markup=False)
        console.print(url, markup=False, soft_wrap=True)
        if qr or (qr is None and console.is_terminal):
            import segno

            segno.make(url, error="m").terminal(compact=True)
    if links.fingerprint:
        print(f"browsers warn of the server's own certificate; it is SHA-256 {links.fingerprint}")
    if any(is_loopback(urllib.parse.urlsplit(url).hostname or "") for url in urls):
        print("this opens on this machine only; for others, `inlay serve --host 0.0.0.0`")
