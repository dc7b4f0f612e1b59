"""The server: one process, one event loop, two doors in front of the jobs and the blobs of one data folder."""

import asyncio
import contextlib
import dataclasses
import json
import logging
import os
import platform
import signal
import socket
import stat
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import inlay
from inlay.blobs import RECENT_S, BlobStore
from inlay.color import known_profiles
from inlay.config import GRPC_PORT, HTTP_PORT, LOOPBACK, MODELS_FILE, QUOTA_BYTES, join_address
from inlay.engines.models.catalog import Catalog
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, Unavailable
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs, WorkerSettings
from inlay.jobs.workers.base import Crew, Proof, Worker, Workplace
from inlay.jobs.workers.cluster.crew import ClusterCrew
from inlay.jobs.workers.local import LocalWorker
from inlay.lock import try_hold
from inlay.operations.lines import Lines
from inlay.operations.metrics import Metrics
from inlay.rpc import refusals, report_page, review_page, token_page
from inlay.rpc.announcing import Told
from inlay.rpc.announcing import announced as announced_nearby
from inlay.rpc.callers import Callers
from inlay.rpc.certificate import Certificate
from inlay.rpc.connect_door import ConnectDoor
from inlay.rpc.descriptors import connections_per_door
from inlay.rpc.grpc_door import GrpcDoor
from inlay.rpc.healthz import Health
from inlay.rpc.http_gate import MAX_JSON_BYTES, HttpGate
from inlay.rpc.http_server import GRACE_S, HttpServer
from inlay.rpc.metrics_door import MetricsDoor, checked_address, only_admins
from inlay.rpc.pairing import FOR_STRANGERS, PairingDesk
from inlay.rpc.proxy import Proxy
from inlay.rpc.report_page import ReportPage
from inlay.rpc.review_page import ReviewPage
from inlay.rpc.security import Tls, Token, check_listening, check_strangers, fingerprint, routed_address
from inlay.rpc.service import Service
from inlay.rpc.token_page import TokenPage
from inlay.studio.pairing import Pairings
from inlay.studio.people import PEOPLE_FILE, People

LOCK_PATIENCE_S = 0.5
"""Clients that look whether the lock is held hold it themselves for a moment."""

REMOTE_JOBS = 4
"""So many jobs are painted on other servers at a time, each by a process of its own that starts with its first."""

SCRAPERS = 16
"""Connections at a time that ask for figures."""

_SERVER_FILE = "server.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerConfig:
    """What a server is started with."""

    data_dir: Path
    """Journal, blobs and `server.json`; one server at a time."""
    host: str = LOOPBACK
    grpc_port: int = GRPC_PORT
    """0 takes a free one."""
    http_port: int = HTTP_PORT
    """0 takes a free one."""
    quota_bytes: int = QUOTA_BYTES
    tls: Tls | None = None
    token: str = ""
    """What callers must show; empty lets everyone in. Beyond loopback both this (or a file) and `tls` are needed."""
    token_file: Path | None = None
    """Holds the token instead, and may change while the server runs."""
    devices: tuple[str, ...] = ("cpu",)
    """One worker each, on this machine."""
    proxy: Proxy | None = None
    """Who may say who somebody is, at the HTTP door. None: nobody."""
    audit_prompts: bool = False
    """Whether the audit log holds the words of recipes, too."""
    models: Path | None = None
    """`models.toml`. None: the data folder's."""
    drain_s: float = 0.0
    """So long a server that is told to stop waits for the variations that are being painted."""
    metrics: str = ""
    """HOST:PORT, of loopback, where figures are told without a token; empty: on the HTTP door alone, with the token."""
    cluster: str = ""
    """HOST:PORT of a Ray cluster's head; on its machines there are workers too. Empty: on this machine alone."""
    pairs: bool = False
    """Whether machines without a token may ask for one; needs `tls`."""
    announces: bool = False
    """Whether the local network is told of the server; needs `tls` and a token."""
    remote: int = REMOTE_JOBS
    """So many jobs may be painted on other servers at a time; 0: none is ever asked."""

    @property
    def models_file(self) -> Path:
        return self.models or self.data_dir / MODELS_FILE


@dataclass(frozen=True)
class Bound:
    """Where a running server is, as `server.json` in its data folder says."""

    pid: int
    version: str
    host: str
    grpc_port: int
    http_port: int
    tls: bool
    token_file: str
    """Where the token is; empty where none is asked for or none lies in a file."""
    metrics_port: int = 0
    """Where figures are told without a token; 0: nowhere."""


