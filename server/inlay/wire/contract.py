"""The service as its descriptor tells it: every method with its path and messages, so that no stubs are generated."""

import re
from dataclasses import dataclass

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from inlay.v1 import inlay_pb2

PROTOCOL = 1
"""The contract's version, as GetServerInfo reports it."""

MAX_MESSAGE_BYTES = 16 * 2**20
"""Above the largest request: a recipe with two profiles of 4 MiB, in base64."""

_DESCRIPTOR = inlay_pb2.DESCRIPTOR.services_by_name["InlayService"]

SERVICE = str(_DESCRIPTOR.full_name)


@dataclass(frozen=True)
class Method:
    """One call of the service."""

    name: str
    """As in the contract: PutBlob."""
    request: type[Message]
    response: type[Message]
    streams: bool
    """Whether the answer is a stream."""

    @property
    def path(self) -> str:
        return f"/{SERVICE}/{self.name}"

    @property
    def attribute(self) -> str:
        """The name of the implementation's method: put_blob."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()


METHODS = tuple(
    Method(
        name=str(method.name),
        request=GetMessageClass(method.input_type),
        response=GetMessageClass(method.output_type),
        streams=bool(method.server_streaming),
    )
    for method in _DESCRIPTOR.methods
)
