"""The services as their descriptors tell them: every method with its path and messages, so that no stubs are generated."""

import re
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from inlay.v1 import inlay_pb2, review_pb2

PROTOCOL = 1
"""The contract's version, as GetServerInfo reports it."""

MAX_MESSAGE_BYTES = 16 * 2**20
"""Above the largest request: a recipe with two profiles of 4 MiB, in base64."""

_DESCRIPTOR = inlay_pb2.DESCRIPTOR.services_by_name["InlayService"]
_REVIEW_DESCRIPTOR = review_pb2.DESCRIPTOR.services_by_name["ReviewService"]

SERVICE = str(_DESCRIPTOR.full_name)
REVIEW_SERVICE = str(_REVIEW_DESCRIPTOR.full_name)


@dataclass(frozen=True)
class Method:
    """One call of a service."""

    service: str
    """Its full name."""
    name: str
    """As in the contract: PutBlob."""
    request: type[Message]
    response: type[Message]
    streams: bool
    """Whether the answer is a stream."""

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.name}"

    @property
    def attribute(self) -> str:
        """The name of the implementation's method: put_blob."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()


def _methods(service: Any) -> tuple[Method, ...]:
    return tuple(
        Method(
            service=str(service.full_name),
            name=str(method.name),
            request=GetMessageClass(method.input_type),
            response=GetMessageClass(method.output_type),
            streams=bool(method.server_streaming),
        )
        for method in service.methods
    )


METHODS = _methods(_DESCRIPTOR)
"""Of the editors' service."""

REVIEW_METHODS = _methods(_REVIEW_DESCRIPTOR)
"""Of reviews."""

ALL_METHODS = (*METHODS, *REVIEW_METHODS)
"""Each name is there once."""

FOR_REVIEWERS = frozenset(
    method.path
    for method in REVIEW_METHODS
    if method.name in {"GetReview", "WatchReview", "PollReview", "ReadPicture", "AddPin", "ResolvePin", "Decide"}
)
"""The paths that a reviewer's token opens; every other one, of either service, is closed to it."""
