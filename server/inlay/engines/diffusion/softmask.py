"""Soft masks on any stock pipeline: what the mask keeps is put back after every step, noised as the step wants it.

Differential diffusion (Levin and Fried 2023, arXiv 2306.00950): a pixel of mask m is free during the last m of the steps. Done in
`callback_on_step_end`, so that no pipeline is forked; their own masks are binarised at 0.5 and stay out of the way.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Seen = Callable[[int, int, Callable[[], Tensor]], None]
"""Told after each step: its number from 1, how many there are, and how to get the latents (B x C x h x w).
May raise, which ends the run at this step."""


class SoftMask:
    """The callback of one run. `finished`: the latents after the last step, B x C x h x w.

    kept: 1 x C x h x w, what is put back where the mask keeps it. noise: B x C x h x w. mask: 1 x 1 x h x w, 0..1.
    packed, unpacked: between those latents and latents as the pipeline's loop holds them (`Adapter`).
    """

    finished: Tensor

    def __init__(
        self,
        kept: Tensor,
        noise: Tensor,
        mask: Tensor,
        seen: Seen,
        *,
        packed: Callable[[Tensor], Tensor],
        unpacked: Callable[[Tensor, int, int], Tensor],
    ) -> None:
        self._height, self._width = kept.shape[-2:]
        self._unpacked = unpacked
        self._seen = seen
        self._mask = packed(mask.expand_as(kept)).to(noise.device)
        self._kept = packed(kept)
        self._noise = packed(noise)
        self._everything_free = bool((mask >= 1).all())

    def __call__(self, pipeline: Any, index: int, timestep: Any, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        done, total = index + 1, int(pipeline._num_timesteps)
        latents = tensors["latents"]
        if not self._everything_free:
            latents = self._put_back(latents, pipeline.scheduler, done, total)
        if done == total:
            self.finished = self._whole(latents)
        self._seen(done, total, lambda: self._whole(latents))
        return {"latents": latents}

    def _put_back(self, latents: Tensor, scheduler: Any, done: int, total: int) -> Tensor:
        kept = self._kept
        if done < total:
            coming = scheduler.timesteps[len(scheduler.timesteps) - total + done]
            kept = noised(scheduler, kept.expand_as(self._noise), self._noise, coming.reshape(1))
        free_from = 0.0 if done == total else 1 - done / total
        return torch.where(self._mask <= free_from, kept.to(latents.dtype), latents)

    def _whole(self, latents: Tensor) -> Tensor:
        return self._unpacked(latents, self._height, self._width)


def noised(scheduler: Any, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """`latents` with the noise of `timestep` (1-d) upon them, by the scheduler's own rule."""
    when = timestep[:1]
    if hasattr(scheduler, "scale_noise"):
        return scheduler.scale_noise(latents, when, noise)
    return scheduler.add_noise(latents, noise, when.expand(latents.shape[0]))


def pooled(hole: Tensor, factor: int) -> Tensor:
    """The mask in latents, 1 x 1 x h x w: the largest of each cell's pixels, so nothing that may change is kept, and
    what is kept is kept whole (nearest, as pipelines do it, shifts edges by half a latent)."""
    return torch.nn.functional.max_pool2d(hole, factor)
