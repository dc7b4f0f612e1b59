"""The interface of families that animate: one picture in, a clip of it out, through one run of the stock pipeline."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.engines.diffusion.devices import execution_device
from inlay.engines.diffusion.families.base import Conditioning
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.schedulers import scheduler_like
from inlay.engines.models.diffusion_family import DiffusionFamily
from inlay.engines.models.video_families import VIDEO

Seen = Callable[[int, Callable[[], Tensor]], None]
"""Called after each step with its number, from 1, and with what gives the latents of the middle picture, C x h x w. May raise."""


@dataclass(frozen=True)
class Shot:
    """One clip to be painted. picture: its first, 1 x 3 x H x W in 0..1. frames: how many. check: may raise between steps."""

    picture: Tensor
    frames: int
    fps: int
    conditioning: Conditioning
    seed: int
    steps: int
    guidance: float
    scheduler: str
    seen: Seen
    check: Callable[[], None]


class Animator(ABC):
    """One family's way through its stock diffusers pipeline, on modules that are already loaded."""

    name: ClassVar[str]

    def __init__(self, components: Mapping[str, Any]) -> None:
        """components: the pipeline's modules by name, as model_index.json has them."""
        self.components = components

    @property
    def facts(self) -> DiffusionFamily:
        return VIDEO[self.name]

    @property
    def device(self) -> torch.device:
        return execution_device(self.components["transformer"])

    def reads_negative(self, guidance: float) -> bool:
        """Whether a negative prompt has any effect: it is what guidance leads away from."""
        return guidance > 1

    @abstractmethod
    def condition(self, words: Words, guidance: float) -> Conditioning:
        """Encode the words."""

    @abstractmethod
    def shell(self, scheduler: Any) -> Any:
        """A pipeline object of this run's own around the shared modules: pipelines are not re-entrant."""

    @abstractmethod
    def arguments(self, shot: Shot) -> dict[str, Any]:
        """What the pipeline is called with, beyond words, sides, steps, generator and the callback."""

    @abstractmethod
    def look(self, picture: Tensor) -> Tensor:
        """1 x 3 x H x W in -1..1 to normalised latents 1 x C x h x w, float32."""

    @abstractmethod
    def middle(self, latents: Tensor, shot: Shot) -> Tensor:
        """The latents of the clip's middle picture, C x h x w, of latents as the pipeline's loop holds them."""

    @torch.no_grad()
    def animate(self, shot: Shot) -> NDArray[np.float32]:
        """The clip: frames x H x W x 3, 0..1. Whatever `shot.seen` or `shot.check` raises ends it within that step."""
        shell = self.shell(scheduler_like(self.components["scheduler"], shot.scheduler, shot.steps))
        shell.set_progress_bar_config(disable=True)
        height, width = shot.picture.shape[-2:]

        def stepped(_: Any, index: int, __: Any, given: dict[str, Tensor]) -> dict[str, Tensor]:
            shot.seen(index + 1, lambda: self.middle(given["latents"], shot))
            return {}

        with at_its_own_precision(self.components["vae"], shot.check):
            (video,) = shell(
                **shot.conditioning.arguments,
                **self.arguments(shot),
                height=height,
                width=width,
                num_frames=shot.frames,
                num_inference_steps=shot.steps,
                guidance_scale=shot.guidance,
                generator=torch.Generator("cpu").manual_seed(shot.seed),
                output_type="pt",
                callback_on_step_end=stepped,
                callback_on_step_end_tensor_inputs=["latents"],
                return_dict=False,
            )
        return np.ascontiguousarray(video[0].float().permute(0, 2, 3, 1).cpu().numpy())


@contextmanager
def at_its_own_precision(vae: Any, check: Callable[[], None]) -> Generator[None]:
    """A VAE that is given what it reads in its own number format, whatever its pipeline computes with.

    check: called between its parts, since a clip takes it as long as some steps.
    """

    def cast(module: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        check()
        return (given[0].to(next(module.parameters()).dtype), *given[1:])

    def look(_: Any, __: Any) -> None:
        check()

    parts = [*vae.encoder.children(), *vae.decoder.children()]
    blocks = [block for part in parts if isinstance(part, torch.nn.ModuleList) for block in part]
    hooks = [module.register_forward_pre_hook(cast) for module in (vae.encoder, vae.decoder)]
    hooks += [block.register_forward_pre_hook(look) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
