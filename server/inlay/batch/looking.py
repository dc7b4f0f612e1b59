"""What a cell will be, before anything is painted: its region, what the server proposes, what it costs, and its identity."""

import dataclasses
import hashlib
import json
import uuid
from dataclasses import dataclass

from inlay.batch.axes import FORMAT
from inlay.batch.cells import Cell
from inlay.batch.framed import Framed, as_it_is, in_format
from inlay.batch.plan import Plan
from inlay.batch.sources import Opened, Sources
from inlay.client.answers import EditPlan
from inlay.client.client import Client
from inlay.client.edit import Placed, Wish, region_of
from inlay.errors import InlayError, Unauthenticated, Unavailable
from inlay.plain import to_plain
from inlay.recipe import LOOKED_AT, Style, Verb
from inlay.region import Rect, Size

NAMESPACE = uuid.UUID("5b0c0d52-9d4e-5a3b-8f0e-6b1f3f6f2a11")
"""Of job ids."""
NOWHERE = Rect(0, 0, 0, 0)
Stops = (Unavailable, Unauthenticated)
"""Errors that are the server's and no cell's."""


@dataclass(frozen=True)
class Looked:
    """A cell that was looked at. wish: with the model that the server proposes. error: why nothing can be painted."""

    cell: Cell
    id: str
    """Of its file."""
    source: Opened | None = None
    framed: Framed | None = None
    region: Rect = NOWHERE
    wish: Wish | None = None
    pictures: tuple[Placed, ...] = ()
    plan: EditPlan | None = None
    growing: EditPlan | None = None
    """Of painting what the format needs beyond the master."""
    error: InlayError | None = None
    needs_a_person: str = ""
    painted: str = ""
    """The identity of what is painted for it, where its file is something else of that: at another size."""

    @property
    def painted_by(self) -> str:
        return self.painted or self.id

    @property
    def plans(self) -> tuple[EditPlan, ...]:
        return tuple(one for one in (self.growing, self.plan) if one)

    def job_id(self, attempt: int = 1) -> str:
        """The same for the same cell; another for another attempt, where the earlier one failed or was taken back."""
        return job_id_of(self.painted_by, attempt)


def job_id_of(identity: str, attempt: int = 1) -> str:
    return str(uuid.uuid5(NAMESPACE, identity if attempt == 1 else f"{identity}/{attempt}"))


class Looker:
    """Looks at the cells of a plan with a server's help; asks it the same only once."""

    def __init__(self, plan: Plan, client: Client) -> None:
        self.plan = plan
        self.sources = Sources(plan)
        self._client = client
        self._answers: dict[object, EditPlan] = {}
        self._styles: dict[str, Style] | None = None

    def look(self, cell: Cell) -> Looked:
        """Whatever is wrong with it is in the answer. Raises Unavailable, Unauthenticated."""
        try:
            return self._looked(cell)
        except Stops:
            raise
        except InlayError as error:
            return Looked(cell, _identity(cell, "", "", (), cell.asked.wish, ""), error=error)

    def propose(self, size: Size, region: Rect, wish: Wish, pictures: tuple[Placed, ...]) -> EditPlan:
        references = tuple(one.document.size for one in pictures if one.role in LOOKED_AT and one.weight > 0)
        key = (size, region, wish.verb, wish.tier, wish.model, wish.context_px, wish.grow_px, wish.feather_px)
        key = (*key, wish.count, wish.words, wish.style, references, tuple(wish.options.items()))
        if key not in self._answers:
            self._answers[key] = self._client.plan(
                size,
                region,
                wish.verb,
                tier=wish.tier,
                model=wish.model,
                context_px=wish.context_px,
                grow_px=wish.grow_px,
                feather_px=wish.feather_px,
                count=wish.count,
                words=wish.words,
                style=wish.style,
                references=references,
                options=wish.options,
            )
        return self._answers[key]

    def color_of(self, wish: Wish) -> str:
        """The colour that is asked for; where it is the name of a style's, that colour."""
        style = self._style(wish.style)
        named = {one.name: one.color for one in style.colors} if style else {}
        return named.get(wish.target_color, wish.target_color)

    def _looked(self, cell: Cell) -> Looked:
        source = self.sources.opened(cell.document)
        found = self.sources.region(cell)
        pictures = self.sources.pictures(cell)
        wish = cell.asked.wish
        if found.mask is None:
            identity = _identity(cell, source.sha256, "", pictures, wish, "")
            said = f"the region could not be found in {cell.document.name} (sure {found.sure:.2f}); mark it by hand"
            return Looked(cell, identity, source, needs_a_person=said)
        mask, format_ = found.mask, self.plan.formats.get(cell.format)
        framed = as_it_is(source.document, mask)
        if format_:
            key = ("framed", cell.document, cell.format, found.sha256)
            framed = self.sources.once(key, lambda: in_format(source.document, mask, format_))
        region = region_of(framed.mask)
        size = framed.document.size
        proposed = self.propose(size, region, wish, pictures)
        growing = None
        if framed.missing is not None:
            growing = self.propose(size, region_of(framed.missing), growing_wish(wish), ())
        style = self._style(wish.style)
        wish = dataclasses.replace(wish, model=proposed.model)
        mask_sha256 = f"{found.sha256} {list(framed.shows)} {list(framed.own)}" if format_ else found.sha256
        identity = _identity(cell, source.sha256, mask_sha256, pictures, wish, style.sha256 if style else "")
        looked = Looked(cell, identity, source, framed, region, wish, pictures, proposed, growing)
        if framed.resampled is None:
            return looked
        of_file = hashlib.sha256(f"{identity} {list(framed.resampled)}".encode()).hexdigest()
        return dataclasses.replace(looked, id=of_file, painted=identity)

    def _style(self, name: str) -> Style | None:
        if not name:
            return None
        if self._styles is None:
            self._styles = {style.id: style for style in self._client.styles()}
        return self._styles.get(name)


def growing_wish(wish: Wish) -> Wish:
    """What lies beyond the master is painted for all cells of a format alike."""
    return Wish(Verb.EXPAND, seed=0, tier=wish.tier, style=wish.style)


def _identity(cell: Cell, source: str, mask: str, pictures: tuple[Placed, ...], wish: Wish, style_sha256: str) -> str:
    """SHA-256 of everything that decides a cell's file: the master, the filled recipe, the format and the values."""
    recipe = to_plain(wish) | {
        "mask": mask,
        "style_sha256": style_sha256,
        "inputs": [
            [one.role, hashlib.sha256(one.samples.tobytes()).hexdigest(), one.weight, one.name] for one in pictures
        ],
    }
    values = {name: label for name, label in cell.labels.items() if name != FORMAT}
    spelled = json.dumps([source, recipe, cell.format, values, cell.filling], sort_keys=True)
    return hashlib.sha256(spelled.encode()).hexdigest()
