"""`inlay drain`: the server of this machine finishes the variation that it paints, keeps what waits, and ends."""

import contextlib
import os
import signal
import time
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.errors import Unavailable, Unsupported
from inlay.lock import is_held

LOOK_S = 0.1


def drain(
    data: options.Data = None,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for the variation that is being painted.")] = False,
    as_json: options.Json = False,
) -> None:
    """Stop this machine's server without wasting what it paints: nothing more is begun, a running variation is finished (up to the
    server's --drain-s), and what waits stays in its journal for the next start. SIGTERM does the same.
    """
    from inlay.cli.console import out, print_json
    from inlay.client import local

    folder = config.data_dir(data)
    server = local.find(folder)
    if server is None:
        raise Unavailable(f"no server of {folder} runs here")
    if os.name != "posix":
        raise Unsupported("on this system a server is stopped with Ctrl-C in its window; once drains it, twice ends it")
    os.kill(server.pid, signal.SIGTERM)
    while is_held(folder / local.LOCK):
        time.sleep(LOOK_S)
        if now:  # signals that come at once count as one
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, signal.SIGTERM)
    if as_json:
        print_json({"pid": server.pid, "data": str(folder)})
    else:
        out().print(
            f"the server of {folder}, process {server.pid}, has ended; what waits goes on at its next start",
            markup=False,
        )
