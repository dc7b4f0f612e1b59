"""`inlay sign` and `inlay verify`: Content Credentials put on files, and read back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    from inlay.provenance import Act


@takes_access
def sign(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            help="PNG, TIFF, JPEG, WebP: signed in itself, its pixels stay. .psd, .ora, .kra: a file FILE.c2pa beside it.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    original: Annotated[
        Path | None,
        typer.Option(
            "--original",
            help="What it was made from, which is kept as what came before, with its own Content Credentials.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="The file that remembers the edits, such as the .kra that was exported. Default: the file's own memory.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        list[str] | None,
        typer.Option("--job", help="A job of the server's that was done to it; again for each.", show_default=False),
    ] = None,
    words: Annotated[
        bool, typer.Option("--words", help="Tell the prompts and the models' names in the mark, too.")
    ] = False,
    show: Annotated[
        bool,
        typer.Option(
            "--show", help="Print the root certificate of this studio, which its readers are to trust, and end."
        ),
    ] = False,
    access: Access = HERE,
    as_json: options.Json = False,
) -> None:
    """Say in finished files what Inlay did to them: IPTC's DigitalSourceType and Content Credentials (C2PA).

    The mark tells verbs, regions and hashes of recipes: no names, no paths, no words unless --words is given. It is signed by this
    install's own certificate, which nobody outside trusts unless you hand them what --show prints. Needs no network.
    """
    from inlay.cli.console import out, print_json

    folder = config.data_dir(access.data)
    if show:
        from inlay.provenance.certificate import identity

        print(identity(folder).root.decode(), end="")
        return
    if not files:
        raise InvalidInput("FILE", "missing", "name at least one")
    from inlay.provenance import sign as sign_file
    from inlay.provenance.kinds import bytes_of

    named = _acts_of(jobs, access) if jobs else ()
    before = bytes_of(original) if original else b""
    rows: list[dict[str, object]] = []
    for file in files:
        acts = named or _remembered_in(source or file)
        marked = sign_file(file, acts, folder, original=before, with_words=words)
        rows.append({"file": str(file), "mark": str(marked.file), "term": marked.term, "notes": list(marked.notes)})
        if not as_json:
            edits = f"{len(acts)} edit{'' if len(acts) == 1 else 's'}"
            for line in (*(f"note: {note}" for note in marked.notes), f"signed {marked.file}: {edits}, {marked.term}"):
                out().print(line, markup=False)
    if as_json:
        print_json(rows)


def verify(
    file: Annotated[
        Path, typer.Argument(help="A file, signed in itself or with FILE.c2pa beside it.", exists=True, dir_okay=False)
    ],
    trust: Annotated[
        Path | None,
        typer.Option(
            help="PEM certificates that count as known, beside this install's own.", exists=True, dir_okay=False
        ),
    ] = None,
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Read a file's Content Credentials back: whether they hold, what was done, and what came before.

    Ends with code 4 where they are broken, 5 where there are none.
    """
    from inlay.cli.console import out, print_json
    from inlay.cli.exits import Exit
    from inlay.plain import to_plain
    from inlay.provenance.certificate import kept
    from inlay.provenance.reading import look

    own = kept(config.data_dir(data))
    roots = b"\n".join([own.root if own else b"", trust.read_bytes() if trust else b""]).strip()
    found = look(file, roots)
    if as_json:
        print_json(to_plain(found))
    else:
        for line in found.lines:
            out().print(line, markup=False)
    if found.verdict is None:
        raise typer.Exit(Exit.NOT_FOUND)
    if found.verdict.state == "Invalid":
        raise typer.Exit(Exit.FAILED)


def _remembered_in(file: Path) -> "tuple[Act, ...]":
    """What was done to a file, as it remembers, and as layers remember that the Photoshop plugin placed in it."""
    from inlay.client.layer_memories import shown_results
    from inlay.provenance import acts_in, memories_in

    memories = memories_in(file)
    known = {memory.get("job_id") for memory in memories}
    return acts_in([*memories, *(one for one in shown_results(file) if one["job_id"] not in known)])


def _acts_of(jobs: list[str], access: "Access") -> "tuple[Act, ...]":
    """What jobs of a server did, by what their receipts say. Raises InvalidInput for one that made nothing."""
    from inlay.cli.connection import connected
    from inlay.cli.jobs import job_named
    from inlay.events import VariationDone
    from inlay.provenance import act_of

    acts: list[Act] = []
    with connected(access, may_start=False) as connection:
        for beginning in jobs:
            job = job_named(connection.client, beginning)
            happened = (event.happening for event in connection.client.poll(job.job_id))
            made = next((one.variation for one in happened if isinstance(one, VariationDone)), None)
            if made is None:
                raise InvalidInput("--job", job.job_id, f"it is {job.state} and made nothing")
            acts.append(act_of(job.recipe, str(made.receipt.get("engine", ""))))
    return tuple(act for act in acts if act.term)