def announced(data_dir: Path) -> Bound | None:
    """What `server.json` says. A server that was killed leaves it behind: whoever connects will see."""
    try:
        return Bound(**json.loads((data_dir / _SERVER_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


async def serve(
    config: ServerConfig,
    ready: Callable[[Bound], None],
    hire: Callable[[Workplace], Worker] = LocalWorker,
    registry_of: Callable[[Catalog], Registry] = Registry,
    crew_of: Callable[[str], Crew] = ClusterCrew,
) -> None:
    """Serve until SIGINT, SIGTERM or the cancellation of this task; `ready` is called once both doors are open.
    `hire` makes a worker for each device, `crew_of` brings those of a cluster, `registry_of` makes what is known here of what they
    can paint.

    Meanwhile no file that this process or its workers make can be read by other users, and the data folder neither.

    Raises InvalidInput where it may not or cannot listen, Unavailable where another server has the data folder, or Ray is needed
    and not installed.
    """
    host = LOOPBACK if config.host == "localhost" else config.host
    token = Token(config.token, config.token_file)
    check_listening(host, config.tls, token)
    certificate = Certificate(config.tls) if config.tls else None
    if config.announces or config.pairs:
        check_strangers("announce" if config.announces else "pair", config.tls, token)
    with (
        _private(config.data_dir),
        _sole_server(config.data_dir),
        _listen(host, config.http_port) as listening,
        _listen_for_metrics(config.metrics) as scraped,
        _stop_signals() as stopped,
    ):
        crew = crew_of(config.cluster) if config.cluster else None
        jobs = _jobs(config, hire, registry_of(Catalog(config.models_file)), crew)
        service = Service(jobs, jobs.blobs, name=platform.node(), profiles=known_profiles(), cluster=config.cluster)
        connections = connections_per_door()
        reviews = service.reviews.reviews
        people = People(config.data_dir / PEOPLE_FILE)
        grpc_door = GrpcDoor(service, Callers(token, reviews, people), connections)
        pairs = certificate if config.pairs or config.announces else None
        if pairs:
            service.pairing = PairingDesk(Pairings(people), lambda: pairs.current().sha256)
        callers = Callers(token, reviews, people, config.proxy, FOR_STRANGERS if pairs else ())
        apps = (ConnectDoor(service, callers), ConnectDoor(service, callers, MAX_JSON_BYTES))
        metrics = _observed(jobs, config)
        report = ReportPage(callers, bool(token), jobs.journal.path, jobs.blobs.folder, service.forms.words)
        door = MetricsDoor(metrics, partial(only_admins, callers))
        pages: dict[str, Any] = {review_page.PATH: ReviewPage(), report_page.PATH: report}
        if config.proxy:
            pages[token_page.PATH] = TokenPage(callers, people, jobs, service.forms.words)
        gate = HttpGate(*apps, door, bool(token), Health(jobs), pages, config.proxy)
        http = HttpServer(gate, certificate, connections)
        figures = HttpServer(MetricsDoor(metrics), None, SCRAPERS) if scraped else None
        try:
            grpc_port = grpc_door.bind(host, config.grpc_port, certificate)
            http_port = int(listening.getsockname()[1])
            token_file = str(config.token_file.absolute()) if config.token_file else ""
            tls = certificate is not None
            metrics_port = int(scraped.getsockname()[1]) if scraped else 0
            bound = Bound(os.getpid(), inlay.__version__, host, grpc_port, http_port, tls, token_file, metrics_port)
            service.reviews.url = lambda shown: review_url(bound, shown)
            if config.tls:
                service.reviews.fingerprint = partial(fingerprint, config.tls)
            service.notes.prompts = config.audit_prompts
            service.notes.is_wanted = lambda: people.exist
            await jobs.start()
            await reviews.start()
            await grpc_door.open()
            await http.open(listening)
            if figures and scraped:
                await figures.open(scraped)
            telling = _told_nearby(config, bound, certificate) if config.announces else contextlib.nullcontext()
            async with telling:
                with _announce(config.data_dir, bound), _told(jobs, grpc_door):
                    ready(bound)
                    await stopped.told.wait()
                    await _drain(jobs, stopped.again, config.drain_s)
        finally:
            report.stop()
            closing = (http.close(), *((figures.close(),) if figures else ()), grpc_door.close(GRACE_S))
            await asyncio.gather(*closing, reviews.stop(), jobs.stop())


def _told_nearby(
    config: ServerConfig, bound: Bound, certificate: Certificate | None
) -> contextlib.AbstractAsyncContextManager[None]:
    assert config.tls
    assert certificate  # says check_strangers
    ports, shown = (bound.grpc_port, bound.http_port), certificate.current().sha256
    return announced_nearby(Told(platform.node(), bound.version, bound.host, *ports, shown, config.tls.certificate))


def _observed(jobs: Jobs, config: ServerConfig) -> Metrics:
    """Who hears what happens to the jobs: the log, and the figures."""
    metrics = Metrics(
        config.devices,
        refusals.REFUSED,
        lambda: jobs.standstill,
        lambda: (jobs.blobs.used_bytes(), jobs.blobs.quota_bytes),
    )
    for onlooker in (Lines().hear, metrics.hear):
        jobs.journal.onlookers.add(onlooker)
    return metrics


def _listen_for_metrics(address: str) -> contextlib.AbstractContextManager[socket.socket | None]:
    return _listen(*checked_address(address), "metrics") if address else contextlib.nullcontext()


def review_url(bound: Bound, token: str) -> str:
    """The address of the review page for who has `token`: by this machine's address where every one is listened on, for tablets
    seldom know the names of a studio's machines."""
    host = bound.host
    if host in ("0.0.0.0", "::"):
        host = next(iter(routed_address()), socket.gethostname())
    return f"{'https' if bound.tls else 'http'}://{join_address(host, bound.http_port)}{review_page.PATH}/#t={token}"


@contextlib.contextmanager
def _told(jobs: Jobs, door: GrpcDoor) -> Generator[None]:
    """The health service says whether jobs go on and which devices are ready, until the block ends."""

    async def follow() -> None:
        why = ""
        while True:
            why = await jobs.standstill_changed(why)
            await door.tell_health(not why)

    async def follow_devices() -> None:
        known: Mapping[str, Proof] = {}
        while True:
            gone, known = known, await jobs.readiness.changed(known)
            for device in {**gone, **known}:
                await door.tell_ready(device, device in known and known[device].painted)

    following = asyncio.create_task(follow()), asyncio.create_task(follow_devices())
    try:
        yield
    finally:
        for task in following:
            task.cancel()


def _jobs(config: ServerConfig, hire: Callable[[Workplace], Worker], registry: Registry, crew: Crew | None) -> Jobs:
    journal = Journal(config.data_dir / "journal.sqlite")
    blobs = BlobStore(config.data_dir / "blobs", config.quota_bytes, journal.pinned, RECENT_S)
    registry.sends_nothing = not config.remote
    return Jobs(journal, blobs, registry, WorkerSettings(config.devices, hire, crew, config.remote))


@contextlib.contextmanager
def _private(data_dir: Path) -> Generator[None]:
    """Make the data folder, closed to other users, and close whatever is made until the block ends."""
    before = os.umask(0o077)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        _close_to_others(data_dir)
        yield
    finally:
        os.umask(before)


def _close_to_others(folder: Path) -> None:
    if os.name != "posix":  # there the user's own folder is closed already, by inheritance
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not mode & 0o077:
        return
    try:
        folder.chmod(mode & 0o700)
        _log.warning("other users could look into the data folder %s (mode %o); now only its owner can", folder, mode)
    except OSError:
        _log.warning("other users can look into the data folder %s (mode %o), which is not ours to close", folder, mode)


@contextlib.contextmanager
def _sole_server(data_dir: Path) -> Generator[None]:
    lock = try_hold(data_dir / "server.lock", patience_s=LOCK_PATIENCE_S)
    if lock is None:
        bound = announced(data_dir)
        where = f" at {join_address(bound.host, bound.grpc_port)}, process {bound.pid}" if bound else ""
        raise Unavailable(
            f"data_dir {data_dir} already has a server{where}; use that one, stop it, or choose another folder",
            field="data_dir",
        )
    with lock:
        (data_dir / _SERVER_FILE).unlink(missing_ok=True)  # of a server that was killed
        yield


def _listen(host: str, port: int, field: str = "http_port") -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is spelled out: 40 ms for every answer on a kept
    # connection hang on the last argument.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # a restart need not wait for old connections
        if host == "::":
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        address = join_address(host, port)
        raise InvalidInput(field, port, f"{address} cannot be listened on ({error.strerror})") from None
    return listening


async def _drain(jobs: Jobs, again: asyncio.Event, within_s: float) -> None:
    """Let what is being painted come to the end of a variation, at most so long, and no longer once it is said `again`."""
    _log.info("the server stops; what is being painted has %.0f s to finish its variation", within_s)
    waiting = {asyncio.create_task(jobs.drain()), asyncio.create_task(again.wait())}
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


@dataclass(frozen=True)
class _Stopped:
    """What signals said: to stop, and again, at once."""

    told: asyncio.Event
    again: asyncio.Event

    def hear(self) -> None:
        (self.again if self.told.is_set() else self.told).set()


@contextlib.contextmanager
def _stop_signals() -> Generator[_Stopped]:
    """What SIGINT and SIGTERM say. Off the main thread there are no signals, and only cancelling stops it."""
    stopped = _Stopped(asyncio.Event(), asyncio.Event())
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    loop = asyncio.get_running_loop()

    def stop(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopped.hear)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _announce(data_dir: Path, bound: Bound) -> Generator[None]:
    """`server.json` tells where the server is, whole or not at all, until the block ends."""
    path = data_dir / _SERVER_FILE
    partial = data_dir / f"{_SERVER_FILE}.new"
    partial.write_text(json.dumps(dataclasses.asdict(bound)))
    os.replace(partial, path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
