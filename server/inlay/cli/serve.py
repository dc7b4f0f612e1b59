"""`inlay serve`: the server in the foreground, and what its user has to know to reach it."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inlay import config
from inlay.cli import options, supervisor
from inlay.errors import InvalidInput

if TYPE_CHECKING:
    from inlay.rpc.security import Tls
    from inlay.rpc.server import Bound, ServerConfig


def serve(
    host: Annotated[
        str,
        typer.Option(
            help="What to listen on. Beyond loopback (0.0.0.0: every address) a certificate is made and TLS used."
        ),
    ] = config.LOOPBACK,
    grpc_port: Annotated[int, typer.Option(help="The gRPC door; 0: a free port.", min=0, max=65535)] = config.GRPC_PORT,
    http_port: Annotated[
        int, typer.Option(help="The HTTP door (Connect, gRPC-Web), for the plugins; 0: a free port.", min=0, max=65535)
    ] = config.HTTP_PORT,
    data: options.Data = None,
    quota: Annotated[float, typer.Option(help="Room for pixels in the data folder, in GiB.", min=0.25)] = (
        config.QUOTA_BYTES / 2**30
    ),
    device: Annotated[
        list[str] | None,
        typer.Option(
            help="A device to paint on, such as cpu or cuda:0; repeat for more. Default: what is there; with --cluster none."
        ),
    ] = None,
    token_file: options.TokenFile = None,
    cert: Annotated[
        Path | None,
        typer.Option(
            help="The PEM certificate chain to show. Default beyond loopback: self-signed.", exists=True, dir_okay=False
        ),
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its key, PEM.", exists=True, dir_okay=False)] = None,
    models: Annotated[
        Path | None,
        typer.Option(help="The models.toml to paint with. Default: the data folder's.", dir_okay=False),
    ] = None,
    no_remote: Annotated[
        bool,
        typer.Option(
            "--no-remote", help="Ask no other server for pictures, whatever models.toml says: no pixel leaves."
        ),
    ] = False,
    drain_s: Annotated[
        float,
        typer.Option(
            help="So long a server that is told to stop waits for the variation that is being painted.", min=0
        ),
    ] = 90.0,
    metrics: Annotated[
        str,
        typer.Option(
            help="HOST:PORT of loopback, such as 127.0.0.1:9464, where Prometheus finds /metrics without a token.",
            show_default=False,
        ),
    ] = "",
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log one JSON object a line, for machines that collect logs.")
    ] = False,
    cluster: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="Paint on the machines of a Ray cluster too: the address of its head. `inlay join` brings machines in.",
            show_default=False,
        ),
    ] = "",
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--trust-proxy",
            metavar="CIDR",
            help="Where the studio's sign-in proxy is, in front of the HTTP door; repeat for more. From there, and only there, "
            "headers say who somebody is.",
            show_default=False,
        ),
    ] = None,
    user_header: Annotated[
        str, typer.Option("--user-header", help="The header in which the proxy names who is signed in.")
    ] = "X-Auth-Request-Email",
    groups_header: Annotated[
        str,
        typer.Option(
            "--groups-header",
            help="The one with their groups: inlay-artist, inlay-lead, inlay-admin, inlay-project-NAME. Without it only people of "
            "inlay people come in.",
            show_default=False,
        ),
    ] = "",
    audit_prompts: Annotated[
        bool, typer.Option("--audit-prompts", help="The audit log (inlay audit) holds the words of recipes, too.")
    ] = False,
    announce: Annotated[
        bool,
        typer.Option(
            "--announce",
            help="Tell the local network of this server (mDNS), so that plugins and `inlay pair find` list it; machines may ask to "
            "be let in, as with --pair. Needs zeroconf: pip install '.[announce]' in Inlay's folder.",
        ),
    ] = False,
    pair: Annotated[
        bool,
        typer.Option(
            "--pair",
            help="Let machines without a token ask for one; an admin lets each in by `inlay pair accept`. Needs TLS.",
        ),
    ] = False,
    for_one_call: Annotated[bool, typer.Option("--for-one-call", hidden=True)] = False,
) -> None:
    """Serve edits until Ctrl-C: gRPC on one port, Connect and gRPC-Web on another, from one data folder.

    Accepted jobs survive a restart: the next server of the same data folder finishes them.
    """
    _keep_freed_memory()
    _log_to_stderr(log_json)
    import asyncio

    from inlay.engines.devices import checked, present_devices
    from inlay.rpc.proxy import Proxy
    from inlay.rpc.security import own_token
    from inlay.rpc.server import REMOTE_JOBS, ServerConfig

    folder = config.data_dir(data)
    settings = ServerConfig(
        data_dir=folder,
        host=host,
        grpc_port=grpc_port,
        http_port=http_port,
        quota_bytes=round(quota * 2**30),
        tls=tls_for(host, folder, cert, key),
        token_file=token_file or own_token(folder),
        devices=checked(device) if device else () if cluster else present_devices(),
        cluster=config.join_address(*config.split_address(cluster, config.RAY_PORT)) if cluster else "",
        models=models.expanduser().absolute() if models else None,
        drain_s=drain_s,
        metrics=metrics,
        proxy=Proxy(tuple(trust_proxy), user_header, groups_header) if trust_proxy else None,
        audit_prompts=audit_prompts,
        pairs=pair,
        announces=announce,
        remote=0 if no_remote else REMOTE_JOBS,
    )
    try:
        asyncio.run(_serve(settings, ends_with_stdin=for_one_call))
    finally:
        if for_one_call:
            shutil.rmtree(folder, ignore_errors=True)


def _log_to_stderr(as_json: bool) -> None:
    """When, how bad, at whose call, about which job, where, what; never pixels or prompts."""
    import logging

    from inlay import logs
    from inlay.wire.request_id import Marking

    logs.configure(logs.JSON if as_json else logs.TEXT, Marking())
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # strangers' bad requests would fill the disk


def _keep_freed_memory() -> None:
    """On glibc, start again with malloc told to keep its memory: large messages then travel 1.8 times as fast
    (docs/facts/server.md#memory-of-large-messages). It has to be in the environment before the process starts."""
    from inlay.rpc.memory import MALLOC_ENVIRONMENT

    if not _is_glibc() or any(name in os.environ for name in MALLOC_ENVIRONMENT):
        return
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **MALLOC_ENVIRONMENT})


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError, OSError):
        return False


