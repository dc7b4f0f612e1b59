"""Z-Image: a transformer that reads words and picture in one sequence; latents are not packed."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from diffusers.pipelines.z_image.pipeline_z_image_img2img import ZImageImg2ImgPipeline
from torch import Tensor

from inlay.engines.diffusion import control, prompts
from inlay.engines.diffusion.families.base import Adapter, Conditioning, Pictures, Run, flow_strength
from inlay.engines.diffusion.families.words import Words
from inlay.engines.models.steering_parts import CONTROLNET

MODULES = ("vae", "text_encoder", "tokenizer", "transformer")


SHARED = (
    "t_scale",
    "t_embedder",
    "all_x_embedder",
    "cap_embedder",
    "rope_embedder",
    "noise_refiner",
    "context_refiner",
    "x_pad_token",
    "cap_pad_token",
)
"""What a ControlNet of Z-Image uses of the transformer that it holds (`ZImageControlNetModel.from_transformer`)."""


@contextmanager
def _sharing(network: Any, transformer: Any) -> Generator[None]:
    """Lend it that for one run: as parts of both it would be moved about with either."""
    for name in SHARED:
        setattr(network, name, getattr(transformer, name))
    try:
        yield
    finally:
        for name in SHARED:
            setattr(network, name, None)


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

    @property
    def holds_by_hidden(self) -> bool:
        return CONTROLNET in self.components and self.components[CONTROLNET].config.control_in_dim > self._channels

    @property
    def _channels(self) -> int:
        return self.denoiser.config.in_channels

    def denoise(self, run: Run) -> Tensor:
        if not run.holds:
            return super().denoise(run)
        network = self.components[CONTROLNET]
        with _sharing(network, self.denoiser), control.before_each(self.denoiser, self._held(network, run)):
            return super().denoise(run)

    def _held(self, network: Any, run: Run) -> control.Call:
        """The calls of the transformer with what its ControlNet answers to the map, and to what is kept where it sees that."""
        ((structure, shape),) = run.holds
        seen = self.encode(shape * 2 - 1)
        if run.hidden is not None and network.config.control_in_dim > self._channels:
            seen = torch.cat([seen, 1 - (run.mask > 0).to(seen), run.hidden.to(seen)], dim=1)
        seen = seen[:, :, None]

        def call(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
            latents, when, words = given[:3]
            told = [one.to(latents[0].dtype) for one in seen.repeat(len(latents), 1, 1, 1, 1)]
            answer = network(latents, when, words, told, conditioning_scale=structure.strength)
            return given, {**named, "controlnet_block_samples": answer}

        return call

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
