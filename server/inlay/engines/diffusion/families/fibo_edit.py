"""FIBO-Edit: edits by an instruction in JSON; what the mask covers is grey in the picture that it is shown."""

import json
from typing import Any

import torch
from diffusers.pipelines.bria_fibo.pipeline_bria_fibo_edit import BriaFiboEditPipeline, is_valid_edit_json
from PIL import Image
from torch import Tensor

from inlay.engines.diffusion import prompts
from inlay.engines.diffusion.families.base import CellAdapter, Conditioning, Pictures, Run, shift_of, tail_of
from inlay.engines.diffusion.families.qwen_image import QwenImage
from inlay.engines.diffusion.families.words import Words

MODULES = ("vae", "text_encoder", "tokenizer", "transformer")
PLAIN_WORDS = (
    "FIBO-Edit was trained on instructions in JSON, which its makers have another model write: "
    "plain words went in as `edit_instruction` alone. It takes the whole JSON as a prompt too."
)
_WORDS = ("embeds", "layers", "counts")


class _Editing(BriaFiboEditPipeline):
    start: Tensor
    reference: Tensor
    tail: list[float]
    words: dict[str, Tensor]

    def __call__(self, *_: Any, **given: Any) -> Any:
        self.words = {name: given.pop(name) for name in [*given] if name.removeprefix("negative_") in _WORDS}
        batch = len(self.words["embeds"])
        walk = self.scheduler.set_timesteps

        def walked(
            num_inference_steps: Any = None,
            device: Any = None,
            sigmas: Any = None,
            mu: Any = None,
            timesteps: Any = None,
        ) -> None:
            walk(sigmas=self.tail, device=device, mu=mu)

        self.scheduler.set_timesteps = walked  # it knows no strength; the scheduler is this run's own
        return super().__call__(prompt=[json.dumps({"edit_instruction": ""})] * batch, **given)

    def encode_prompt(self, *_: Any, **__: Any) -> tuple[Any, ...]:
        told = self.words
        embeds = told["embeds"]
        places = torch.zeros(embeds.shape[1], 3, device=embeds.device, dtype=embeds.dtype)
        layers = [[*told[name].unbind(1)] if name in told else None for name in ("layers", "negative_layers")]
        return (
            embeds,
            told.get("negative_embeds"),
            places,
            told["counts"],
            told.get("negative_counts"),
            *layers,
        )

    def prepare_latents(
        self, batch_size: int, _channels: int, height: int, width: int, dtype: Any, device: Any, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        rows, columns = height // self.vae_scale_factor, width // self.vae_scale_factor
        return self.start, self._prepare_latent_image_ids(batch_size, rows, columns, device, dtype)

    def prepare_reference_latents(self, *_: Any, **given: Any) -> tuple[Tensor, Tensor]:
        rows, columns = self.reference.shape[-2:]
        places = self._prepare_latent_image_ids(1, rows, columns, given["device"], given["dtype"])
        places[..., 0] = given["reference_index"]
        return self.reference.flatten(2).transpose(1, 2).to(given["dtype"]), places


class FiboEdit(CellAdapter, QwenImage):
    """SmolLM3's words, every layer of them; the VAE of Wan 2.2, whose latents of 16 x 16 px are not packed."""

    name = "fibo_edit"
    pipeline = _Editing
    modules = MODULES
    factor = 16

    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        plain, notes = words, ()
        if not is_valid_edit_json(words.prompt):
            plain, notes = prompts.unweighted(words)
            notes = (*notes, PLAIN_WORDS)
        shell = self._pipeline(self.components["scheduler"], BriaFiboEditPipeline)
        with torch.no_grad():
            embeds, negative, _, counts, negative_counts, layers, negative_layers = shell.encode_prompt(
                instruction(plain.prompt),
                device=torch.device(prompts.device_of(self.components)),
                guidance_scale=guidance,
                negative_prompt=plain.unwanted,
            )
        encoded = {"embeds": embeds, "counts": counts, "layers": torch.stack([*layers], 1)}
        if negative is not None:
            stacked = torch.stack([*negative_layers], 1)
            encoded |= {"negative_embeds": negative, "negative_counts": negative_counts, "negative_layers": stacked}
        return Conditioning(encoded, notes)

    def shell(self, run: Run, scheduler: Any) -> Any:
        (reference,) = run.references
        shell = self._pipeline(scheduler, self.pipeline)
        shell.start = self.begun(run, scheduler, shift_of(scheduler, run.start[0, 0].numel()))
        shell.reference, shell.tail = reference, tail_of(run)
        return shell

    def arguments(self, run: Run) -> dict[str, Any]:
        # The pixels went into `reference`, in float.
        return {"image": Image.new("RGB", (16, 16)), "guidance_scale": run.guidance}


def instruction(prompt: str) -> str:
    """The JSON that the model was trained on, of which plain words are the one field that has to be there."""
    return prompt if is_valid_edit_json(prompt) else json.dumps({"edit_instruction": prompt})
