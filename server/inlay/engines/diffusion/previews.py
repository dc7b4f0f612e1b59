"""Early looks from latents: linear factors that are fitted to the window itself, so every VAE has them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

RIDGE = 1e-3
"""Of the mean variance: keeps factors finite where the window is flat."""


class LatentColors:
    """The best linear map from a window's latents to its colours, averaged over each latent's pixels."""

    def __init__(self, latents: Tensor, picture: Tensor) -> None:
        """latents: 1 x C x h x w of picture, 1 x 3 x H x W in -1..1."""
        height, width = latents.shape[-2:]
        colors = torch.nn.functional.adaptive_avg_pool2d(picture.float(), (height, width))
        known = latents[0].flatten(1).T.double().cpu()
        wanted = colors[0].flatten(1).T.double().cpu()
        self._center, self._color = known.mean(0), wanted.mean(0)
        centered = known - self._center
        squares = centered.T @ centered
        squares += torch.eye(len(squares), dtype=torch.float64) * (RIDGE * squares.diagonal().mean() + 1e-9)
        self._factors = torch.linalg.solve(squares, centered.T @ (wanted - self._color))
        self._spread = float(centered.std()) or 1.0

    def look(self, latents: Tensor) -> NDArray[np.float32]:
        """C x h x w latents under way to h x w x 3 float32 0..1; noise beyond the window's own spread is turned down."""
        height, width = latents.shape[-2:]
        values = latents.flatten(1).T.double().cpu() - self._center
        values *= min(1.0, self._spread / max(float(values.std()), 1e-9))
        colors = (values @ self._factors + self._color + 1) / 2
        return colors.clamp(0, 1).reshape(height, width, 3).float().numpy()
