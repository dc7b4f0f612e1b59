"""Stable Diffusion 1.x, with 4 channels (any checkpoint) or 9 (the inpainting ones)."""

from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from diffusers.image_processor import VaeImageProcessor
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import StableDiffusionImg2ImgPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_inpaint import StableDiffusionInpaintPipeline
from torch import Tensor

from inlay.engines.diffusion import control, ip_adapter, prompts
from inlay.engines.diffusion.families.base import Adapter, Conditioning, Pictures, Run
from inlay.engines.diffusion.families.words import Words
from inlay.engines.models.steering_parts import IMAGE_ENCODER

INPAINTING_CHANNELS = 9


class _Painting(StableDiffusionImg2ImgPipeline):
    start: Any

    def prepare_latents(self, image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> Tensor:
        return self.start(timestep)


class _Inpainting(StableDiffusionInpaintPipeline):
    start: Any

    def prepare_latents(self, *_: Any, timestep: Tensor, **__: Any) -> tuple[Tensor, None]:
        return self.start(timestep), None


class StableDiffusion15(Adapter):
    """One CLIP text encoder, a UNet, noise prediction."""

    name = "sd15"
    painting: Any = _Painting
    inpainting: Any = _Inpainting

    @property
    def sees_hidden(self) -> bool:
        return self.denoiser.config.in_channels == INPAINTING_CHANNELS

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        if words.skip:
            plain, notes = prompts.unweighted(words)
            return Conditioning(prompts.skipped(self.components, plain), notes)
        return Conditioning(*prompts.weighted_clip(self.components, words))

    def shell(self, run: Run, scheduler: Any) -> Any:
        modules = {name: self.components.get(name) for name in ("vae", "text_encoder", "tokenizer", "unet")}
        kind = self.inpainting if self.sees_hidden else self.painting
        shell = kind(
            **modules, scheduler=scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False
        )
        return self.prepared(shell, run, scheduler)

    def prepared(self, shell: Any, run: Run, scheduler: Any) -> Any:
        """`shell` with this run's start, and a mask that is handed on as it is."""
        shell.start = partial(self.begin, run, scheduler)
        if self.sees_hidden:
            shell.mask_processor = VaeImageProcessor(do_normalize=False, do_binarize=False, do_convert_grayscale=True)
        return shell

    def look_for(self, picture: Tensor, role: str) -> Tensor:
        return ip_adapter.encoded(self.components[IMAGE_ENCODER], self._adapter_for(role), picture)

    def _adapter_for(self, role: str) -> ip_adapter.IpAdapter:
        return self.components[ip_adapter.part_for(role)]

    def _slots(self, run: Run) -> list[ip_adapter.Slot]:
        return [
            ip_adapter.Slot(self._adapter_for(role), role, weight, seen.to(self.device, self.dtype))
            for (role, weight), seen in run.brought
        ]

    def denoise(self, run: Run) -> Tensor:
        with ip_adapter.attending(self.denoiser, self._slots(run)), ExitStack() as holding:
            for structure, shape in run.holds:
                network = self.components[control.part_for(structure.kind, self.components)]
                call = control.held(network, shape.to(self.device), structure)
                holding.enter_context(control.before_each(self.denoiser, call))
            return super().denoise(run)

    def arguments(self, run: Run) -> dict[str, Any]:
        common: dict[str, Any] = {
            "image": run.start.repeat(run.batch, 1, 1, 1),
            "strength": self.strength(run.walked, run.steps),
            "guidance_scale": run.guidance,
        }
        if slots := self._slots(run):
            guided = run.guidance > 1 and self.denoiser.config.time_cond_proj_dim is None
            common["ip_adapter_image_embeds"] = ip_adapter.embeds_for(slots, run.batch, guided=guided)
        if not self.sees_hidden:
            return common
        assert run.hidden is not None
        return {
            **common,
            # The model was trained on masks of 0 and 1: whatever may change at all is cut out of what it sees.
            "mask_image": cells(run.mask > 0, self.factor).repeat(run.batch, 1, 1, 1),
            "masked_image_latents": run.hidden.repeat(run.batch, 1, 1, 1),
        }


def cells(flags: Tensor, factor: int) -> Tensor:
    """Flags of latents as pixels, so that the pipeline's own nearest resize gives the same flags back."""
    return torch.repeat_interleave(torch.repeat_interleave(flags.float(), factor, -1), factor, -2)
