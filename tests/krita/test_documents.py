"""Files that Inlay writes, opened by the real Krita; and colours, converted by it."""

import base64
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from inlay import color, documents
from inlay.color.raster import Raster, SampleType
from inlay.documents import Document, PlacedEdit
from inlay.documents.document import white_of
from inlay.documents.layer_stack import Group, Layer
from inlay.region import Rect
from krita.driver import Krita, Screen
from support.edits import photo, soft_mask
from support.layered_ora import LIGHT_AT, MASK_AT, SHADE_AT, layered_ora, pictures

pytestmark = [pytest.mark.krita, pytest.mark.slow]

BOUNDS = Rect(20, 30, 100, 80)
KINDS = [
    ("uint8", "RGB", "sRGB-elle-V2-srgbtrc.icc"),
    ("uint16", "RGB", "sRGB-elle-V2-g10.icc"),
    ("uint16", "RGBA", "ClayRGB-elle-V2-g22.icc"),
]


@pytest.fixture(scope="module")
def krita(tmp_path_factory, plugin):
    screen = Screen()
    try:
        running = Krita(tmp_path_factory.mktemp("krita-home"), screen, plugin)
        try:
            yield running
        finally:
            running.kill()
    finally:
        screen.close()


def placed(dtype: str, order: str, profile: str) -> tuple[Document, PlacedEdit]:
    white = white_of(np.dtype(dtype))
    samples = np.rint(photo() * white).astype(dtype)
    if order == "RGBA":
        alpha = np.full((*samples.shape[:2], 1), white, dtype)
        alpha[:60, :60] = white / 3
        samples = np.concatenate([samples, alpha], axis=-1)
    document = Document(samples, order, profile, b"", Path("memory.png"), "png")
    pieces = [samples[BOUNDS.slices][::-1].copy(), samples[BOUNDS.slices][:, ::-1].copy()]
    for piece in pieces:
        if document.has_alpha:
            piece[..., -1] = white
    mask = soft_mask(BOUNDS.width, BOUNDS.height)
    mask = mask.astype(np.uint16) * 257 if dtype == "uint16" else mask
    layers = (("Variation 1", pieces[0], True), ("Variation 2", pieces[1], False))
    return document, PlacedEdit("a wooden crate – größer", BOUNDS, mask, layers)


