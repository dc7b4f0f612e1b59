"""Keyframes as files: what other programs read in them, and each check seen red on a file that is made to fail it."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms
from skimage import data

from inlay import color, documents
from inlay.batch import keyframe_checks
from inlay.batch.keyframe import Keyframes, Wanted, make
from inlay.batch.keyframe_cut import Kind, targets
from inlay.documents import Document
from inlay.errors import InvalidInput
from inlay.formats import Format

Samples = NDArray[Any]


@pytest.fixture(scope="module")
def photo() -> Samples:
    """A photograph of 1600 x 1000 px."""
    return cv2.resize(data.coffee(), (1600, 1000), interpolation=cv2.INTER_CUBIC)


def _document(samples: Samples, path: Path, profile: str = "sRGB IEC61966-2.1") -> Document:
    """With its file, whose bytes the link names."""
    path.write_bytes(b"the original")
    order = {1: "Y", 3: "RGB", 4: "RGBA"}[samples.shape[2]]
    return Document(samples, order, profile, b"", path, "png")


def _described(icc: bytes) -> str:
    return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc)))


def _made(folder: Path, *frames: Samples, target: str = "wan", kind: Kind = "png8", **more: Any) -> Keyframes:
    documents_ = tuple(_document(frame, folder / f"frame{number}.png") for number, frame in enumerate(frames))
    return make(documents_, Wanted(targets()[target], kind, **more), folder / "out")


def _check(made: Keyframes, name: str) -> keyframe_checks.Check:
    return next(check for check in made.checks if check.name == name)


def test_a_models_frame_is_an_opaque_srgb_png_of_its_size(photo: Samples, tmp_path: Path) -> None:
    made = _made(tmp_path, photo)

    (file,) = made.files
    assert file.name == "frame0_wan_srgb_first.png"
    read = Image.open(file)
    assert (read.size, read.mode) == ((1280, 720), "RGB")
    assert not {"exif", "icc_profile"} & read.info.keys()
    assert made.cut.crop == (0, 50, 1600, 900)
    exact = cv2.resize(photo[50:950].astype(np.float64), (1280, 720), interpolation=cv2.INTER_AREA)
    assert np.abs(np.asarray(read) - exact).max() <= 0.51
    assert [(check.name, check.passed) for check in made.checks] == [
        ("size", True),
        ("clipping", True),
        ("banding", True),
    ]


def test_wide_gamuts_are_converted_as_littlecms_does(photo: Samples, tmp_path: Path) -> None:
    wide = _document(photo[:720, :1280] // 2 + 60, tmp_path / "wide.png", "Adobe RGB (1998)")
    made = make((wide,), Wanted(targets()["wan"], "png8"), tmp_path)

    adobe = ImageCms.ImageCmsProfile(io.BytesIO(color.profile_bytes(wide.raster(wide.size, ""))))
    srgb = ImageCms.createProfile("sRGB")
    seen = ImageCms.profileToProfile(Image.fromarray(wide.samples), adobe, srgb, ImageCms.Intent.RELATIVE_COLORIMETRIC)
    assert np.abs(np.asarray(Image.open(made.files[0])).astype(int) - np.asarray(seen).astype(int)).max() <= 2


def test_the_link_says_where_it_was_cut_and_what_was_found(photo: Samples, tmp_path: Path) -> None:
    made = _made(tmp_path, photo, photo, target="kling")

    told = json.loads(made.link.read_text("utf-8"))
    assert (told["for"], told["crop"], told["size"], told["curve"]) == (
        "kling",
        [0, 50, 1600, 900],
        [1280, 720],
        "sRGB",
    )
    assert told["scale"] == pytest.approx(0.8)
    assert [file["name"] for file in told["files"]] == ["frame0_kling_srgb_first.png", "frame0_kling_srgb_last.png"]
    for file in told["files"]:
        assert file["sha256"] == hashlib.sha256((tmp_path / "out" / file["name"]).read_bytes()).hexdigest()
        assert file["of"]["sha256"] == hashlib.sha256(b"the original").hexdigest()
    assert {check["name"] for check in told["checks"]} == {"size", "bytes", "clipping", "banding", "pair"}


@pytest.mark.parametrize("kind", ["tiff16", "png16"])
def test_editing_programs_get_sixteen_bits_with_a_profile_and_straight_alpha(
    photo: Samples, tmp_path: Path, kind: Kind
) -> None:
    deep = photo.astype(np.uint16) * 257
    alpha = np.tile(np.linspace(0, 65_535, 1600).astype(np.uint16)[None, :, None], (1000, 1, 1))
    made = _made(tmp_path, np.concatenate([deep, alpha], axis=-1), target="after-effects", kind=kind)

    (file,) = made.files
    assert file.name == f"frame0_after-effects_srgb_0001.{'tif' if kind == 'tiff16' else 'png'}"
    if kind == "tiff16":
        with tifffile.TiffFile(file) as tiff:
            read, page = tiff.asarray(), tiff.pages.first
            assert page.tags["ExtraSamples"].value[0] == 2  # unassociated: straight
            assert _described(page.tags["InterColorProfile"].value).startswith("sRGB")
    else:
        read = np.asarray(cv2.imread(str(file), cv2.IMREAD_UNCHANGED))[..., [2, 1, 0, 3]]
        assert _described(Image.open(file).info["icc_profile"]).startswith("sRGB")
    assert np.array_equal(read, np.concatenate([deep, alpha], axis=-1))


def test_an_exr_is_linear_premultiplied_and_half(photo: Samples, tmp_path: Path) -> None:
    alpha = np.full((1000, 1600, 1), 128, np.uint8)
    made = _made(tmp_path, np.concatenate([photo, alpha], axis=-1), target="resolve", kind="exr")

    (file,) = made.files
    assert file.name == "frame0_resolve_linear_0001.exr"
    read = OpenEXR.File(str(file)).channels()["RGBA"].pixels
    assert read.dtype == np.float16
    share = photo / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    assert np.allclose(read[..., 3], 128 / 255, atol=2**-11)
    assert np.allclose(read[..., :3].astype(np.float64), linear * 128 / 255, rtol=2**-10, atol=2**-14)
    assert json.loads(made.link.read_text("utf-8"))["alpha"] == "premultiplied"


def test_light_beyond_white_stays_in_an_exr(tmp_path: Path) -> None:
    bright = np.full((200, 300, 3), 2.0, np.float32)
    made = _made(tmp_path, bright, target="resolve", kind="exr")

    read = OpenEXR.File(str(made.files[0])).channels()["RGB"].pixels
    assert np.allclose(read.astype(np.float64), ((2 + 0.055) / 1.055) ** 2.4, rtol=2**-10)
    assert _check(made, "clipping").passed


def test_a_models_frame_is_never_transparent(photo: Samples, tmp_path: Path) -> None:
    alpha = np.full((1000, 1600, 1), 255, np.uint8)
    opaque = _made(tmp_path, np.concatenate([photo, alpha], axis=-1))
    assert Image.open(opaque.files[0]).mode == "RGB"

    alpha[500:, 800:] = 254
    with pytest.raises(InvalidInput, match="takes opaque pictures"):
        _made(tmp_path, np.concatenate([photo, alpha], axis=-1))


def test_frames_of_two_sizes_are_refused(photo: Samples, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        _made(tmp_path, photo, photo[:-1])
    assert refused.value.field == "--last"


def test_a_gray_picture_becomes_rgb(photo: Samples, tmp_path: Path) -> None:
    gray = _document(photo[..., :1].copy(), tmp_path / "gray.png", "sGray")
    made = make((gray,), Wanted(targets()["wan"], "png8"), tmp_path)

    read = np.asarray(Image.open(made.files[0]))
    assert read.shape == (720, 1280, 3)
    assert (read[..., :1] == read).all()


# Each check, red.


def test_a_picture_with_too_few_pixels_fails_its_size(photo: Samples, tmp_path: Path) -> None:
    found = _check(_made(tmp_path, photo[:500, :800]), "size")

    assert found.passed is False
    assert "800 px and should have 832" in found.said


def test_a_file_that_is_not_what_was_cut_fails_its_size(
    photo: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read again: what another program made of it counts."""
    made = _made(tmp_path, photo)
    Image.open(made.files[0]).resize((1264, 720)).save(made.files[0])  # on the grid, and yet another picture
    frame = keyframe_checks.Frame(made.files[0], "png8", np.zeros((720, 1264, 3), np.float32))

    found = keyframe_checks.checked([frame], targets()["wan"], made.cut)
    assert (found[0].name, found[0].passed) == ("size", False)


