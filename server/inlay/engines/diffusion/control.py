"""ControlNets: networks that look at a map of structure, and hold a denoiser to it while it paints.

Zhang et al. 2023, arXiv 2302.05543. diffusers has a pipeline for each family with each kind of ControlNet; here the ControlNet is
asked before every call of the denoiser, as those pipelines do it, and what it answers goes in with the call.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from inlay.engines.diffusion.fitting import FAILURES, clipped
from inlay.engines.diffusion.folders import network_of
from inlay.engines.diffusion.unpacking import unpacked
from inlay.engines.models.header import header_of
from inlay.engines.models.layouts import layout_of
from inlay.engines.models.steering_parts import CONTROLNET, controlnet_for
from inlay.errors import InvalidInput
from inlay.structure import COMPOSITION, DEPTH, EDGES, LINES, POSE, SOFT_EDGES, TILE, Structure

MODES: Mapping[str, int] = {POSE: 0, DEPTH: 1, SOFT_EDGES: 2, COMPOSITION: 2, EDGES: 3, LINES: 3, TILE: 6}
"""The numbers that ControlNet-Union was trained with (xinsir/controlnet-union-sdxl-1.0); the last in ProMax alone."""

STANDS_FOR: Mapping[str, str] = {COMPOSITION: SOFT_EDGES}
"""A kind whose map another kind's ControlNet reads."""


class Hold(NamedTuple):
    """What a run is held to, and the map of that: 1 x 3 x H x W in 0..1."""

    structure: Structure
    shape: Tensor


Call = Callable[[tuple[Any, ...], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]]
"""From a call of the denoiser, arguments and named ones, to the call that is made in its place."""


def part_for(kind: str, parts: Mapping[str, Any]) -> str:
    """The part that holds to a kind of structure: the one for it alone before the one for all. Empty: there is none."""
    names = (controlnet_for(kind), controlnet_for(STANDS_FOR.get(kind, kind)), CONTROLNET)
    return next((name for name in names if name in parts), "")


@contextmanager
def before_each(denoiser: Any, call: Call) -> Generator[None]:
    """Have `call` stand before every call of `denoiser`."""

    def stand_before(_: Any, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return call(given, named)

    hook = denoiser.register_forward_pre_hook(stand_before, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()


RESIDUALS = ("down_block_additional_residuals", "mid_block_additional_residual")
"""Where a UNet's call takes what ControlNets answer."""


def held(network: Any, shape: Tensor, structure: Structure) -> Call:
    """A UNet's calls with what `network` answers to a map, 1 x 3 x H x W in 0..1, added to what others answered."""
    channels = network.config.in_channels
    is_union = hasattr(network.config, "num_control_type")

    def call(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        sample, when = given[:2]
        batch = sample.shape[0]
        seen = shape.to(sample).repeat(batch, 1, 1, 1)
        told = {name: value for name, value in (named.get("added_cond_kwargs") or {}).items() if name != "image_embeds"}
        options: dict[str, Any] = {"controlnet_cond": seen}
        if is_union:
            mode = MODES[structure.kind]
            flags = torch.zeros(1, network.config.num_control_type, device=sample.device, dtype=sample.dtype)
            flags[0, mode] = 1
            options = {"controlnet_cond": [seen], "control_type": flags.repeat(batch, 1), "control_type_idx": [mode]}
        down, middle = network(
            sample[:, :channels],
            when,
            encoder_hidden_states=named["encoder_hidden_states"],
            conditioning_scale=structure.strength,
            added_cond_kwargs=told or None,
            return_dict=False,
            **options,
        )
        before, before_middle = (named.get(name) for name in RESIDUALS)
        if before is not None:
            down = [one + other for one, other in zip(before, down, strict=True)]
            middle = before_middle + middle
        return given, {**named, **dict(zip(RESIDUALS, (down, middle), strict=True))}

    return call


def controlnet_from(place: Path, unet: Any, dtype: torch.dtype, part: str) -> Any:
    """A ControlNet for a UNet: a folder as diffusers saves it, or its file alone. Raises InvalidInput, naming the part."""
    from diffusers.models.controlnets.controlnet import ControlNetModel
    from diffusers.models.controlnets.controlnet_union import ControlNetUnionModel

    if place.is_dir():
        paper: Any = ControlNetModel.load_config(str(place), local_files_only=True)
        is_union = paper.get("_class_name") == ControlNetUnionModel.__name__
        network = network_of(ControlNetUnionModel if is_union else ControlNetModel, place, dtype)
    else:
        network = _alone(place, unet, dtype, part, ControlNetModel, ControlNetUnionModel)
    wanted, own = unet.config.cross_attention_dim, network.config.cross_attention_dim
    if wanted != own:
        raise InvalidInput(f"parts.{part}", place, f"it reads words of width {own}, and the model's are {wanted} wide")
    return network


def _alone(place: Path, unet: Any, dtype: torch.dtype, part: str, plain: Any, union: Any) -> Any:
    """A file's network has the model's own shape."""
    from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint

    header = header_of(place)
    weights = dict(unpacked(header, layout_of(header), dtype))
    kind = union if "task_embedding" in weights else plain
    model = SimpleNamespace(config=type(unet.config)({**unet.config, "in_channels": 4}))
    try:
        with torch.device("meta"):
            network = kind.from_unet(model, load_weights_from_unet=False)
            if kind is union:
                types, channels = weights["task_embedding"].shape
                told = {"num_control_type": types, "num_trans_channel": channels}
                told["num_proj_channel"] = weights["spatial_ch_projs.weight"].shape[0]
                config = {name: value for name, value in network.config.items() if name != "_use_default_values"}
                network = kind.from_config(config | told)
        if not any(name.startswith("controlnet_cond_embedding.") for name in weights):
            weights = convert_controlnet_checkpoint(weights, dict(network.config))
        network.load_state_dict(weights, strict=True, assign=True)
    except FAILURES as error:
        limit = f"it must be a whole ControlNet for the model's own UNet: {clipped(str(error))}"
        raise InvalidInput(f"parts.{part}", place, limit) from error
    return network
