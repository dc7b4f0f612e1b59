"""Qwen-Image: a transformer with Qwen2.5-VL words and a VAE that was made for films."""

from functools import partial
from typing import Any

import torch
from diffusers.pipelines.qwenimage.pipeline_qwenimage_inpaint import QwenImageInpaintPipeline
from torch import Tensor

from inlay.engines.diffusion import prompts, vae
from inlay.engines.diffusion.families.base import Conditioning, FlowAdapter, Pictures, Run
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "tokenizer", "transformer")


class _Painting(QwenImageInpaintPipeline):
    start: Any

    def prepare_latents(self, image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor, Tensor]:
        latents = self.start(timestep)
        # What the pipeline would put back itself is never seen: its mask is wide open.
        return latents, latents, latents

    def prepare_mask_latents(self, mask: Tensor, *_: Any, **__: Any) -> tuple[Tensor, None]:
        return torch.ones(1, 1, 1, device=self._execution_device, dtype=self.transformer.dtype), None


class QwenImage(FlowAdapter):
    """True guidance with a negative prompt; latents have a time axis of one, which ends at the VAE."""

    name = "qwen_image"
    pipeline: Any = _Painting
    modules = MODULES

    def encode(self, picture: Tensor) -> Tensor:
        frames = vae.encode(self.components["vae"], picture.to(self.device).unsqueeze(2))
        return frames.squeeze(2).to(self.dtype)

    def decode(self, latents: Tensor) -> Tensor:
        return vae.decode(self.components["vae"], latents.unsqueeze(2)).squeeze(2)

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        shell = self._pipeline(self.components["scheduler"], self.reader)
        told: dict[str, Any] = {"device": prompts.device_of(self.components), **self.shown(pictures)}
        with torch.no_grad():
            encoded = _named("", *shell.encode_prompt(prompt=plain.prompt, **told))
            if guidance > 1:
                encoded |= _named("negative_", *shell.encode_prompt(prompt=plain.unwanted or " ", **told))
        return Conditioning(encoded, notes)

    @property
    def reader(self) -> Any:
        """The pipeline by which words are encoded."""
        return self.pipeline

    def shown(self, pictures: Pictures) -> dict[str, Any]:
        """What the text encoder is shown."""
        return {}

    def shell(self, run: Run, scheduler: Any) -> Any:
        shell = self._pipeline(scheduler, self.pipeline)
        shell.start = partial(self.begin, run, scheduler)
        return shell

    def _pipeline(self, scheduler: Any, kind: Any) -> Any:
        return kind(**{name: self.components.get(name) for name in self.modules}, scheduler=scheduler)

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": torch.zeros(1, 3, *run.size),
            "mask_image": torch.ones(1, 1, *run.size),
            "strength": self.strength(run.walked, run.steps),
            "true_cfg_scale": run.guidance,
        }


def _named(prefix: str, embeds: Tensor, mask: Tensor | None) -> dict[str, Tensor]:
    """The pipeline's arguments; no mask means that every token counts."""
    counts = torch.ones(embeds.shape[:2], dtype=torch.long, device=embeds.device) if mask is None else mask
    return {f"{prefix}prompt_embeds": embeds, f"{prefix}prompt_embeds_mask": counts}
