"""Early looks from latents: by a tiny VAE where the model has one and the time for it, else by linear factors.

The factors are fitted to the window itself, so every VAE has them.
"""

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.engines.canvas import to_pixels
from inlay.engines.diffusion import vae

RIDGE = 1e-3
"""Of the mean variance: keeps factors finite where the window is flat."""

INTERVAL_S = 0.1
"""Between two previews, at least."""

SHARE = 0.01
"""Of the loop's time, at most, that the first look of a tiny VAE takes, and as much again all later ones together."""

PROBE_SIDE = 24
"""Latents a side on which a tiny VAE is timed when it is loaded."""


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
        """C x h x w latents under way to h x w x 3 float32 0..1."""
        height, width = latents.shape[-2:]
        colors = (self._calm(latents) @ self._factors + self._color + 1) / 2
        return colors.clamp(0, 1).reshape(height, width, 3).float().numpy()

    def calmed(self, latents: Tensor) -> Tensor:
        """C x h x w latents with the noise beyond the window's own spread turned down."""
        values = self._calm(latents) + self._center
        return values.T.reshape(latents.shape).to(latents)

    def _calm(self, latents: Tensor) -> Tensor:
        """Around the window's mean: h*w x C, float64."""
        values = latents.flatten(1).T.double().cpu() - self._center
        return values * min(1.0, self._spread / max(float(values.std()), 1e-9))


class TinyVae:
    """An AutoencoderTiny of the user's: looks in full detail. It has no part in what is painted."""

    def __init__(self, module: Any) -> None:
        """module: on its device. It is timed here, so that a look's cost is known before the first one."""
        self.module = module
        self._seconds_a_latent = 0.0
        for _ in range(2):  # the first pass also sets things up
            self.look(torch.zeros(self.channels, PROBE_SIDE, PROBE_SIDE))

    @property
    def channels(self) -> int:
        return int(self.module.config.latent_channels)

    def seconds(self, latents: Tensor) -> float:
        """What a look at one sample of such latents will take, by the last one."""
        return self._seconds_a_latent * latents.shape[-2] * latents.shape[-1]

    def look(self, latents: Tensor) -> NDArray[np.float32]:
        """C x h x w latents, normalised as the model's own VAE has them, to H x W x 3 float32 0..1."""
        began = time.perf_counter()
        picture = to_pixels(vae.decode(self.module, latents[None].to(self.module.device)))
        self._seconds_a_latent = (time.perf_counter() - began) / (latents.shape[-2] * latents.shape[-1])
        return picture


class Previews:
    """The early looks of one run: which of its steps are shown, and by what."""

    def __init__(self, colors: LatentColors, tiny: TinyVae | None, now: float) -> None:
        """now: when the run began, in seconds of any clock; later calls read the same one."""
        self._colors, self._tiny = colors, tiny
        self._began = now
        self._shown_at: float | None = None
        self._interval_s = INTERVAL_S

    def due(self, now: float) -> bool:
        """Whether enough time has passed since the last look."""
        return self._shown_at is None or now - self._shown_at >= self._interval_s

    def look(self, latents: Tensor, now: float, done: float) -> NDArray[np.float32]:
        """A picture, height x width x 3 float32 0..1, from C x h x w latents. done: how much of the loop is, 0 .. 1."""
        if self._tiny and self._shown_at is None and self._tiny.seconds(latents) > SHARE * (now - self._began) / done:
            self._tiny = None  # too dear for this run
        self._shown_at = now
        if self._tiny is None:
            return self._colors.look(latents)
        picture = self._tiny.look(self._colors.calmed(latents))  # calmed on the CPU: no step is still under way
        self._interval_s = max(INTERVAL_S, self._tiny.seconds(latents) / SHARE)
        return picture
