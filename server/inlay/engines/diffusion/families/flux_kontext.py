"""FLUX.1 Kontext: edits a picture by instruction; the unedited window goes along as more tokens, and references beside it."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
from diffusers.pipelines.flux.pipeline_flux_kontext_inpaint import FluxKontextInpaintPipeline
from torch import Tensor

from inlay.engines.diffusion.families.base import Conditioning, FlowAdapter, Pictures, Run
from inlay.engines.diffusion.families.flux_fill import flux_words, modules_of
from inlay.engines.diffusion.families.words import Words

CELL = 2
"""Latents of a token, each way."""


class _Editing(FluxKontextInpaintPipeline):
    start: Any
    tokens: Tensor
    places: Tensor

    def prepare_latents(
        self, image: Tensor, timestep: Tensor, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        latents = self.start(timestep)
        height, width = image.shape[-2] // (2 * self.vae_scale_factor), image.shape[-1] // (2 * self.vae_scale_factor)
        places = self._prepare_latent_image_ids(len(latents), height, width, latents.device, latents.dtype)
        # What the pipeline would put back itself is never seen: its mask is wide open.
        return latents, latents, self.tokens, places, places, self.places.to(places), latents

    def prepare_mask_latents(self, *_: Any, **__: Any) -> tuple[Tensor, None]:
        # Wide open: the pipeline's own mask is hard, the soft one works in the callback.
        return torch.ones(1, 1, 1, device=self.tokens.device, dtype=self.tokens.dtype), None


class FluxKontext(FlowAdapter):
    """As FLUX.1 Fill, but its picture is whole and the hole is not told."""

    name = "flux_kontext"

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        shell = _Editing(**modules_of(self.components), scheduler=self.components["scheduler"])
        return flux_words(self.components, words, shell)

    def shell(self, run: Run, scheduler: Any) -> Any:
        shell = _Editing(**modules_of(self.components), scheduler=scheduler)
        shell.start = partial(self.begin, run, scheduler)
        shell.tokens = torch.cat([self.packed(one) for one in run.references], dim=1).repeat(run.batch, 1, 1)
        cells = [(one.shape[-2] // CELL, one.shape[-1] // CELL) for one in run.references]
        shell.places = torch.cat([_grid(*at, *size) for at, size in zip(side_by_side(cells), cells, strict=True)])
        return shell

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": torch.zeros(1, 3, *run.size),
            "mask_image": torch.ones(1, 1, *run.size),
            "strength": self.strength(run.walked, run.steps),
            "guidance_scale": run.guidance,
            "max_area": run.size[0] * run.size[1],
            "_auto_resize": False,
        }


def side_by_side(sizes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where pictures of those heights and widths lie as if they were one: each below or beside the ones before it.

    Kontext was trained on one picture beside the one that it paints (arXiv 2506.15742, 3.1), so several stand in the place of one
    that was stitched together, whichever way it stays smaller.
    """
    high = wide = 0
    for height, width in sizes:
        below = high + height <= wide + width
        yield (high, 0) if below else (0, wide)
        high, wide = (high + height, max(wide, width)) if below else (max(high, height), wide + width)


def _grid(top: int, left: int, height: int, width: int) -> Tensor:
    """Where each token of a picture that goes along stands: height * width x 3."""
    rows, columns = torch.meshgrid(torch.arange(top, top + height), torch.arange(left, left + width), indexing="ij")
    return torch.stack([torch.ones_like(rows), rows, columns], dim=-1).reshape(-1, 3)
