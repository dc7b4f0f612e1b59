"""What colour a region has: read here, measured by the server as an averaging eyedropper would."""

from typing import NamedTuple

from .client import blobs
from .client.messages import inlay_pb2
from .client.trouble import Trouble
from .host import capture, place, scratch
from .host.capture import Mask
from .host.facts import CannotEdit, facts_of
from .wish import mask_message, pixels_message
from .words import say

MOST_PX = 1 << 22
"""Above 4 megapixels only every n-th row is read: the mean of so many does not change, the time would."""

SAME_DELTA_E = 0.5
"""What rounding to 8 bit may cost; more, and `#RRGGBB` does not stand for the colour."""

_CHANNELS = {
    "BGRA": {"R": 2, "G": 1, "B": 0},
    "RGBA": {"R": 0, "G": 1, "B": 2},
    "YA": {"Gray": 0},
    "LABA": {"L": 0, "a": 1, "b": 2},
}
"""The colour channels as people order them, and their indices, by Raster.order."""


class Reading(NamedTuple):
    """Mean and standard deviation of a region."""

    channels: "tuple[str, ...]"
    depth: str
    """U8, U16, F16 or F32: what `mean` and `spread` are in."""
    mean: "tuple[float, ...]"
    spread: "tuple[float, ...]"
    lab: "tuple[float, ...]"
    lab_spread: "tuple[float, ...]"
    hex: str
    """The mean as `#RRGGBB` in sRGB, clipped to it."""
    pixels: int
    target: str
    """What it was compared with; empty: nothing."""
    delta_e: "float | None"
    """CIEDE2000 between the mean and the target."""


def subject(document, group=None) -> Mask:
    """What a probe reads: the selection, or else the mask of the result `group`. Raises CannotEdit where neither is."""
    if document.selection() is None:
        mask = place.mask_of(group) if group is not None else None
        if mask is not None and mask.region.area:
            return mask
        raise CannotEdit(say("probe.nothing"))
    return capture.selection_of(document)


async def measure(connection, document, mask: Mask, target: str = "") -> Reading:
    """Reads what `document` shows under `mask`, and compares its mean with `target`. Raises CannotEdit, Trouble."""
    if not connection.is_ready:
        raise connection.trouble or Trouble("unavailable", say("connection.not_yet"))
    facts = facts_of(document)
    step, pixels, counts = await capture.sample_of(document, mask, MOST_PX)
    known = facts.profile in connection.info.profiles
    icc = b"" if known else scratch.icc_of(facts.model, facts.depth, facts.profile)
    pixels_blob, mask_blob = await blobs.name_of(pixels), await blobs.name_of(counts)
    await blobs.upload(connection.line, {pixels_blob: pixels, mask_blob: counts})
    width, height = mask.region.width, len(counts) // mask.region.width
    answer = await connection.line.call(
        inlay_pb2.ProbeRegionRequest(
            source=pixels_message(facts, width, height, pixels_blob, icc),
            mask=mask_message(width, height, mask_blob),
            target_color=target,
        )
    )
    channels = _CHANNELS[facts.order]
    return Reading(
        channels=tuple(channels),
        depth=facts.depth,
        mean=tuple(answer.document_mean[index] for index in channels.values()),
        spread=tuple(answer.document_spread[index] for index in channels.values()),
        lab=tuple(answer.lab_mean),
        lab_spread=tuple(answer.lab_spread),
        hex=answer.hex.upper(),
        pixels=answer.pixels * step,
        target=target,
        delta_e=answer.delta_e if answer.HasField("delta_e") else None,
    )


async def spelled(connection, document, mask: Mask) -> str:
    """The mean as a target colour: `#RRGGBB` where that stands for it, or else `lab(L, a, b)`. Raises as `measure`."""
    reading = await measure(connection, document, mask)
    clipped = await measure(connection, document, mask, reading.hex)
    if clipped.delta_e is not None and clipped.delta_e <= SAME_DELTA_E:
        return clipped.hex
    return "lab({:.2f}, {:.2f}, {:.2f})".format(*clipped.lab)
