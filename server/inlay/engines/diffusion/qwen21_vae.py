"""Qwen-Image-2.1's VAE under the names that ComfyUI has for it, Wan 2.2's, whose stages hold their blocks; diffusers reads others.

https://github.com/Wan-Video/Wan2.2, wan/modules/vae2_2.py
"""

import re
from typing import Any

from torch import Tensor

_STAGE = re.compile(r"(encoder|decoder)\.(?:down|up)samples\.(\d+)\.(?:down|up)samples\.(\d+)\.(.+)")
_MIDDLE = re.compile(r"(encoder|decoder)\.middle\.([012])\.(.+)")
_BLOCK = {
    "residual.0.": "norm1.",
    "residual.2.": "conv1.",
    "residual.3.": "norm2.",
    "residual.6.": "conv2.",
    "shortcut.": "conv_shortcut.",
}
_ENDS = {"conv1.": "conv_in.", "head.0.": "norm_out.", "head.2.": "conv_out."}
_BETWEEN = {"conv1.": "quant_conv.", "conv2.": "post_quant_conv."}


def qwen21_vae(checkpoint: dict[str, Tensor], **_: Any) -> dict[str, Tensor]:
    """Under diffusers' names, and for single pictures: convolutions over time are one frame deep. Takes what it knows out."""
    found: dict[str, Tensor] = {}
    for name in [*checkpoint]:
        if own := _own(name):
            weight = checkpoint.pop(name)
            found[own] = weight.squeeze(2) if weight.ndim == 5 and weight.shape[2] == 1 else weight
    return found


def _own(name: str) -> str:
    if match := _STAGE.fullmatch(name):
        side, stage, place, rest = match.groups()
        blocks, sampler = ("down_blocks", "downsampler") if side == "encoder" else ("up_blocks", "upsampler")
        if rest.startswith(("resample.", "time_conv.")):
            return f"{side}.{blocks}.{stage}.{sampler}.{rest}"
        return _within(f"{side}.{blocks}.{stage}.resnets.{place}.", rest, _BLOCK)
    if match := _MIDDLE.fullmatch(name):
        side, place, rest = match.groups()
        if place == "1":
            return f"{side}.mid_block.attentions.0.{rest}"
        return _within(f"{side}.mid_block.resnets.{int(place) // 2}.", rest, _BLOCK)
    side, _, rest = name.partition(".")
    return _within(f"{side}.", rest, _ENDS) if side in ("encoder", "decoder") else _within("", name, _BETWEEN)


def _within(before: str, rest: str, known: dict[str, str]) -> str:
    return next((before + own + rest.removeprefix(old) for old, own in known.items() if rest.startswith(old)), "")
