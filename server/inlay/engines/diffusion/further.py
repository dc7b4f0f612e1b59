"""Networks that lie beside a model and help it: one that makes maps of depth, and those that read a reference for FLUX.1."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from inlay.engines.diffusion.control import controlnet_from
from inlay.engines.diffusion.folders import network_of
from inlay.engines.diffusion.ip_adapter import encoder_from, ip_adapter_from
from inlay.engines.diffusion.z_image_control import z_image_controlnet
from inlay.engines.models.beside import DEPTH, REDUX
from inlay.engines.models.catalog import ModelEntry
from inlay.engines.models.steering_parts import CONTROLNET, IP_ADAPTER, IP_ADAPTER_FACE
from inlay.engines.models.steering_parts import IMAGE_ENCODER as CLIP

DEPTH_PROCESSOR = "depth_processor"
IMAGE_ENCODER, IMAGE_PROCESSOR, IMAGE_EMBEDDER = "image_encoder", "feature_extractor", "image_embedder"
"""As FLUX.1 Redux' folder calls its parts."""


def further_of(entry: ModelEntry, components: Mapping[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    """The components that the parts of `entry` bring. Raises InvalidInput where a file is not what its place says."""
    places = {name: Path(place) for name, place in entry.parts}
    made = _depth(places[DEPTH], dtype) if DEPTH in places else {}
    made |= _redux(places[REDUX], dtype) if REDUX in places else {}
    for part in (IP_ADAPTER, IP_ADAPTER_FACE):
        if part in places:
            made[part] = ip_adapter_from(places[part], components["unet"], dtype, part)
            made[IMAGE_ENCODER] = encoder_from(places[CLIP], dtype)
    for part, place in places.items():
        if part.startswith(CONTROLNET):
            held_by = "unet" in components
            made[part] = (
                controlnet_from(place, components["unet"], dtype, part)
                if held_by
                else z_image_controlnet(place, components["transformer"], dtype, part)
            )
    return made


def _depth(place: Path, dtype: torch.dtype) -> dict[str, Any]:
    from transformers import DepthAnythingForDepthEstimation
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

    return {
        DEPTH: network_of(DepthAnythingForDepthEstimation, place, dtype),
        DEPTH_PROCESSOR: DPTImageProcessorPil.from_pretrained(str(place), local_files_only=True),
    }


def _redux(place: Path, dtype: torch.dtype) -> dict[str, Any]:
    from diffusers.pipelines.flux.modeling_flux import ReduxImageEncoder
    from transformers import SiglipVisionModel
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    return {
        IMAGE_ENCODER: network_of(SiglipVisionModel, place / IMAGE_ENCODER, dtype),
        IMAGE_EMBEDDER: network_of(ReduxImageEncoder, place / IMAGE_EMBEDDER, dtype),
        IMAGE_PROCESSOR: SiglipImageProcessorPil.from_pretrained(str(place / IMAGE_PROCESSOR), local_files_only=True),
    }
