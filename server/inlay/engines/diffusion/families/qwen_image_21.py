"""Qwen-Image-2.1: words and the pictures that go along in one sequence, and a VAE that knows alpha."""

from typing import Any

import torch
from diffusers.pipelines.qwenimage21.pipeline_qwenimage21 import QwenImage21Pipeline
from PIL import Image
from torch import Tensor

from inlay.engines.diffusion import prompts, vae
from inlay.engines.diffusion.families.base import (
    CellAdapter,
    Conditioning,
    Pictures,
    Run,
    Unseeing,
    shift_of,
    tail_of,
)
from inlay.engines.diffusion.families.qwen_image_edit import image_of, reference_size
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "processor", "transformer")

REFERENCE_SIDE = 1024
"""The pipeline looks at every picture that goes along at the area of such a square; sides are multiples of 32."""


class _Painting(QwenImage21Pipeline):
    start: Tensor
    references: Pictures
    places: list[Tensor]

    def __call__(self, *_: Any, **given: Any) -> Any:
        self.image_processor = Unseeing()
        self.places = [given.pop(name) for name in ("places", "negative_places") if name in given]
        return super().__call__(**given)

    def encode_prompt(self, *_: Any, **given: Any) -> tuple[Tensor, None, Tensor]:
        # Its own asks for the places of the pictures, which its loop has no way to tell: wanted words first, then unwanted.
        return given["prompt_embeds"], None, self.places.pop(0)

    def prepare_latents(self, *_: Any, **__: Any) -> tuple[Tensor, Tensor | None]:
        if not self.references:
            return self.start, None
        tokens = torch.cat([one.flatten(2).transpose(1, 2) for one in self.references], dim=1)
        return self.start, tokens.repeat(len(self.start), 1, 1)


class QwenImage21(CellAdapter):
    """True guidance with a negative prompt; latents of 16 x 16 px are not packed.

    Pictures have three channels, which are opaque, or a fourth, and come out as they went in. The VAE sees all four; the encoder
    sees them on white, as it was trained.
    """

    name = "qwen_image_21"
    factor = 16

    def encode(self, picture: Tensor) -> Tensor:
        whole = picture if picture.shape[1] == 4 else torch.cat([picture, torch.ones_like(picture[:, :1])], 1)
        return vae.encode(self.components["vae"], whole.to(self.device).unsqueeze(2)).squeeze(2).to(self.dtype)

    def decode(self, latents: Tensor) -> Tensor:
        """What turns out transparent is laid on white, as its own encoder sees it."""
        picture = self.decode_with_alpha(latents)
        alpha = (picture[:, 3:].clamp(-1, 1) + 1) / 2
        return picture[:, :3] * alpha + (1 - alpha)

    def decode_with_alpha(self, latents: Tensor) -> Tensor:
        return vae.decode(self.components["vae"], latents.unsqueeze(2)).squeeze(2)

    def look(self, picture: Tensor) -> Tensor:
        width, height = _size(picture)
        seen = torch.nn.functional.interpolate(
            picture, (height, width), mode="bicubic", antialias=True, align_corners=False
        )
        return self.encode(seen.clamp(-1, 1))

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        reader = self._pipeline(QwenImage21Pipeline, self.components["scheduler"])
        seen = [image_of(one).resize(_size(one), Image.Resampling.LANCZOS) for one in pictures] or None
        told: dict[str, Any] = {"image": seen, "device": torch.device(prompts.device_of(self.components))}
        with torch.no_grad():
            embeds, _, places = reader.encode_prompt(plain.prompt, **told)
            encoded = {"prompt_embeds": embeds, "places": places}
            if self.reads_negative(guidance):
                embeds, _, places = reader.encode_prompt(plain.unwanted or " ", **told)
                encoded |= {"negative_prompt_embeds": embeds, "negative_places": places}
        return Conditioning(encoded, notes)

    def shell(self, run: Run, scheduler: Any) -> Any:
        shell = self._pipeline(_Painting, scheduler)
        shell.start = self.begun(run, scheduler, shift_of(scheduler, run.start[0, 0].numel()))
        shell.references = run.references
        return shell

    def _pipeline(self, kind: Any, scheduler: Any) -> Any:
        return kind(**{name: self.components.get(name) for name in MODULES}, scheduler=scheduler)

    def arguments(self, run: Run) -> dict[str, Any]:
        # Only their proportions are read; the pixels went into `references` and the words, in float.
        seen = [Image.new("RGB", (one.shape[-1], one.shape[-2])) for one in run.references] or None
        return {
            "image": seen,
            "output_resolution": REFERENCE_SIDE,
            "sigmas": tail_of(run),
            "true_cfg_scale": run.guidance,
            "use_kv_cache": True,  # fixed, as it rounds otherwise
        }


def _size(picture: Tensor) -> tuple[int, int]:
    return reference_size(picture.shape[-1], picture.shape[-2], REFERENCE_SIDE**2)
