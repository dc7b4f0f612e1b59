"""`inlay setup`: from nothing to a first picture: what is here, what would run well here, what to get, and where it goes."""

from pathlib import Path
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options


def setup(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER...]",
            help="Where your models lie. Default: where other programs usually have them.",
            show_default=False,
        ),
    ] = None,
    language: options.Language = "",
    data: options.Data = None,
    as_json: options.Json = False,
) -> None:
    """What this machine has to paint with, what would run well on it, what to get and where to put it. Changes nothing."""
    from inlay.cli.console import out, print_json
    from inlay.cli.scan import plain_of
    from inlay.engines.models.catalog import Catalog
    from inlay.engines.models.setup import look
    from inlay.forms.catalogue import catalogues
    from inlay.forms.setup import sections_of

    here = look(Catalog(config.data_dir(data) / config.MODELS_FILE), folders or ())
    if as_json:
        print_json(
            {
                "card_bytes": here.machine.card,
                "main_bytes": here.machine.main,
                "lacking": list(here.lacking),
                "models": [{"id": one.id, "cure": one.lacks} for one in here.models],
                "folders": [str(path) for path in here.folders],
                "found": [plain_of(one) for one in here.found],
                "unready": here.unready,
                "would_run": [one._asdict() | {"memory": one.memory.value} for one in here.would_run],
                "models_file": str(here.models_file),
            }
        )
        return
    for number, section in enumerate(sections_of(here, catalogues().speaking(language)), 1):
        out().print(f"{number}. {section.title}", markup=False)
        for line in section.lines:
            out().print(f"   {line.text}{':' if line.command else ''}", markup=False, soft_wrap=True)
            if line.command:
                out().print(f"     {line.command}", markup=False, soft_wrap=True)
