"""A signed file shows the very same samples, says what was done, and cannot be changed unnoticed."""

import os
import struct
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from psd_tools import PSDImage

from inlay import documents, provenance
from inlay.errors import InvalidInput, Unsupported
from inlay.provenance import Act, acts_in
from inlay.provenance.certificate import identity
from inlay.provenance.manifest import manifest_of
from inlay.provenance.reading import look
from inlay.provenance.signing import embedded
from support.signed_files import (
    CREDENTIALS_TAG,
    RDF,
    RIGHTS,
    TERMS,
    WRITTEN,
    XMP_TAG,
    chunks,
    packet_of,
    samples_of,
    term_of,
    tiff_of,
    validated,
)
from unit.provenance.conftest import ERASED, PAINTED


@pytest.mark.parametrize("name", WRITTEN)
def test_samples_and_profile_stay_bit_identical(name, pixels, acts, studio, tmp_path) -> None:
    path = tmp_path / name
    WRITTEN[name](path, pixels)
    before, profile = samples_of(path)

    provenance.sign(path, acts, studio, original=path.read_bytes())

    after, kept = samples_of(path)
    assert after.dtype == before.dtype
    assert np.array_equal(after, before)
    assert kept == profile
    assert validated(path).get_validation_state() == "Valid"
    assert term_of(path) == TERMS + "humanEdits"


def test_every_page_and_directory_of_a_tiff_stays(pixels, acts, studio, tmp_path) -> None:
    """A scan of three pages, and a photograph with Exif and GPS."""
    pages, photo = tmp_path / "pages.tif", tmp_path / "photo.tif"
    with tifffile.TiffWriter(pages) as file:
        for page in range(3):
            file.write(np.roll(pixels, 9 * page, 0), photometric="rgb", metadata=None)
    exif = Image.Exif()
    exif[315] = "A. Muller"
    exif.get_ifd(0x8769)[34855] = 400
    exif.get_ifd(0x8825)[1] = "N"
    Image.fromarray(pixels).save(tmp_path / "camera.jpg", exif=exif)
    documents.write(photo, documents.read(tmp_path / "camera.jpg"), [])

    for path in (pages, photo):
        provenance.sign(path, acts, studio)

    with tifffile.TiffFile(pages) as file:
        codes = [tag.code for tag in file.pages.first.tags]
        same = [np.array_equal(page.asarray(), np.roll(pixels, 9 * n, 0)) for n, page in enumerate(file.pages)]
    assert same == [True] * 3
    assert codes == sorted(codes)
    with Image.open(pages) as picture:
        assert picture.n_frames == 3
    assert term_of(pages) == TERMS + "humanEdits"
    assert validated(pages).get_validation_state() == "Valid"
    assert not validated(pages).is_embedded()
    assert validated(photo).is_embedded()
    with Image.open(photo) as picture:
        found = picture.getexif()
        assert found[315] == "A. Muller"
        assert found.get_ifd(0x8769)[34855] == 400
        assert found.get_ifd(0x8825)[1] == "N"


def test_the_mark_lies_where_the_formats_want_it(pixels, acts, studio, tmp_path) -> None:
    """Read from the bytes: PNG's box right behind the header, TIFF's tag, JPEG's segments of type 11, WebP's chunk."""
    for name in ("rgb 8.png", "strips.tif", "baseline.jpg", "lossless.webp", "alpha.webp"):
        WRITTEN[name](tmp_path / name, pixels)
        provenance.sign(tmp_path / name, acts, studio)

    kinds = [kind for kind, _ in chunks((tmp_path / "rgb 8.png").read_bytes())]
    assert kinds[:2] == [b"IHDR", b"caBX"]
    assert kinds.count(b"caBX") == 1
    assert kinds.index(b"iTXt") < kinds.index(b"IDAT")
    with tifffile.TiffFile(tmp_path / "strips.tif") as file:
        assert CREDENTIALS_TAG in file.pages.first.tags
        assert [tag.code for tag in file.pages.first.tags] == sorted(tag.code for tag in file.pages.first.tags)
    jpeg = (tmp_path / "baseline.jpg").read_bytes()
    assert jpeg[jpeg.index(b"\xff\xeb") + 4 :].startswith(b"JP")
    assert jpeg.index(b"\xff\xeb") < jpeg.index(b"\xff\xda")
    has_xmp, has_alpha = 0x04, 0x10
    for name, flags in (("lossless.webp", has_xmp), ("alpha.webp", has_xmp | has_alpha)):
        webp = (tmp_path / name).read_bytes()
        assert b"C2PA" in webp
        assert (webp[12:16], webp[20] & (has_xmp | has_alpha)) == (b"VP8X", flags)
        assert [1 + int.from_bytes(webp[at : at + 3], "little") for at in (24, 27)] == [120, 90]


