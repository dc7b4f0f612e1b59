"""Three machines on loopback and Ray's head: painter, node, head and gateway are killed under twenty clients."""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownLambdaType=false

import os
import random
from pathlib import Path
from signal import SIGKILL
from unittest.mock import patch

from bench.soak import painting
from bench.soak.studio import PATIENCE_S, Part, Studio
from inlay.client import Client
from inlay.errors import InlayError
from rpc.process import RunningServer, running_server
from support.ray_room import RayRoom

NODES = ("anna", "bert", "carl")
JOBS_A_KILL = 4


def soak(folder: Path, seed: int, jobs: int) -> tuple[str, list[str]]:
    """Figures, and violations. jobs: at least so many, with a kill for every JOBS_A_KILL of them."""
    with (
        RayRoom(token="a token that is long enough for nobody to guess") as room,
        patch.dict(os.environ, room.environment),
    ):
        room.start_head()
        settings = {"cluster": room.address, "devices": [], "painter": painting.DOTTED}
        with running_server(folder / "gateway", log=folder / "gateway.log", **settings) as gateway:
            for name in NODES:
                room.join(name, gateway.address)
            return soak_at(room, gateway, folder / "steps", seed, jobs, jobs // JOBS_A_KILL)


def soak_at(
    room: RayRoom, gateway: RunningServer, notes: Path, seed: int, jobs: int, kills: int, names: tuple[str, ...] = NODES
) -> tuple[str, list[str]]:
    """As `soak`, in a cluster that is there. names: its machines."""
    dice = random.Random(f"{seed} cluster")
    with Client(gateway.address, patience_s=PATIENCE_S) as client:

        def is_whole() -> bool:
            for name in names:
                if room.has_ended(name):  # it came while the gateway was away: docs/cluster.md has `Restart=always`
                    room.join(name, gateway.address)
            try:
                return len(client.info().devices) == len(names)
            except InlayError:
                return False

        def kill_node() -> None:
            name = dice.choice(names)
            room.kill_node(name)
            room.join(name, gateway.address)

        def kill_head() -> None:
            room.kill_head()
            room.start_head()

        victims = {
            "painter": lambda: room.kill_painter(dice.choice(names)),
            "node": kill_node,
            "head": kill_head,
            "gateway": lambda: gateway.restart(SIGKILL),
        }
        studio = Studio(Part(gateway.address, victims, is_whole), notes, dice, jobs, kills, painting.STEP_S)
        violations = studio.run()
    return studio.record.figures, violations
