"""Results that the Photoshop plugin placed in its fake host, written as real PSDs and read by psd-tools."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from psd_tools import PSDImage
from psd_tools.api.layers import Group, Layer
from psd_tools.composite import composite
from psd_tools.constants import BlendMode, ChannelID, Tag

from rpc.process import running_server

pytestmark = pytest.mark.slow

PLUGIN = Path(__file__).parents[2] / "photoshop_uxp"
KEY = b"studio_inlay"
KINDS = {
    "RGB-8-bit": "u1",
    "RGB-16-bit-Adobe-RGB": "u2",
    "RGB-16-bit-ProPhoto": "u2",
    "RGB-32-bit": "f4",
    "Gray-8-bit": "u1",
    "Gray-16-bit": "u2",
    "Lab-8-bit": "u1",
    "Lab-16-bit": "u2",
}


@dataclass(frozen=True)
class Written:
    """A PSD and what the plugin was given to put into it."""

    psd: PSDImage
    expected: dict[str, Any]
    sample: str

    def samples(self, hexadecimal: str) -> NDArray[Any]:
        """What the file holds for the plugin's samples: 16 bit goes to 65535 there, not to 32768."""
        values = np.frombuffer(bytes.fromhex(hexadecimal), f"<{self.sample}")
        return np.round(values * (65535 / 32768)).astype("u2") if self.sample == "u2" else values

    def mask(self) -> NDArray[Any]:
        """The selection in the document's depth, rows x columns."""
        eight = np.frombuffer(bytes.fromhex(self.expected["mask"]), "u1")
        region = self.expected["region"]
        scaled = {
            "u1": eight,
            "u2": np.round(np.round(eight * (32768 / 255)) * (65535 / 32768)).astype("u2"),
            "f4": (eight / 255).astype("f4"),
        }
        return scaled[self.sample].reshape(region["height"], region["width"])

    def planes(self, layer: Layer) -> NDArray[Any]:
        """Rows x columns x channels of a layer, as they stand in the file, colour before alpha."""
        by_id = {
            info.id: channel.get_data(layer.width, layer.height, self.psd.depth, self.psd._record.header.version)
            for info, channel in zip(layer._record.channel_info, layer._channels, strict=True)
        }
        alpha = by_id.pop(ChannelID.TRANSPARENCY_MASK)
        by_id.pop(ChannelID.USER_LAYER_MASK, None)
        ordered = [*(by_id[key] for key in sorted(by_id)), alpha]
        arrays = [np.frombuffer(plane, f">{self.sample}").reshape(layer.height, layer.width) for plane in ordered]
        return np.stack(arrays, axis=-1)


