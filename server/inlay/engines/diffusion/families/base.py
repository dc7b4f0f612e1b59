"""The interface every family implements: pixels to latents, words to conditioning, and one run of its stock pipeline."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from inlay.engines.diffusion import vae
from inlay.engines.diffusion.caching import step_cache
from inlay.engines.diffusion.control import Hold
from inlay.engines.diffusion.devices import execution_device
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.further import DEPTH_PROCESSOR
from inlay.engines.diffusion.maps import depth_of
from inlay.engines.diffusion.schedulers import scheduler_like
from inlay.engines.diffusion.softmask import Seen, SoftMask, noised
from inlay.engines.models.beside import DEPTH
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.diffusion_family import DiffusionFamily

Pictures = tuple[Tensor, ...]
"""Each 1 x 3 x H x W in -1..1, of any size: the window, where it is shown, then the retoucher's references."""


class Purpose(NamedTuple):
    """What a picture of the retoucher's is for, and how much it counts, 0 .. 1."""

    role: str
    weight: float


STEP_NOISE = 2**32
"""Added to a variation's seed for the noise of ancestral schedulers, which must not repeat that of the start."""


@dataclass(frozen=True)
class Conditioning:
    """Encoded words, as the keyword arguments of the family's pipeline, for one sample.

    Tensors have a batch of one, lists one item. notes: sentences for the retoucher.
    """

    arguments: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def repeated(self, count: int) -> dict[str, Any]:
        """The arguments for a batch of `count`."""
        return {name: _repeated(value, count) for name, value in self.arguments.items()}


@dataclass(frozen=True)
class Run:
    """One denoising run over a batch of variations. Latents are normalised, never packed.

    start: 1 x C x h x w, what the first noise lies on, and what stays where the mask keeps it.
    noise: B x C x h x w, one sample per variation. mask: 1 x 1 x h x w, 0..1. references: each 1 x C' x h' x w', the pictures
    that go along (`DiffusionFamily.shows`, and the retoucher's). purposes: of the retoucher's, which are the last.
    hidden: 1 x C x h x w, the picture without what the mask covers, for families that were trained to see it.
    hole: 1 x 1 x H x W, the mask in pixels. holds: what it is held to, each of H x W.
    seeds: one a sample.
    steps: of the whole schedule; walked: how many of them are run, counted from its end.
    """

    conditioning: Conditioning
    start: Tensor
    noise: Tensor
    mask: Tensor
    hole: Tensor
    hidden: Tensor | None
    references: Pictures
    seeds: tuple[int, ...]
    steps: int
    walked: int
    guidance: float
    scheduler: str
    cache: bool
    seen: Seen
    purposes: tuple[Purpose, ...] = ()
    holds: tuple[Hold, ...] = ()

    @property
    def brought(self) -> tuple[tuple[Purpose, Tensor], ...]:
        """The retoucher's own pictures, as `Adapter.look` gave them."""
        return tuple(zip(self.purposes, self.references[len(self.references) - len(self.purposes) :], strict=True))

    @property
    def batch(self) -> int:
        return self.noise.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.hole.shape[-2], self.hole.shape[-1]


