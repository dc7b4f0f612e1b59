"""What a Krita document is made of, in the contract's words; which documents cannot be edited, and what to do then."""

from typing import NamedTuple

from ..client.messages import raster_pb2
from ..words import say

ORDERS = {"RGBA": "BGRA", "GRAYA": "YA", "LABA": "LABA"}
"""The channel order of integer samples by colour model. Float RGBA is in the order of its name (Krita 5.1.5 to 6)."""

WHITE_LEVELS = {"U8": 255.0, "U16": 65535.0, "F16": 1.0, "F32": 1.0}

BYTES_PER_SAMPLE = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}

COLOR_SPACES = {
    ("RGBA", "U8"): "RGBA",
    ("RGBA", "U16"): "RGBA16",
    ("RGBA", "F16"): "RGBAF16",
    ("RGBA", "F32"): "RGBAF32",
    ("GRAYA", "U8"): "GRAYA",
    ("GRAYA", "U16"): "GRAYAU16",
    ("GRAYA", "F16"): "GRAYAF16",
    ("GRAYA", "F32"): "GRAYAF32",
    ("LABA", "U8"): "LABAU8",
    ("LABA", "U16"): "LABA",
    ("LABA", "F32"): "LABAF32",
}
"""Krita's ids of the colour spaces that Inlay edits, as its .kra files spell them."""


class CannotEdit(Exception):
    """This document, as it is now, cannot be edited; the message says what to do."""


class Facts(NamedTuple):
    """A document's canvas and samples."""

    width: int
    height: int
    model: str
    """RGBA, GRAYA or LABA."""
    depth: str
    """U8, U16, F16 or F32."""
    profile: str

    @property
    def order(self) -> str:
        """The channels' order in memory, as Raster.order spells it."""
        is_float = self.depth.startswith("F")
        return "RGBA" if self.model == "RGBA" and is_float else ORDERS[self.model]

    @property
    def pixel_bytes(self) -> int:
        return len(self.order) * BYTES_PER_SAMPLE[self.depth]

    @property
    def size(self) -> raster_pb2.Size:
        """The canvas's, as the contract has it."""
        return raster_pb2.Size(width=self.width, height=self.height)

    def raster(self, width: int, height: int, blob: str, icc: bytes) -> raster_pb2.Raster:
        """Pixels of the document, as the contract has them."""
        return raster_pb2.Raster(
            width=width,
            height=height,
            order=f"CHANNEL_ORDER_{self.order}",
            sample_type=f"SAMPLE_TYPE_{self.depth}",
            white_level=WHITE_LEVELS[self.depth],
            profile=self.profile,
            icc=icc,
            blob=blob,
        )

    @property
    def color_space(self) -> str:
        """Krita's id of it, such as RGBAF16."""
        return COLOR_SPACES[self.model, self.depth]


def facts_of(document) -> Facts:
    """The document's facts. Raises CannotEdit for what Inlay cannot edit without converting the user's document."""
    facts = Facts(
        document.width(), document.height(), document.colorModel(), document.colorDepth(), document.colorProfile()
    )
    if (facts.model, facts.depth) not in COLOR_SPACES:
        raise CannotEdit(say("plan.color_space", space=f"{facts.model} {facts.depth}"))
    return facts
