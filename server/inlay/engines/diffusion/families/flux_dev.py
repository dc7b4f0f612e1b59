"""FLUX.1 dev and schnell: transformers that paint whole pictures, and know nothing of a hole."""

from functools import partial
from typing import Any

import torch
from diffusers.pipelines.flux.pipeline_flux_img2img import FluxImg2ImgPipeline
from torch import Tensor

from inlay.engines.diffusion.families.base import Conditioning, Pictures, Run
from inlay.engines.diffusion.families.flux_fill import MAX_TOKENS, FluxFill, flux_words, modules_of
from inlay.engines.diffusion.families.words import Words


class _Painting(FluxImg2ImgPipeline):
    start: Any

    def prepare_latents(self, image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        latents = self.start(timestep)
        height, width = image.shape[-2] // (2 * self.vae_scale_factor), image.shape[-1] // (2 * self.vae_scale_factor)
        return latents, self._prepare_latent_image_ids(len(latents), height, width, latents.device, latents.dtype)


class FluxDev(FluxFill):
    """As FLUX.1 Fill, but what stays is known to it from what it paints on alone."""

    name = "flux_dev"
    tokens = MAX_TOKENS

    @property
    def sees_hidden(self) -> bool:
        return False

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        shell = _Painting(**modules_of(self.components), scheduler=self.components["scheduler"])
        return flux_words(self.components, words, shell, self.tokens)

    def shell(self, run: Run, scheduler: Any) -> Any:
        shell = _Painting(**modules_of(self.components), scheduler=scheduler)
        shell.start = partial(self.begin, run, scheduler)
        return shell

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": torch.zeros(1, 3, *run.size),
            "strength": self.strength(run.walked, run.steps),
            "guidance_scale": run.guidance,
        }


class FluxSchnell(FluxDev):
    """The same in four steps, without guidance, and with half as many words."""

    name = "flux_schnell"
    tokens = 256
