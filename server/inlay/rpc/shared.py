"""Events on their way to many: the message of one is made once, however many watch its job."""

from collections import OrderedDict

from inlay.events import Event
from inlay.v1 import job_pb2
from inlay.wire.codec import to_message

REMEMBERED = 32
"""Watchers of a job ask for the same event within moments; a preview has up to 800 kB."""


class SharedMessages:
    """Messages of the newest events, which many watchers get as the same object."""

    def __init__(self) -> None:
        self._made: OrderedDict[int, tuple[Event, job_pb2.Event]] = OrderedDict()

    def of(self, event: Event) -> job_pb2.Event:
        """The message of `event`; not to be changed."""
        known = self._made.get(id(event))
        if known is None:
            known = self._made[id(event)] = (event, _message(event))  # holding it, so that its id stays its own
            while len(self._made) > REMEMBERED:
                self._made.popitem(last=False)
        return known[1]


def _message(event: Event) -> job_pb2.Event:
    """A result's profile is that of the pixels that were sent, and may have megabytes: it is not told again with each."""
    message = to_message(event, job_pb2.Event)
    variation = message.variation.variation  # an empty one where something else happened
    match variation.WhichOneof("result") if message.HasField("variation") else None:
        case "patch":
            variation.patch.pixels.ClearField("icc")
        case "layers":
            for layer in variation.layers.layers:
                layer.pixels.ClearField("icc")
        case "picture":
            variation.picture.pixels.ClearField("icc")
        case _:
            pass
    return message
