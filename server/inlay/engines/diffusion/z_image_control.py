"""ControlNets of Z-Image (alibaba-pai's Fun-Controlnet-Union), from a folder as diffusers saves one or from their file alone.

A lone file has no configuration. What its shapes leave open, at which of the denoiser's layers its own act, is known for those
that were published: Union, and Union 2.0 and 2.1 (their config.json, as diffusers' `from_single_file` fetches it).
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inlay.engines.diffusion.fitting import FAILURES, clipped
from inlay.engines.diffusion.folders import network_of
from inlay.engines.diffusion.unpacking import unpacked
from inlay.engines.models.header import header_of
from inlay.engines.models.layouts import layout_of
from inlay.errors import InvalidInput

APART = {6: 5, 15: 2}
"""How many of the denoiser's layers lie from one of its own to the next, by how many it has: Union; Union 2.0 and 2.1."""

CELL = 4
"""Latents of a token."""

_EMBEDDER, _REFINER = "control_all_x_embedder.2-1.weight", "control_noise_refiner."
_PROJECTION = f"{_REFINER}0.before_proj.weight"


def z_image_controlnet(place: Path, transformer: Any, dtype: torch.dtype, part: str) -> Any:
    """The network, for that denoiser. Raises InvalidInput, naming the part."""
    from diffusers.models.controlnets.controlnet_z_image import ZImageControlNetModel

    if place.is_dir():
        return network_of(ZImageControlNetModel, place, dtype)
    header = header_of(place)
    layers = len({name.split(".")[1] for name in header.shapes if name.startswith("control_layers.")})
    if layers not in APART or _EMBEDDER not in header.shapes:
        limit = (
            f"{layers} layers of a ControlNet are not known to Inlay, where those of Union (6), 2.0 and 2.1 (15) are; "
            "give a folder as diffusers saves one (ZImageControlNetModel), with its config.json"
        )
        raise InvalidInput(f"parts.{part}", place, limit)
    try:
        weights = dict(unpacked(header, layout_of(header), dtype))
        refines = _refines(weights, layers)
        if refines == "control_layers":  # its file has a refiner that is not used
            weights = {name: tensor for name, tensor in weights.items() if not name.startswith(_REFINER)}
        width, seen = weights[_EMBEDDER].shape
        with torch.device("meta"):
            network = ZImageControlNetModel(
                control_layers_places=[APART[layers] * number for number in range(layers)],
                control_refiner_layers_places=[0, 1] if refines else [],
                control_in_dim=seen // CELL,
                add_control_noise_refiner=refines,
                dim=width,
                n_refiner_layers=len({name.split(".")[1] for name in header.shapes if name.startswith(_REFINER)}),
                n_heads=transformer.config.n_heads,
                n_kv_heads=transformer.config.n_kv_heads,
                norm_eps=transformer.config.norm_eps,
                qk_norm=transformer.config.qk_norm,
            )
        network.load_state_dict(weights, strict=True, assign=True)
    except FAILURES as error:
        limit = f"it must be a whole ControlNet for the model's own transformer: {clipped(str(error))}"
        raise InvalidInput(f"parts.{part}", place, limit) from error
    return network.eval()


def _refines(weights: dict[str, Tensor], layers: int) -> Any:
    """What of it looks at the picture before the denoiser's first layer: nothing (Union), its layers (2.0), its refiner (2.1)."""
    if layers == min(APART):
        return None
    projection = weights.get(_PROJECTION)
    return "control_layers" if projection is None or not bool(projection.any()) else "control_noise_refiner"