@pytest.mark.parametrize("suffix", [".ora", ".psd"])
@pytest.mark.parametrize(("dtype", "order", "profile"), KINDS)
def test_krita_shows_the_group_its_mask_and_the_same_picture(krita, tmp_path, suffix, dtype, order, profile) -> None:
    document, edit = placed(dtype, order, profile)
    path = tmp_path / f"result{suffix}"
    documents.write(path, document, [edit])
    seen = krita.script("opened_file", path=str(path), bounds=tuple(edit.bounds))
    depth = {"uint8": "U8", "uint16": "U16"}[dtype]

    # The layers have the document's depth and profile; the image itself too in a .psd, and is 8 bit sRGB at first in an .ora.
    assert (seen["layer"]["depth"], seen["layer"]["profile"]) == (depth, profile)
    assert seen["opened_as"] == ([depth, profile] if suffix == ".psd" else ["U8", "sRGB-elle-V2-srgbtrc.icc"])
    assert (seen["group"]["name"], seen["group"]["blending"]) == (edit.name, "normal")
    lower, upper, mask = seen["children"]
    assert [(child["name"], child["visible"]) for child in (upper, lower)] == [
        ("Variation 1", True),
        ("Variation 2", False),
    ]
    if suffix == ".ora":
        assert (mask["name"], mask["blending"]) == ("Mask", "destination-in")
        assert np.array_equal(pixels(path, ".mask", edit.mask)[..., 3], edit.mask)
    else:
        assert mask["type"] == "transparencymask"
        eight_bit = np.fromfile(f"{path}.mask", np.uint8).reshape(edit.mask.shape)
        assert np.array_equal(eight_bit, edit.mask if dtype == "uint8" else edit.mask // 257)

    colors = document.samples.shape[2]
    assert np.array_equal(pixels(path, ".original", document.samples)[..., :colors], document.samples)
    assert np.array_equal(pixels(path, ".variation", edit.layers[0][1])[..., :colors], edit.layers[0][1])
    shown = pixels(path, ".shown", document.samples)[..., :colors].astype(int)
    expected = documents.composite(document, [edit]).astype(int)
    closed = np.ones(expected.shape[:2], bool)
    closed[edit.bounds.slices] = edit.mask == 0
    assert np.array_equal(shown[closed], expected[closed])
    assert np.abs(shown - expected).max() <= 1


@pytest.mark.parametrize("suffix", [".ora", ".psd"])
@pytest.mark.parametrize(("dtype", "order", "profile"), KINDS)
def test_the_merged_picture_is_what_krita_shows_of_groups_of_layers(
    krita, tmp_path, suffix, dtype, order, profile
) -> None:
    document, edit = placed(dtype, order, profile)
    soft = np.dstack([edit.layers[0][1][..., :3], edit.mask])
    small = np.dstack([edit.layers[1][1][..., :3], edit.mask])[20:50, 30:70]
    layers = (
        Layer("words", BOUNDS.x + 30, BOUNDS.y + 20, small, blend="svg:multiply"),
        Layer("surface", *BOUNDS[:2], soft),
    )
    path = tmp_path / f"groups{suffix}"
    documents.write(path, document, [], [Group("Text", layers)])
    krita.script("opened_file", path=str(path), bounds=tuple(BOUNDS))
    channels = document.samples.shape[2]
    seen = pixels(path, ".shown", document.samples)[..., :channels].astype(int)
    merged = documents.read(path).samples.astype(int)
    assert np.abs(seen - merged)[..., :3][merged[..., -1] > 0].max() <= (2 if dtype == "uint8" else 8)
    assert np.abs(merged - document.samples).max() > 0.1 * white_of(document.samples.dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_krita_shows_every_layer_of_an_openraster_that_became_a_psd(krita, tmp_path, dtype) -> None:
    """Names, places, blend modes, opacity, masks and pixels; and outside the edit the picture that the .ora said it shows."""
    (tmp_path / "original.ora").write_bytes(layered_ora(dtype))
    document = documents.read(tmp_path / "original.ora")
    piece = document.samples[BOUNDS.slices]
    mask = soft_mask(BOUNDS.width, BOUNDS.height).astype(dtype) * (257 if dtype == "uint16" else 1)
    edit = PlacedEdit("a crate", BOUNDS, mask, (("Variation 1", piece[::-1].copy(), True),))
    path = tmp_path / "result.psd"
    documents.write(path, document, [edit])
    given = pictures(dtype)

    seen = krita.script("nested_layers", path=str(path))

    assert seen["depth"] == {"uint8": "U8", "uint16": "U16"}[dtype]
    below, masked, hidden, shade, _ = seen["layers"]
    [light] = hidden["children"]
    flipped, layer_mask = masked["children"]
    told = [(layer["name"], layer["blending"], layer["visible"]) for layer in (below, masked, hidden, light, shade)]
    assert told == [
        ("below", "normal", True),
        ("masked", "normal", True),
        ("set", "normal", False),
        ("light, größer 木箱", "screen", True),
        ("shade", "multiply", True),
    ]
    assert (shade["opacity"], layer_mask["type"]) == (128, "transparencymask")
    for layer, name in ((below, "below"), (flipped, "flipped"), (light, "light"), (shade, "shade")):
        x, y, width, height = layer["bounds"]
        read = np.fromfile(layer["pixels"], dtype).reshape(height, width, 4)[..., [2, 1, 0, 3]]
        whole = np.zeros((400, 400, 4), dtype)
        left, top = {"flipped": MASK_AT, "light": LIGHT_AT, "shade": SHADE_AT}.get(name, (0, 0))
        wanted = given[name]
        whole[100 + top :, 100 + left :][: wanted.shape[0], : wanted.shape[1]] = wanted
        there = whole[100 + y :, 100 + x :][:height, :width]
        opaque = there[..., 3] > 0
        assert np.array_equal(read[..., 3], there[..., 3]), name
        assert np.array_equal(read[opaque], there[opaque]), name
        assert opaque.sum() == (wanted[..., 3] > 0).sum(), name
    shown = np.fromfile(f"{path}.shown", dtype).reshape(200, 240, 4)[..., [2, 1, 0, 3]]
    outside = np.ones(shown.shape[:2], bool)
    outside[BOUNDS.slices] = mask == 0
    difference = np.abs(shown.astype(int) - given["merged"].astype(int))[outside]
    assert difference.max() <= (2 if dtype == "uint8" else 257)


@pytest.mark.parametrize("model", ["RGBA", "GRAYA"])
def test_every_profile_that_krita_offers_means_the_same_here(krita, tmp_path, model) -> None:
    """Random colours in float, converted by Krita to linear sRGB. What is not known by its name travels by its bytes."""
    foreign = tmp_path / "foreign.icc"
    foreign.write_bytes(made_by_littlecms(model))
    names, more = krita.script("profiles", model=model, path=str(foreign))
    assert more, "Krita does not offer the profile that was added"
    plain = {name for name in names if "PQ" not in name}
    by_name = plain & set(color.known_profiles())
    assert len(by_name) >= 10
    by_bytes = plain - by_name
    assert set(more) <= by_bytes
    order, channels = ("RGBA", 4) if model == "RGBA" else ("YA", 2)
    samples = np.random.default_rng(0).uniform(0.02, 1, (32, 32, channels)).astype(np.float32)
    samples[..., -1] = 1
    for name in sorted(plain):
        encoded = base64.b64encode(samples.tobytes()).decode()
        answer, icc = krita.script("converted", model=model, profile=name, samples=encoded, with_bytes=name in by_bytes)
        linear = np.frombuffer(base64.b64decode(answer), np.float32).reshape(32, 32, 4)
        theirs = color.decode(linear, Raster(32, 32, "RGBA", SampleType.F32, 1, "sRGB-elle-V2-g10.icc", ""))
        ours = color.decode(samples, Raster(32, 32, order, SampleType.F32, 1, name, "", base64.b64decode(icc)))
        # LittleCMS samples a foreign curve with 16 bits, and near black one step of that is worth .004.
        limit = 6e-3 if name in by_bytes else 2e-3
        assert np.abs(ours.pixels - theirs.pixels).max() < limit, name


def made_by_littlecms(model: str) -> bytes:
    """A profile under a name that nobody knows: P3's primaries, or gray, with a gamma of 1.9."""
    if model == "GRAYA":
        made = imagecodecs.cms_profile("gray", whitepoint=[0.3457, 0.3585, 1.0], gamma=1.9)
    else:
        primaries = [0.68, 0.32, 1, 0.265, 0.69, 1, 0.15, 0.06, 1]
        made = imagecodecs.cms_profile("rgb", whitepoint=[0.3127, 0.329, 1.0], primaries=primaries, gamma=1.9)
    return bytes(made).replace("built-in".encode("utf-16-be"), "of ours!".encode("utf-16-be"))


def pixels(path: Path, part: str, like: np.ndarray) -> np.ndarray:
    """Krita's bytes as height x width x 4, red first."""
    return np.fromfile(f"{path}{part}", like.dtype).reshape(*like.shape[:2], 4)[..., [2, 1, 0, 3]]
