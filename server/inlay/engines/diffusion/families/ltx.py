"""LTX-Video: the first picture's latents stay as they are, and all others are painted around them in time."""

from typing import Any

import torch
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXConditionPipeline
from diffusers.pipelines.ltx.pipeline_ltx_image2video import LTXImageToVideoPipeline
from torch import Tensor

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.devices import execution_device
from inlay.engines.diffusion.families.base import Conditioning
from inlay.engines.diffusion.families.motion import Animator, Shot
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "tokenizer", "transformer")
ENCODED = (
    "prompt_embeds",
    "prompt_attention_mask",
    "negative_prompt_embeds",
    "negative_prompt_attention_mask",
)
WORDS = 256
"""Tokens that its text encoder reads."""

DECODES = {"decode_timestep": 0.05, "decode_noise_scale": 0.025}
"""Its makers' own numbers for VAEs that take a last step themselves (diffusers' documentation of LTX-Video)."""


class Ltx(Animator):
    """True guidance with a negative prompt; from 0.9.5 on, which its folder tells, pictures are conditions with a place in time."""

    name = "ltx"

    @property
    def _conditions(self) -> bool:
        return self.components.get("_class_name") == LTXConditionPipeline.__name__

    @torch.no_grad()
    def condition(self, words: Words, guidance: float) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        encoded = self.shell(self.components["scheduler"]).encode_prompt(
            prompt=plain.prompt,
            negative_prompt=plain.unwanted,
            do_classifier_free_guidance=self.reads_negative(guidance),
            max_sequence_length=WORDS,
        )
        return Conditioning(dict(zip(ENCODED, encoded, strict=True)), notes)

    def shell(self, scheduler: Any) -> Any:
        kind: Any = LTXConditionPipeline if self._conditions else LTXImageToVideoPipeline
        return kind(**{name: self.components[name] for name in MODULES}, scheduler=scheduler)

    def arguments(self, shot: Shot) -> dict[str, Any]:
        place = {"frame_index": 0, "strength": 1.0} if self._conditions else {}
        return {"image": shot.picture, "frame_rate": shot.fps, **place, **DECODES}

    @torch.no_grad()
    def look(self, picture: Tensor) -> Tensor:
        vae = self.components["vae"]
        seen = vae.encode(picture[:, :, None].to(execution_device(vae), vae.dtype)).latent_dist.mode().float()
        shape = (1, -1, 1, 1, 1)
        mean, spread = (numbers.view(shape).to(seen) for numbers in (vae.latents_mean, vae.latents_std))
        return ((seen - mean) * vae.config.scaling_factor / spread)[:, :, 0]

    def middle(self, latents: Tensor, shot: Shot) -> Tensor:
        vae, patches = self.components["vae"], self.components["transformer"].config
        count = (shot.frames - 1) // vae.temporal_compression_ratio + 1
        height, width = (side // vae.spatial_compression_ratio for side in shot.picture.shape[-2:])
        unpacked = LTXImageToVideoPipeline._unpack_latents(  # pyright: ignore[reportPrivateUsage]
            latents, count, height, width, patches.patch_size, patches.patch_size_t
        )
        return unpacked[0, :, count // 2]
