"""How pixels lie in bytes: the description that travels beside every blob of samples, and the array behind it."""

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inlay.errors import InvalidInput

MAX_SIDE_PX = 65_536
MAX_AREA_PX = 256 * 1024 * 1024
"""A window, not a document: 256 megapixels are far above what any engine paints."""


class SampleType(enum.StrEnum):
    """The number format of one sample, little-endian."""

    U8 = "u8"
    U16 = "u16"
    F16 = "f16"
    F32 = "f32"

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype({"u8": "u1", "u16": "<u2", "f16": "<f2", "f32": "<f4"}[self.value])

    @property
    def is_float(self) -> bool:
        return self in (SampleType.F16, SampleType.F32)


LEAST_WHITE = {False: 1.0, True: 2.0**-14}
"""Least white of whole and of float samples: one code; the smallest normal half float, by which none divides to infinity."""

CHANNELS_OF_ORDER = {"Y": 1, "YA": 2, "RGB": 3, "RGBA": 4, "BGR": 3, "BGRA": 4, "LAB": 3, "LABA": 4}
"""Channel orders on the wire. Krita's integers are BGRA, its floats RGBA."""


@dataclass(frozen=True)
class Raster:
    """Interleaved samples, row by row without padding. Source: proto/inlay/v1/raster.proto."""

    width: int
    height: int
    order: str
    """One of CHANNELS_OF_ORDER."""
    sample_type: SampleType
    white_level: float
    """The sample that means 1.0: 255, 65535, 32768 (Photoshop's 16 bit), 1.0."""
    profile: str
    """The profile's name as Krita or Photoshop spell it; for masks empty."""
    blob: str
    """SHA-256 of the bytes, lower-case hex."""
    icc: bytes = b""
    """The profile itself; wins over its name."""

    @property
    def channels(self) -> int:
        return CHANNELS_OF_ORDER[self.order]

    @property
    def has_alpha(self) -> bool:
        return self.order.endswith("A")

    @property
    def byte_length(self) -> int:
        return self.width * self.height * self.channels * self.sample_type.dtype.itemsize

    def check(self, field: str) -> None:
        """Raise InvalidInput, naming `field`, unless every number here can describe a real raster."""
        if not (0 < self.width <= MAX_SIDE_PX and 0 < self.height <= MAX_SIDE_PX):
            raise InvalidInput(
                f"{field}.size", f"{self.width} x {self.height}", f"each side must be 1..{MAX_SIDE_PX} px"
            )
        if self.width * self.height > MAX_AREA_PX:
            raise InvalidInput(
                f"{field}.size", f"{self.width} x {self.height}", f"the area must be at most {MAX_AREA_PX} px"
            )
        if self.order not in CHANNELS_OF_ORDER:
            raise InvalidInput(f"{field}.order", repr(self.order), f"it must be one of {', '.join(CHANNELS_OF_ORDER)}")
        least = LEAST_WHITE[self.sample_type.is_float]
        if not (least <= self.white_level <= 65_535):
            limit = f"it must be at least {least:g} and at most 65535 for {self.sample_type} samples"
            raise InvalidInput(f"{field}.white_level", self.white_level, limit)
        if len(self.blob) != 64 or not set(self.blob) <= set("0123456789abcdef"):
            raise InvalidInput(f"{field}.blob", repr(self.blob), "it must be a SHA-256 in lower-case hex")

    def array(self, data: bytes | memoryview, field: str) -> NDArray[np.generic]:
        """The samples as height x width x channels, a view on `data`.

        Raises InvalidInput where the bytes are too few or too many, or a float sample is NaN or infinite.
        """
        if len(data) != self.byte_length:
            raise InvalidInput(
                field,
                f"{len(data)} bytes",
                f"{self.width} x {self.height} x {self.channels} {self.sample_type} samples take {self.byte_length} bytes",
            )
        samples = np.frombuffer(data, self.sample_type.dtype).reshape(self.height, self.width, self.channels)
        if self.sample_type.is_float and not np.isfinite(samples).all():
            raise InvalidInput(field, "NaN or infinite in places", "every sample must be a finite number")
        return samples
