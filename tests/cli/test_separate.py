"""`inlay separate` for real files: the layers, read by psd-tools, ag-psd and Pillow, add up to the picture, bit for bit."""

import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from psd_tools import PSDImage
from skimage import data

from cli.conftest import Run, Serving

pytestmark = pytest.mark.slow

READER = Path(__file__).parents[1] / "support/read_psd.mjs"
Samples = NDArray[Any]


def photograph(dtype: str) -> Samples:
    picture = np.ascontiguousarray(data.astronaut()[20:140, 150:300])
    return picture if dtype == "uint8" else picture.astype(np.uint16) * 257 - (picture > 0) * np.uint16(77)


def stacked(layers: list[tuple[int, int, Samples]], height: int, width: int) -> Samples:
    """The lowest first; each laid on what is below, rounded half up. The lowest is opaque where the others are."""
    white = int(np.iinfo(layers[0][2].dtype).max)
    shown = np.zeros((height, width, 3), np.int64)
    for x, y, samples in layers:
        rows, columns = slice(y, y + samples.shape[0]), slice(x, x + samples.shape[1])
        color, alpha = samples[..., :3].astype(np.int64), samples[..., 3:].astype(np.int64)
        shown[rows, columns] = (2 * (color * alpha + shown[rows, columns] * (white - alpha)) + white) // (2 * white)
    return shown


def files_of(tmp_path: Path, dtype: str) -> tuple[Path, Path, Samples]:
    picture = photograph(dtype)
    y, x = np.mgrid[0:120, 0:150]
    soft = np.clip((30 - np.hypot(x - 75, y - 60)) / 5, 0, 1)
    photo, mask = tmp_path / "photo.png", tmp_path / "mask.png"
    photo.write_bytes(imagecodecs.png_encode(picture))
    mask.write_bytes(imagecodecs.png_encode(np.rint(soft * 255).astype(np.uint8)))
    return photo, mask, picture


def with_psd_tools(file: Path, dtype: str) -> list[tuple[int, int, Samples]]:
    psd = PSDImage.open(file)
    found = []
    for layer in psd.descendants():
        if layer.is_group():
            continue
        planes = {
            info.id: np.frombuffer(channel.get_data(layer.width, layer.height, psd.depth, 1), f">u{psd.depth // 8}")
            for info, channel in zip(layer._record.channel_info, layer._channels, strict=True)
        }
        shape = (layer.height, layer.width)
        planes.setdefault(-1, np.full(shape, np.iinfo(dtype).max, f">u{psd.depth // 8}"))  # an opaque layer has none
        found.append(
            (layer.left, layer.top, np.dstack([planes[i].reshape(shape) for i in (0, 1, 2, -1)]).astype(dtype))
        )
    return found


def with_ag_psd(file: Path, dtype: str, room: Path) -> list[tuple[int, int, Samples]]:
    said = subprocess.run(["node", str(READER), str(file), str(room)], capture_output=True, text=True, check=True)
    found = []

    def walk(layers: list[dict[str, Any]]) -> None:
        for layer in layers:
            if layer.get("children"):
                walk(layer["children"])
            elif layer["image"]:
                image = layer["image"]
                samples = np.fromfile(room / image["name"], dtype).reshape(image["height"], image["width"], 4)
                found.append((layer["left"], layer["top"], samples))

    told = json.loads(said.stdout)
    walk(told["children"])
    return found


Tree = list[tuple[str, str | None, list[Any]]]
"""Each layer's name, blending and what is in it, the lowest first; groups blend in two ways that come to the same here."""


def named_by_psd_tools(parent: Any) -> Tree:
    return [
        (layer.name, None, named_by_psd_tools(layer))
        if layer.is_group()
        else (layer.name, layer.blend_mode.name.lower(), [])
        for layer in parent
    ]


def named_by_ag_psd(layers: list[dict[str, Any]]) -> Tree:
    return [
        (layer["name"], None, named_by_ag_psd(layer["children"]))
        if layer.get("children")
        else (layer["name"], layer["blendMode"], [])
        for layer in layers
    ]


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_psds_layers_are_the_picture_for_two_readers(inlay: Run, server: Serving, tmp_path: Path, dtype: str) -> None:
    photo, mask, picture = files_of(tmp_path, dtype)
    out = tmp_path / "out.psd"
    said = inlay("separate", photo, "--mask", mask, "--out", out, "--tier", "draft", "--json", "--data", server.data)
    assert said.code == 0, said.err
    assert said.json["layers"] == ["Subject", "Clean plate"]
    told = json.loads(
        subprocess.run(["node", str(READER), str(out), str(tmp_path)], capture_output=True, check=True).stdout
    )
    tree = [
        ("Background", "normal", []),
        ("Separate", None, [("Clean plate", "normal", []), ("Subject", "normal", [])]),
    ]
    assert named_by_ag_psd(told["children"]) == tree
    assert named_by_psd_tools(PSDImage.open(out)) == tree
    for layers in (with_psd_tools(out, dtype), with_ag_psd(out, dtype, tmp_path)):
        assert len(layers) == 3
        original, plate, subject = layers
        assert np.array_equal(original[2][..., :3], picture)
        assert np.array_equal(stacked([plate, subject], 120, 150), picture)
        assert 0 < (subject[2][..., 3] > 0).sum() < 0.5 * 120 * 150
        assert (plate[2][..., :3] != picture).any(axis=-1).sum() > 1000, "nothing was erased from the plate"


def test_an_openrasters_layers_are_the_picture(inlay: Run, server: Serving, tmp_path: Path) -> None:
    photo, mask, picture = files_of(tmp_path, "uint16")
    out = tmp_path / "out.ora"
    asked = ("--mask", mask, "--edge", "hair", "--tier", "draft")
    said = inlay("separate", photo, *asked, "--out", out, "--data", server.data)
    assert said.code == 0, said.err
    layers = []
    with zipfile.ZipFile(out) as archive:
        root = ElementTree.fromstring(archive.read("stack.xml")).find("stack")
        assert root is not None
        for element in reversed(list(root.iter("layer"))):
            samples = imagecodecs.png_decode(io.BytesIO(archive.read(element.get("src", ""))).read())
            layers.append((int(element.get("x", "0")), int(element.get("y", "0")), samples))
        merged = imagecodecs.png_decode(archive.read("mergedimage.png"))
    assert np.array_equal(layers[0][2][..., :3], picture)
    assert np.array_equal(stacked(layers[1:], 120, 150), picture)
    x, y, subject = layers[2]
    selected = imagecodecs.png_decode(mask.read_bytes())[y : y + subject.shape[0], x : x + subject.shape[1]]
    assert np.abs(subject[..., 3] / 65535 - selected / 255).max() > 0.1, "the mask's edge, and none that was found"
    assert np.array_equal(merged[..., :3], picture)


def test_a_file_without_layers_is_refused_before_any_work(inlay: Run, tmp_path: Path) -> None:
    photo, mask, _ = files_of(tmp_path, "uint8")
    said = inlay("separate", photo, "--mask", mask, "--out", tmp_path / "out.png")
    assert said.code == 2
    assert "layers are what comes of it" in said.err
