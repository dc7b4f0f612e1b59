"""What colours a region has: read here, measured by the server as an averaging eyedropper would, or against a brand's."""

from typing import NamedTuple

from .client import blobs
from .client.messages import inlay_pb2, raster_pb2, style_pb2
from .client.trouble import Trouble
from .host import capture, place, scratch
from .host.capture import Mask
from .host.facts import CannotEdit, facts_of
from .words import say

MOST_PX = 1 << 22
"""Above 4 megapixels only every n-th row is read: the mean of so many does not change, the time would."""


class Sample(NamedTuple):
    """What was read, and is at the server: `source` under `mask`, every `step`-th row."""

    source: raster_pb2.Raster
    mask: raster_pb2.Raster
    step: int


def subject(document, group=None) -> Mask:
    """What a probe reads: the selection, or else the mask of the result `group`. Raises CannotEdit where neither is."""
    if document.selection() is None:
        mask = place.mask_of(group) if group is not None else None
        if mask is not None and mask.region.area:
            return mask
        raise CannotEdit(say("probe.nothing"))
    return capture.selection_of(document)


async def take(connection, document, mask: Mask) -> Sample:
    """Reads what `document` shows under `mask`, and sends it. Raises CannotEdit, Trouble."""
    if not connection.is_ready:
        raise connection.trouble or Trouble("unavailable", say("connection.not_yet"))
    facts = facts_of(document)
    step, pixels, sample = await capture.sample_of(document, mask, MOST_PX)
    icc = scratch.icc_unless(connection.info.profiles, facts)
    pixels_blob, mask_blob = await blobs.name_of(pixels), await blobs.name_of(sample.data)
    await blobs.upload(connection.line, {pixels_blob: pixels, mask_blob: sample.data})
    counts = sample.raster(mask_blob)
    return Sample(facts.raster(counts.width, counts.height, pixels_blob, icc), counts, step)


async def measure(connection, sample: Sample, target: str = "") -> inlay_pb2.ProbeRegionResponse:
    """Compares its mean with `target`. Raises Trouble."""
    request = inlay_pb2.ProbeRegionRequest(source=sample.source, mask=sample.mask, target_color=target)
    answer = await connection.line.call(request)
    answer.pixels *= sample.step
    return answer


async def check(connection, sample: Sample, style: str) -> "list[str]":
    """How it keeps to the colours of a style, in lines: how much does, then what the largest part is. Raises Trouble."""
    answer = await connection.line.call(
        style_pb2.CheckBrandRequest(source=sample.source, mask=sample.mask, style=style)
    )
    largest = len(answer.lines) - len(answer.clusters)
    return [answer.lines[0], *answer.lines[largest:], *answer.lines[1:largest]]
