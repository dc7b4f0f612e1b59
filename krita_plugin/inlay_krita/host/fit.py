"""Where a result belongs in its document as it is now: where it was, moved with a crop, or nowhere, and then why.

What the server saw is known by its SHA-256. Where the document no longer shows exactly that, the pixels themselves are
compared with what is there, with their mirrored and turned forms, and with the rest of the picture.
"""

from typing import NamedTuple

from ..client import blobs
from ..client.messages import raster_pb2
from ..client.tasks import in_thread, sleep
from . import capture, place, whereabouts
from .capture import Rect
from .facts import CannotEdit, facts_of
from .whereabouts import Picture

PAINTED = "The picture below was painted on since; the result does not know of it."
MOVED = "The result moved with the picture, which was cropped or shifted since."
_WORDS = {"U8": "8 bit", "U16": "16 bit", "F16": "16 bit float", "F32": "32 bit float"}
_MODELS = {"RGBA": "RGB", "GRAYA": "gray", "LABA": "Lab"}
_AGAIN = "or select and run the edit again."


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
        facts = facts_of(document)
    except CannotEdit:
        return False
    return (facts.order, facts.depth, facts.profile) == (*_samples(source), source.profile)


async def shows_source(document, recipe) -> bool:
    """Whether the document is as large as the recipe's, and its window shows exactly what the server saw. Raises CannotEdit."""
    size = (recipe.canvas.document.width, recipe.canvas.document.height)
    if (document.width(), document.height()) != size or not is_of_kind(document, recipe):
        return False
    window = _window(recipe)
    return await blobs.name_of(await capture.pixels_of(document, window)) == recipe.canvas.source.blob


async def fit(document, recipe, fetch_source, hint: "tuple[int, int] | None" = None) -> Fit:
    """Finds what `recipe` saw in the document. Raises CannotEdit, with the reason, where it is not there.

    fetch_source: coroutine function of the window's pixels as the server saw them; None where they are lost. Called only
    where they are needed. hint: how far a result of this recipe was moved since it was placed, if there is one.
    """
    _check_kind(document, recipe)
    window = _window(recipe)
    same_size = (document.width(), document.height()) == (
        recipe.canvas.document.width,
        recipe.canvas.document.height,
    )
    likely = [hint] if hint is not None else [(0, 0)] if same_size else []
    if hint not in (None, (0, 0)) and same_size:
        likely.append((0, 0))
    for offset in likely:
        moved = window.moved(offset)
        if moved.intersection(_canvas(document)) == moved:
            pixels = await capture.pixels_of(document, moved)
            if await blobs.name_of(pixels) == recipe.canvas.source.blob:
                return _found(document, window, offset, "" if offset == (0, 0) else MOVED)
    source = await fetch_source()
    if source is None:
        if same_size and likely[0] == (0, 0):
            return _found(document, window, (0, 0), "")
        raise CannotEdit(f"The picture was cropped or resized since. Undo that, {_AGAIN}")
    picture = Picture(source, window.width, window.height, facts_of(document).pixel_bytes)
    return await _compared(document, recipe, picture, window, likely)