@pytest.mark.parametrize("name", ["rgb 8.png", "strips.tif", "baseline.jpg", "lossless.webp"])
def test_what_the_xmp_said_before_is_still_said(name, pixels, acts, studio, tmp_path) -> None:
    path = tmp_path / name
    if path.suffix == ".tif":
        tiff_of(path, pixels, extratags=[(XMP_TAG, 1, len(RIGHTS), RIGHTS.encode(), True)])
    elif path.suffix == ".png":
        from PIL.PngImagePlugin import PngInfo

        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", RIGHTS, zip=True)
        Image.fromarray(pixels).save(path, pnginfo=text)
    else:
        Image.fromarray(pixels).save(path, xmp=RIGHTS.encode())

    provenance.sign(path, acts, studio)

    said = packet_of(path).decode()
    assert 'xmpRights:Marked="True"/>' in said
    root = ElementTree.fromstring(said)
    assert {about.get(f"{RDF}about") for about in root.iter(f"{RDF}Description")} == {"uuid:1"}
    assert term_of(path) == TERMS + "humanEdits"


def test_a_changed_pixel_or_a_text_put_in_later_breaks_the_mark(pixels, acts, studio, tmp_path) -> None:
    path = tmp_path / "photo.png"
    WRITTEN["rgb 8.png"](path, pixels)
    provenance.sign(path, acts, studio)
    good = path.read_bytes()
    at = good.index(b"IDAT") + 4
    (length,) = struct.unpack_from(">I", good, at - 8)
    filtered = bytearray(zlib.decompress(good[at : at + length]))
    filtered[500] ^= 1
    packed = zlib.compress(bytes(filtered))
    chunk = struct.pack(">I", len(packed)) + b"IDAT" + packed + struct.pack(">I", zlib.crc32(b"IDAT" + packed))
    note = b"tEXtComment\0later"
    text = struct.pack(">I", len(note) - 4) + note + struct.pack(">I", zlib.crc32(note))

    for changed in (good[: at - 8] + chunk + good[at + length + 4 :], good[:-12] + text + good[-12:]):
        path.write_bytes(changed)
        with Image.open(path) as picture:
            picture.load()
        reader = validated(path)
        assert reader.get_validation_state() == "Invalid"
        assert "assertion.dataHash.mismatch" in reader.json()
        assert look(path).verdict.state == "Invalid"


def test_layered_files_stay_as_they_are_and_are_signed_beside(pixels, acts, studio, tmp_path) -> None:
    psd, ora, kra = (tmp_path / f"work.{suffix}" for suffix in ("psd", "ora", "kra"))
    PSDImage.frompil(Image.fromarray(pixels)).save(psd)
    for path, mime in ((ora, "image/openraster"), (kra, "application/x-krita")):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", mime)
            archive.writestr("maindoc.xml", "<DOC/>")
    for path in (psd, ora, kra):
        before = path.read_bytes()
        marked = provenance.sign(path, acts, studio)

        assert path.read_bytes() == before
        assert marked.file == path.with_name(f"{path.name}.c2pa")
        assert validated(path).get_validation_state() == "Valid"
        assert look(path).verdict.state == "Valid"
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        assert validated(path).get_validation_state() == "Invalid"


def test_verbs_regions_and_terms_are_each_edits_own(pixels, studio, tmp_path) -> None:
    path = tmp_path / "photo.png"
    WRITTEN["rgb 8.png"](path, pixels)

    provenance.sign(path, acts_in([ERASED, PAINTED]), studio, original=path.read_bytes())

    manifest = validated(path).get_active_manifest()
    assert manifest
    (actions,) = (one["data"]["actions"] for one in manifest["assertions"] if one["label"] == "c2pa.actions.v2")
    assert [one["action"] for one in actions] == ["c2pa.opened", "c2pa.edited", "c2pa.edited"]
    erased, painted = actions[1:]
    assert erased["digitalSourceType"] == TERMS + "humanEdits"
    assert painted["digitalSourceType"] == TERMS + "compositeWithTrainedAlgorithmicMedia"
    shape = erased["changes"][0]["region"][0]["shape"]
    assert (shape["origin"], shape["width"], shape["height"]) == ({"x": 10.0, "y": 20.0}, 30.0, 40.0)
    assert erased["parameters"]["app.inlay.recipe_sha256"] == "ab" * 32
    assert term_of(path) == TERMS + "compositeWithTrainedAlgorithmicMedia"


