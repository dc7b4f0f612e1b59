"""`inlay join`: this machine's cards paint for a server on another one, until Ctrl-C."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inlay import config
from inlay.cli import options
from inlay.cli.access import Access
from inlay.errors import InvalidInput, Unsupported

if TYPE_CHECKING:
    from inlay.node import Node

OBJECT_STORE_BYTES = 512 * 2**20
"""Of Ray, in shared memory; pixels pass through it in pieces of 8 MiB."""

PORTS = 100
"""Of which a node needs a few for itself and one for each painter."""

STOP_S = 45.0
"""Ray's own processes have 30 s to end once they are asked to."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 15.0
LOOK_S = 0.2


def join(
    gateway: Annotated[str, typer.Argument(metavar="GATEWAY[:PORT]", help="The gRPC door of the server to paint for.")],
    name: Annotated[
        str, typer.Option(help="This machine's, as the server shows it. Default: the host's name.", show_default=False)
    ] = "",
    device: Annotated[
        list[str] | None,
        typer.Option(help="A device to lend, such as cuda:0; repeat for more. Default: what is there."),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(help="The models.toml to paint with. Default: the data folder's.", dir_okay=False),
    ] = None,
    data: options.Data = None,
    quota: Annotated[float, typer.Option(help="Room for pixels kept on this machine, in GiB.", min=0.25)] = (
        config.QUOTA_BYTES / 2**30
    ),
    ports: Annotated[
        int,
        typer.Option(
            help=f"The first of {PORTS} ports for Ray, so that a firewall can be told; 0: free ones, anywhere.",
            min=0,
            max=config.MAX_PORT - PORTS,
        ),
    ] = 0,
    address: Annotated[
        str, typer.Option(help="This machine's address, as the server reaches it. Default: found.", show_default=False)
    ] = "",
    drain: Annotated[
        float, typer.Option(help="Seconds that jobs have to end when this ends. Ctrl-C a second time: none.", min=0)
    ] = 90.0,
    token: options.Token = "",
    token_file: options.TokenFile = None,
    ca: options.Ca = None,
) -> None:
    """Lend this machine's cards to a server that was started with --cluster: it becomes a node of its Ray cluster.

    Inlay, Python, Ray and the models have to be the server's; what is another is told. On Ctrl-C its painters finish the jobs that
    they have. Linux only.
    """
    import platform
    import socket

    from inlay.engines.devices import checked, present_devices
    from inlay.node import Node, versions

    if sys.platform != "linux":
        raise Unsupported(f"Ray joins machines on Linux only, and this is {platform.system()}", field="inlay join")
    versions()
    lent = checked(device) if device else present_devices()
    wrong = [one for one in lent if one.partition(":")[0] not in ("cpu", "cuda")]
    if wrong:
        raise InvalidInput("--device", wrong[0], "it must be cpu, or a card such as cuda:0")
    name = name or socket.gethostname()
    if "/" in name or not name.isprintable():
        raise InvalidInput("--name", name, "it must be one word without a slash")
    folder = config.data_dir(data)
    file = (models.expanduser().absolute() if models else folder / config.MODELS_FILE).absolute()
    node = Node(name, str(folder / "node"), str(file), round(quota * 2**30))
    Path(node.data).mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = Access(gateway, token, token_file, ca).secret
    _Joining(node, lent, gateway, secret, ca, ports, address, drain).run()


