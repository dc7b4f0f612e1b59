"""The commands in one tree, and the one place where errors become sentences and exit codes."""

import sys
from typing import Annotated

import typer

import inlay
from inlay.cli import (
    animate,
    audit,
    backup,
    batch,
    brand,
    demo,
    doctor,
    drain,
    edit,
    formats,
    jobs,
    join,
    keyframe,
    krita,
    marks,
    match,
    models,
    pair,
    people,
    probe,
    propagate,
    report,
    review,
    scan,
    select,
    separate,
    serve,
    service,
    setup,
    sign,
    style,
    text,
    upscale,
)
from inlay.cli.exits import EXIT_CODES, Exit, exit_of
from inlay.errors import InlayError

app = typer.Typer(
    name="inlay",
    help="Re-imagine one region of a picture. Everything outside the mask stays bit-identical.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, function in (
    ("edit", edit.edit),
    ("select", select.select),
    ("separate", separate.separate),
    ("upscale", upscale.upscale),
    ("match", match.match),
    ("text", text.text),
    ("marks", marks.marks),
    ("propagate", propagate.propagate),
    ("batch", batch.batch),
    ("sign", sign.sign),
    ("verify", sign.verify),
    ("formats", formats.formats),
    ("keyframe", keyframe.keyframe),
    ("animate", animate.animate),
    ("demo", demo.demo),
    ("serve", serve.serve),
    ("drain", drain.drain),
    ("join", join.join),
    ("setup", setup.setup),
    ("backup", backup.backup),
    ("restore", backup.restore),
    ("report", report.report),
    ("audit", audit.audit),
    ("doctor", doctor.doctor),
    ("probe", probe.probe),
    ("brand", brand.brand),
):
    app.command(name, epilog=EXIT_CODES)(function)
models.app.command("scan", epilog=EXIT_CODES)(scan.scan_models)
for group in (jobs.app, review.app, models.app, style.app, people.app, pair.app, krita.app, service.app):
    app.add_typer(group)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(inlay.__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """What stands before the command."""


def main() -> None:
    """Run the command line and end the process with a code that means something."""
    try:
        app()
    except InlayError as error:
        where = f" (request {error.request})" if error.request else ""
        print(f"inlay: {error.message}{where}", file=sys.stderr)
        sys.exit(exit_of(error))
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except OSError as error:
        _end_with(error)


def _end_with(error: OSError) -> None:
    """What a disk or a folder refuses is a sentence, too; what nobody foresaw is raised on."""
    from inlay.hindrances import hindrance_of

    if isinstance(error, BrokenPipeError):
        # Whoever read our output (head, less) has seen enough; Python must not complain while it closes stdout.
        sys.stderr.close()
        sys.exit(Exit.OK)
    hindrance = hindrance_of(error)
    if isinstance(error, PermissionError) and error.filename:
        print(
            f"inlay: {error.filename} is closed to this user; give it to them, or name another folder", file=sys.stderr
        )
    elif hindrance:
        print(f"inlay: {hindrance.message}{f' ({error.filename})' if error.filename else ''}", file=sys.stderr)
    else:
        raise error
    sys.exit(Exit.FAILED)