def test_a_file_that_is_too_large_is_told(photo: Samples, tmp_path: Path) -> None:
    made = _made(tmp_path, photo, target="kling")
    assert _check(made, "bytes").passed

    frame = keyframe_checks.Frame(made.files[0], "png8", np.zeros((720, 1280, 3), np.float32))
    found = keyframe_checks.checked([frame], replace(targets()["kling"], most_bytes=100_000), made.cut)
    assert (found[1].name, found[1].passed) == ("bytes", False)
    assert found[1].figures == {"bytes": made.files[0].stat().st_size}


def test_colours_beyond_srgb_are_counted_by_channel_and_a_white_ground_is_not(tmp_path: Path) -> None:
    """Adobe RGB's green lies outside sRGB, where red and blue would be negative; its red is more than sRGB's full red."""
    white = np.full((720, 1280, 3), 255, np.uint8)
    strong = white.copy()
    strong[:180], strong[180:270] = (0, 255, 0), (255, 0, 0)
    made = make(
        (_document(strong, tmp_path / "s.png", "Adobe RGB (1998)"),), Wanted(targets()["wan"], "png8"), tmp_path
    )

    found = _check(made, "clipping")
    assert found.passed is False
    assert found.figures["lost"] == {"R": 0.375, "G": 0, "B": 0.25}
    assert found.figures["at_limit"] == {"R": 1, "G": 1, "B": 1}

    clean = _check(_made(tmp_path, white), "clipping")
    assert clean.passed
    assert clean.figures["lost"] == {"R": 0, "G": 0, "B": 0}
    assert clean.figures["at_limit"] == {"R": 1, "G": 1, "B": 1}


