"""Stable Diffusion XL, with 4 channels (base, Turbo, Lightning and their fine-tunes) or 9 (the inpainting ones)."""

import math
from typing import Any

from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_img2img import (
    StableDiffusionXLImg2ImgPipeline,
)
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_inpaint import (
    StableDiffusionXLInpaintPipeline,
)
from torch import Tensor

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.families.base import Conditioning, Pictures, Run
from inlay.engines.diffusion.families.sd15 import StableDiffusion15
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "unet")


class _Painting(StableDiffusionXLImg2ImgPipeline):
    start: Any

    def prepare_latents(self, image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> Tensor:
        return self.start(timestep)


class _Inpainting(StableDiffusionXLInpaintPipeline):
    start: Any

    def prepare_latents(self, *_: Any, timestep: Tensor, **__: Any) -> tuple[Tensor, None]:
        return self.start(timestep), None


class StableDiffusionXL(StableDiffusion15):
    """Two CLIP text encoders, whose penultimate states it was trained on (so clip skip is built in), and a UNet."""

    name = "sdxl"
    painting = _Painting
    inpainting = _Inpainting

    def arguments(self, run: Run) -> dict[str, Any]:
        height, width = run.size
        # The model paints as sharp as the picture it is told to have come from (arXiv 2307.01952, 2.2). By default that is
        # the working size, and a small window comes out soft; so it is told of one of at least its native area.
        scale = max(1.0, math.sqrt(self.facts.native_px / (height * width)))
        told = {"original_size": (round(height * scale), round(width * scale)), "target_size": (height, width)}
        return {**super().arguments(run), **told}

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        return Conditioning(*prompts.weighted_two_clips(self.components, words))

    def shell(self, run: Run, scheduler: Any) -> Any:
        modules = {name: self.components.get(name) for name in MODULES}
        kind = self.inpainting if self.sees_hidden else self.painting
        return self.prepared(kind(**modules, scheduler=scheduler, add_watermarker=False), run, scheduler)
