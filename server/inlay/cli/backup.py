"""`inlay backup`: a copy of the journal, taken from under a running server."""

from pathlib import Path
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.", dir_okay=False)],
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """Copy the journal (all jobs, their recipes and what became of them) while its server runs, or when none does.

    To go back to it: stop the server, remove journal.sqlite-wal and -shm from the data folder, and copy the file over
    journal.sqlite. Pixels are not in it; they are in the data folder's blobs/, which any program may copy at any time.
    """
    from inlay.cli.console import out, print_json
    from inlay.jobs.rescue import back_up

    jobs = back_up(config.data_dir(data) / "journal.sqlite", target)
    if as_json:
        print_json({"file": str(target), "jobs": jobs})
    else:
        out().print(f"{jobs} job{'' if jobs == 1 else 's'} in {target}; pixels are not in it", markup=False)
