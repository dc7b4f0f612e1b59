"""What a window is in latents: encoded once, found again on every re-roll of the same pixels."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.engines.canvas import Pixels, continued, to_pixels, to_tensor
from inlay.engines.diffusion.families.base import Adapter
from inlay.engines.diffusion.previews import LatentColors
from inlay.engines.interface import Progress, Scene

T = TypeVar("T")


class Recent(Generic[T]):
    """The values used last, by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[object, T] = OrderedDict()
        self.found = 0
        """How often a value was here already."""

    def get(self, key: object, make: Callable[[], T]) -> T:
        if key in self._values:
            self.found += 1
            self._values.move_to_end(key)
            return self._values[key]
        value = self._values[key] = make()
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return value


@dataclass(frozen=True)
class Source:
    """One window. key: SHA-256 of its pixels and of what is known of them.

    pixels: height x width x 3 float32, complete; x 4 with the scene's alpha. picture: 1 x 3 (4) x H x W in -1..1. latents:
    1 x C x h x w. roundtrip: the window through the VAE and back, in pixels: what the model's own eye does to colours. colors:
    latents to previews.
    """

    key: str
    pixels: Pixels
    picture: Tensor
    latents: Tensor
    roundtrip: Pixels
    colors: LatentColors

    @property
    def has_alpha(self) -> bool:
        return self.pixels.shape[-1] == 4


def source_key(scene: Scene) -> str:
    """SHA-256 of what an engine sees of a window, its mask aside."""
    return digest(scene.pixels, scene.known, *(() if scene.alpha is None else (scene.alpha,)))


def digest(*arrays: NDArray[Any]) -> str:
    """SHA-256 of arrays' shapes and values."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(str(array.shape).encode())
        found.update(np.ascontiguousarray(array).data.cast("B"))
    return found.hexdigest()


def source_of(adapter: Adapter, scene: Scene, key: str, progress: Progress) -> Source:
    """Encode a window, and look at it again. Raises Cancelled between the passes."""
    pixels = with_alpha(continued(scene.pixels, scene.known), scene.alpha)
    picture = to_tensor(pixels)
    latents = encoded(adapter, picture, progress)
    roundtrip = decoded(adapter, latents, progress, alpha=scene.alpha is not None)
    return Source(key, pixels, picture, latents, roundtrip, LatentColors(latents, picture[:, :3]))


def with_alpha(pixels: Pixels, alpha: NDArray[np.float32] | None) -> Pixels:
    """height x width x 3 with a fourth channel, height x width 0..1; as they are with None."""
    return pixels if alpha is None else np.dstack([pixels, alpha])


def encoded(adapter: Adapter, picture: Tensor, progress: Progress) -> Tensor:
    """`adapter.encode`, looking before and after whether the job was taken back."""
    progress.check()
    latents = adapter.encode(picture)
    progress.check()
    return latents


def decoded(adapter: Adapter, latents: Tensor, progress: Progress, *, alpha: bool = False) -> Pixels:
    """`adapter.decode` of one sample to pixels, looking before and after whether the job was taken back. alpha: to four of them."""
    progress.check()
    with torch.no_grad():
        pixels = to_pixels(adapter.decode_with_alpha(latents) if alpha else adapter.decode(latents))
    progress.check()
    return pixels
