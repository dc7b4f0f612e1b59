"""What a file says about its picture arrives in the result, as other readers read it; or a note says what did not."""

import io
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms, ImageOps
from PIL.IptcImagePlugin import getiptcinfo
from psd_tools import PSDImage
from psd_tools.constants import Resource
from skimage import data

from inlay import documents
from support.psd_parts import parts_of, resource

MAKE, MODEL, ORIENTATION, ARTIST, COPYRIGHT, MAKER_NOTE = 271, 272, 274, 315, 33432, 37500
PHOTO_IFD, GPS_IFD, INTEROPERABILITY_IFD = 0x8769, 0x8825, 0xA005
SPEED, COLOR_SPACE, PIXEL_X, PIXEL_Y = 34855, 0xA001, 0xA002, 0xA003
XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6">'
    '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Müller</rdf:li></rdf:Alt></dc:rights></rdf:Description></rdf:RDF>'
    '</x:xmpmeta><?xpacket end="w"?>'
).encode()
IPTC = b"\x1c\x02\x50\x00\x06Muller" + b"\x1c\x02\x74\x00\x0a(c) Muller"
PATH = struct.pack(">H", 6) + bytes(24)
PIXELS = np.ascontiguousarray(data.astronaut()[:60, 100:180])


def exif_of(**photo: int) -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE], exif[MODEL], exif[ARTIST], exif[COPYRIGHT] = "Maker", "Camera 1", "A. Müller", "(c) Muller"
    own = exif.get_ifd(PHOTO_IFD)
    own[SPEED], own[PIXEL_X], own[PIXEL_Y] = 400, 60, 80
    own.update({int(tag): value for tag, value in photo.items()})
    exif.get_ifd(GPS_IFD)[1] = "N"
    return exif


def app(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(*segments: bytes, exif: Image.Exif | None = None, dpi: int = 300) -> bytes:
    """A camera's JPEG with further segments behind its head."""
    file = io.BytesIO()
    options = {"exif": exif} if exif is not None else {}
    Image.fromarray(PIXELS).save(file, "JPEG", quality=95, dpi=(dpi, dpi), **options)
    whole = file.getvalue()
    return whole[:2] + b"".join(segments) + whole[2:]


def full_jpeg() -> bytes:
    exif = exif_of()
    exif[ORIENTATION] = 6
    photoshop = (
        b"Photoshop 3.0\0" + resource(1028, IPTC) + resource(2000, PATH, b"Cut") + resource(2999, b"\x03Cut\0\1\0\0")
    )
    return jpeg(app(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP), app(0xED, photoshop), exif=exif)


def as_png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    whole = bytes(imagecodecs.png_encode(PIXELS))
    exif = exif_of()
    exif[ORIENTATION] = 6
    iptc = resource(1028, IPTC)
    texts = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    texts += chunk(
        b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(f"\niptc\n{len(iptc):8d}\n{iptc.hex()}\n".encode())
    )
    head = chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1)) + chunk(
        b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")
    )
    return whole[:33] + head + texts + whole[33:]


def as_tiff() -> bytes:
    file = io.BytesIO()
    exif = exif_of()
    exif[ORIENTATION] = 6
    for pointer in (PHOTO_IFD, GPS_IFD):
        exif[pointer] = dict(exif.get_ifd(pointer))
    exif[700], exif[33723] = XMP, IPTC
    exif[34377] = resource(2000, PATH, b"Cut") + resource(2999, b"\x03Cut\0\1\0\0")
    Image.fromarray(PIXELS).save(file, "TIFF", dpi=(300, 300), exif=exif)
    return file.getvalue()


SOURCES = {"jpg": full_jpeg, "png": as_png, "tif": as_tiff}


@pytest.fixture(params=SOURCES)
def source(request, tmp_path) -> Path:
    path = tmp_path / f"source.{request.param}"
    path.write_bytes(SOURCES[request.param]())
    return path


def edited(source: Path, suffix: str, edit_of=None) -> tuple[Path, tuple[str, ...]]:
    document = documents.read(source)
    result = source.with_name(f"result{suffix}")
    return result, documents.write(result, document, [])


