"""LongCat-Image-Edit: edits a picture by instruction; FLUX.1's latents, Qwen2.5-VL's words."""

from typing import Any

import torch
from diffusers.pipelines.longcat_image.pipeline_longcat_image_edit import LongCatImageEditPipeline, prepare_pos_ids
from PIL import Image
from torch import Tensor

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.families.base import (
    Conditioning,
    FlowAdapter,
    Pictures,
    Run,
    Unseeing,
    shift_of,
    tail_of,
)
from inlay.engines.diffusion.families.qwen_image_edit import image_of
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "tokenizer", "text_processor", "transformer")

SEEN_SIDE = 512
"""The text encoder looks at the picture at the area of such a square, half of what the pipeline paints."""


class _Editing(LongCatImageEditPipeline):
    start: Tensor
    reference: Tensor
    size: tuple[int, int]

    def __call__(self, *_: Any, **given: Any) -> Any:
        """It has no callback: what would be called stands behind the scheduler's step, which is this run's own."""
        height, width = given.pop("height"), given.pop("width")
        self.size = (height, width)
        called = given.pop("callback_on_step_end")
        del given["callback_on_step_end_tensor_inputs"]
        step = self.scheduler.step
        done = 0

        def stepped(noise: Tensor, timestep: Any, latents: Tensor, **options: Any) -> tuple[Tensor]:
            nonlocal done
            (after,) = step(noise, timestep, latents, **options)
            found = called(self, done, timestep, {"latents": after})
            done += 1
            return (found["latents"],)

        self.scheduler.step = stepped
        self.image_processor = Unseeing()
        return super().__call__(image=Image.new("RGB", (width, height)), **given)

    def encode_prompt(self, *_: Any, **given: Any) -> tuple[Tensor, Tensor]:
        prompt_embeds: Tensor | None = given.get("prompt_embeds")
        if prompt_embeds is None:
            return super().encode_prompt(**given)
        places = prepare_pos_ids(modality_id=0, type="text", start=(0, 0), num_token=prompt_embeds.shape[1])
        return prompt_embeds, places.to(prompt_embeds.device)

    def prepare_latents(self, *given: Any, **__: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        words = given[6]
        height, width = (side // (2 * self.vae_scale_factor) for side in self.size)
        ours, theirs = (
            prepare_pos_ids(modality_id=kind, type="image", start=(words, words), height=height, width=width)
            for kind in (1, 2)
        )
        device = self.start.device
        return self.start, self.reference, ours.to(device), theirs.to(device)


class LongCatEdit(FlowAdapter):
    """True guidance with a negative prompt; the picture it edits is as large as what it paints."""

    name = "longcat_edit"

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        plain, notes = prompts.unweighted(words)
        shell = self._pipeline(self.components["scheduler"])
        (picture,) = pictures
        scale = SEEN_SIDE / (picture.shape[-1] * picture.shape[-2]) ** 0.5
        size = (round(picture.shape[-1] * scale), round(picture.shape[-2] * scale))
        seen = image_of(picture).resize(size, Image.Resampling.LANCZOS)
        with torch.no_grad():
            encoded = {"prompt_embeds": shell.encode_prompt(prompt=plain.prompt, image=seen)[0]}
            if self.reads_negative(guidance):
                encoded["negative_prompt_embeds"] = shell.encode_prompt(prompt=plain.unwanted, image=seen)[0]
        return Conditioning(encoded, notes)

    def shell(self, run: Run, scheduler: Any) -> Any:
        (reference,) = run.references
        shell = self._pipeline(scheduler)
        shell.start = self.begun(run, scheduler, shift_of(scheduler, run.start[0, 0].numel() // 4))
        shell.reference = self.packed(reference).repeat(run.batch, 1, 1)
        return shell

    def _pipeline(self, scheduler: Any) -> Any:
        modules: dict[str, Any] = {name: self.components.get(name) for name in MODULES}
        return _Editing(**modules, scheduler=scheduler)

    def arguments(self, run: Run) -> dict[str, Any]:
        return {"sigmas": tail_of(run), "guidance_scale": run.guidance}
