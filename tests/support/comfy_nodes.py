"""What the imitated ComfyUI's nodes make of files and of each other: what is lost there is lost here."""

import io
import json
import tempfile
from pathlib import Path

import imagecodecs
import numpy as np
import OpenEXR

COMBO = ["COMBO", {"options": ["one.safetensors"]}]
NODES: dict[str, dict] = {
    "LoadImage": {"input": {"required": {"image": [["example.png"], {"image_upload": True}]}}},
    "LoadImageMask": {
        "input": {"required": {"image": [["example.png"]], "channel": [["alpha", "red", "green", "blue"]]}}
    },
    "ImageInvert": {"input": {"required": {"image": ["IMAGE"]}}},
    "ImageCompositeMasked": {"input": {"required": {"destination": ["IMAGE"], "source": ["IMAGE"]}}},
    "ImageScaleBy": {"input": {"required": {"upscale_method": [["bicubic", "area"]], "scale_by": ["FLOAT", {}]}}},
    "ImageCrop": {"input": {"required": {"image": ["IMAGE"]}}},
    "SlowPreview": {"input": {"required": {"image": ["IMAGE"], "steps": ["INT", {}], "seed": ["INT", {}]}}},
    "SaveImage": {"input": {"required": {"images": ["IMAGE"]}}},
    "SaveImageAdvanced": {"input": {"required": {"images": ["IMAGE"], "format": COMBO}}},
    "UNETLoader": {
        "input": {"required": {"unet_name": [["flux1-fill-dev.safetensors"]], "weight_dtype": [["default"]]}}
    },
    "SendsAway": {"input": {"required": {"image": ["IMAGE"]}}, "api_node": True},
}


def loaded(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Picture and mask as LoadImage gives them: what is lost there is lost here."""
    if data[:4] == b"\x76\x2f\x31\x01":
        channels = OpenEXR.File(io.BytesIO(data)).channels()
        held = next(iter(channels.values())).pixels.astype(np.float32)
        if held.shape[1] % 32:
            held = np.rint(np.clip(held, 0, 1) * 255) / 255
        mask = 1 - held[..., 3] if held.shape[2] == 4 else np.zeros((64, 64), np.float32)
        return held[..., :3].astype(np.float32), mask
    samples = imagecodecs.png_decode(data)
    white = 65535 if samples.dtype == np.uint16 else 256 if samples.ndim == 2 else 255  # 8 bit gray never is white
    held = samples.astype(np.float32) / white
    if samples.ndim == 2:
        held = np.dstack([held] * 3)
    mask = 1 - held[..., 3] if held.shape[2] == 4 else np.zeros((64, 64), np.float32)
    return held[..., :3], mask


def exr(picture: np.ndarray) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "x.exr"
        header = {"compression": OpenEXR.NO_COMPRESSION, "type": OpenEXR.scanlineimage}
        OpenEXR.File(header, {"RGB": np.ascontiguousarray(picture, np.float32)}).write(str(place))
        return place.read_bytes()


def signature(graph: dict, node: str) -> str:
    """What decides a node's result: itself and all before it."""
    facts = graph[node]
    inputs = {
        name: [signature(graph, value[0]), value[1]] if isinstance(value, list) else value
        for name, value in facts["inputs"].items()
    }
    return json.dumps([facts["class_type"], inputs], sort_keys=True)


def ordered(graph: dict) -> list[str]:
    done: list[str] = []

    def visit(node: str) -> None:
        if node in done:
            return
        for value in graph[node]["inputs"].values():
            if isinstance(value, list):
                visit(value[0])
        done.append(node)

    for node in graph:
        visit(node)
    return done
