"""Wan 2.1 and 2.2: the first picture's latents stand beside the noise (14B, with one expert or two) or in its place (5B)."""

from types import SimpleNamespace
from typing import Any

import torch
from diffusers.pipelines.wan import pipeline_wan_i2v
from diffusers.pipelines.wan.pipeline_wan_i2v import WanImageToVideoPipeline
from torch import Tensor

from inlay.engines.diffusion import prompts, vae
from inlay.engines.diffusion.devices import execution_device
from inlay.engines.diffusion.families.base import Conditioning
from inlay.engines.diffusion.families.motion import Animator, Shot
from inlay.engines.diffusion.families.qwen_image_edit import image_of
from inlay.engines.diffusion.families.words import Words

MODULES = (
    "vae",
    "text_encoder",
    "tokenizer",
    "image_encoder",
    "image_processor",
    "transformer",
    "transformer_2",
    "boundary_ratio",
)
WORDS = 512
"""Tokens that its text encoder reads."""

if not hasattr(pipeline_wan_i2v, "ftfy"):  # The pipeline calls it and does not require it; panels send whole Unicode.
    pipeline_wan_i2v.__dict__["ftfy"] = SimpleNamespace(fix_text=str)


class _Animating(WanImageToVideoPipeline):
    def encode_image(self, image: Any, device: Any = None) -> Tensor:
        """CLIP's processor wants a picture, not numbers of 0..1."""
        return super().encode_image(image_of(image.cpu() * 2 - 1), device)


class Wan(Animator):
    """True guidance with a negative prompt."""

    name = "wan"

    @torch.no_grad()
    def condition(self, words: Words, guidance: float) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        prompt, unwanted = self.shell(self.components["scheduler"]).encode_prompt(
            prompt=plain.prompt,
            negative_prompt=plain.unwanted,
            do_classifier_free_guidance=self.reads_negative(guidance),
            max_sequence_length=WORDS,
        )
        return Conditioning({"prompt_embeds": prompt, "negative_prompt_embeds": unwanted}, notes)

    def shell(self, scheduler: Any) -> Any:
        modules: dict[str, Any] = {name: self.components.get(name) for name in MODULES}
        expands = bool(self.components.get("expand_timesteps"))
        return _Animating(**modules, scheduler=scheduler, expand_timesteps=expands)

    def arguments(self, shot: Shot) -> dict[str, Any]:
        return {"image": shot.picture}

    def look(self, picture: Tensor) -> Tensor:
        module = self.components["vae"]
        return vae.encode(module, picture[:, :, None].to(execution_device(module)))[:, :, 0]

    def middle(self, latents: Tensor, shot: Shot) -> Tensor:
        return latents[0, :, latents.shape[2] // 2]
