"""What the imitated ComfyUI's nodes make of files and of each other: what is lost there is lost here."""

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import OpenEXR

PIXELS = ["INT", {"default": 0, "min": 0, "max": 16384, "step": 1}]
SIDE = ["INT", {"default": 512, "min": 1, "max": 16384, "step": 1}]
SHARE = ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}]
UPLOAD = [["example.png"], {"image_upload": True}]
FORMAT = ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "png"}, {"key": "exr"}]}]


def _node(outputs: list[str], optional: dict | None = None, **required: list) -> dict:
    inputs = {"required": required} | ({"optional": optional} if optional else {})
    return {"input": inputs, "output": outputs, "output_node": not outputs or "images" in required, "api_node": False}


NODES: dict[str, dict] = {
    "LoadImage": _node(["IMAGE", "MASK"], image=UPLOAD),
    "LoadImageMask": _node(["MASK"], image=UPLOAD, channel=[["alpha", "red", "green", "blue"]]),
    "ImageInvert": _node(["IMAGE"], image=["IMAGE"]),
    "ImageCompositeMasked": _node(
        ["IMAGE"],
        {"mask": ["MASK", {}]},
        destination=["IMAGE", {}],
        source=["IMAGE", {}],
        x=PIXELS,
        y=PIXELS,
        resize_source=["BOOLEAN", {"default": False}],
    ),
    "ImageScaleBy": _node(
        ["IMAGE"],
        image=["IMAGE"],
        upscale_method=[["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]],
        scale_by=["FLOAT", {"default": 1.0, "min": 0.01, "max": 8.0, "step": 0.01}],
    ),
    "ImageCrop": _node(["IMAGE"], image=["IMAGE", {}], width=SIDE, height=SIDE, x=PIXELS, y=PIXELS),
    "SaveImage": _node(["IMAGE"], images=["IMAGE", {}], filename_prefix=["STRING", {"default": "ComfyUI"}]),
    "SaveImageAdvanced": _node(
        ["IMAGE"], images=["IMAGE", {}], filename_prefix=["STRING", {"default": "ComfyUI"}], format=FORMAT
    ),
    "CheckpointLoaderSimple": _node(["MODEL", "CLIP", "VAE"], ckpt_name=[["sd_xl_base_1.0.safetensors"]]),
    "DifferentialDiffusion": _node(["MODEL"], model=["MODEL", {}], strength=SHARE),
    "CLIPTextEncode": _node(["CONDITIONING"], text=["STRING", {}], clip=["CLIP", {}]),
    "InpaintModelConditioning": _node(
        ["CONDITIONING", "CONDITIONING", "LATENT"],
        positive=["CONDITIONING", {}],
        negative=["CONDITIONING", {}],
        vae=["VAE", {}],
        pixels=["IMAGE", {}],
        mask=["MASK", {}],
        noise_mask=["BOOLEAN", {"default": True}],
    ),
    "KSampler": _node(
        ["LATENT"],
        model=["MODEL", {}],
        positive=["CONDITIONING", {}],
        negative=["CONDITIONING", {}],
        latent_image=["LATENT", {}],
        seed=["INT", {"default": 0, "min": 0, "max": 2**64 - 1}],
        steps=["INT", {"default": 20, "min": 1, "max": 10_000}],
        cfg=["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0}],
        sampler_name=[["euler", "dpmpp_2m"]],
        scheduler=[["simple", "karras"]],
        denoise=SHARE,
    ),
    "ThresholdMask": _node(["MASK"], mask=["MASK", {}], value=SHARE),
    "LatentCompositeMasked": _node(
        ["LATENT"],
        {"mask": ["MASK", {}]},
        destination=["LATENT", {}],
        source=["LATENT", {}],
        x=PIXELS,
        y=PIXELS,
        resize_source=["BOOLEAN", {"default": False}],
    ),
    "VAEDecode": _node(["IMAGE"], samples=["LATENT", {}], vae=["VAE", {}]),
    "UNETLoader": _node(["MODEL"], unet_name=[["flux1-fill-dev.safetensors"]], weight_dtype=[["default"]]),
    "SlowPreview": _node(
        ["IMAGE"],
        image=["IMAGE"],
        steps=["INT", {"default": 3, "min": 1, "max": 100_000}],
        seconds=["FLOAT", {"default": 0.02, "min": 0.0, "max": 10.0}],
        seed=["INT", {"default": 0, "min": 0, "max": 2**64 - 1}],
    ),
    "SendsAway": _node(["IMAGE"], image=["IMAGE"]) | {"api_node": True},
}
"""As /object_info of 0.33 has them; the last three but one are of no ComfyUI or need what it has not."""


def is_output(facts: dict) -> bool:
    """Whether a node of a graph shows or writes something: what it needs is executed."""
    return NODES.get(facts["class_type"], {}).get("output_node", False)


def wrong_by_node(graph: dict, outputs: list[str], has_file: Callable[[str], bool]) -> tuple[dict, list[str]]:
    """What is wrong, as `node_errors` has it, and the outputs for which nothing is: those are executed without the others."""
    errors: dict[str, dict] = {}
    good: list[str] = []
    for output in outputs:
        found = {node: wrong for node in _before(graph, output) if (wrong := _wrong(graph, node, has_file))}
        for node, wrong in found.items():
            kind = graph[node]["class_type"]
            facts = errors.setdefault(node, {"errors": wrong, "dependent_outputs": [], "class_type": kind})
            facts["dependent_outputs"].append(output)
        if not found:
            good.append(output)
    return errors, good


def _before(graph: dict, node: str) -> list[str]:
    """A node and all that it needs, as far as they are there."""
    found = [node]
    for one in found:
        links = [value[0] for value in graph[one]["inputs"].values() if isinstance(value, list)]
        found += [link for link in dict.fromkeys(links) if link in graph and link not in found]
    return found


def _wrong(graph: dict, node: str, has_file: Callable[[str], bool]) -> list[dict]:
    given, known = graph[node]["inputs"], NODES[graph[node]["class_type"]]["input"]
    found: list[tuple[str, str, str]] = []
    for name, spec in (known["required"] | known.get("optional", {})).items():
        kind = spec[0]
        if name not in given:
            if name in known["required"]:
                found.append(("required_input_missing", "Required input is missing", name))
            continue
        value = given[name]
        if isinstance(value, list):
            if value[0] not in graph:
                found.append(
                    ("exception_during_inner_validation", "Exception when validating inner node", f"'{value[0]}'")
                )
                continue
            outputs = NODES[graph[value[0]]["class_type"]]["output"]
            if outputs[value[1]] != kind:
                details = f"{name}, received_type({outputs[value[1]]}) mismatch input_type({kind})"
                found.append(("return_type_mismatch", "Return type mismatch between linked nodes", details))
        elif name == "image" and kind == UPLOAD[0]:
            if not has_file(value):
                details = f"image - Invalid image file: {value}"
                found.append(("custom_validation_failed", "Custom validation failed for node", details))
        elif isinstance(kind, list):
            if value not in kind:
                found.append(("value_not_in_list", "Value not in list", f"{name}: '{value}' not in {kind}"))
        elif kind in ("INT", "FLOAT"):
            found += _number(name, value, kind, spec[1])
    return [
        {"type": kind, "message": message, "details": details, "extra_info": {}} for kind, message, details in found
    ]


def _number(name: str, value: object, kind: str, limits: dict) -> list[tuple[str, str, str]]:
    try:
        number = int(value) if kind == "INT" else float(value)
    except (TypeError, ValueError) as error:
        return [
            ("invalid_input_type", f"Failed to convert an input value to a {kind} value", f"{name}, {value}, {error}")
        ]
    if number < limits["min"]:
        return [("value_smaller_than_min", f"Value {number} smaller than min of {limits['min']}", name)]
    if number > limits["max"]:
        return [("value_bigger_than_max", f"Value {number} bigger than max of {limits['max']}", name)]
    return []


def loaded(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Picture and mask as LoadImage gives them: what is lost there is lost here."""
    if data[:4] == b"\x76\x2f\x31\x01":
        channels = OpenEXR.File(io.BytesIO(data)).channels()
        held = next(iter(channels.values())).pixels.astype(np.float32)
        if held.shape[1] % 32:
            held = np.rint(np.clip(held, 0, 1) * 4095) / 4095
        mask = 1 - held[..., 3] if held.shape[2] == 4 else np.zeros((64, 64), np.float32)
        return held[..., :3].astype(np.float32), mask
    samples = imagecodecs.png_decode(data)
    # 8 bit gray never is white: it goes by way of 16 bit, as 256 times what it is.
    white = 65535 if samples.dtype == np.uint16 else 65535 / 256 if samples.ndim == 2 else 255
    held = samples.astype(np.float32) / np.float32(white)
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


def ordered(graph: dict, outputs: tuple[str, ...]) -> list[str]:
    done: list[str] = []

    def visit(node: str) -> None:
        if node in done:
            return
        for value in graph[node]["inputs"].values():
            if isinstance(value, list):
                visit(value[0])
        done.append(node)

    for node in outputs:
        visit(node)
    return done
