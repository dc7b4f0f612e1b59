"""What a plan says of the pixels that leave this machine, as the contract has it."""

from inlay.edit.plan import Plan
from inlay.forms import Catalogue
from inlay.forms.sentences import leaving_of, price_of
from inlay.v1 import inlay_pb2, raster_pb2
from inlay.wire.codec import to_message


def leaving_to(planned: Plan, words: Catalogue) -> inlay_pb2.Leaving | None:
    """The contract's Leaving in a language; None where nothing leaves."""
    left = planned.leaving
    if left is None:
        return None
    price = price_of(words, left.price, left.currency, left.as_of)
    return inlay_pb2.Leaving(
        to=left.to,
        rect=to_message(left.rect, raster_pb2.Rect),
        bytes=left.bytes,
        price=price,
        sentence=leaving_of(words, planned.window.working, left.references, left.to, price),
    )
