"""Where a result belongs in its document as it is now: where it was, moved with a crop, or nowhere, and then why.

What the server saw is known by its SHA-256. Where the document no longer shows exactly that, the pixels themselves are
compared with what is there, with their mirrored and turned forms, and with the rest of the picture.
"""

from collections import Counter
from typing import NamedTuple

from ..client import blobs
from ..client.messages import raster_pb2
from ..client.tasks import in_thread, sleep
from ..words import say
from . import capture, place, whereabouts
from .capture import Rect, canvas_of, rect_of
from .facts import CannotEdit, facts_of, spelled
from .whereabouts import FORMS, Picture


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
    try:
        facts = facts_of(document)
    except CannotEdit:
        return False
    return (facts.order, facts.depth, facts.profile) == _kind(recipe)


async def shows_source(document, recipe) -> bool:
    """Whether the document is as large as the recipe's, and its window shows exactly what the server saw. Raises CannotEdit."""
    if not _is_as_large(document, recipe) or not is_of_kind(document, recipe):
        return False
    window = rect_of(recipe.canvas.window)
    return await blobs.name_of(await capture.pixels_of(document, window)) == recipe.canvas.source.blob


async def fit(document, recipe, fetch_source, hint: "tuple[int, int] | None" = None, read_by: str = "") -> Fit:
    """Finds what `recipe` saw in the document. Raises CannotEdit, with the reason, where it is not there.

    fetch_source: coroutine function of the window's pixels as the server saw them; None where they are lost. Called only
    where they are needed. hint: how far a result of this recipe was moved since it was placed, if there is one. read_by: the
    layer above which nothing was read; empty: everything was.
    """
    if not is_of_kind(document, recipe):
        facts = facts_of(document)
        now = spelled(facts.order, facts.depth, facts.profile)
        raise CannotEdit(say("changed.converted", was=spelled(*_kind(recipe)), now=now))
    async with capture.without(document, place.above(document, read_by)):
        offset, note = await _find(document, recipe, fetch_source, hint)
    canvas = canvas_of(document)
    seen = rect_of(recipe.canvas.window).moved(offset).intersection(canvas) or canvas
    row = Rect(seen.x, seen.y + seen.height // 2, seen.width, 1)
    return Fit(offset, note, (row, capture.composite_of(document, row)))


async def _find(document, recipe, fetch_source, hint) -> "tuple[tuple[int, int], str]":
    """How far what the recipe saw was moved, and what there is to say of it."""
    window, is_as_large = rect_of(recipe.canvas.window), _is_as_large(document, recipe)
    likely = list(dict.fromkeys([*([hint] if hint else []), *([(0, 0)] if is_as_large else [])]))
    for offset in likely:
        moved = window.moved(offset)
        if moved.intersection(canvas_of(document)) == moved:
            pixels = await capture.pixels_of(document, moved)
            if await blobs.name_of(pixels) == recipe.canvas.source.blob:
                return offset, _told(offset)
    source = await fetch_source()
    if source is None:
        if is_as_large and likely[0] == (0, 0):
            return (0, 0), ""
        raise CannotEdit(say("changed.cropped"))
    picture = Picture(source, window.width, window.height, facts_of(document).pixel_bytes)
    veiled = [place.bounds_of(group) for group in place.results_of(document) if group.visible()]
    was = (recipe.canvas.document.width, recipe.canvas.document.height)
    share, offset = 0.0, (0, 0)
    for offset in likely:
        share = await _likeness(document, picture, window.moved(offset), veiled)
        if share >= whereabouts.SURE_SHARE:
            break
    for form in FORMS:
        if share < 1 and form.size(was) == (document.width(), document.height()):
            turned = picture._replace(form=form)
            if await _likeness(document, turned, form.rect(window, was), veiled) > max(share, whereabouts.SAME_SHARE):
                raise CannotEdit(say(f"changed.{form.name}"))
    if share >= whereabouts.SURE_SHARE:
        return offset, _told(offset, share < 1)
    found = await _elsewhere(document, picture, window, veiled, max(share, whereabouts.SAME_SHARE))
    if len(found) == 1:
        return found[0], say("changed.moved")
    if share >= whereabouts.SAME_SHARE:
        return offset, say("changed.painted")
    raise CannotEdit(say("changed.ambiguous" if found else "changed.gone" if likely else "changed.cropped"))


def _told(offset: "tuple[int, int]", was_painted_on: bool = False) -> str:
    told = [say("changed.painted")] * was_painted_on + [say("changed.moved")] * any(offset)
    return " ".join(told)


async def _likeness(document, picture: Picture, rect: Rect, veiled: "list[Rect]") -> float:
    """How much of `picture` the document shows at `rect`, as far as that is inside the canvas."""
    common = rect.intersection(canvas_of(document))
    if common is None:
        return 0.0
    there = await capture.pixels_of(document, common)
    return await in_thread(lambda: whereabouts.likeness(picture, rect, there, common, veiled))


async def _elsewhere(document, picture: Picture, window: Rect, veiled: "list[Rect]", least: float) -> list:
    """The offsets at which the document shows more than `least` of the picture; the search goes through all of it."""
    anchors = await in_thread(lambda: whereabouts.anchors(picture))
    canvas = canvas_of(document)
    rows = max(1, capture.BAND_PX // canvas.width)
    votes: Counter = Counter()
    for top in range(0, canvas.height, rows):
        band = Rect(0, top, canvas.width, min(rows, canvas.height - top))
        pixels = await capture.pixels_of(document, band)
        hits = await in_thread(lambda pixels=pixels, band=band: whereabouts.hits(anchors, pixels, band, picture))
        votes.update((x - window.x, y - window.y) for x, y in hits)
        await sleep(0)
    best = [offset for offset, _ in votes.most_common(whereabouts.MOST_PLACES)]
    return [offset for offset in best if await _likeness(document, picture, window.moved(offset), veiled) > least]


def _is_as_large(document, recipe) -> bool:
    size = recipe.canvas.document
    return (document.width(), document.height()) == (size.width, size.height)


def _kind(recipe) -> "tuple[str, str, str]":
    """The channel order, the depth and the profile of a recipe's pixels."""
    source = recipe.canvas.source
    order, depth = raster_pb2.ChannelOrder.Name(source.order), raster_pb2.SampleType.Name(source.sample_type)
    return order.removeprefix("CHANNEL_ORDER_"), depth.removeprefix("SAMPLE_TYPE_"), source.profile
