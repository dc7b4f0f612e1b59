"""Maps of a picture: where its edges are, and how near everything in it is."""

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.engines.diffusion.devices import execution_device
from inlay.engines.structure.maps import map_of
from inlay.structure import EDGES


def edges_of(picture: Tensor) -> Tensor:
    """Canny's edges of a picture, both 1 x 3 x H x W in -1..1: 1 on them, -1 elsewhere, in all three channels."""
    return _map(map_of(EDGES, np.asarray(_samples(picture) / 255, np.float32))[..., 0])


@torch.no_grad()
def depth_of(network: Any, processor: Any, picture: Tensor) -> Tensor:
    """How near a picture's parts are, both 1 x 3 x H x W in -1..1: 1 the nearest of it, -1 the furthest, in all three channels.

    -1 where the network sees no difference. network, processor: DepthAnything of transformers, and what makes its input.
    """
    wanted = processor(images=_samples(picture), return_tensors="pt")["pixel_values"]
    near = network(pixel_values=wanted.to(execution_device(network), network.dtype)).predicted_depth
    height, width = picture.shape[-2:]
    found = np.asarray(cv2.resize(near[0].float().cpu().numpy(), (width, height), interpolation=cv2.INTER_CUBIC))
    low, high = float(found.min()), float(found.max())
    return _map((found - low) / np.float32(high - low) if high > low else found * 0)


def _samples(picture: Tensor) -> NDArray[np.uint8]:
    """Height x width x 3, 8 bit: these networks and filters were made for nothing else."""
    return ((picture[0].float().clamp(-1, 1).permute(1, 2, 0).cpu().numpy() + 1) * 127.5).round().astype(np.uint8)


def _map(values: NDArray[np.floating[Any]]) -> Tensor:
    """Height x width in 0..1 to 1 x 3 x H x W in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(values * 2 - 1, np.float32))[None, None].repeat(1, 3, 1, 1)