async def _compared(document, recipe, picture: Picture, window: Rect, likely: list) -> Fit:
    results = [group for group in place.results_of(document) if group.visible()]
    veiled = [place.bounds_of(group) for group in results]
    was = (recipe.canvas.document.width, recipe.canvas.document.height)
    here = whereabouts.NONE
    for offset in likely:
        here = await _likeness(document, picture, window.moved(offset), veiled)
        if here.share >= whereabouts.SURE_SHARE:
            break
    for form in whereabouts.FORMS:
        if here.share < 1 and form.size(was) == (document.width(), document.height()):
            there = await _likeness(document, form.picture(picture), form.rect(window, was), veiled)
            if there.share > max(here.share, whereabouts.SAME_SHARE):
                raise CannotEdit(f"The picture was {form.name} since this edit began. Undo that, {_AGAIN}")
    if here.share >= whereabouts.SURE_SHARE:
        notes = ("" if here.share == 1 else PAINTED, MOVED if any(offset) else "")
        return _found(document, window, offset, " ".join(note for note in notes if note))
    found = await _elsewhere(document, picture, window, veiled, max(here.share, whereabouts.SAME_SHARE))
    if len(found) == 1:
        return _found(document, window, found[0], MOVED)
    if here.share >= whereabouts.SAME_SHARE:
        return _found(document, window, offset, PAINTED)
    if found:
        raise CannotEdit(
            "The picture was cropped or resized since, and what the edit saw is in more than one place of it."
            f" Undo that, {_AGAIN}"
        )
    if likely:
        raise CannotEdit(f"The picture shows nothing any more of what the edit saw. Undo what changed it, {_AGAIN}")
    raise CannotEdit(f"The picture was cropped or resized since. Undo that, {_AGAIN}")


async def _likeness(document, picture, rect: Rect, veiled: "list[Rect]") -> "whereabouts.Likeness":
    """How much of `picture` the document shows at `rect`, as far as that is inside the canvas."""
    common = rect.intersection(_canvas(document))
    if common is None:
        return whereabouts.NONE
    there = await capture.pixels_of(document, common)
    return await in_thread(lambda: whereabouts.likeness(picture, rect, there, common, veiled))


async def _elsewhere(document, picture: Picture, window: Rect, veiled: "list[Rect]", least: float) -> list:
    """The offsets at which the document shows more than `least` of the picture; the search goes through all of it."""
    anchors = await in_thread(lambda: whereabouts.anchors(picture))
    canvas = _canvas(document)
    rows = max(1, capture.BAND_PX // canvas.width)
    votes: dict = {}
    for top in range(0, canvas.height, rows):
        band = Rect(0, top, canvas.width, min(rows, canvas.height - top))
        pixels = await capture.pixels_of(document, band)
        hits = await in_thread(lambda pixels=pixels, band=band: whereabouts.hits(anchors, pixels, band, picture))
        for x, y in hits:
            offset = (x - window.x, y - window.y)
            votes[offset] = votes.get(offset, 0) + 1
        await sleep(0)
    best = sorted(votes, key=votes.get, reverse=True)[: whereabouts.MOST_PLACES]
    return [
        offset for offset in best if (await _likeness(document, picture, window.moved(offset), veiled)).share > least
    ]


def _found(document, window: Rect, offset: "tuple[int, int]", note: str) -> Fit:
    seen = window.moved(offset).intersection(_canvas(document))
    row = Rect(seen.x, seen.y + seen.height // 2, seen.width, 1)
    return Fit(offset, note, (row, capture.composite_of(document, row)))


def _canvas(document) -> Rect:
    return Rect(0, 0, document.width(), document.height())


def _window(recipe) -> Rect:
    window = recipe.canvas.window
    return Rect(window.x, window.y, window.width, window.height)


def _samples(source) -> "tuple[str, str]":
    """The channel order and the depth of a raster."""
    order, depth = raster_pb2.ChannelOrder.Name(source.order), raster_pb2.SampleType.Name(source.sample_type)
    return order.removeprefix("CHANNEL_ORDER_"), depth.removeprefix("SAMPLE_TYPE_")


def _check_kind(document, recipe) -> None:
    if is_of_kind(document, recipe):
        return
    facts, source = facts_of(document), recipe.canvas.source
    order, depth = _samples(source)
    model = {"YA": "GRAYA", "LABA": "LABA"}.get(order, "RGBA")
    was = f"{_MODELS[model]} {_WORDS.get(depth, depth)} ({source.profile})"
    now = f"{_MODELS[facts.model]} {_WORDS[facts.depth]} ({facts.profile})"
    raise CannotEdit(f"The picture was converted since, from {was} to {now}. Undo that, {_AGAIN}")
