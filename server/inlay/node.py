"""A machine that lends its cards to a cluster: what its painters have to know, and the files by which `inlay join` ends them."""

import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import inlay
from inlay.errors import Unavailable


class Versions(NamedTuple):
    """What server and nodes have to have in common; Ray is of no help where they have not."""

    inlay: str
    python: str
    ray: str


def versions() -> Versions:
    """Of this environment. Raises Unavailable where Ray is not installed."""
    try:
        installed = version("ray")
    except PackageNotFoundError:
        raise Unavailable(
            "Ray is not installed; run in Inlay's folder: pip install '.[cluster]'", field="cluster"
        ) from None
    return Versions(inlay.__version__, ".".join(platform.python_version_tuple()[:2]), installed)


RAY_VARIABLES = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_gcs_rpc_server_reconnect_timeout_s": "20"}
"""In the environment of whoever has to do with Ray here: it tells nobody of its use, and whoever lost the head for so long begins
anew."""

VARIABLE = "INLAY_NODE"
"""In the environment of the node's processes: a `Node` as JSON."""


@dataclass(frozen=True)
class Node:
    """What `inlay join` was told."""

    name: str
    """This machine's, for people; no two nodes of a cluster have the same."""
    data: str
    """A folder of its own: a cache of pixels, and the files below."""
    models: str = ""
    """`models.toml`; empty: only what needs no weights."""
    quota_bytes: int = 20 * 2**30
    """Of the cache."""

    @classmethod
    def here(cls) -> "Node":
        """As the environment has it. Raises LookupError where it has none."""
        try:
            return cls(**json.loads(os.environ[VARIABLE]))
        except (KeyError, ValueError, TypeError):
            raise LookupError(f"{VARIABLE} is not set: this Ray node was not started by `inlay join`") from None

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are started with."""
        return {VARIABLE: json.dumps(asdict(self))}

    @property
    def leaving(self) -> Path:
        """A file that is there once the node is to leave: its painters finish what they have, and take nothing more."""
        return Path(self.data) / "leaving"

    @property
    def painters(self) -> Path:
        """A folder of lock files; a painter that lives holds one of them."""
        return Path(self.data) / "painters"
