"""What a layer remembers of the result that it shows, and how a result stands to an edit that is about to be made."""

import enum
import zlib
from dataclasses import dataclass, field
from typing import Any

from inlay.errors import InvalidInput
from inlay.recipe import Recipe
from inlay.variation import Patch, Report


class Relation(enum.StrEnum):
    """How a result stands to an edit."""

    APART = "apart"
    """Both stay."""
    COVERED = "covered"
    """The edit covers what was selected for the result: it takes the result's place."""
    SAME = "same"
    """The edit is another roll of the result."""


@dataclass(frozen=True)
class ResultMemory:
    """One variation: everything that it takes to have more of it, to finish it, or to know what takes its place."""

    job_id: str
    recipe: Recipe
    """As it was accepted."""
    patch: Patch
    """The pixels and the mask as they were painted, and where they lie."""
    variation: int = 0
    title: str = ""
    receipt: dict[str, Any] = field(default_factory=dict[str, Any])
    """Everything that decided the pixels, JSON values only."""
    mask_samples: bytes = b""
    """The mask's samples, deflated: they outlive the server's store."""
    report: Report = field(default_factory=Report)

    @property
    def mask(self) -> bytes:
        """The mask's samples. Raises InvalidInput where they are damaged."""
        length = self.patch.mask.byte_length
        try:
            samples = zlib.decompressobj().decompress(self.mask_samples, length + 1)
        except zlib.error as error:
            raise InvalidInput("mask_samples", "damaged", f"they must be deflated samples ({error})") from None
        if len(samples) != length:
            raise InvalidInput("mask_samples", f"{len(samples)} bytes or more", f"the mask has {length}")
        return samples


@dataclass(frozen=True)
class OtherMemory:
    """A variation that is no patch, such as layers: of a `ResultMemory` what there is."""

    job_id: str
    recipe: Recipe
    variation: int = 0
    title: str = ""
    receipt: dict[str, Any] = field(default_factory=dict[str, Any])
    report: Report = field(default_factory=Report)
    patch: None = None
    mask_samples: bytes = b""


def deflated(samples: bytes | memoryview) -> bytes:
    """As `ResultMemory.mask_samples` has them."""
    return zlib.compress(samples)