class Adapter(ABC):
    """One family's way through its stock diffusers pipeline, on modules that are already loaded."""

    name: ClassVar[str]
    factor: ClassVar[int] = 8
    """Pixels per latent, each way."""

    def __init__(self, components: Mapping[str, Any]) -> None:
        """components: the pipeline's modules by name, as model_index.json has them."""
        self.components = components

    @property
    def facts(self) -> DiffusionFamily:
        return DIFFUSION[self.name]

    @property
    def denoiser(self) -> Any:
        """The module that is run at every step."""
        return self.components["unet"] if "unet" in self.components else self.components["transformer"]

    @property
    def device(self) -> torch.device:
        """Where latents live while they are painted."""
        return execution_device(self.denoiser)

    @property
    def dtype(self) -> torch.dtype:
        return self.denoiser.dtype

    @property
    def sees_hidden(self) -> bool:
        """Whether the model was trained to see the picture with the mask cut out."""
        return False

    def encode(self, picture: Tensor) -> Tensor:
        """1 x 3 x H x W in -1..1 to latents of the denoiser's dtype; the mode of the distribution, never a sample."""
        return vae.encode(self.components["vae"], picture.to(self.device)).to(self.dtype)

    def decode(self, latents: Tensor) -> Tensor:
        """The inverse of `encode`: 1 x 3 x H x W float32, about -1..1."""
        return vae.decode(self.components["vae"], latents)

    def decode_with_alpha(self, latents: Tensor) -> Tensor:
        """The same as 1 x 4 x H x W, of families that paint what can be seen through (`DiffusionFamily.alpha`)."""
        raise NotImplementedError(self.name)

    @property
    def holds_by_hidden(self) -> bool:
        """Whether what holds it to a structure sees the picture with the mask cut out."""
        return False

    def look(self, picture: Tensor) -> Tensor:
        """A picture that goes along: 1 x 3 x H x W in -1..1 to latents."""
        return self.encode(picture)

    def look_for(self, picture: Tensor, role: str) -> Tensor:
        """The same of a picture of the retoucher's, by its role."""
        return self.look(picture)

    def map_of(self, picture: Tensor) -> Tensor:
        """What the family sees in the place of a picture (`Shown.MAP`): 1 x 3 x H x W in -1..1 to the same."""
        raise NotImplementedError(self.name)

    def depth_of(self, picture: Tensor) -> Tensor:
        """How near everything in a picture is, as a network beside the model tells: 1 x 3 x H x W in -1..1 to the same."""
        return depth_of(self.components[DEPTH], self.components[DEPTH_PROCESSOR], picture)

    def reads_negative(self, guidance: float) -> bool:
        """Whether a negative prompt has any effect: it is what guidance leads away from."""
        return self.facts.negative_prompt and guidance > 1

    @abstractmethod
    def condition(self, words: Words, guidance: float, pictures: Pictures) -> Conditioning:
        """Encode the words; pictures: for families whose text encoder looks at them."""

    @abstractmethod
    def shell(self, run: Run, scheduler: Any) -> Any:
        """A pipeline object of this run's own around the shared modules: pipelines are not re-entrant."""

    @abstractmethod
    def arguments(self, run: Run) -> dict[str, Any]:
        """What the pipeline is called with, beyond words, steps, generators and the callback."""

    def packed(self, latents: Tensor) -> Tensor:
        """Latents as the pipeline's loop holds them."""
        return latents

    def unpacked(self, latents: Tensor, height: int, width: int) -> Tensor:
        """The inverse of `packed`; height and width in latents."""
        return latents

    def strength(self, walked: int, steps: int) -> float:
        """The strength that makes the pipeline walk exactly `walked` of `steps`; 1.0 must be exact (SDXL: 0.9999 walks N-1)."""
        return 1.0 if walked == steps else (walked + 1e-4) / steps

    @torch.no_grad()
    def denoise(self, run: Run) -> Tensor:
        """B x C x h x w latents, as they are after the last step. Whatever `run.seen` raises ends it within that step."""
        scheduler = scheduler_like(self.components["scheduler"], run.scheduler, run.steps)
        mask = SoftMask(run.start, run.noise, run.mask, run.seen, packed=self.packed, unpacked=self.unpacked)
        shell = self.shell(run, scheduler)
        shell.set_progress_bar_config(disable=True)
        height, width = run.size
        with step_cache(self.denoiser, run.cache):
            shell(
                **run.conditioning.repeated(run.batch),
                **self.arguments(run),
                height=height,
                width=width,
                num_inference_steps=run.steps,
                generator=[torch.Generator("cpu").manual_seed(seed + STEP_NOISE) for seed in run.seeds],
                output_type="latent",
                callback_on_step_end=mask,
                callback_on_step_end_tensor_inputs=["latents"],
            )
        return mask.finished

    def begin(self, run: Run, scheduler: Any, timestep: Tensor) -> Tensor:
        """What the loop starts from: noise of the first step upon `run.start`, as the loop holds latents."""
        return noised(scheduler, self.packed(run.start.expand_as(run.noise)), self.packed(run.noise), timestep)

    def begun(self, run: Run, scheduler: Any, shift: float) -> Tensor:
        """What a loop starts from that knows no strength and is given `tail_of(run)`, its schedule shifted so."""
        ahead = deepcopy(scheduler)
        ahead.set_timesteps(sigmas=tail_of(run), mu=shift, device=run.noise.device)
        ahead.set_begin_index(0)
        return self.begin(run, ahead, ahead.timesteps[:1])


class FlowAdapter(Adapter):
    """A family that is trained by flow matching on 2 x 2 packed latents."""

    def strength(self, walked: int, steps: int) -> float:
        return flow_strength(walked, steps)

    def packed(self, latents: Tensor) -> Tensor:
        batch, channels, height, width = latents.shape
        cells = latents.reshape(batch, channels, height // 2, 2, width // 2, 2).permute(0, 2, 4, 1, 3, 5)
        return cells.reshape(batch, (height // 2) * (width // 2), channels * 4)

    def unpacked(self, latents: Tensor, height: int, width: int) -> Tensor:
        batch, _, depth = latents.shape
        cells = latents.reshape(batch, height // 2, width // 2, depth // 4, 2, 2).permute(0, 3, 1, 4, 2, 5)
        return cells.reshape(batch, depth // 4, height, width)


class CellAdapter(FlowAdapter):
    """A family trained by flow matching whose every latent is a token."""

    def packed(self, latents: Tensor) -> Tensor:
        return latents.flatten(2).transpose(1, 2)

    def unpacked(self, latents: Tensor, height: int, width: int) -> Tensor:
        return latents.transpose(1, 2).reshape(latents.shape[0], -1, height, width)


class Unseeing:
    """In the place of a pipeline's image processor, which would resize pictures whose pixels went in already."""

    @staticmethod
    def resize(image: Any, *_: Any, **__: Any) -> Any:
        return image

    @staticmethod
    def preprocess(*_: Any, **__: Any) -> Tensor:
        return torch.zeros(1, 1)


def tail_of(run: Run) -> list[float]:
    """The sigmas that a run walks, before the schedule's shift."""
    return np.linspace(1.0, 1 / run.steps, run.steps)[run.steps - run.walked :].tolist()


def shift_of(scheduler: Any, tokens: int) -> float:
    """How far the schedule of a picture of so many tokens is shifted, by the scheduler's own numbers."""
    config = scheduler.config
    least, most = config.get("base_image_seq_len", 256), config.get("max_image_seq_len", 4096)
    lower, upper = config.get("base_shift", 0.5), config.get("max_shift", 1.15)
    slope = (upper - lower) / (most - least)
    return tokens * slope + lower - slope * least


def flow_strength(walked: int, steps: int) -> float:
    """As `Adapter.strength`, for the pipelines that round the other way."""
    return 1.0 if walked == steps else (walked - 1e-4) / steps


def _repeated(value: Any, count: int) -> Any:
    if isinstance(value, Tensor):
        return value.repeat(count, *(1 for _ in range(value.ndim - 1)))
    return list(value) * count if isinstance(value, list) else value