def _exif(path: Path) -> Image.Exif:
    """As Pillow reads it; of a PSD or an OpenRaster from where they keep it."""
    if path.suffix == ".psd":
        exif = Image.Exif()
        exif.load(PSDImage.open(path).image_resources.get_data(Resource.EXIF_DATA_1))
        return exif
    return Image.open(_picture(path)).getexif()


def _picture(path: Path):
    import zipfile

    return io.BytesIO(zipfile.ZipFile(path).read("mergedimage.png")) if path.suffix == ".ora" else path


def _xmp(path: Path) -> bytes:
    if path.suffix == ".psd":
        return bytes(PSDImage.open(path).image_resources.get_data(Resource.XMP_METADATA))
    info = Image.open(_picture(path)).info
    found = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    return found if isinstance(found, bytes) else found.encode()


def _iptc(path: Path) -> bytes:
    if path.suffix == ".psd":
        return parts_of(path.read_bytes()).resources[1028]
    picture = Image.open(_picture(path))
    if path.suffix == ".tif":
        return b"".join(value for value in getiptcinfo(picture).values())
    lines = picture.text["Raw profile type iptc"].split()
    assert (lines[0], int(lines[1])) == ("iptc", len("".join(lines[2:])) // 2)
    return bytes.fromhex("".join(lines[2:]))


def _resolution(path: Path) -> tuple[float, float]:
    import zipfile

    if path.suffix == ".psd":
        info = PSDImage.open(path).image_resources.get_data(Resource.RESOLUTION_INFO)
        return info.horizontal / 65_536, info.vertical / 65_536
    if path.suffix == ".ora":
        image = ElementTree.fromstring(zipfile.ZipFile(path).read("stack.xml"))
        return float(image.get("xres")), float(image.get("yres"))
    return tuple(float(side) for side in Image.open(path).info["dpi"])


@pytest.mark.parametrize("suffix", [".psd", ".tif", ".png", ".ora"])
def test_a_print_file_stays_one_and_says_who_made_it(source, suffix) -> None:
    result, _ = edited(source, suffix)

    exif = _exif(result)
    assert _resolution(result) == pytest.approx((300, 300), abs=0.01)
    assert (exif[MAKE], exif[MODEL], exif[COPYRIGHT]) == ("Maker", "Camera 1", "(c) Muller")
    assert exif.get_ifd(PHOTO_IFD)[SPEED] == 400
    assert exif.get_ifd(GPS_IFD)[1] == "N"
    assert b"(c) Muller" in _iptc(result)
    rights = ElementTree.fromstring(_xmp(result).partition(b"?>")[2].rpartition(b"<?")[0])
    assert "© Müller" in "".join(rights.itertext())


@pytest.mark.parametrize("suffix", [".psd", ".tif", ".png", ".ora"])
def test_a_picture_turned_upright_is_not_turned_again_by_the_next_reader(source, suffix) -> None:
    result, _ = edited(source, suffix)

    upright = np.asarray(ImageOps.exif_transpose(Image.open(source).convert("RGB")))
    shown = documents.read(result).samples[..., :3]
    assert np.array_equal(shown, upright)
    assert _exif(result).get(ORIENTATION, 1) == 1
    assert b'tiff:Orientation="1"' in _xmp(result)
    photo = _exif(result).get_ifd(PHOTO_IFD)
    assert (photo[PIXEL_X], photo[PIXEL_Y]) == (60, 80)


@pytest.mark.parametrize("kind", ["jpg", "tif"])
def test_a_clipping_path_in_a_jpeg_or_tiff_arrives_where_paths_can_be_and_is_named_where_not(tmp_path, kind) -> None:
    source = tmp_path / f"source.{kind}"
    source.write_bytes(SOURCES[kind]())
    psd, notes = edited(source, ".psd")
    tiff, _ = edited(source, ".tif")
    _, told = edited(source, ".png")

    assert parts_of(psd.read_bytes()).resources[2000] == resource(2000, PATH, b"Cut")
    assert resource(2999, b"\x03Cut\0\1\0\0") in tifffile.TiffFile(tiff).pages.first.tags[34377].value
    assert not any("path" in note for note in notes)
    assert any("no place for the original's paths" in note for note in told)


@pytest.mark.parametrize("suffix", [".psd", ".tif", ".png"])
def test_a_thumbnail_of_the_old_pixels_does_not_stay(tmp_path, suffix) -> None:
    exif = exif_of()
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    thumbnail = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(thumbnail, "JPEG")
    picture = thumbnail.getvalue()
    order = ">" if block[:2] == b"MM" else "<"
    (first,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, first)
    second = struct.pack(order + "H", 2)
    second += struct.pack(order + "HHII", 513, 4, 1, len(block) + 30) + struct.pack(
        order + "HHII", 514, 4, 1, len(picture)
    )
    changed = bytearray(block)
    struct.pack_into(order + "I", changed, first + 2 + 12 * count, len(block))
    block = bytes(changed) + second + bytes(4) + picture
    (tmp_path / "source.jpg").write_bytes(jpeg(app(0xE1, b"Exif\0\0" + block)))
    assert Image.open(tmp_path / "source.jpg").getexif().get_ifd(ExifTags.IFD.IFD1) != {}

    result, _ = edited(tmp_path / "source.jpg", suffix)

    assert _exif(result)[MAKE] == "Maker"
    assert picture not in result.read_bytes()
    assert _exif(result).get_ifd(ExifTags.IFD.IFD1) == {}


def test_a_cameras_own_notes_keep_their_place_where_a_block_stays_whole_and_are_named_where_not(tmp_path) -> None:
    (tmp_path / "source.jpg").write_bytes(jpeg(exif=exif_of(**{str(MAKER_NOTE): b"Maker\0own notes, 24 bytes"})))
    source = tmp_path / "source.jpg"

    for suffix in (".png", ".psd"):
        result, notes = edited(source, suffix)
        assert notes == ()
        assert _exif(result).get_ifd(PHOTO_IFD)[MAKER_NOTE] == b"Maker\0own notes, 24 bytes"
        before, after = (_block(path).index(b"own notes") for path in (source, result))
        assert before == after
    _, notes = edited(source, ".tif")
    assert any("MakerNote" in note for note in notes)


def _block(path: Path) -> bytes:
    data = path.read_bytes()
    return data[min(at for order in (b"II*\0", b"MM\0*") if (at := data.find(order)) >= 0) :]


def test_adobe_rgb_that_only_exif_tells_is_believed(tmp_path) -> None:
    exif = exif_of(**{str(COLOR_SPACE): 0xFFFF})
    exif.get_ifd(PHOTO_IFD)[INTEROPERABILITY_IFD] = {1: "R03", 2: b"0100"}
    (tmp_path / "source.jpg").write_bytes(jpeg(exif=exif))

    document = documents.read(tmp_path / "source.jpg")
    result, _ = edited(tmp_path / "source.jpg", ".psd")

    assert document.profile == "Adobe RGB (1998)"
    icc = ImageCms.ImageCmsProfile(io.BytesIO(PSDImage.open(result).image_resources.get_data(Resource.ICC_PROFILE)))
    assert ImageCms.getProfileDescription(icc).strip() == "Adobe RGB (1998)"
    exif.get_ifd(PHOTO_IFD)[INTEROPERABILITY_IFD] = {1: "R98", 2: b"0100"}
    (tmp_path / "other.jpg").write_bytes(jpeg(exif=exif))
    assert documents.read(tmp_path / "other.jpg").profile == "sRGB IEC61966-2.1"


@pytest.mark.parametrize("kind", ["jpg", "png", "tif"])
def test_content_credentials_are_left_out_and_a_note_says_so(tmp_path, kind) -> None:
    path = tmp_path / f"signed.{kind}"
    box = b"\0\0\0\x18jumb" + bytes(16)
    if kind == "jpg":
        path.write_bytes(jpeg(app(0xEB, b"JP\0\1\0\0\0\1" + box)))
    elif kind == "png":
        whole = as_png()
        path.write_bytes(whole[:33] + struct.pack(">I", len(box)) + b"caBX" + box + bytes(4) + whole[33:])
    else:
        tifffile.imwrite(path, PIXELS, photometric="rgb", extratags=[(52545, 7, len(box), box, True)])

    for suffix in (".psd", ".tif", ".png", ".ora"):
        result, notes = edited(path, suffix)
        assert any("Content Credentials" in note for note in notes)
        assert box not in result.read_bytes()


def test_png_texts_stay_in_png_become_xmp_elsewhere_and_are_named_where_they_cannot(tmp_path) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "A. Smith")
    info.add_itxt("Copyright", "© Müller")
    info.add_text("Disclaimer", "none")
    Image.fromarray(PIXELS).save(tmp_path / "source.png", pnginfo=info)

    again, notes = edited(tmp_path / "source.png", ".png")
    assert (notes, Image.open(again).text["Copyright"]) == ((), "© Müller")
    for suffix in (".psd", ".tif"):
        result, notes = edited(tmp_path / "source.png", suffix)
        packet = ElementTree.fromstring(_xmp(result).partition(b"?>")[2].rpartition(b"<?")[0])
        assert {"© Müller", "A. Smith"} <= set(packet.itertext())
        assert [note for note in notes if "'Disclaimer'" in note and "Copyright" not in note] != []