class _Joining:
    """A node, from joining to leaving. What it starts is in a process group of its own, and only that is ended."""

    def __init__(
        self,
        node: "Node",
        devices: tuple[str, ...],
        gateway: str,
        secret: str,
        ca: Path | None,
        ports: int,
        address: str,
        drain_s: float,
    ) -> None:
        self._node = node
        self._devices = devices
        self._gateway = gateway
        self._secret = secret
        self._ca = ca
        self._ports = ports
        self._address = address
        self._drain_s = drain_s
        self._asked_to_end = 0
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Be a node until asked to end; whenever Ray's processes end, begin anew. Raises what the server refuses with."""
        import signal
        import time

        from inlay.errors import Unavailable
        from inlay.lock import try_hold

        lock = try_hold(Path(self._node.data) / "lock")
        if lock is None:
            raise Unavailable(f"another `inlay join` uses {self._node.data}; end it, or give this one another --data")
        before = {number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)}
        met, pause_s = False, FIRST_PAUSE_S
        try:
            with lock:
                while not self._asked_to_end:
                    began = time.monotonic()
                    try:
                        self._begin()
                        met = True
                        self._wait()
                    except Unavailable as away:
                        if not met:
                            raise
                        self._say(f"{away.message}; tried again")
                    if time.monotonic() - began > 10 * LONGEST_PAUSE_S:
                        pause_s = FIRST_PAUSE_S
                    resume = time.monotonic() + pause_s
                    while time.monotonic() < resume and not self._asked_to_end:
                        time.sleep(LOOK_S)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, frame: object) -> None:
        self._asked_to_end += 1

    def _begin(self) -> None:
        """Ask the server in, and start Ray's processes."""
        from inlay.client.client import Client
        from inlay.engines.models.catalog import Catalog
        from inlay.node import RAY_VARIABLES, versions

        entries = Catalog(Path(self._node.models)).entries()
        with Client(self._gateway, token=self._secret, ca=self._ca) as client:
            models = {entry.id: entry.sha256 for entry in entries}
            head, token = client.join_cluster(self._node.name, versions(), models)
        self._node.leaving.unlink(missing_ok=True)
        environment = {**os.environ, **self._node.environment, **RAY_VARIABLES}
        if token:
            path = Path(self._node.data) / "ray_token"
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(token)
            environment |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(path)}
            environment.pop("RAY_AUTH_TOKEN", None)
        cards = [one.partition(":")[2] or "0" for one in self._devices if one.startswith("cuda")]
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(cards)
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--address", head]
        command += ["--node-name", self._node.name, "--num-cpus", "0", "--num-gpus", str(len(cards))]
        if others := len(self._devices) - len(cards):
            command += ["--resources", f'{{"inlay_painter": {others}}}']
        command += ["--object-store-memory", str(OBJECT_STORE_BYTES), "--disable-usage-stats"]
        command += ["--include-log-monitor", "false", *self._where()]
        with (Path(self._node.data) / "ray.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._say(f"{self._node.name} lends {', '.join(self._devices)} to {self._gateway}; Ctrl-C ends that")

    def _where(self) -> list[str]:
        """Options of `ray start` about addresses and ports."""
        options = ["--node-ip-address", self._address] if self._address else []
        if not self._ports:
            return [*options, "--min-worker-port", "0", "--max-worker-port", "0"]
        own = (
            "--node-manager-port",
            "--object-manager-port",
            "--runtime-env-agent-port",
            "--dashboard-agent-grpc-port",
            "--dashboard-agent-listen-port",
            "--metrics-export-port",
        )
        for number, option in enumerate(own):
            options += [option, str(self._ports + number)]
        workers = self._ports + len(own)
        return [*options, "--min-worker-port", str(workers), "--max-worker-port", str(self._ports + PORTS - 1)]

    def _wait(self) -> None:
        """Until Ray's processes end, by themselves or because this is asked to end."""
        import time

        process = self._process
        assert process
        try:
            while process.poll() is None and not self._asked_to_end:
                time.sleep(LOOK_S)
            if not self._asked_to_end:
                self._say(f"Ray ended ({process.returncode}; {self._node.data}/ray.log says more); it is started again")
                return
            self._drain()
        finally:
            self._bury(process)

    def _drain(self) -> None:
        """Have the painters finish what they have."""
        import time

        from inlay.lock import is_held

        self._node.leaving.touch()
        self._say("leaving, as soon as the jobs here have ended; Ctrl-C again leaves now")
        deadline = time.monotonic() + self._drain_s
        while time.monotonic() < deadline and self._asked_to_end == 1:
            if not any(is_held(lock) for lock in self._node.painters.glob("*")):
                return
            time.sleep(LOOK_S)

    def _bury(self, process: "subprocess.Popen[bytes]") -> None:
        import contextlib
        import signal

        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever Ray has left behind
        process.wait()

    def _say(self, what: str) -> None:
        print(what, flush=True)


def _end_with_parent() -> None:
    """In the child: be asked to end when its parent does, however that ends; two nodes would use the same cards (prctl(2))."""
    import ctypes
    import signal

    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
