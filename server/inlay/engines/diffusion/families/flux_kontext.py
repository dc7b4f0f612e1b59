"""FLUX.1 Kontext: edits a picture by instruction; the unedited window goes along as more tokens."""

from functools import partial
from typing import Any

import torch
from diffusers.pipelines.flux.pipeline_flux_kontext_inpaint import FluxKontextInpaintPipeline
from torch import Tensor

from inlay.engines.diffusion.families.base import Conditioning, FlowAdapter, Pictures, Run
from inlay.engines.diffusion.families.flux_fill import flux_words, modules_of
from inlay.engines.diffusion.families.words import Words


class _Editing(FluxKontextInpaintPipeline):
    start: Any
    reference: Tensor

    def prepare_latents(
        self, image: Tensor, timestep: Tensor, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor, None, Tensor, Tensor, None, Tensor]:
        latents = self.start(timestep)
        height, width = image.shape[-2] // (2 * self.vae_scale_factor), image.shape[-1] // (2 * self.vae_scale_factor)
        places = self._prepare_latent_image_ids(len(latents), height, width, latents.device, latents.dtype)
        theirs = places.clone()
        theirs[..., 0] = 1
        return latents, self.reference, None, places, theirs, None, latents

    def prepare_mask_latents(self, *_: Any, **__: Any) -> tuple[Tensor, None]:
        # Wide open: the pipeline's own mask is hard, the soft one works in the callback.
        return torch.ones(1, 1, 1, device=self.reference.device, dtype=self.reference.dtype), None


class FluxKontext(FlowAdapter):
    """As FLUX.1 Fill, but its picture is whole and the hole is not told."""

    name = "flux_kontext"

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        shell = _Editing(**modules_of(self.components), scheduler=self.components["scheduler"])
        return flux_words(self.components, words, shell)

    def shell(self, run: Run, scheduler: Any) -> Any:
        (reference,) = run.references
        shell = _Editing(**modules_of(self.components), scheduler=scheduler)
        shell.start = partial(self.begin, run, scheduler)
        shell.reference = self.packed(reference).repeat(run.batch, 1, 1)
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