@pytest.fixture(scope="session", params=["test/fake/export.ts", "test/edit/export.ts"], ids=["placed", "edited"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PSDs of every kind of document, written by the plugin's own code in Node: a result that was made up and placed, and
    one that the real server painted, from the selection on."""
    esbuild = PLUGIN.parent / "node_modules/.bin/esbuild"
    assert esbuild.exists(), "esbuild not found; `make node_modules/.ready` installs it"
    target = tmp_path_factory.mktemp("psd")
    script = target / "export.mjs"
    options = ["--bundle", "--platform=node", "--format=esm", "--log-level=warning"]
    subprocess.run([esbuild, PLUGIN / request.param, *options, f"--outfile={script}"], check=True)
    with running_server(target / "data", painter=None) as server:
        url = f"http://127.0.0.1:{server.http_port}"
        subprocess.run(["node", script, target, url], check=True)
    return target


@pytest.fixture(params=KINDS)
def written(request: pytest.FixtureRequest, folder: Path) -> Written:
    expected = json.loads((folder / f"{request.param}.json").read_text())
    return Written(PSDImage.open(folder / f"{request.param}.psd"), expected, KINDS[request.param])


def result_group(psd: PSDImage) -> Group:
    [group] = [layer for layer in psd if isinstance(layer, Group)]
    return group


def note_of(layer: Layer) -> str:
    """The JSON that Inlay keeps on a layer."""
    [setting] = layer._record.tagged_blocks.get_data(Tag.METADATA_SETTING)
    return setting.data[b"generatorSettings"][KEY][b"json"].value.rstrip("\0")


def test_the_original_layer_is_sample_for_sample_what_it_was(written: Written):
    [original] = [layer for layer in written.psd if layer.name == "Original"]
    assert np.array_equal(written.planes(original).ravel(), written.samples(written.expected["original"]))


def test_the_result_is_one_group_on_top_named_for_the_prompt(written: Written):
    assert written.psd[-1] is result_group(written.psd)
    assert result_group(written.psd).name == written.expected["name"]


def test_the_mask_on_the_group_equals_the_selection_and_hides_the_rest(written: Written):
    mask = result_group(written.psd).mask
    region = written.expected["region"]
    assert mask is not None
    assert mask.bbox == (region["x"], region["y"], region["x"] + region["width"], region["y"] + region["height"])
    assert mask.background_color == 0
    group = result_group(written.psd)
    [channel] = [
        channel
        for info, channel in zip(group._record.channel_info, group._channels, strict=True)
        if info.id == ChannelID.USER_LAYER_MASK
    ]
    data = channel.get_data(region["width"], region["height"], written.psd.depth, 1)
    got = np.frombuffer(data, f">{written.sample}").reshape(region["height"], region["width"])
    assert np.array_equal(got, written.mask())


def test_variations_hold_their_pixels_and_only_the_first_is_visible(written: Written):
    layers = list(reversed(list(result_group(written.psd))))
    assert [layer.name for layer in layers] == [layer["name"] for layer in written.expected["layers"]]
    assert [layer.visible for layer in layers] == [True, False, False]
    for layer, wanted in zip(layers, written.expected["layers"], strict=True):
        assert np.array_equal(written.planes(layer).ravel(), written.samples(wanted["pixels"]))


def test_where_it_comes_from_and_what_each_variation_remembers_are_in_the_file(written: Written):
    group = result_group(written.psd)
    origin = json.loads(note_of(group))
    assert {key: origin[key] for key in written.expected["origin"]} == written.expected["origin"]
    memories = [json.loads(note_of(layer))["memory"] for layer in reversed(list(group))]
    assert memories == [layer["memory"] for layer in written.expected["layers"]]


def test_the_group_has_blend_mode_normal_so_that_its_mask_holds_in_every_reader(written: Written):
    assert result_group(written.psd).blend_mode == BlendMode.NORMAL


def test_the_merged_picture_is_identical_outside_the_mask(written: Written):
    shape = (written.psd.height, written.psd.width, written.expected["channels"])
    before = written.samples(written.expected["original"]).reshape(shape)
    planes = written.psd._record.image_data.get_data(written.psd._record.header)
    merged = np.stack([np.frombuffer(plane, f">{written.sample}").reshape(shape[:2]) for plane in planes], axis=-1)
    outside = np.ones(shape[:2], bool)
    region = written.expected["region"]
    inside = (slice(region["y"], region["y"] + region["height"]), slice(region["x"], region["x"] + region["width"]))
    outside[inside] = written.mask() == 0
    assert np.array_equal(merged[outside], before[outside])
    assert not np.array_equal(merged, before)


@pytest.mark.parametrize("name", ["RGB-8-bit", "RGB-16-bit-Adobe-RGB"])
def test_what_psd_tools_makes_of_the_layers_is_identical_outside_the_mask(folder: Path, name: str):
    written = Written(
        PSDImage.open(folder / f"{name}.psd"), json.loads((folder / f"{name}.json").read_text()), KINDS[name]
    )
    color, _, _ = composite(written.psd, force=True)
    white = np.iinfo(written.sample).max
    before = written.samples(written.expected["original"]).reshape(written.psd.height, written.psd.width, 4)[..., :3]
    region = written.expected["region"]
    outside = np.ones(before.shape[:2], bool)
    outside[region["y"] : region["y"] + region["height"], region["x"] : region["x"] + region["width"]] = False
    assert np.array_equal(np.round(color[outside] * white), before[outside])
