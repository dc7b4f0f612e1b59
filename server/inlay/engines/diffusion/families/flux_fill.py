"""FLUX.1 Fill: a transformer that sees the picture with the hole cut out, and the hole."""

from dataclasses import replace
from functools import partial
from typing import Any

import torch
from diffusers.pipelines.flux.pipeline_flux_fill import FluxFillPipeline
from torch import Tensor

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.devices import execution_device
from inlay.engines.diffusion.families.base import Conditioning, FlowAdapter, Pictures, Run
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.further import IMAGE_EMBEDDER, IMAGE_ENCODER, IMAGE_PROCESSOR
from inlay.engines.wording.syntax import weighs

MODULES = ("vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "transformer")
MAX_TOKENS = 512


class _Filling(FluxFillPipeline):
    start: Any
    seen: tuple[Tensor, Tensor]

    def prepare_latents(self, image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        latents = self.start(timestep)
        height, width = image.shape[-2] // (2 * self.vae_scale_factor), image.shape[-1] // (2 * self.vae_scale_factor)
        return latents, self._prepare_latent_image_ids(len(latents), height, width, latents.device, latents.dtype)

    def prepare_mask_latents(self, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        return self.seen


class FluxFill(FlowAdapter):
    """CLIP's pooled words, T5's words, guidance as an input of the model: no negative prompt, one pass a step."""

    name = "flux_fill"

    @property
    def sees_hidden(self) -> bool:
        return True

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        shell = _Filling(**modules_of(self.components), scheduler=self.components["scheduler"])
        return flux_words(self.components, words, shell)

    @torch.no_grad()
    def look(self, picture: Tensor) -> Tensor:
        """A reference as words, as Redux makes words of pictures: 1 x 729 x channels, as published."""
        encoder = self.components[IMAGE_ENCODER]
        samples = ((picture[0].float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()
        seen = self.components[IMAGE_PROCESSOR](
            images=[samples], return_tensors="pt", input_data_format="channels_first"
        )
        states = encoder(seen["pixel_values"].to(execution_device(encoder), encoder.dtype)).last_hidden_state
        return self.components[IMAGE_EMBEDDER](states).image_embeds

    def denoise(self, run: Run) -> Tensor:
        """Words of references go after the prompt's, the weaker the less they count."""
        words = run.conditioning.arguments["prompt_embeds"]
        said = [purpose.weight * found.to(words) for purpose, found in run.brought]
        joined = {**run.conditioning.arguments, "prompt_embeds": torch.cat([words, *said], dim=1)}
        return super().denoise(replace(run, conditioning=Conditioning(joined)))

    def shell(self, run: Run, scheduler: Any) -> Any:
        assert run.hidden is not None
        shell = _Filling(**modules_of(self.components), scheduler=scheduler)
        shell.start = partial(self.begin, run, scheduler)
        # Trained on masks of 0 and 1, one channel for each of a latent's 8 x 8 pixels.
        flags = torch.nn.functional.pixel_unshuffle((run.hole > 0).to(run.noise.dtype), self.factor)
        seen = (self.packed(flags), self.packed(run.hidden))
        shell.seen = (seen[0].repeat(run.batch, 1, 1), seen[1].repeat(run.batch, 1, 1))
        return shell

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": torch.zeros(1, 3, *run.size),
            "mask_image": torch.zeros(1, 1, *run.size),
            "strength": self.strength(run.walked, run.steps),
            "guidance_scale": run.guidance,
        }


def modules_of(components: Any) -> dict[str, Any]:
    """What every FLUX.1 pipeline is made of, without its scheduler."""
    return {name: components.get(name) for name in MODULES}


def flux_words(components: Any, words: Words, shell: Any, most: int = MAX_TOKENS) -> Conditioning:
    """FLUX.1's words, up to `most` of T5's tokens: plainly through `shell`; through compel where the prompt asks for weights."""
    if weighs(words.prompt):
        return Conditioning(*prompts.weighted_clip_and_t5(components, words))
    with torch.no_grad():
        embeds, pooled, _ = shell.encode_prompt(
            words.prompt, device=prompts.device_of(components), max_sequence_length=most
        )
    return Conditioning({"prompt_embeds": embeds, "pooled_prompt_embeds": pooled})
