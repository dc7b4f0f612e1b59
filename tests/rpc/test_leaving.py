"""What a plan says of the pixels that an edit would send to another machine, asked at the door."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from inlay.blobs import BlobStore
from inlay.capabilities import Capabilities, Outside
from inlay.engines.interface import Engine
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.jobs.journal import Journal
from inlay.jobs.queue import Jobs
from inlay.rpc.service import Service
from inlay.v1 import inlay_pb2, raster_pb2

AWAY = Outside(
    "example.org", bytes_per_px=7, reference_bytes_per_px=3, references=2, price=0.04, currency="USD", as_of="2026-11"
)


class Paints:
    """An engine that is only asked what it can do."""

    def __init__(self, name: str, outside: Outside | None) -> None:
        self.facts = Capabilities(name, frozenset({"fill"}), True, multiple=16, outside=outside, remote=True)

    def capabilities(self) -> Capabilities:
        return self.facts


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    journal, registry = Journal(tmp_path / "journal.sqlite"), Registry()
    registry.register(cast(Engine, Paints("away", AWAY)))
    registry.register(cast(Engine, Paints("once", replace(AWAY, sends_once=True))))
    registry.register(cast(Engine, Paints("beside", None)))
    jobs = Jobs(journal, BlobStore(tmp_path / "blobs"), registry)
    yield Service(jobs, jobs.blobs, name="here", profiles=())
    journal.close()


def planned(service: Service, model: str, **further: Any) -> inlay_pb2.PlanEditResponse:
    request = inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=3000, height=2000),
        region=raster_pb2.Rect(x=500, y=600, width=400, height=300),
        verb="fill",
        model=model,
        **further,
    )
    return asyncio.run(service.plan_edit(request, None))  # type: ignore[arg-type]


def test_a_plan_names_the_rectangle_its_bytes_its_receiver_and_its_price(service: Service) -> None:
    plan = planned(service, "away", count=3)
    sent, working = plan.leaving, plan.working
    assert (sent.to, sent.rect, sent.price) == ("example.org", plan.window, "0.12 USD (2026-11)")
    assert sent.bytes == pytest.approx(3 * 7 * working.width * working.height, rel=0.01)
    assert sent.sentence == f"sends {working.width} x {working.height} px to example.org, 0.12 USD (2026-11)"


def test_it_says_so_in_the_editors_language(service: Service) -> None:
    plan = planned(service, "away", locale="de")
    assert plan.leaving.sentence.startswith(f"sendet {plan.working.width} x {plan.working.height} px an example.org")


def test_an_edit_that_stays_here_says_nothing_of_leaving(service: Service) -> None:
    assert not planned(service, "beside").HasField("leaving")


def test_pixels_leave_only_with_a_model_that_was_named(service: Service) -> None:
    plan = planned(service, "", prompted=True)
    assert plan.model == "beside"
    assert not plan.HasField("leaving")


def test_pictures_that_are_sent_once_count_once_whatever_the_number_of_variations(service: Service) -> None:
    three, one = (planned(service, "once", count=count).leaving for count in (3, 1))
    assert three.bytes == one.bytes
    assert (three.price, one.price) == ("0.12 USD (2026-11)", "0.04 USD (2026-11)")


def test_references_count_for_each_variation_and_no_more_of_them_than_are_taken(service: Service) -> None:
    sizes = [raster_pb2.Size(width=300, height=200)] * 3
    without, with_all = (planned(service, "away", count=2, references=some).leaving for some in ([], sizes))
    files = 2 * 2 * 300 * 200 * 3  # two of them, for two variations
    assert files < with_all.bytes - without.bytes < 1.01 * files + 2000
    assert with_all.sentence == without.sentence.replace(" px to", " px and 2 references to")


def test_of_a_layer_that_comes_along_only_what_lies_in_the_window_counts(service: Service) -> None:
    window = planned(service, "away").window
    whole = raster_pb2.Rect(width=3000, height=2000)
    corner = raster_pb2.Rect(x=window.x + window.width - 50, y=window.y + window.height - 40, width=500, height=500)
    beside = raster_pb2.Rect(x=2900, y=1900, width=100, height=100)
    without, all_of_it, part, none = (
        planned(service, "away", reference_layers=layers).leaving for layers in ([], [whole], [corner], [beside])
    )
    assert all_of_it.bytes - without.bytes == pytest.approx(3 * window.width * window.height, rel=0.01)
    assert part.bytes - without.bytes == pytest.approx(3 * 51 * 41, abs=300)
    assert none.bytes == without.bytes
    assert part.sentence == without.sentence.replace(" px to", " px and 1 reference to")
    assert none.sentence == without.sentence


def test_more_references_than_a_recipe_may_have_are_refused_by_name(service: Service) -> None:
    with pytest.raises(InvalidInput, match="17 pictures") as caught:
        planned(service, "away", references=[raster_pb2.Size(width=8, height=8)] * 17)
    assert caught.value.field == "references"
