"""The proof that a device paints is an edit in earnest: it fails with its engine, and with its card."""

import numpy as np
import pytest

from inlay.edit.proof import prove
from inlay.engines.registry import Registry
from inlay.errors import Cancelled, Unavailable
from support.edits import Silent


def test_an_engine_that_breaks_breaks_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    prove(Registry(), Silent())

    def stands_still(*_: object, **__: object) -> np.ndarray:
        raise RuntimeError("the fan stands still")

    monkeypatch.setattr("inlay.engines.classic.engine.ClassicEngine.paint", stands_still)
    with pytest.raises(RuntimeError, match="the fan stands still"):
        prove(Registry(), Silent())


def test_a_card_that_does_not_compute_breaks_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")

    def computes_nothing(kind: str) -> None:
        raise Unavailable(f"PyTorch sees no card of {kind}")

    monkeypatch.setattr("inlay.engines.models.cache.compute", computes_nothing)
    with pytest.raises(Unavailable, match="sees no card of cuda"):
        prove(Registry(device="cuda"), Silent())


def test_a_job_that_comes_ends_the_proof() -> None:
    class Awaited(Silent):
        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        prove(Registry(), Awaited())
