"""What ag-psd finds in the PSDs that Inlay writes: layers, masks, names, blend modes, pixels at 8 and 16 bit."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay import documents
from support.layered_ora import LIGHT_AT, MASK_AT, SHADE_AT, layered_ora, pictures
from support.psd_parts import parts_of

ROOT = Path(__file__).parents[3]
READER = ROOT / "tests" / "support" / "read_psd.mjs"
KINDS = [("uint8", "RGB"), ("uint8", "RGBA"), ("uint16", "RGB"), ("uint16", "RGBA"), ("uint8", "Y"), ("uint16", "Y")]


@dataclass(frozen=True)
class Read:
    """What ag-psd told of a file, and the folder where it put the samples, height x width x 4."""

    told: dict[str, Any]
    path: Path
    folder: Path

    @property
    def layers(self) -> list[dict[str, Any]]:
        """The lowest first."""
        return self.told["children"]

    def samples(self, image: dict[str, Any]) -> NDArray[Any]:
        found = np.fromfile(self.folder / image["name"], f"u{image['bytes']}")
        return found.reshape(image["height"], image["width"], 4)

    def pixels(self, layer: dict[str, Any]) -> NDArray[Any]:
        return self.samples(layer["image"])

    @property
    def merged(self) -> NDArray[Any]:
        """The merged picture; by its bytes where ag-psd cannot take it off its white ground."""
        if self.told["image"]:
            return self.samples(self.told["image"])
        data = self.path.read_bytes()
        _, channels, height, width, depth, _ = parts_of(data).header
        planes = np.frombuffer(parts_of(data).merged[2:], f">u{depth // 8}").reshape(channels, height, width)
        return np.moveaxis(planes, 0, -1)

    def mask(self, layer: dict[str, Any]) -> NDArray[Any]:
        """Height x width."""
        return self.samples(layer["mask"]["imageData"])[..., 0]


def read(path: Path) -> Read:
    assert (ROOT / "node_modules" / "ag-psd").exists(), "ag-psd not found; `make node_modules/.ready` installs it"
    folder = path.with_suffix(".read")
    folder.mkdir()
    done = subprocess.run(["node", READER, path, folder], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return Read(json.loads(done.stdout), path, folder)


def as_rgba(samples: NDArray[Any]) -> NDArray[Any]:
    """Y, YA, RGB or RGBA as ag-psd tells it: height x width x 4."""
    white = np.full_like(samples[..., :1], np.iinfo(samples.dtype).max)
    alpha = samples[..., -1:] if samples.shape[2] in (2, 4) else white
    colors = samples[..., : 3 if samples.shape[2] >= 3 else 1]
    return np.concatenate([np.broadcast_to(colors, (*colors.shape[:2], 3)), alpha], axis=-1)


@pytest.mark.parametrize(("dtype", "order"), KINDS)
def test_ag_psd_finds_the_picture_and_the_group_with_its_mask_above_it(tmp_path, document_of, edit_of, dtype, order):
    document = document_of(dtype, order, "sGray" if order == "Y" else "sRGB IEC61966-2.1")
    edit = edit_of(document)
    documents.write(tmp_path / "result.psd", document, [edit])

    seen = read(tmp_path / "result.psd")

    picture, group = seen.layers
    assert seen.told["bitsPerChannel"] == np.dtype(dtype).itemsize * 8
    assert picture["name"] == ("Layer 0" if document.has_alpha else "Background")
    assert np.array_equal(seen.pixels(picture), as_rgba(document.samples))
    assert (group["name"], group["blendMode"], group["opacity"], group["hidden"]) == (edit.name, "normal", 1, False)
    assert place_of(group["mask"]) == (edit.bounds.x, edit.bounds.y, edit.bounds.right, edit.bounds.bottom)
    assert (group["mask"]["defaultColor"], group["mask"]["disabled"]) == (0, False)
    assert np.array_equal(seen.mask(group), edit.mask)
    hidden, shown = group["children"]
    wanted = [(name, not visible) for name, _, visible in reversed(edit.layers)]
    assert [(layer["name"], layer["hidden"]) for layer in (hidden, shown)] == wanted
    for layer, (_, samples, _) in zip((shown, hidden), edit.layers, strict=True):
        assert np.array_equal(seen.pixels(layer), as_rgba(samples))


@pytest.mark.parametrize(("dtype", "order"), KINDS)
def test_the_merged_picture_is_what_the_layers_show_and_the_original_outside_the_mask(
    tmp_path, document_of, edit_of, dtype, order
):
    document = document_of(dtype, order, "sGray" if order == "Y" else "sRGB IEC61966-2.1")
    edit = edit_of(document)
    documents.write(tmp_path / "result.psd", document, [edit])

    seen = read(tmp_path / "result.psd")

    picture, group = seen.layers
    below, above = seen.pixels(picture).astype(float), seen.pixels(group["children"][1]).astype(float)
    white = np.iinfo(dtype).max
    expected, area = below.copy(), edit.bounds.slices
    share = seen.mask(group)[..., None] / white
    opaque = below[..., 3] == white  # Photoshop keeps what is partly transparent on white.
    expected[area] = below[area] * (1 - share) + above * share
    merged = seen.merged
    unchanged = np.ones(below.shape[:2], bool)
    unchanged[area] = edit.mask == 0
    assert np.abs(merged - expected)[opaque].max() <= 1
    assert np.array_equal(merged[unchanged & opaque], below[unchanged & opaque].astype(dtype))
    assert np.array_equal(merged[unchanged][..., 3], below[unchanged][..., 3])
    assert not np.array_equal(merged[opaque], below[opaque])


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_ag_psd_finds_every_layer_of_an_openraster_as_it_was(tmp_path, edit_of, dtype):
    (tmp_path / "original.ora").write_bytes(layered_ora(dtype))
    document = documents.read(tmp_path / "original.ora")
    documents.write(tmp_path / "result.psd", document, [edit_of(document)])

    seen = read(tmp_path / "result.psd")

    given = pictures(dtype)
    below, masked, hidden, shade, edit = seen.layers
    [light] = hidden["children"]
    told = [(layer["name"], layer["blendMode"], layer["hidden"]) for layer in (below, masked, hidden, light, shade)]
    assert told == [
        ("below", "normal", False),
        ("masked", "normal", False),
        ("set", "normal", True),
        ("light, größer 木箱", "screen", False),
        ("shade", "multiply", False),
    ]
    assert shade["opacity"] == pytest.approx(128 / 255)
    assert (shade["left"], shade["top"], light["left"], light["top"]) == (*SHADE_AT, *LIGHT_AT)
    assert (masked["mask"]["left"], masked["mask"]["top"]) == MASK_AT
    assert np.array_equal(seen.mask(masked), given["mask"][..., 3])
    [flipped] = masked["children"]
    for layer, name in ((below, "below"), (flipped, "flipped"), (light, "light"), (shade, "shade")):
        assert np.array_equal(seen.pixels(layer), given[name]), name
    assert edit["mask"]
    merged = seen.merged
    unchanged = np.ones(merged.shape[:2], bool)
    unchanged[edit["mask"]["top"] : edit["mask"]["bottom"], edit["mask"]["left"] : edit["mask"]["right"]] = False
    assert np.array_equal(merged[unchanged], given["merged"][unchanged])


def place_of(part: dict[str, int]) -> tuple[int, int, int, int]:
    return part["left"], part["top"], part["right"], part["bottom"]
