"""FLUX.1 Canny and Depth: paint anew what has the shape of the window, told by a map of its edges or of how near it is.

Trained to see the map's latents beside those that are painted, in every token; never the window itself.
https://github.com/black-forest-labs/flux/blob/main/docs/structural-conditioning.md
"""

from functools import partial
from typing import Any

import torch
from diffusers.pipelines.flux.pipeline_flux_control_img2img import FluxControlImg2ImgPipeline
from torch import Tensor

from inlay.engines.diffusion.families.base import Conditioning, FlowAdapter, Pictures, Run
from inlay.engines.diffusion.families.flux_fill import flux_words, modules_of
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.maps import edges_of


class _Restyling(FluxControlImg2ImgPipeline):
    start: Any
    map: Tensor

    def prepare_image(self, *_: Any, **__: Any) -> Tensor:
        return self.map

    def prepare_latents(self, image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        latents = self.start(timestep)
        height, width = image.shape[-2] // (2 * self.vae_scale_factor), image.shape[-1] // (2 * self.vae_scale_factor)
        return latents, self._prepare_latent_image_ids(len(latents), height, width, latents.device, latents.dtype)


class FluxCanny(FlowAdapter):
    """As FLUX.1 Fill, but it sees where the window's edges are, and neither its colours nor the hole."""

    name = "flux_canny"

    def map_of(self, picture: Tensor) -> Tensor:
        return edges_of(picture)

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        shell = _Restyling(**modules_of(self.components), scheduler=self.components["scheduler"])
        return flux_words(self.components, words, shell)

    def shell(self, run: Run, scheduler: Any) -> Any:
        (shape,) = run.references
        shell = _Restyling(**modules_of(self.components), scheduler=scheduler)
        shell.start = partial(self.begin, run, scheduler)
        shell.map = self.packed(shape).repeat(run.batch, 1, 1)
        return shell

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": torch.zeros(1, 3, *run.size),
            "control_image": torch.zeros(1, 3, *run.size),
            "strength": self.strength(run.walked, run.steps),
            "guidance_scale": run.guidance,
        }


class FluxDepth(FluxCanny):
    """The same by how near everything is, as a model beside it tells."""

    name = "flux_depth"

    def map_of(self, picture: Tensor) -> Tensor:
        return self.depth_of(picture)
