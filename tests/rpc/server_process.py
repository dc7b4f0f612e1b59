"""The real server as a process, with additions for tests: it writes down cancellations, and takes its settings as JSON.

`python server_process.py SETTINGS`: prints one line of JSON once both doors are open. Among the settings may be
`constants`, values by `module:NAME` so that a test need not wait as long as people do, and `descriptors`, the soft and the
hard limit on open files, and `painter`, `module:function` that workers paint with, and `holds`, the model that they then say is
in memory, or `engines`, `module:function` that makes the registry from a catalog and a device, and `log_form`, how the log is
written. With `ends_with_caller` it ends as soon as its standard input does, so that a test that is killed leaves no server behind.
"""

# pyright: basic, reportArgumentType=false, reportPrivateImportUsage=false

import asyncio
import importlib
import json
import os
import resource
import sys
import threading
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # the tests' own modules, where no pytest has said where they are

from inlay import logs
from inlay.jobs.workers.cluster.crew import ClusterCrew
from inlay.jobs.workers.local import LocalWorker
from inlay.rpc import server
from inlay.rpc.proxy import Proxy
from inlay.rpc.security import Tls
from inlay.rpc.service import Service
from inlay.wire.request_id import Marking
from support.acting import PaintsWith
from support.answers import EnginesOf


class RecordingService(Service):
    """The service, and a file that tells when a handler was cancelled (CLOCK_MONOTONIC, the same in all processes)."""

    record: Path

    async def poll_job(self, request, context):
        with Recording(self.record, "PollJob"):
            return await super().poll_job(request, context)

    async def probe_stream(self, request, context):
        with Recording(self.record, "ProbeStream"):
            async for message in super().probe_stream(request, context):
                yield message


class Recording:
    """Notes the start, and the moment a cancellation passes through."""

    def __init__(self, path: Path, method: str) -> None:
        self.path = path
        self.method = method

    def note(self, what: str) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps({"method": self.method, "what": what, "at": time.monotonic()}) + "\n")

    def __enter__(self) -> None:
        self.note("began")

    def __exit__(self, kind, error, traceback) -> None:
        if kind and issubclass(kind, asyncio.CancelledError | GeneratorExit):
            self.note("cancelled")


def end_with_caller() -> None:
    while os.read(0, 4096):  # Python's own buffer would be locked as it ends.
        pass
    os._exit(1)


def main(settings: dict) -> None:
    if settings.pop("ends_with_caller", False):
        threading.Thread(target=end_with_caller, daemon=True).start()
    for name, value in settings.pop("constants", {}).items():
        module, constant = name.split(":")
        setattr(importlib.import_module(module), constant, value)
    if descriptors := settings.pop("descriptors", None):
        resource.setrlimit(resource.RLIMIT_NOFILE, tuple(descriptors))
    RecordingService.record = Path(settings.pop("record"))
    server.Service = RecordingService
    tls = settings.pop("tls", None)
    proxy = settings.pop("proxy", None)
    token_file = settings.pop("token_file", None)
    painter, holds = settings.pop("painter", None), settings.pop("holds", "")
    if log := settings.pop("log_form", ""):
        logs.configure(log, Marking())
    engines = EnginesOf(settings.pop("engines", "inlay.engines.registry:Registry"))
    config = server.ServerConfig(
        data_dir=Path(settings.pop("data_dir")),
        tls=Tls(Path(tls["certificate"]), Path(tls["key"])) if tls else None,
        proxy=Proxy(tuple(proxy["networks"]), groups_header=proxy["groups_header"]) if proxy else None,
        token_file=Path(token_file) if token_file else None,
        **settings,
    )
    asyncio.run(
        server.serve(
            config,
            lambda bound: print(json.dumps(asdict(bound)), flush=True),
            partial(LocalWorker, painter=PaintsWith(painter, holds, "cpu") if painter else engines),
            engines.made,
            partial(ClusterCrew, paints=PaintsWith(painter) if painter else engines),
        )
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
