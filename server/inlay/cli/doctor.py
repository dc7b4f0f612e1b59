"""`inlay doctor`: the way to a server step by step, and what to do where it breaks."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import HERE, Access, takes_access
from inlay.cli.exits import Exit

TITLES = {
    "name": "name",
    "grpc_port": "gRPC port",
    "tls": "gRPC TLS",
    "answer": "answer",
    "token": "token",
    "version": "version",
    "stream": "gRPC stream",
    "http_port": "HTTP port",
    "http_tls": "HTTP TLS",
    "http_call": "HTTP call",
    "krita": "Krita",
}


@takes_access
def doctor(
    access: Access = HERE,
    http_port: Annotated[
        int | None,
        typer.Option(
            help="The HTTP door's port. Default: the gRPC door's plus 1.", min=1, max=65535, show_default=False
        ),
    ] = None,
    server_side: Annotated[
        bool,
        typer.Option(
            "--server-side",
            help="Examine this machine as a server's instead: driver, CUDA, PyTorch, disk, rights, ports, what paints, "
            "certificate, clock.",
        ),
    ] = False,
    language: options.Language = "",
    as_json: options.Json = False,
) -> None:
    """Examine each step of the connection to a server, both doors, and name the cure of what is wrong.

    Where the plugin is in this user's Krita, see too whether that can load it.
    """
    folder = config.data_dir(access.data)
    if server_side:
        _examine_here(folder, language, as_json)
        return
    from inlay.cli.console import out, print_json
    from inlay.client import local, paired
    from inlay.client.doctor import examine, examine_krita, patient_of

    server, running = access.server, local.find(folder)
    if running is None or (server and config.split_address(server) != config.split_address(running.address)):
        address = server or config.join_address(config.LOOPBACK, config.GRPC_PORT)
        let_in = None if access.secret else paired.known(address, folder)
        token, ca = (let_in.token, access.ca or let_in.ca) if let_in else (access.secret, access.ca)
        patient = patient_of(address, http_port, token, ca, running.address if running else "")
    else:
        token, ca = access.secret or running.token, access.ca or running.ca
        patient = patient_of(server or running.address, http_port or running.http_port, token, ca, running.address)
    console = out()
    checks = []
    if not as_json:
        console.print(f"{patient.address} (gRPC), {patient.http_address} (HTTP)", markup=False)
    for check in chain(examine(patient), examine_krita()):
        checks.append(check)
        if not as_json:
            console.print("  [green]ok  [/green]" if check.ok else "  [bold red]FAIL[/bold red]", end=" ")
            console.print(f"{TITLES[check.step]:<12}{check.found}", markup=False)
            if check.cure:
                console.print(f"       {'':<12}-> {check.cure}", markup=False, style="bold")
    healthy = all(check.ok for check in checks)
    if as_json:
        print_json(
            {
                "grpc": patient.address,
                "http": patient.http_address,
                "healthy": healthy,
                "checks": [
                    {
                        "step": check.step,
                        "ok": check.ok,
                        "found": check.found,
                        "cure": check.cure,
                        "seconds": round(check.seconds, 4),
                    }
                    for check in checks
                ],
            }
        )
    if not healthy:
        connected = all(check.ok for check in checks if check.step != "krita")
        raise typer.Exit(Exit.FAILED if connected else Exit.UNREACHABLE)


def _examine_here(data: Path, language: str, as_json: bool) -> None:
    from inlay.cli.console import out, print_json
    from inlay.client import local
    from inlay.forms.catalogue import catalogues
    from inlay.service.examine import Site, examine

    running = local.find(data)
    ports = (running.grpc_port, running.http_port) if running else (config.GRPC_PORT, config.HTTP_PORT)
    words = catalogues().speaking(language)
    door = ""
    if running:
        address = config.join_address(running.reachable_host, running.http_port)
        door = f"{'https' if running.tls else 'http'}://{address}"
    findings = list(examine(Site(data, ports, running is not None, door)))

    def say(key: str, facts: Mapping[str, object]) -> str:
        told = {name: words.translated(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        return words.say(f"site.{key}", **told)

    said = [
        {
            "step": one.step,
            "ok": one.ok,
            "found": say(one.found, one.facts),
            "cure": say(one.cure, one.facts) if one.cure else "",
        }
        for one in findings
    ]
    healthy = all(one.ok for one in findings)
    if as_json:
        print_json({"data": str(data), "healthy": healthy, "checks": said})
    else:
        for one in said:
            out().print("  [green]ok  [/green]" if one["ok"] else "  [bold red]FAIL[/bold red]", end=" ")
            out().print(f"{one['step']:<12}{one['found']}", markup=False)
            if one["cure"]:
                out().print(f"       {'':<12}-> {one['cure']}", markup=False, style="bold")
    if not healthy:
        raise typer.Exit(Exit.FAILED)
