"""What of a PSD is not Inlay's keeps its very bytes; judged by a parser that knows nothing but struct."""

import io
import json
import struct

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.psd.tagged_blocks import TaggedBlock
from skimage import data

from inlay import documents
from support.psd_parts import parts_of, resource, with_resources

CLIPPING_PATH = b"\x05Path1" + struct.pack(">IH", 0x0001_0000, 1) + b"\0"
"""Photoshop's resource 2999: the path's name, its flatness in 16.16 bits, the fill rule, and a byte of padding."""
RESOURCES = {
    2999: CLIPPING_PATH,
    2000: struct.pack(">H", 6) + bytes(24),
    1032: struct.pack(">IIIIIB", 1, 576, 576, 1, 32 * 40, 0),
    4000: b"a plug-in's own \x00\xff bytes",
    1200: b"anything at all",
}


@pytest.fixture
def layered() -> bytes:
    """Two layers and a group with effects and blocks that nobody here knows, of odd lengths."""
    psd = PSDImage.new("RGB", (240, 200), color=(90, 120, 30))
    picture = Image.fromarray(data.astronaut()[:50, 100:160])
    logo = psd.create_pixel_layer(picture, name="logo", top=10, left=20, opacity=128)
    logo.create_mask(Image.fromarray(np.full((50, 60), 77, np.uint8)))
    psd.create_pixel_layer(picture, name="Größe", top=-20, left=200)
    logo._record.tagged_blocks[b"abcd"] = TaggedBlock(key=b"abcd", data=b"strange")
    psd.create_group(name="set", layer_list=[logo])
    psd._record.layer_and_mask_information.tagged_blocks[b"efgh"] = TaggedBlock(key=b"efgh", data=b"odd")
    file = io.BytesIO()
    psd.save(file)
    return with_resources(file.getvalue(), b"".join(resource(number, body) for number, body in RESOURCES.items()))


def test_every_layer_resource_and_block_that_is_not_ours_keeps_its_bytes(tmp_path, layered, edit_of) -> None:
    (tmp_path / "original.psd").write_bytes(layered)
    document = documents.read(tmp_path / "original.psd")
    documents.write(tmp_path / "result.psd", document, [edit_of(document)])

    before, after = parts_of(layered), parts_of((tmp_path / "result.psd").read_bytes())

    assert after.header == before.header
    assert {number: after.resources.get(number) for number in before.resources} == before.resources
    assert set(after.resources) - set(before.resources) == {4990}
    assert after.layers[: len(before.layers)] == before.layers
    assert after.blocks == before.blocks
    assert len(after.layers) == len(before.layers) + 4


def test_a_clipping_path_is_not_cut(tmp_path, layered, edit_of) -> None:
    (tmp_path / "original.psd").write_bytes(layered)
    document = documents.read(tmp_path / "original.psd")
    documents.write(tmp_path / "result.psd", document, [edit_of(document)])

    assert parts_of((tmp_path / "result.psd").read_bytes()).resources[2999] == resource(2999, CLIPPING_PATH)


def test_psd_tools_reads_the_result_and_finds_every_layer_where_it_was(tmp_path, layered, edit_of) -> None:
    (tmp_path / "original.psd").write_bytes(layered)
    document = documents.read(tmp_path / "original.psd")
    documents.write(tmp_path / "result.psd", document, [edit_of(document)])

    def told(path):
        return [(layer.name, layer.bbox, layer.opacity) for layer in PSDImage.open(path).descendants()]

    assert set(told(tmp_path / "original.psd")) <= set(told(tmp_path / "result.psd"))


@pytest.mark.parametrize("damaged", [b"{not json", b"\xff\xfe\xfd", b"7", b"[" * 100_000])
def test_a_damaged_resource_of_recipes_does_not_stop_an_edit(tmp_path, layered, edit_of, damaged) -> None:
    (tmp_path / "original.psd").write_bytes(with_resources(layered, resource(4990, damaged)))
    document = documents.read(tmp_path / "original.psd")
    documents.write(tmp_path / "result.psd", document, [edit_of(document)])

    block = parts_of((tmp_path / "result.psd").read_bytes()).resources[4990]

    assert json.loads(block[12:].rstrip(b"\0")) == [{"recipe": {"seed": 7}}]


def test_a_psd_whose_layers_are_damaged_still_gives_its_picture_and_says_so(tmp_path, layered) -> None:
    at = layered.index(b"8BIMnorm")
    damaged = bytearray(layered)
    damaged[at + 12 : at + 16] = b"\x7f\xff\xff\xff"
    (tmp_path / "damaged.psd").write_bytes(bytes(damaged))
    (tmp_path / "whole.psd").write_bytes(layered)

    document = documents.read(tmp_path / "damaged.psd")

    assert np.array_equal(document.samples, documents.read(tmp_path / "whole.psd").samples)
    assert any("layers and resources cannot be read" in note for note in document.notes)
