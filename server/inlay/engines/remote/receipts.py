"""What left for another server and to whom, for the receipt; and what the retoucher is told about it."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np

from inlay.engines.interface import Frame, Scene
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.remote_entry import Remote
from inlay.engines.remote.pictures import png_of
from inlay.recipe import LOOKED_AT, Recipe

EIGHT_BIT = "The window was sent with 8 bit a channel: the other server takes no more."
SEEDLESS = "{to} knows no seeds: the same again will look otherwise."
UNMASKED = "{to} was shown no mask: what it changed outside of the selection is left out."


@dataclass(frozen=True)
class Sent:
    """What one request holds beside its words. picture, mask, references: files; mask empty where none is sent. sha256: theirs, in
    that order, where they are known: of a window as floats it takes as long as all calls together.
    """

    entry: ModelEntry
    recipe: Recipe
    frame: Frame
    picture: bytes
    mask: bytes = b""
    references: tuple[bytes, ...] = ()
    sha256: tuple[str, ...] = ()

    @cached_property
    def receipt(self) -> dict[str, str]:
        remote = self.entry.remote
        assert remote
        window = self.recipe.canvas.window
        files = [self.picture, *([self.mask] if self.mask else []), *self.references]
        told = {
            "sent_to": remote.to,
            "sent_window": " ".join(str(side) for side in window),
            "sent_px": f"{self.frame.size.width} x {self.frame.size.height}",
            "sent_bytes": str(sum(map(len, files))),
            "sent_sha256": " ".join(self.sha256 or (sha256(file).hexdigest() for file in files)),
            "sent_what": ", ".join(
                ["picture", *(["mask"] if self.mask else []), *["reference" for _ in self.references], "words"]
            ),
            "remote_model": remote.model,
        }
        if remote.price.amount:
            told["price"] = f"{remote.price.amount:g} {remote.price.currency} ({remote.price.as_of})"
        return told


def references_of(scene: Scene, most: int) -> tuple[bytes, ...]:
    """The recipe's further pictures as files, at most so many."""
    return tuple(png_of(one.pixels) for one in scene.inputs if one.role in LOOKED_AT)[:most]


def notes_of(remote: Remote, recipe: Recipe, scene: Scene) -> tuple[str, ...]:
    """Sentences for the retoucher about what another server was not given."""
    notes: list[str] = []
    if recipe.canvas.source.sample_type.value != "u8" or not _fits(scene):
        notes.append(EIGHT_BIT)
    if not remote.seed_field:
        notes.append(SEEDLESS.format(to=remote.to))
    if remote.mask == "none":
        notes.append(UNMASKED.format(to=remote.to))
    return tuple(notes)


def _fits(scene: Scene) -> bool:
    return bool(np.min(scene.pixels) >= -0.01 and np.max(scene.pixels) <= 1.01)
