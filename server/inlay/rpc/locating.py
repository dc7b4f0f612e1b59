"""The answer to where what a recipe saw lies now, with its words."""

from inlay.color.raster import Raster
from inlay.edit.locate import Read, locate
from inlay.forms import Catalogue
from inlay.v1 import memory_pb2, raster_pb2
from inlay.wire.codec import to_message
from inlay.wire.requests import Locating

_MODELS = {"Y": "Gray", "L": "Lab"}
"""By the first letter of a channel order; every other one is RGB."""


def located(asked: Locating, read: Read, words: Catalogue) -> memory_pb2.LocateSourceResponse:
    """As `inlay.edit.locate`, told in the caller's language. Raises what that does."""
    parts = {part.place: part.pixels for part in asked.parts}
    found = locate(asked.canvas, asked.document, asked.expected, asked.veiled, parts, read)
    now = asked.parts[0].pixels if asked.parts else asked.canvas.source
    kinds = {"was": _spelled(asked.canvas.source), "now": _spelled(now)}
    answer = memory_pb2.LocateSourceResponse(
        found=found.offset is not None, sentence=" ".join(words.say(f"changed.{key}", **kinds) for key in found.said)
    )
    if found.wanted is not None:
        answer.wanted.CopyFrom(to_message(found.wanted, raster_pb2.Rect))
    answer.x, answer.y = found.offset or (0, 0)
    return answer


def _spelled(raster: Raster) -> str:
    """Samples as people call them: `RGB 16 bit (sRGB)`."""
    bits = 8 * raster.sample_type.dtype.itemsize
    model = _MODELS.get(raster.order[0], "RGB")
    return f"{model} {bits} bit{' float' * raster.sample_type.is_float} ({raster.profile})"
