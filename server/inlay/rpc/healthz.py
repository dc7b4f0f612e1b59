"""/healthz and /readyz of the HTTP door: whether jobs go on, and which devices have painted since they started.

By the names and meaning that Kubernetes gave them: who is not ready need not be started again
(kubernetes.io/docs/reference/using-api/health-checks).
"""

import json
from collections.abc import Callable

from inlay.jobs.queue import Jobs

Answer = tuple[int, bytes]
"""Status and body."""


class Health:
    """What a server says of itself to whoever asks, without a token."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.pages: dict[str, Callable[[], Answer]] = {"/healthz": self._healthz, "/readyz": self._readyz}

    def _healthz(self) -> Answer:
        why = self._jobs.standstill
        return (503, f"{why}\n".encode()) if why else (200, b"ok\n")

    def _readyz(self) -> Answer:
        """200 where a device is ready and jobs go on, else 503; in JSON how each device stands."""
        why, proofs = self._jobs.standstill, self._jobs.readiness.devices
        ready = not why and any(proof.painted for proof in proofs.values())
        devices = [{"device": device, "ready": proof.painted, "why": proof.why} for device, proof in proofs.items()]
        body = json.dumps({"ready": ready, "why": why, "devices": devices}, ensure_ascii=False)
        return 200 if ready else 503, f"{body}\n".encode()
