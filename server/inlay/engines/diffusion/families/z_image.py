"""Z-Image: a transformer that reads words and picture in one sequence; latents are not packed."""

from functools import partial
from typing import Any

import torch
from diffusers.pipelines.z_image.pipeline_z_image_img2img import ZImageImg2ImgPipeline
from torch import Tensor

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.families.base import Adapter, Conditioning, Pictures, Run, flow_strength
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "tokenizer", "transformer")


class _Painting(ZImageImg2ImgPipeline):
    start: Any

    def prepare_latents(self, image: Tensor, timestep: Tensor, *_: Any, **__: Any) -> Tensor:
        return self.start(timestep).float()


class ZImage(Adapter):
    """Qwen3 words. The Turbo model needs no guidance; 0 spares the second pass."""

    name = "z_image"

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        shell = self._pipeline(self.components["scheduler"])
        device = prompts.device_of(self.components)
        with torch.no_grad():
            wanted, unwanted = shell.encode_prompt(
                plain.prompt, device, do_classifier_free_guidance=guidance > 1, negative_prompt=plain.unwanted
            )
        return Conditioning({"prompt_embeds": wanted, "negative_prompt_embeds": unwanted}, notes)

    def strength(self, walked: int, steps: int) -> float:
        return flow_strength(walked, steps)

    def shell(self, run: Run, scheduler: Any) -> Any:
        shell = self._pipeline(scheduler)
        shell.start = partial(self.begin, run, scheduler)
        return shell

    def _pipeline(self, scheduler: Any) -> Any:
        modules: dict[str, Any] = {name: self.components.get(name) for name in MODULES}
        return _Painting(**modules, scheduler=scheduler)

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": torch.zeros(1, 3, *run.size),
            "strength": self.strength(run.walked, run.steps),
            # The pipeline adds guidance x (wanted - unwanted) to the wanted: one less than elsewhere.
            "guidance_scale": run.guidance - 1 if run.guidance > 1 else 0.0,
        }
