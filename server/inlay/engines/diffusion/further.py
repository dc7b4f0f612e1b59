"""Networks that lie beside a model and help it: one that makes maps of depth, and those that read a reference for FLUX.1."""

from pathlib import Path
from typing import Any

import torch

from inlay.engines.diffusion.folders import network_of
from inlay.engines.models.beside import DEPTH, REDUX
from inlay.engines.models.catalog import ModelEntry

DEPTH_PROCESSOR = "depth_processor"
IMAGE_ENCODER, IMAGE_PROCESSOR, IMAGE_EMBEDDER = "image_encoder", "feature_extractor", "image_embedder"
"""As FLUX.1 Redux' folder calls its parts."""


def further_of(entry: ModelEntry, dtype: torch.dtype) -> dict[str, Any]:
    """The components that the parts of `entry` bring. Raises InvalidInput where a file is not what its place says."""
    places = {name: Path(place) for name, place in entry.parts}
    depth = _depth(places[DEPTH], dtype) if DEPTH in places else {}
    return depth | (_redux(places[REDUX], dtype) if REDUX in places else {})


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
