"""A tiny random SAM 2 as transformers saves one: the real code, none of the weights."""

import json
from pathlib import Path
from typing import Any

import torch

SIDE = 64
_BACKBONE: dict[str, Any] = {
    "model_type": "sam2_hiera_det_model",
    "hidden_size": 8,
    "num_attention_heads": 1,
    "image_size": [SIDE, SIDE],
    "blocks_per_stage": [1, 1, 2, 1],
    "embed_dim_per_stage": [8, 16, 32, 64],
    "num_attention_heads_per_stage": [1, 1, 2, 2],
    "window_size_per_stage": [8, 8, 8, 8],
    "global_attention_blocks": [3],
    "window_positional_embedding_background_size": [2, 2],
}


def sam2() -> Any:
    from transformers import Sam2Config, Sam2Model
    from transformers.models.sam2.configuration_sam2 import Sam2VisionConfig

    torch.manual_seed(0)
    sees = Sam2VisionConfig(
        backbone_config=_BACKBONE,  # pyright: ignore[reportArgumentType]
        backbone_channel_list=[64, 32, 16, 8],
        backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
        fpn_hidden_size=16,
    )
    prompts = {"hidden_size": 16, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 4}
    masks = {"hidden_size": 16, "mlp_dim": 32, "num_attention_heads": 2, "iou_head_hidden_dim": 16}
    config: Any = Sam2Config
    model = Sam2Model(config(vision_config=sees, prompt_encoder_config=prompts, mask_decoder_config=masks)).eval()
    for weight in model.parameters():
        if weight.dim() > 1:  # as they come they are so small that every answer is grey
            torch.nn.init.normal_(weight, std=1.5 / weight[0].numel() ** 0.5)
    return model


def saved_sam2(folder: Path) -> Path:
    """With the name that the published ones have for themselves."""
    sam2().save_pretrained(folder)
    paper = folder / "config.json"
    paper.write_text(json.dumps(json.loads(paper.read_text()) | {"model_type": "sam2_video"}))
    return folder
