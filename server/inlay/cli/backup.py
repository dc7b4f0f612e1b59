"""`inlay backup` and `inlay restore`: a data folder kept elsewhere, taken from under a running server, and brought back."""

from pathlib import Path
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options


def backup(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A new or empty folder, or one of a former backup, which is brought up to date."
        ),
    ],
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Back the data folder up, while its server runs or when none does: jobs, pixels, token, certificate and settings.

    Each file is checked by its hash. A former backup in DIR stays whole until the new one is; only what is new is copied. Put it
    on another disk, and keep it as secret as the token in it. Models are left out: they are large, and can be got again.
    """
    from inlay.cli.console import out, print_json, remarks
    from inlay.jobs.backup import back_up

    made = back_up(config.data_dir(data), target.expanduser().absolute())
    if as_json:
        print_json({"folder": str(target), **made._asdict()})
        return
    out().print(
        f"{_count(made.jobs, 'job')} and {_count(made.blobs, 'blob')} in {target}, {made.copied} of them new",
        markup=False,
    )
    if made.missing:
        remarks().print(
            f"{_count(len(made.missing), 'blob')} of ended jobs were not in the data folder any more, or damaged there",
            markup=False,
        )


def restore(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of a backup.", exists=True, file_okay=False)
    ],
    data: options.Data = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move what is in the data folder aside instead of refusing it.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Bring a backup back into a data folder, each file checked by its hash. The next server of it paints what was waiting.

    The data folder must be empty, or its server stopped and --replace given: then what was there lies in before-restore-* in it.
    """
    from inlay.cli.console import out, print_json, remarks
    from inlay.jobs.restore import restore as bring_back

    folder = config.data_dir(data)
    done = bring_back(source.expanduser().absolute(), folder, replace)
    if as_json:
        moved = str(done.moved) if done.moved else None
        print_json({"data": str(folder), **done._asdict(), "moved": moved})
        return
    out().print(
        f"{_count(done.jobs, 'job')} and {_count(done.blobs, 'blob')} in {folder}; {done.waiting} of the jobs wait to be painted",
        markup=False,
    )
    if done.moved:
        remarks().print(f"what was there lies in {done.moved}", markup=False)
    if done.missing:
        remarks().print(f"the backup has not, or not whole: {', '.join(done.missing)}", markup=False)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
