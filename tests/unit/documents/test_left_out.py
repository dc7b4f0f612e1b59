"""What a file has and another format or a larger canvas has not: saved selections, slices, XMP in several pieces."""

import hashlib
import io
import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Resource
from skimage import data

from inlay import documents
from inlay.client.canvas import Margins, expanded
from support.psd_parts import parts_of, resource, with_resources

MARGINS = Margins(40, 30, 20, 10)
NAMES = ("Hair", "Größe")
SELECTIONS = 1045
SLICES = 1050
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HEADLINE, CAPTION = "A tower at dusk", "Long, " * 14_000


def unicode_text(text: str) -> bytes:
    return struct.pack(">I", len(text) + 1) + (text + "\0").encode("utf-16-be")


@pytest.fixture
def with_selections(tmp_path) -> Path:
    """A PSD of one layer and two saved selections beyond its colours."""
    psd = PSDImage.new("RGB", (60, 40), color=(90, 120, 30))
    psd.create_pixel_layer(Image.fromarray(data.astronaut()[:40, :60]), name="picture")
    file = io.BytesIO()
    psd.save(file)
    whole = file.getvalue()
    merged = parts_of(whole).merged
    plain = whole[: len(whole) - len(merged)]
    planes = np.moveaxis(data.astronaut()[:40, :60], -1, 0).tobytes() + bytes(60 * 40) + b"\xff" * (60 * 40)
    plain = plain[:12] + struct.pack(">H", 5) + plain[14:]
    names = b"".join(unicode_text(name) for name in NAMES)
    path = tmp_path / "selections.psd"
    path.write_bytes(with_resources(plain + struct.pack(">H", 0) + planes, resource(SELECTIONS, names)))
    return path


@pytest.mark.parametrize("suffix", [".ora", ".tif", ".png"])
def test_saved_selections_that_a_format_has_no_place_for_are_named(with_selections, suffix) -> None:
    notes = documents.write(with_selections.with_suffix(suffix), documents.read(with_selections), [])

    (note,) = [note for note in notes if "saved selections" in note]
    assert all(name in note for name in NAMES)
    assert suffix in note


def test_a_psd_keeps_its_saved_selections_and_says_nothing_of_them(with_selections) -> None:
    notes = documents.write(with_selections.with_name("result.psd"), documents.read(with_selections), [])

    kept = PSDImage.open(with_selections.with_name("result.psd"))
    planes = kept._record.image_data.get_data(kept._record.header)
    assert [set(plane) for plane in planes[3:]] == [{0}, {255}]
    assert notes == ()


def sliced(count: int, version: int) -> bytes:
    """Resource 1050 as Photoshop begins it: version 6 with its bounds and name, later ones as a descriptor."""
    if version == 6:
        return (
            struct.pack(">I4i", 6, 0, 0, 40, 60) + unicode_text("logo") + struct.pack(">I", count) + bytes(70 * count)
        )
    head = struct.pack(">IIIHI4sI", version, 16, 1, 0, 0, b"null", 2)
    name = struct.pack(">I", 8) + b"baseNameTEXT" + unicode_text("logo")
    return head + name + struct.pack(">I", 6) + b"slicesVlLs" + struct.pack(">I", count) + b"Objc" + bytes(70 * count)


@pytest.mark.parametrize("version", [6, 7, 8])
def test_slices_of_the_old_canvas_do_not_stay_on_a_larger_one_and_are_named(with_selections, version) -> None:
    original = with_selections.read_bytes()
    for count, is_named in ((1, False), (3, True)):
        with_selections.write_bytes(with_resources(original, resource(SLICES, sliced(count, version))))
        larger, _ = expanded(documents.read(with_selections), MARGINS)
        notes = documents.write(with_selections.with_name("larger.psd"), larger, [])
        assert SLICES not in parts_of(with_selections.with_name("larger.psd").read_bytes()).resources
        assert any("3 slices" in note for note in notes) == is_named, notes


def test_slices_stay_where_the_canvas_stays(with_selections) -> None:
    body = sliced(3, 6)
    with_selections.write_bytes(with_resources(with_selections.read_bytes(), resource(SLICES, body)))
    documents.write(with_selections.with_name("result.psd"), documents.read(with_selections), [])

    assert parts_of(with_selections.with_name("result.psd").read_bytes()).resources[SLICES] == resource(SLICES, body)


def rdf(body: str, more: str = "") -> bytes:
    return (
        f'<rdf:RDF xmlns:rdf="{RDF}" {more}><rdf:Description rdf:about="" {body}</rdf:Description></rdf:RDF>'.encode()
    )


def jpeg_with_long_xmp(path: Path, keep: slice = slice(None)) -> None:
    """A JPEG whose XMP goes on in segments of its own, as XMP's part 3 has it; `keep`: which of them are there."""
    extension = rdf('xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:source>' + CAPTION + "</dc:source>")
    extension = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + extension + b"</x:xmpmeta>"
    name = hashlib.md5(extension).hexdigest().upper()
    packet = rdf(
        f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        f'xmpNote:HasExtendedXMP="{name}" photoshop:Headline="{HEADLINE}">'
    )
    packet = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' + packet
    bodies = [b"http://ns.adobe.com/xap/1.0/\0" + packet + b'</x:xmpmeta><?xpacket end="w"?>']
    pieces = [
        b"http://ns.adobe.com/xmp/extension/\0"
        + name.encode()
        + struct.pack(">II", len(extension), at)
        + extension[at : at + 30_000]
        for at in range(0, len(extension), 30_000)
    ]
    bodies += pieces[::-1][keep]  # Their order says nothing.
    file = io.BytesIO()
    Image.fromarray(data.astronaut()[:40, :60]).save(file, "JPEG")
    whole = file.getvalue()
    segments = b"".join(struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body for body in bodies)
    path.write_bytes(whole[:2] + segments + whole[2:])


def xmp_of(path: Path) -> bytes:
    if path.suffix == ".psd":
        return bytes(PSDImage.open(path).image_resources.get_data(Resource.XMP_METADATA))
    info = Image.open(path).info
    found = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    return found if isinstance(found, bytes) else found.encode()


@pytest.mark.parametrize("suffix", [".psd", ".tif", ".png"])
def test_xmp_in_several_pieces_arrives_as_one_packet(tmp_path, suffix) -> None:
    jpeg_with_long_xmp(tmp_path / "source.jpg")
    notes = documents.write(tmp_path / f"result{suffix}", documents.read(tmp_path / "source.jpg"), [])

    packet = xmp_of(tmp_path / f"result{suffix}")
    root = ElementTree.fromstring(packet)
    assert [element.text for element in root.iter("{http://purl.org/dc/elements/1.1/}source")] == [CAPTION]
    headline = "{http://ns.adobe.com/photoshop/1.0/}Headline"
    assert [element.get(headline) for element in root.iter(f"{{{RDF}}}Description")] == [HEADLINE, None]
    assert b"HasExtendedXMP" not in packet
    assert notes == ()


def test_of_xmp_of_which_a_piece_is_missing_the_first_packet_arrives_and_the_rest_is_named(tmp_path) -> None:
    jpeg_with_long_xmp(tmp_path / "source.jpg", slice(1, None))
    notes = documents.write(tmp_path / "result.psd", documents.read(tmp_path / "source.jpg"), [])

    assert HEADLINE.encode() in xmp_of(tmp_path / "result.psd")
    assert any("XMP's extension" in note for note in notes)
