"""Graphs of core nodes, as ComfyUI exports them for its API."""

import copy
import json
from pathlib import Path

PICTURE = {"class_type": "LoadImage", "inputs": {"image": "example.png"}, "_meta": {"title": "Inlay picture"}}
MASK = {
    "class_type": "LoadImageMask",
    "inputs": {"image": "example.png", "channel": "red"},
    "_meta": {"title": "inlay:mask"},
}
SAVE = {
    "class_type": "SaveImage",
    "inputs": {"images": ["4", 0], "filename_prefix": "ComfyUI"},
    "_meta": {"title": "Inlay output"},
}
INVERT = {
    "1": PICTURE,
    "2": MASK,
    "3": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}, "_meta": {"title": "Invert"}},
    "4": {
        "class_type": "ImageCompositeMasked",
        "inputs": {
            "destination": ["1", 0],
            "source": ["3", 0],
            "mask": ["2", 0],
            "x": 0,
            "y": 0,
            "resize_source": False,
        },
    },
    "9": SAVE,
}
"""Inside the mask the picture turned round, outside as it is."""

HOSTILE = {
    "1": PICTURE,
    "2": {"class_type": "ImageScaleBy", "inputs": {"image": ["1", 0], "upscale_method": "bicubic", "scale_by": 1.02}},
    "4": {"class_type": "ImageCrop", "inputs": {"image": ["2", 0], "x": 11, "y": 7, "width": 1008, "height": 632}},
    "9": SAVE,
}
"""All of it 2 % larger, moved and cut, and no mask at all."""


def slow(steps: int = 3, seconds: float = 0.02) -> dict:
    sampler = {
        "class_type": "SlowPreview",
        "inputs": {"image": ["1", 0], "steps": steps, "seconds": seconds, "seed": 0},
        "_meta": {"title": "Inlay sampler"},
    }
    return {"1": PICTURE, "4": sampler, "9": SAVE}


def in_alpha() -> dict:
    """The mask is the picture's own alpha."""
    graph = copy.deepcopy(INVERT)
    del graph["2"]
    graph["4"]["inputs"]["mask"] = ["1", 1]
    return graph


def written(graph: dict, place: Path) -> Path:
    place.write_text(json.dumps(graph))
    return place
