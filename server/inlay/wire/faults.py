"""Errors on the wire: from an exception to a status with its facts, and back to the same exception in the client."""

import logging
import re
from typing import NamedTuple

from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2

from inlay import errors
from inlay.errors import BlobOffset, InlayError, InvalidInput, OverLimit, Unauthenticated, clipped
from inlay.hindrances import hindrance_of
from inlay.statuses import status_of
from inlay.v1 import inlay_pb2
from inlay.wire import request_id

MAX_MESSAGE = 1_000
"""Characters. gRPC carries it twice, in a header that clients take up to 8 KiB of."""

MAX_HEADER_BYTES = 2_000
"""Of a message as that header has it, where each byte beyond ASCII takes three."""

_WRITTEN = re.compile(
    r"(^|\.)(words|options|prompt|negative_prompt|surroundings|label|batch|text|search|title|name)(\.|\[|$)"
)
"""Fields that hold what people write."""

_log = logging.getLogger(__name__)


class Fault(NamedTuple):
    """An error as both doors send it."""

    code: str
    """The status code's name: INVALID_ARGUMENT."""
    message: str
    facts: inlay_pb2.ErrorFacts

    retry_s: float | None = None
    """After so many seconds it is worth another try; None: nobody knows."""
    limit: str = ""
    """Which of the server's limits is reached."""

    @property
    def details(self) -> tuple[Message, ...]:
        """What stands beside the message: the facts, and what google.rpc has a form for."""
        if not self.limit:
            return (self.facts,)
        violation = error_details_pb2.QuotaFailure.Violation(subject=self.limit, description=self.message)
        failure = error_details_pb2.QuotaFailure(violations=[violation])
        if self.retry_s is None:
            return (self.facts, failure)
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMicroseconds(round(self.retry_s * 1e6))
        return (self.facts, retry, failure)

    @property
    def number(self) -> int:
        return code_pb2.Code.Value(self.code)


def fault_of(error: Exception) -> Fault:
    """What a client is told about `error`, with the id of the call, under which the log tells it, too.

    Whatever Inlay did not raise on purpose is only in the log. Who has no token leaves no line: strangers would fill the disk.
    """
    error, call = hindrance_of(error) or error, {"request": request_id.current()} if request_id.current() else {}
    if not isinstance(error, InlayError):
        _log.error("a call failed for a reason nobody foresaw", exc_info=error)
        where = f" at [{request_id.current()}]" if call else ""
        message = f"the server failed with {type(error).__name__}; its log says more{where}"
        return Fault(status_of(error), message, inlay_pb2.ErrorFacts(type=type(error).__name__, details=call))
    if not isinstance(error, Unauthenticated):
        facts = {"event": "call.refused", "code": status_of(error), "field": error.field}
        _log.info("refused: %s %s", status_of(error), _discreet(error), extra=facts)
    facts = inlay_pb2.ErrorFacts(
        type=type(error).__name__,
        field=clipped(error.field),
        expected_offset=error.expected if isinstance(error, BlobOffset) else None,
        details={
            name: clipped(value)
            for name, value in vars(error).items()
            if name not in ("message", "field", "expected") and value is not None
        }
        | call,
    )
    message = fitting(error.message)
    if isinstance(error, OverLimit):
        return Fault(status_of(error), message, facts, error.retry_s, error.limit)
    return Fault(status_of(error), message, facts)


def fitting(message: str) -> str:
    """What of a message has room in a header."""
    encoded, message = 0, message[:MAX_MESSAGE]
    for at, character in enumerate(message):
        encoded += 1 if " " <= character <= "~" and character != "%" else 3 * len(character.encode(errors="replace"))
        if encoded > MAX_HEADER_BYTES:
            return message[:at]
    return message


def _discreet(error: InlayError) -> str:
    """The message, without what somebody wrote: that is theirs."""
    if _WRITTEN.search(error.field):
        return f"{error.field}; {error.limit}" if isinstance(error, InvalidInput) else error.field
    return error.message[:MAX_MESSAGE]


def error_from(message: str, facts: inlay_pb2.ErrorFacts) -> InlayError:
    """The exception that `fault_of` was given; what it held besides message and field comes back as text."""
    kind = getattr(errors, facts.type, None)
    if not (isinstance(kind, type) and issubclass(kind, InlayError)):
        kind = InlayError
    error = kind.__new__(kind)
    InlayError.__init__(error, message, field=facts.field)
    for name, value in facts.details.items():
        setattr(error, name, value)
    if isinstance(error, BlobOffset):
        error.expected = facts.expected_offset
    if isinstance(error, OverLimit):
        error.retry_s = float(facts.details["retry_s"]) if "retry_s" in facts.details else None
    return error