def test_a_second_edit_remembers_the_recipe_of_the_first(tmp_path, document_of, edit_of) -> None:
    for suffix in (".png", ".tif", ".psd"):
        first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
        documents.write(first, document_of(), [edit_of(document_of())])
        opened = documents.read(first)
        documents.write(second, opened, [edit_of(opened)])
        assert second.read_bytes().count(b'"seed"') in (0, 2), suffix  # compressed in PNG
        assert len(documents.read(second).metadata.recipes) == 2


def test_a_tiff_keeps_its_description(tmp_path, edit_of, document_of) -> None:
    tifffile.imwrite(
        tmp_path / "source.tif",
        np.zeros((200, 240, 3), np.uint8),
        photometric="rgb",
        description="a barn",
        metadata=None,
    )
    opened = documents.read(tmp_path / "source.tif")
    documents.write(tmp_path / "result.tif", opened, [edit_of(opened)])
    assert tifffile.TiffFile(tmp_path / "result.tif").pages.first.description == "a barn"


@pytest.mark.parametrize("broken", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + bytes(40)])
def test_a_broken_exif_block_costs_only_itself(tmp_path, broken) -> None:
    (tmp_path / "source.jpg").write_bytes(jpeg(app(0xE1, b"Exif\0\0" + broken)))
    for suffix in (".psd", ".tif", ".png"):
        result, _ = edited(tmp_path / "source.jpg", suffix)
        assert documents.read(result).samples.shape == (60, 80, 3)


def test_pages_layers_and_saved_selections_of_a_tiff_that_are_left_out_are_named(tmp_path) -> None:
    with tifffile.TiffWriter(tmp_path / "pages.tif") as writer:
        for _ in range(3):
            writer.write(PIXELS, photometric="rgb", metadata=None)
        writer.write(PIXELS[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
    assert edited(tmp_path / "pages.tif", ".psd")[1] == (
        "only the first page was read; 2 more of this TIFF were left out",
    )
    extra = np.concatenate([PIXELS, PIXELS[..., :2]], -1)
    tifffile.imwrite(tmp_path / "selections.tif", extra, photometric="rgb", extrasamples=["unspecified", "unspecified"])
    assert any("2 saved selection(s)" in note for note in edited(tmp_path / "selections.tif", ".psd")[1])
    tag = (37724, 7, 28, b"Adobe Photoshop Document Data\0"[:28], True)
    tifffile.imwrite(tmp_path / "layers.tif", PIXELS, photometric="rgb", extratags=[tag])
    assert any("Photoshop's layers inside this TIFF" in note for note in edited(tmp_path / "layers.tif", ".psd")[1])