def test_what_came_before_is_kept_link_by_link(pixels, studio, tmp_path) -> None:
    camera, first, second = (tmp_path / f"{name}.png" for name in ("camera", "first", "second"))
    for path in (camera, first, second):
        WRITTEN["rgb 8.png"](path, pixels)
    provenance.sign(camera, acts_in([ERASED]), studio)
    provenance.sign(first, acts_in([PAINTED]), studio, original=camera.read_bytes())
    provenance.sign(second, acts_in([ERASED]), studio, original=first.read_bytes())

    reader = validated(second)
    assert reader.get_validation_state() == "Valid"
    manifest, depth = reader.get_active_manifest(), 0
    while manifest and manifest.get("ingredients"):
        (parent,) = manifest["ingredients"]
        assert parent["relationship"] == "parentOf"
        manifest, depth = reader.get_manifest(parent["active_manifest"]), depth + 1
    assert depth == 2
    mark = look(second).verdict.mark
    assert [step.action for step in mark.ingredients[0].mark.ingredients[0].mark.steps] == [
        "c2pa.created",
        "c2pa.edited",
    ]


def test_a_parent_that_a_model_made_speaks_for_what_comes_of_it(pixels, studio, tmp_path) -> None:
    """By its Content Credentials alone, or by its XMP alone; an erase does not make it a photograph again."""
    marked, stated, result = (tmp_path / f"{name}.png" for name in ("marked", "stated", "result"))
    WRITTEN["rgb 8.png"](marked, pixels)
    provenance.sign(marked, acts_in([PAINTED]), studio)
    kept = dict(chunks(marked.read_bytes()))
    bare = b"\x89PNG\r\n\x1a\n"
    for kind, body in kept.items():
        if kind != b"caBX":
            bare += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    stated.write_bytes(bare)
    WRITTEN["rgb 8.png"](result, pixels)
    manifest = manifest_of(acts_in([PAINTED]), "image/png", has_parent=False, with_words=False)
    silent = embedded(result.read_bytes(), "image/png", manifest, None, identity(studio))
    assert b"DigitalSourceType>" not in silent
    for parent in (silent, stated.read_bytes()):
        WRITTEN["rgb 8.png"](result, pixels)
        provenance.sign(result, acts_in([ERASED]), studio, original=parent)
        assert term_of(result) == TERMS + "compositeWithTrainedAlgorithmicMedia"


def test_a_tampered_parent_is_named_and_the_child_holds(pixels, acts, studio, tmp_path) -> None:
    parent, child = tmp_path / "parent.png", tmp_path / "child.png"
    for path in (parent, child):
        WRITTEN["rgb 8.png"](path, pixels)
    provenance.sign(parent, acts, studio)
    data = parent.read_bytes()
    note = b"tEXtComment\0later"
    text = struct.pack(">I", len(note) - 4) + note + struct.pack(">I", zlib.crc32(note))
    provenance.sign(child, acts, studio, original=data[:-12] + text + data[-12:])

    found = look(child).verdict
    assert found.state == "Valid"
    (part,) = found.mark.ingredients
    assert part.failures == ("assertion.dataHash.mismatch",)
    assert any("broken: assertion.dataHash.mismatch" in line for line in found.lines)


def test_signing_again_says_so_and_a_further_edit_has_the_former_mark_as_its_parent(
    pixels, acts, studio, tmp_path
) -> None:
    path, psd = tmp_path / "photo.png", tmp_path / "work.psd"
    WRITTEN["rgb 8.png"](path, pixels)
    PSDImage.frompil(Image.fromarray(pixels)).save(psd)
    for file in (path, psd):
        first = provenance.sign(file, acts, studio)
        signed = first.file.read_bytes()
        again = provenance.sign(file, acts, studio)
        assert (again.term, again.notes) == (first.term, ("it is signed already, and its mark is intact",))
        assert first.file.read_bytes() == signed

    provenance.sign(path, acts_in([PAINTED]), studio)

    manifest = validated(path).get_active_manifest()
    assert manifest
    (parent,) = manifest["ingredients"]
    assert parent["relationship"] == "parentOf"
    assert validated(path).get_manifest(parent["active_manifest"])
    assert [kind for kind, _ in chunks(path.read_bytes())].count(b"caBX") == 1
    assert packet_of(path).count(b"DigitalSourceType>") == 2
    with pytest.raises(InvalidInput, match="carries a mark, which stays"):
        provenance.sign(path, acts, studio, original=path.read_bytes())