def tls_for(host: str, folder: Path, cert: Path | None, key: Path | None) -> "Tls | None":
    """The given certificate; beyond loopback, without one, this installation's own."""
    from inlay.rpc.security import Tls, own_certificate

    if cert is not None and key is not None:
        return Tls(cert, key)
    if cert is not None or key is not None:
        given, lacking = ("--cert", "--key") if cert is not None else ("--key", "--cert")
        raise InvalidInput(lacking, "missing", f"{given} was given, and a certificate and its key belong together")
    return None if config.is_loopback(host) else own_certificate(folder)


async def _serve(settings: "ServerConfig", *, ends_with_stdin: bool) -> None:
    import asyncio
    import threading

    from inlay.rpc import server

    serving = asyncio.ensure_future(server.serve(settings, lambda bound: _tell(settings, bound)))
    if ends_with_stdin:
        loop = asyncio.get_running_loop()

        def wait_for_the_end() -> None:
            while os.read(0, 1):
                pass
            loop.call_soon_threadsafe(serving.cancel)

        threading.Thread(target=wait_for_the_end, daemon=True).start()
    try:
        with supervisor.watched():
            await serving
    except asyncio.CancelledError:
        if not ends_with_stdin:
            raise
    finally:
        supervisor.tell("STOPPING=1")


def _tell(settings: "ServerConfig", bound: "Bound") -> None:
    """What the user needs to reach the server, and its supervisor to know."""
    import socket

    from rich.console import Console

    from inlay.config import join_address
    from inlay.rpc.security import RENEW_DAYS, fingerprint, last_day

    everywhere = bound.host in ("0.0.0.0", "::")
    host = socket.gethostname() if everywhere else bound.host
    url = f"{'https' if bound.tls else 'http'}://{join_address(host, bound.http_port)}"
    console = Console(highlight=False, soft_wrap=True)
    lines = [
        ("gRPC", f"{join_address(host, bound.grpc_port)}  (inlay edit --server, scripts)"),
        ("HTTP", f"{url}  (Krita, Photoshop, browsers)"),
        ("data", str(settings.data_dir)),
        ("token", f"in {bound.token_file}; programs of this user on this machine find it there"),
    ]
    if settings.tls:
        lines.append(("trust", f"copy {settings.tls.certificate} to the clients; SHA-256 {fingerprint(settings.tls)}"))
        lines.append(("until", f"{last_day(settings.tls)}; made anew at a start within {RENEW_DAYS} days before that"))
    if settings.pairs or settings.announces:
        lines.append(
            ("pairing", f"there `inlay pair ask {join_address(host, bound.grpc_port)}`, here `inlay pair list`")
        )
    if bound.metrics_port:
        lines.append(("metrics", f"http://{join_address(config.LOOPBACK, bound.metrics_port)}/metrics"))
    lines.append(("Krita", f"`inlay krita install`; the Inlay docker's settings: {_for_krita(settings, bound, url)}"))
    shown = Path(bound.token_file).read_text(encoding="utf-8").strip() if console.is_terminal else "the token"
    lines.append(("Photoshop", f"paste once into the panel's settings: {shown}"))
    console.print(f"[bold]Inlay {bound.version}[/bold] is ready; Ctrl-C stops it.")
    for name, what in lines:
        console.print(f"  [cyan]{name:<10}[/cyan]", end="")
        console.print(what, markup=False)
    sys.stdout.flush()
    supervisor.tell(f"READY=1\nSTATUS=gRPC {bound.grpc_port}, HTTP {bound.http_port}")


def _for_krita(settings: "ServerConfig", bound: "Bound", url: str) -> str:
    """What Krita on this machine has to be told: nothing where everything is where it usually is."""
    known = config.is_loopback(bound.host) and settings.data_dir == config.data_dir()
    if known and bound.http_port == config.HTTP_PORT:
        return "nothing to enter"
    return url if known else f"{url} and the token" + (" and the certificate" if bound.tls else "")
