"""FLUX.2 klein: paints and edits; a picture may go along as more tokens."""

from functools import partial
from typing import Any

import torch
from diffusers.pipelines.flux2.pipeline_flux2_klein_inpaint import Flux2KleinInpaintPipeline
from torch import Tensor

from inlay.engines.diffusion import prompts, vae
from inlay.engines.diffusion.families.base import CellAdapter, Conditioning, Pictures, Run
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "tokenizer", "transformer")


class _Editing(Flux2KleinInpaintPipeline):
    start: Any
    references: Pictures

    def prepare_latents(
        self, image: Tensor, timestep: Tensor, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        latents = self.start(timestep)
        grid = torch.zeros(len(latents), 1, *image.shape[-2:])
        places = self._prepare_latent_ids(grid).to(latents.device)
        # What the pipeline would put back itself is never seen: its mask is wide open.
        return latents, latents, latents, latents, places

    def prepare_image_latents(self, images: Any, batch_size: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        if not self.references:
            none = torch.zeros(batch_size, 0, self.transformer.config.in_channels, device=self._execution_device)
            return none, none[..., :1].expand(-1, -1, 4)
        return looked_at(self.references, batch_size, self._prepare_image_ids([*self.references], batch_size))

    def prepare_mask_latents(self, *_: Any, **__: Any) -> Tensor:
        return torch.ones(1, 1, 1, device=self._execution_device, dtype=self.transformer.dtype)


def looked_at(references: Pictures, batch_size: int, places: Tensor) -> tuple[Tensor, Tensor]:
    """Pictures that go along, as tokens and where each token stands; places: 1 or B x tokens x 4."""
    tokens = torch.cat([one.flatten(2).transpose(1, 2) for one in references], dim=1)
    return tokens.repeat(batch_size, 1, 1), places.expand(batch_size, -1, -1).to(tokens.device)


class Flux2Klein(CellAdapter):
    """Qwen3 words; latents of 2 x 2 cells, normalised by the statistics that the VAE carries."""

    name = "flux2_klein"
    factor = 16

    def encode(self, picture: Tensor) -> Tensor:
        cells = torch.nn.functional.pixel_unshuffle(vae.encode(self._vae, picture.to(self.device)), 2)
        mean, std = self._statistics(cells)
        return ((cells - mean) / std).to(self.dtype)

    def decode(self, latents: Tensor) -> Tensor:
        mean, std = self._statistics(latents.float())
        return vae.decode(self._vae, torch.nn.functional.pixel_shuffle(latents.float() * std + mean, 2))

    @property
    def _vae(self) -> Any:
        return self.components["vae"]

    def _statistics(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        norm = self._vae.bn
        mean = norm.running_mean.view(1, -1, 1, 1).to(cells)
        return mean, torch.sqrt(norm.running_var.view(1, -1, 1, 1).to(cells) + self._vae.config.batch_norm_eps)

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        shell = self._pipeline(self.components["scheduler"])
        device = prompts.device_of(self.components)
        with torch.no_grad():
            encoded = {"prompt_embeds": shell.encode_prompt(plain.prompt, device=device)[0]}
            if self.reads_negative(guidance):
                encoded["negative_prompt_embeds"] = shell.encode_prompt(plain.unwanted, device=device)[0]
        return Conditioning(encoded, notes)

    def reads_negative(self, guidance: float) -> bool:
        return guidance > 1 and not self._distilled

    @property
    def _distilled(self) -> bool:
        return bool(self.components.get("is_distilled", False))

    def shell(self, run: Run, scheduler: Any) -> Any:
        shell = self._pipeline(scheduler)
        shell.start = partial(self.begin, run, scheduler)
        shell.references = run.references
        return shell

    def _pipeline(self, scheduler: Any) -> Any:
        modules: dict[str, Any] = {name: self.components.get(name) for name in MODULES}
        return _Editing(**modules, scheduler=scheduler, is_distilled=self._distilled)

    def arguments(self, run: Run) -> dict[str, Any]:
        return {
            "image": run.start,
            "mask_image": torch.ones(1, 1, *run.size),
            "strength": self.strength(run.walked, run.steps),
            "guidance_scale": run.guidance,
        }
