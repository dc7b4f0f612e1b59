"""Where a result belongs in its document as it is now: where it was, moved with a crop, or nowhere, and then why.

What the server saw is known by its SHA-256. Where the document no longer shows exactly that, the server looks for it.
"""

from typing import NamedTuple

from ..client import blobs
from ..client.follow import insist, persist
from ..client.messages import memory_pb2, raster_pb2
from ..words import say
from . import capture, place
from .capture import Rect, canvas_of, rect_of
from .facts import CannotEdit, facts_of


class Fit(NamedTuple):
    """How a recipe's coordinates become the document's."""

    offset: "tuple[int, int]"
    """To add to them, px."""
    note: str
    """For the retoucher; empty where everything is as it was."""
    glance: "tuple[Rect, bytes]"
    """A row of the document as it was compared: as long as it shows the same, the answer holds."""

    def still_holds(self, document, recipe) -> bool:
        """Whether the document is the one that was compared; asked in the moment of placing."""
        rect, pixels = self.glance
        return is_of_kind(document, recipe) and capture.composite_of(document, rect) == pixels


def is_of_kind(document, recipe) -> bool:
    """Whether a recipe's pixels are samples of the kind that the document has."""
    source = recipe.canvas.source
    try:
        now = facts_of(document).raster(source.width, source.height, source.blob, source.icc)
    except CannotEdit:
        return False
    return now == source


async def shows_source(document, recipe) -> bool:
    """Whether the document is as large as the recipe's, and its window shows exactly what the server saw. Raises CannotEdit."""
    if size_of(document) != recipe.canvas.document or not is_of_kind(document, recipe):
        return False
    return await _blob_at(document, rect_of(recipe.canvas.window)) == recipe.canvas.source.blob


async def _blob_at(document, rect: Rect) -> str:
    return await blobs.name_of(await capture.pixels_of(document, rect))


async def fit(connection, document, recipe, hint: "tuple[int, int] | None" = None, read_by: str = "") -> Fit:
    """Finds what `recipe` saw in the document. Raises CannotEdit, with the reason, where it is not there; Trouble.

    hint: how far a result of this recipe was moved since it was placed, if there is one. read_by: the layer above which nothing
    was read; empty: everything was.
    """
    async with capture.without(document, place.above(document, read_by)):
        offset, note = await _find(connection, document, recipe, hint)
    canvas = canvas_of(document)
    seen = rect_of(recipe.canvas.window).moved(offset).intersection(canvas) or canvas
    row = Rect(seen.x, seen.y + seen.height // 2, seen.width, 1)
    return Fit(offset, note, (row, capture.composite_of(document, row)))


async def _find(connection, document, recipe, hint) -> "tuple[tuple[int, int], str]":
    """How far what the recipe saw was moved, and what there is to say of it."""
    window, as_it_was = rect_of(recipe.canvas.window), size_of(document) == recipe.canvas.document
    likely = list(dict.fromkeys([*([hint] if hint else []), *([(0, 0)] if as_it_was else [])]))
    for offset in likely:
        there = window.moved(offset)
        is_inside = there.intersection(canvas_of(document)) == there
        if is_inside and is_of_kind(document, recipe) and await _blob_at(document, there) == recipe.canvas.source.blob:
            return offset, say("changed.moved") if any(offset) else ""
    request = memory_pb2.LocateSourceRequest(
        canvas=recipe.canvas,
        document=size_of(document),
        expected=[window.moved(offset).message for offset in likely],
        veiled=[place.bounds_of(group).message for group in place.results_of(document) if group.visible()],
    )
    while True:
        answer = await persist(connection, request)
        if not answer.HasField("wanted"):
            break
        pixels = await capture.pixels_of(document, rect_of(answer.wanted))
        blob = await blobs.name_of(pixels)
        content = {blob: pixels}
        await insist(lambda content=content: blobs.upload(connection.line, content))
        size = answer.wanted.width, answer.wanted.height
        request.parts.add(place=answer.wanted, pixels=facts_of(document).raster(*size, blob, recipe.canvas.source.icc))
    if not answer.found:
        raise CannotEdit(answer.sentence)
    return (answer.x, answer.y), answer.sentence


def size_of(document) -> raster_pb2.Size:
    """The document's, as the contract has it."""
    return raster_pb2.Size(width=document.width(), height=document.height())
