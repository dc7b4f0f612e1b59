"""Files that the real Krita saved, read by the server's side: their layers, masks and what they show are Krita's own."""

import numpy as np
import pytest
from psd_tools import PSDImage

from inlay import documents
from inlay.documents.layer_stack import Group, Layer, put
from inlay.documents.layers import layers_of
from krita.driver import Krita
from krita.photo import CHANNELS, DTYPES, grainy, soft, write

WIDTH, HEIGHT = 200, 150
PROFILES = {"RGBA": "sRGB-elle-V2-srgbtrc.icc", "GRAYA": "Gray-D50-elle-V2-srgbtrc.icc"}


@pytest.fixture(params=[("RGBA", "U8"), ("RGBA", "U16"), ("GRAYA", "U16")], ids="-".join)
def saved(real_krita: Krita, tmp_path, request):
    """Where the .kra lies, what Krita said of its nodes, and how to read the samples it wrote beside it."""
    model, depth = request.param
    above = np.random.default_rng(3).integers(0, np.iinfo(DTYPES[depth]).max, (70, 90, CHANNELS[model]), DTYPES[depth])
    given = {
        "folder": str(tmp_path),
        "width": WIDTH,
        "height": HEIGHT,
        "model": model,
        "depth": depth,
        "profile": PROFILES[model],
        "pixels": write(grainy(WIDTH, HEIGHT, model, depth), tmp_path / "pixels"),
        "above": write(above, tmp_path / "above"),
        "mask": write(soft(WIDTH, HEIGHT, (120, 70), 22, 10), tmp_path / "selection"),
    }
    nodes = real_krita.script("kra/saved", **given)["nodes"]

    def samples(name: str):
        pixels = np.frombuffer((tmp_path / name).read_bytes(), DTYPES[depth]).reshape(HEIGHT, WIDTH, CHANNELS[model])
        return pixels[..., [2, 1, 0, 3]] if model == "RGBA" else pixels

    return tmp_path / "picture.kra", nodes, samples


def on_canvas(layer: Layer):
    canvas = np.zeros((HEIGHT, WIDTH, layer.samples.shape[2]), layer.samples.dtype)
    put(canvas, layer.samples, layer.x, layer.y)
    return canvas


def test_every_layer_and_mask_has_kritas_samples_and_the_picture_shows_what_krita_showed(saved) -> None:
    path, nodes, samples = saved
    document = documents.read(path)
    white = np.iinfo(document.samples.dtype).max
    items = layers_of(document).items

    assert [(item.name, round(item.opacity * 255), item.visible) for item in items] == [
        (name, opacity, visible) for name, _, opacity, visible, _, _ in nodes
    ]
    compared = 0
    for item, (_, kind, _, _, entry, inner) in zip(items, nodes, strict=True):
        if isinstance(item, Layer):
            np.testing.assert_array_equal(on_canvas(item), samples(entry))
            compared += 1
            continue
        assert isinstance(item, Group)
        assert kind == "grouplayer"
        layers = [child for child in inner if child[1] == "paintlayer"]
        for layer, child in zip(item.items, layers, strict=True):
            assert isinstance(layer, Layer)
            np.testing.assert_array_equal(on_canvas(layer), samples(child[4]))
        (mask,) = [child for child in inner if child[1] == "transparencymask"]
        said = np.frombuffer((path.parent / mask[4]).read_bytes(), np.uint8).reshape(HEIGHT, WIDTH)
        assert item.mask is not None
        assert said.any()
        assert not said.all()
        np.testing.assert_array_equal(
            item.mask.over(0, 0, document.size), np.rint(said / 255 * white).astype(document.samples.dtype)
        )
    assert compared == 3

    shown = samples("shown").astype(int)
    seen = shown[..., -1] > 0
    off = np.abs(document.samples.astype(int) - shown)[seen].max()
    assert off == 0 if white == 255 else off <= 257, (
        "8 bit is Krita's own picture, 16 bit is put together: within one of 255"
    )


def test_as_a_psd_it_has_the_same_layers_for_another_reader(saved, tmp_path) -> None:
    path, nodes, samples = saved
    document = documents.read(path)
    assert documents.write(tmp_path / "out.psd", document, []) == ()
    layers = {layer.name: layer for layer in PSDImage.open(tmp_path / "out.psd")}
    assert set(layers) == {name for name, *_ in nodes}
    white = np.iinfo(document.samples.dtype).max
    background = layers["Background"].numpy()
    entry = next(node[4] for node in nodes if node[0] == "Background")
    found = np.rint(background * white)[:HEIGHT, :WIDTH]
    np.testing.assert_array_equal(found, samples(entry)[..., : background.shape[2]])
