"""One machine: its server and its worker are killed, at random moments, under twenty clients."""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownLambdaType=false

import random
from pathlib import Path
from signal import SIGKILL

from bench.soak import painting
from bench.soak.studio import Part, Studio
from rpc.process import running_server
from support.killing import kill, workers_of

STEP_S = 0.03


def soak(folder: Path, seed: int, kills: int) -> tuple[str, list[str]]:
    """Figures, and violations. kills: of server and worker together."""
    with running_server(folder / "data", log=folder / "local.log", painter=painting.DOTTED, devices=["cpu"]) as server:

        def workers() -> list[int]:
            return workers_of(server.process.pid)

        def kill_worker() -> None:
            for pid in workers():
                kill(pid)

        victims = {"server": lambda: server.restart(SIGKILL), "worker": kill_worker}
        part = Part(server.address, victims, lambda: bool(workers()))
        studio = Studio(part, folder / "notes", random.Random(f"{seed} local"), kills, kills, STEP_S)
        violations = studio.run()
    return studio.record.figures, violations