def test_a_mark_that_was_broken_is_made_anew_over_the_broken_one(pixels, acts, studio, tmp_path) -> None:
    path = tmp_path / "photo.png"
    WRITTEN["rgb 8.png"](path, pixels)
    provenance.sign(path, acts, studio)
    data = path.read_bytes()
    note = b"tEXtComment\0later"
    path.write_bytes(
        data[:-12] + struct.pack(">I", len(note) - 4) + note + struct.pack(">I", zlib.crc32(note)) + data[-12:]
    )

    provenance.sign(path, acts, studio)

    found = look(path).verdict
    assert found.state == "Valid"
    assert [part.failures for part in found.mark.ingredients] == [("assertion.dataHash.mismatch",)]


def test_a_mark_tells_nothing_personal(pixels, studio, tmp_path) -> None:
    """No prompt, model, file name, user or machine, and no small copy of the picture; the words only when they are asked for."""
    path, memory = (
        tmp_path / "client-secret.png",
        {
            "job_id": "job-secret",
            "recipe": {"verb": "fill", "where": {"region": [1, 2, 3, 4]}, "words": {"prompt": "prompt-secret"}},
            "receipts": [{"engine": "model-secret"}],
        },
    )
    for words in (False, True):
        WRITTEN["rgb 8.png"](path, pixels)
        bare = len(path.read_bytes())
        provenance.sign(path, acts_in([memory]), studio, original=path.read_bytes(), with_words=words)
        data = path.read_bytes()
        assert (b"prompt-secret" in data, b"model-secret" in data) == (words, words)
        for secret in ("client-secret", "job-secret", str(tmp_path), os.uname().nodename, str(Path.home())):
            assert secret.encode() not in data
        assert len(data) - bare < 6_000
        assert "thumbnail" not in validated(path).json()


def test_a_file_is_replaced_whole_with_its_mode_and_a_link_stays_one(pixels, acts, studio, tmp_path) -> None:
    path, link = tmp_path / "photo.png", tmp_path / "link.png"
    WRITTEN["rgb 8.png"](path, pixels)
    path.chmod(0o640)
    link.symlink_to(path)
    provenance.sign(link, acts, studio)

    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert validated(path).get_validation_state() == "Valid"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link.png", "photo.png"]


@pytest.mark.parametrize(
    ("name", "cut"),
    [("rgb 8.png", 40), ("rgb 8.png", -30), ("strips.tif", 40), ("baseline.jpg", 40)],
)
def test_a_broken_file_is_refused_by_name_and_left_alone(name, cut, pixels, acts, studio, tmp_path) -> None:
    path = tmp_path / name
    WRITTEN[name](path, pixels)
    path.write_bytes(path.read_bytes()[:cut])
    before = path.read_bytes()

    with pytest.raises(InvalidInput) as refused:
        provenance.sign(path, acts, studio)

    assert refused.value.field == "FILE"
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


HOSTILE = {
    "endless directory.tif": b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**60) + bytes(64),
    "directory beyond everything.tif": b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**64 - 1) + bytes(64),
    "no size.webp": b"RIFF" + struct.pack("<I", 26) + b"WEBPVP8 " + struct.pack("<I", 14) + bytes(14),
    "nothing.webp": b"RIFF\x04\0\0\0WEBP",
    "no archive.kra": b"PK\x03\x04" + b"\xff" * 80,
    "no text.png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 18) + b"iTXtXML:com.adobe.xmp\0" + bytes(4),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_file_is_refused_at_once(name, acts, studio, tmp_path) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    assert provenance.memories_in(path) == ()
    with pytest.raises((InvalidInput, Unsupported)):
        provenance.sign(path, acts, studio)
    assert path.read_bytes() == HOSTILE[name]


def test_what_is_no_picture_or_remembers_nothing_is_not_signed(pixels, acts, studio, tmp_path) -> None:
    text, path = tmp_path / "notes.txt", tmp_path / "photo.png"
    text.write_text("hello")
    with pytest.raises(Unsupported, match=r"notes\.txt is none of PNG"):
        provenance.sign(text, acts, studio)
    WRITTEN["rgb 8.png"](path, pixels)
    before = path.read_bytes()
    nothing: tuple[Act, ...] = acts_in(provenance.memories_in(path))
    with pytest.raises(InvalidInput, match="remember an edit"):
        provenance.sign(path, nothing, studio)
    assert path.read_bytes() == before
