"""Who is refused for a limit is told by both doors, in the form of google.rpc, when another try is worth it."""

import asyncio
from collections.abc import Callable

import pytest
from google.rpc.error_details_pb2 import QuotaFailure, RetryInfo
from google.rpc.status_pb2 import Status

from inlay.errors import OverLimit
from inlay.forms.catalogue import catalogues
from inlay.rpc import connect_door, grpc_door
from inlay.v1.inlay_pb2 import ErrorFacts
from inlay.wire.faults import error_from, fault_of

REFUSED = OverLimit("jobs", "200 of your jobs wait, and no more may; cancel some, or come back later", 12.5)


class _Call:
    """What a gRPC call was ended with."""

    async def abort(self, code: object, details: str, trailing_metadata: object) -> None:
        self.code, self.metadata = code, dict(trailing_metadata)  # pyright: ignore


def by_grpc() -> tuple[str, list[tuple[str, bytes]]]:
    call = _Call()
    asyncio.run(grpc_door._abort(call, REFUSED, catalogues().speaking("en")))  # pyright: ignore
    status = Status.FromString(call.metadata["grpc-status-details-bin"])  # pyright: ignore
    return call.code.name, [(one.type_url, one.value) for one in status.details]  # pyright: ignore


def by_connect() -> tuple[str, list[tuple[str, bytes]]]:
    error = connect_door._refusal(REFUSED, catalogues().speaking("en"))  # pyright: ignore
    return error.code.name, [(f"type.googleapis.com/{one.type_name}", one.message_bytes) for one in error.details]  # pyright: ignore


@pytest.mark.parametrize("told", [by_grpc, by_connect])
def test_a_refusal_says_when_another_try_is_worth_it(told: Callable[[], tuple[str, list[tuple[str, bytes]]]]) -> None:
    code, details = told()
    assert code == "RESOURCE_EXHAUSTED"
    named = {url.rpartition("/")[2]: value for url, value in details}
    assert ErrorFacts.FromString(named["inlay.v1.ErrorFacts"]).type == "OverLimit"
    retry = RetryInfo.FromString(named["google.rpc.RetryInfo"]).retry_delay
    assert retry.seconds + retry.nanos / 1e9 == 12.5
    (violation,) = QuotaFailure.FromString(named["google.rpc.QuotaFailure"]).violations
    assert violation.subject == "jobs"


@pytest.mark.parametrize("retry_s", [12.5, 90_000.0, None])
def test_the_client_knows_it_too(retry_s: float | None) -> None:
    fault = fault_of(OverLimit("jobs", "200 of your jobs wait", retry_s))
    error = error_from(fault.message, fault.facts)
    assert isinstance(error, OverLimit)
    assert (error.limit, error.retry_s) == ("jobs", retry_s)


def test_where_nobody_knows_when_it_says_only_what_is_reached() -> None:
    fault = fault_of(OverLimit("storage_gib", "51 GiB of your jobs' pixels are stored", None))
    assert [detail.DESCRIPTOR.full_name for detail in fault.details] == [
        "inlay.v1.ErrorFacts",
        "google.rpc.QuotaFailure",
    ]
