"""`inlay krita`: the plugin and the user's Krita."""

from pathlib import Path
from typing import Annotated

import typer

from inlay.cli import options
from inlay.cli.exits import EXIT_CODES

app = typer.Typer(name="krita", help="The Krita plugin.", no_args_is_help=True)


@app.command("install", epilog=EXIT_CODES)
def install_plugin(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: options.Json = False,
) -> None:
    """Copy the plugin into this user's Krita and enable it; Krita loads it at its next start."""
    from inlay import krita_install, krita_python
    from inlay.cli.console import out, print_json, remarks

    steps = krita_install.install(dry_run=dry_run)
    python = krita_python.of_this_user()
    if python and python.cure:
        remarks().print(f"{python.found}\n-> {python.cure}", markup=False, style="bold red")
    if as_json:
        print_json([{"what": step.what, "path": str(step.path)} for step in steps])
        return
    console = out()
    for step in steps:
        console.print(f"{'would ' if dry_run else ''}{step.what} {step.path}", markup=False)
    if not dry_run:
        console.print("Start Krita again; the panel is under Settings > Dockers > Inlay.")


@app.command("zip", epilog=EXIT_CODES)
def pack_plugin(
    folder: Annotated[Path, typer.Argument(help="Where to write it.", file_okay=False)] = Path("."),
    as_json: options.Json = False,
) -> None:
    """Pack the plugin as the zip that Krita's own importer takes: Tools > Scripts > Import Python Plugin from File."""
    from inlay import krita_install
    from inlay.cli.console import out, print_json

    path = krita_install.build(folder)
    if as_json:
        print_json({"file": str(path)})
    else:
        out().print(f"wrote {path}", markup=False)
