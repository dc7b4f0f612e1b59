"""What ties a server to its cluster ends, to begin anew, once Ray's head is another one: also where nobody missed it meanwhile."""

import asyncio
import os
import sys
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Ray joins machines on Linux only")

AWAY = ""


class Ended(BaseException):
    """In the place of the process's end."""


def looks_until_it_ends(seen: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which clusters were looked at, in order; `AWAY`: nobody answers there."""
    import ray

    from inlay.jobs.workers.cluster import bridge

    looked: list[str] = []

    def cluster_at(address: str) -> str:
        assert address == "head:6379"
        looked.append(seen[len(looked)] if len(looked) < len(seen) else "no more")
        if looked[-1] == AWAY:
            raise ConnectionError
        return looked[-1]

    def ends(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(gcs_address="head:6379"))
    monkeypatch.setattr(bridge, "_cluster_at", cluster_at)
    monkeypatch.setattr(bridge, "LOOK_S", 0.0)
    monkeypatch.setattr(os, "_exit", ends)
    with pytest.raises(Ended):
        asyncio.run(bridge._Bridge._look_after_the_head(SimpleNamespace()))  # pyright: ignore
    return looked


def test_it_ends_at_the_first_look_at_another_cluster_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = ["ours", "ours", AWAY, "ours", AWAY, AWAY, "another"]
    assert looks_until_it_ends(seen, monkeypatch) == seen
