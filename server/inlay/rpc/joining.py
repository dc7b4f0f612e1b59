"""The call by which a machine gets into the server's cluster."""

import asyncio
import logging
import os
from pathlib import Path

from inlay.engines.models.catalog import Catalog
from inlay.errors import InvalidInput, Unsupported
from inlay.jobs.queue import Jobs
from inlay.node import versions
from inlay.rpc.context import Context
from inlay.v1 import cluster_pb2

MOST_NAMED = 5
"""Models that a refusal names."""

_log = logging.getLogger(__name__)


class ClusterCalls:
    """What of the service is about the cluster."""

    _jobs: Jobs
    _cluster: str

    async def join_cluster(
        self, request: cluster_pb2.JoinClusterRequest, context: Context
    ) -> cluster_pb2.JoinClusterResponse:
        if not self._cluster:
            raise Unsupported("this server has no cluster; start it with `inlay serve --cluster HOST:PORT`")
        if not request.name:
            raise InvalidInput("name", "not set", "it must be set")
        ours = versions()
        for field, here in ours._asdict().items():
            there = request.version if field == "inlay" else str(getattr(request, field))
            if there != here:
                raise Unsupported(
                    f"{field} is {there or 'not told'} there and {here} on the server; they must be the same"
                )
        catalog = self._jobs.registry.catalog
        if catalog:
            await asyncio.to_thread(_check_models, catalog, {model.id: model.sha256 for model in request.models})
        _log.info("%s lets %s into the cluster", context.caller, request.name)
        return cluster_pb2.JoinClusterResponse(address=self._cluster, token=ray_token())


def ray_token() -> str:
    """What Ray's cluster asks for, as this process was told it (Ray's own variables); empty where it lets everyone in."""
    if os.environ.get("RAY_AUTH_MODE", "").lower() != "token":
        return ""
    if token := os.environ.get("RAY_AUTH_TOKEN"):
        return token
    path = os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token"
    return Path(path).read_text(encoding="utf-8").strip()


def _check_models(catalog: Catalog, there: dict[str, str]) -> None:
    """Raise Unsupported unless the models of `catalog` are all among those of a node, SHA-256 by id."""
    ours = {entry.id: entry.sha256 for entry in catalog.entries() if entry.remote is None}
    lacking = [model for model in ours if model not in there]
    others = [model for model, sha256 in ours.items() if there.get(model, sha256) != sha256]
    for models, what in ((lacking, "are not there"), (others, "have other files there")):
        if models:
            named = ", ".join(models[:MOST_NAMED]) + (" ..." if len(models) > MOST_NAMED else "")
            raise Unsupported(
                f"of the server's models {named} {what}; a node needs them all, as `inlay models add` takes them"
            )
