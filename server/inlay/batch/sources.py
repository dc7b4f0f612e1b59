"""The masters of a plan and their regions: a mask's file, a layer, a saved selection, or a mask that is carried to siblings."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from inlay import documents
from inlay.batch.cells import Cell
from inlay.batch.plan import CHANNEL, LAYER, PROPAGATE, Plan
from inlay.batch.recipes import InputFile
from inlay.batch.siblings import Master
from inlay.batch.tables import Given, bytes_of
from inlay.client.edit import Placed
from inlay.documents import Document
from inlay.documents.document import mask_share, white_of
from inlay.documents.layer_above import layer_named
from inlay.documents.layer_stack import LayerMask, put
from inlay.documents.saved_selection import saved_selection
from inlay.errors import InlayError, InvalidInput

_KEPT = 4
T = TypeVar("T")


class Opened(NamedTuple):
    """A master. sha256: of its file."""

    document: Document
    sha256: str


@dataclass(frozen=True, eq=False)
class Region:
    """Where a cell may change. mask: height x width of the document; None where a person must say. sure: 0..1, of carried ones."""

    mask: NDArray[np.generic] | None
    sha256: str
    sure: float = 1.0


class Sources:
    """What the cells of a plan are made from; the last few stay in memory, as cells come by document."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._carrying: dict[str, Master] = {}

    def opened(self, path: Path) -> Opened:
        """Raises what `inlay.documents.read` raises."""
        return self.once(("document", path), lambda: _opened(path))

    def region(self, cell: Cell) -> Region:
        """The mask of a cell's document. Raises InvalidInput naming the plan's key."""
        given = self._plan.mask
        if given is None:
            raise InvalidInput(
                f"{self._plan.path.name}: documents.mask", "missing", 'say where, such as mask = "masks/{document}.png"'
            )
        return self.once(("region", cell.document, cell.mask, cell.master_mask), lambda: self._region(cell, given))

    def pictures(self, cell: Cell) -> tuple[Placed, ...]:
        """The pictures that come along."""
        return tuple(self._picture(one) for one in cell.asked.inputs)

    def _picture(self, one: InputFile) -> Placed:
        document = self.once(("document", one.file), lambda: _opened(one.file)).document
        return Placed(one.role, document, None, one.name, one.weight)

    def _region(self, cell: Cell, given: Given) -> Region:
        document = self.opened(cell.document).document
        try:
            if not cell.mask.startswith(PROPAGATE):
                return _settled(_selected(document, cell.mask, given.file.parent))
            carried = self._master(cell, given).carried_to(document)
        except InlayError as error:
            limit = f"for {cell.document.name}: {error.message}"
            raise InvalidInput(given.where, repr(cell.mask), limit) from error
        return _settled(carried.mask, carried.sure)

    def _master(self, cell: Cell, given: Given) -> Master:
        key = f"{cell.mask}\0{cell.master_mask}"
        if key not in self._carrying:
            master = documents.read(given.file.parent / cell.mask.removeprefix(PROPAGATE))
            own = self._plan.master_mask or given
            self._carrying[key] = Master(master, _selected(master, cell.master_mask, own.file.parent))
        return self._carrying[key]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made under that key; made if it was not, or not lately."""
        if key not in self._kept:
            self._kept[key] = make()
        self._kept.move_to_end(key)
        while len(self._kept) > 3 * _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _opened(path: Path) -> Opened:
    return Opened(documents.read(path), hashlib.sha256(bytes_of(path, "path")).hexdigest())


def _settled(mask: NDArray[np.generic] | None, sure: float = 1.0) -> Region:
    if mask is None:
        return Region(None, "", sure)
    kept = np.ascontiguousarray(mask)
    kept.setflags(write=False)
    return Region(kept, hashlib.sha256(kept.tobytes() + f"{kept.shape}{kept.dtype}".encode()).hexdigest(), sure)


def _selected(document: Document, mask: str, folder: Path) -> NDArray[np.generic]:
    """The mask that a text names, height x width of the document. Raises InvalidInput, Unsupported."""
    if mask.startswith(LAYER):
        return _opacity_of(document, mask.removeprefix(LAYER))
    if mask.startswith(CHANNEL):
        return saved_selection(document, mask.removeprefix(CHANNEL))
    return documents.read_mask(folder / mask, document.size)


def _opacity_of(document: Document, name: str) -> NDArray[np.generic]:
    """How much of a layer there is at each pixel, whether it is visible or not: its alpha through its mask."""
    layer = layer_named(document, name).layer
    width, height = document.size
    alpha = np.zeros((height, width), layer.samples.dtype)
    put(alpha, layer.samples[..., -1], layer.x, layer.y)
    return _through(alpha, layer.mask, document) if layer.mask else alpha


def _through(alpha: NDArray[np.generic], mask: LayerMask, document: Document) -> NDArray[np.generic]:
    share = mask_share(alpha) * mask_share(mask.over(0, 0, document.size))
    return np.rint(share * white_of(alpha.dtype)).astype(alpha.dtype)
