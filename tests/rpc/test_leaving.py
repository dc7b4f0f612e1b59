"""What a plan says of the pixels that an edit would send to another machine, asked at the door."""

import asyncio

import pytest

from inlay.blobs import BlobStore
from inlay.capabilities import Capabilities, Outside
from inlay.engines.registry import Registry
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs
from inlay.rpc.service import Service
from inlay.v1 import inlay_pb2, raster_pb2

AWAY = Outside("example.org", bytes_per_px=7, price=0.04, currency="USD", as_of="2026-11")


class Paints:
    """An engine that is only asked what it can do."""

    def __init__(self, name: str, outside: Outside | None) -> None:
        self.facts = Capabilities(name, frozenset({"fill"}), True, multiple=16, outside=outside, remote=True)

    def capabilities(self) -> Capabilities:
        return self.facts


@pytest.fixture
def service(tmp_path):
    journal, registry = Journal(tmp_path / "journal.sqlite"), Registry()
    registry.register(Paints("away", AWAY))
    registry.register(Paints("beside", None))
    jobs = Jobs(journal, BlobStore(tmp_path / "blobs"), registry)
    yield Service(jobs, jobs.blobs, name="here", devices=("cpu",), profiles=())
    journal.close()


def planned(service: Service, model: str, **further) -> inlay_pb2.PlanEditResponse:
    request = inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=3000, height=2000),
        region=raster_pb2.Rect(x=500, y=600, width=400, height=300),
        verb="fill",
        model=model,
        **further,
    )
    return asyncio.run(service.plan_edit(request, None))  # type: ignore[arg-type]


def test_a_plan_names_the_rectangle_its_bytes_its_receiver_and_its_price(service):
    plan = planned(service, "away", count=3)
    sent, working = plan.leaving, plan.working
    assert (sent.to, sent.rect, sent.price) == ("example.org", plan.window, "0.12 USD (2026-11)")
    assert sent.bytes == 3 * 7 * working.width * working.height
    assert sent.sentence == f"sends {working.width} x {working.height} px to example.org, 0.12 USD (2026-11)"


def test_it_says_so_in_the_editors_language(service):
    plan = planned(service, "away", locale="de")
    assert plan.leaving.sentence.startswith(f"sendet {plan.working.width} x {plan.working.height} px an example.org")


def test_an_edit_that_stays_here_says_nothing_of_leaving(service):
    assert not planned(service, "beside").HasField("leaving")


def test_pixels_leave_only_with_a_model_that_was_named(service):
    plan = planned(service, "", prompted=True)
    assert plan.model == "beside"
    assert not plan.HasField("leaving")