@pytest.mark.parametrize("codes", [4, 8])
@pytest.mark.parametrize("kind", ["png8", "exr"])
def test_bands_in_a_sky_are_seen(tmp_path: Path, codes: int, kind: Kind) -> None:
    """A sky from 90 to 230 over 1600 px; resampled bands have codes in between, which must not hide them."""
    sky = np.broadcast_to(np.linspace(90, 230, 1600)[None, :, None], (1000, 1600, 3))
    target = "wan" if kind == "png8" else "resolve"
    assert _check(_made(tmp_path, np.rint(sky).astype(np.uint8), target=target, kind=kind), "banding").passed

    banded = (np.rint(sky / codes) * codes).astype(np.uint8)
    found = _check(_made(tmp_path, banded, target=target, kind=kind), "banding")
    assert found.passed is False
    assert found.figures["share"] > 0.3


@pytest.mark.parametrize("name", ["astronaut", "rocket", "hubble_deep_field"])
def test_what_is_drawn_soft_or_dark_has_no_bands(tmp_path: Path, name: str) -> None:
    found = _check(_made(tmp_path, getattr(data, name)(), target="resolve", kind="png16"), "banding")

    assert found.figures["share"] < 0.01


def test_bands_in_a_photograph_are_seen(photo: Samples, tmp_path: Path) -> None:
    assert _check(_made(tmp_path, photo), "banding").figures["share"] < 0.01

    assert not _check(_made(tmp_path, photo // 8 * 8), "banding").passed


def test_a_seam_at_the_masks_edge_is_seen(photo: Samples, tmp_path: Path) -> None:
    mask = cv2.circle(np.zeros((1000, 1600), np.uint8), (800, 500), 200, 255, -1)
    sound = _check(_made(tmp_path, photo, mask=mask), "seam")
    assert sound.passed

    seamed = np.where(mask[..., None] > 0, np.clip(photo.astype(int) + 24, 0, 255), photo).astype(np.uint8)
    found = _check(_made(tmp_path, photo, seamed, mask=mask), "seam")
    assert found.passed is False
    assert found.figures["ratio"] > 1.8 * sound.figures["ratio"]
    assert found.figures["file"] == "frame0_wan_srgb_last.png"

    outside = np.zeros((1000, 1600), np.uint8)
    outside[:20] = 255
    assert _check(_made(tmp_path, photo, mask=outside), "seam").passed is None


@pytest.mark.parametrize(("target", "kind"), [("wan", "png8"), ("after-effects", "tiff16"), ("resolve", "exr")])
def test_first_and_last_are_the_same_outside_the_edit(photo: Samples, tmp_path: Path, target: str, kind: Kind) -> None:
    mask = np.zeros((1000, 1600), np.uint8)
    mask[401:555, 603:901] = 1
    last = photo.copy()
    last[401:555, 603:901] = 255 - last[401:555, 603:901]
    made = _made(tmp_path, photo, last, target=target, kind=kind, mask=mask)
    assert _check(made, "pair").passed
    assert _check(made, "pair").figures["differing_inside"] > 10_000

    last[300, 300, 1] ^= 16
    found = _check(_made(tmp_path, photo, last, target=target, kind=kind, mask=mask), "pair")
    assert found.passed is False
    assert 1 <= found.figures["differing_outside"] <= 4

    unsaid = _check(_made(tmp_path, photo, last, target=target, kind=kind), "pair")
    assert unsaid.passed is None
    assert "--mask" in unsaid.said


def test_a_shape_of_ones_own_is_cut_from_both_alike(photo: Samples, tmp_path: Path) -> None:
    made = _made(tmp_path, photo, photo[:, ::-1], target="ltx", shape=Format.parse("704x1280"))

    assert made.cut.crop.size == (544, 992)
    assert [Image.open(file).size for file in made.files] == [(544, 992)] * 2
    assert documents.read(made.files[0]).size == (544, 992)
