"""FLUX.2 dev: klein's latents and ways with pictures, Mistral's words, and guidance that is an input of the model."""

from typing import Any

import torch
from diffusers.pipelines.flux2.pipeline_flux2 import Flux2Pipeline, compute_empirical_mu
from PIL import Image
from torch import Tensor

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.families.base import Conditioning, Pictures, Run, tail_of
from inlay.engines.diffusion.families.flux2_klein import MODULES, Flux2Klein, looked_at
from inlay.engines.diffusion.families.words import Words

STAND_IN = Image.new("RGB", (64, 64))
"""For each picture that goes along: its pixels went into the tokens, in float, and this is the least that is taken."""


class _Painting(Flux2Pipeline):
    start: Tensor
    references: Pictures

    def prepare_latents(self, *_: Any, height: int, width: int, **__: Any) -> tuple[Tensor, Tensor]:
        grid = torch.zeros(len(self.start), 1, height // Flux2Dev.factor, width // Flux2Dev.factor)
        return self.start, self._prepare_latent_ids(grid).to(self.start.device)

    def prepare_image_latents(self, images: Any, batch_size: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        return looked_at(self.references, batch_size, self._prepare_image_ids([*self.references]))


class Flux2Dev(Flux2Klein):
    """The pipeline has no strength: it is given the end of the schedule, and latents noised for it."""

    name = "flux2_dev"

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        shell = self._pipeline(self.components["scheduler"])
        with torch.no_grad():
            embeds, _ = shell.encode_prompt(plain.prompt, device=prompts.device_of(self.components))
        return Conditioning({"prompt_embeds": embeds}, notes)

    def reads_negative(self, guidance: float) -> bool:
        return False

    def shell(self, run: Run, scheduler: Any) -> Any:
        shell = self._pipeline(scheduler)
        shell.start = self.begun(run, scheduler, compute_empirical_mu(run.start[0, 0].numel(), run.steps))
        shell.references = run.references
        return shell

    def _pipeline(self, scheduler: Any) -> Any:
        modules: dict[str, Any] = {name: self.components.get(name) for name in MODULES}
        return _Painting(**modules, scheduler=scheduler)

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": [STAND_IN] * len(run.references) or None,
            "sigmas": tail_of(run),
            "guidance_scale": run.guidance,
        }
