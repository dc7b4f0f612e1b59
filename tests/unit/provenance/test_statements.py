"""What a file that Inlay writes says of itself: the source type always, Content Credentials where they are wanted or came along."""

import json
import xml.etree.ElementTree as ElementTree
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from psd_tools import PSDImage
from psd_tools.constants import Resource

from inlay import documents, provenance
from inlay.documents import PlacedEdit
from inlay.documents.metadata import CREDENTIALS
from inlay.errors import InvalidInput
from inlay.provenance import Statement, acts_in, memories_in
from inlay.provenance.reading import look
from inlay.region import Rect
from unit.provenance.conftest import ERASED, PAINTED

SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PLACE = Rect(10, 20, 30, 40)
RIGHTS = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmpRights:Marked="True"/>'
    "</rdf:RDF></x:xmpmeta>"
)
SUFFIXES = ("png", "tif", "ora", "psd")


def packet_in(path: Path) -> bytes:
    """By other readers; of an OpenRaster, of its merged picture."""
    if path.suffix == ".psd":
        return bytes(PSDImage.open(path).image_resources.get_data(Resource.XMP_METADATA))
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as file:
            return bytes(file.pages.first.tags[700].value)
    data = path.read_bytes()
    if path.suffix == ".ora":
        with zipfile.ZipFile(path) as archive:
            data = archive.read("mergedimage.png")
    with Image.open(BytesIO(data)) as picture:
        return picture.info["XML:com.adobe.xmp"].encode()


def stated_in(path: Path) -> list[str | None]:
    return [element.text for element in ElementTree.fromstring(packet_in(path)).iter(SOURCE_TYPE)]


def edit(pixels: np.ndarray, memory: dict) -> PlacedEdit:
    mask = np.full((PLACE.height, PLACE.width), 255, np.uint8)
    new = 255 - pixels[PLACE.slices]
    return PlacedEdit("Edit", PLACE, mask, (("Variation 1", new, True),), json.dumps(memory))


def written(original: Path, out: Path, studio: Path, memory: dict, wanted: bool | None = None) -> tuple[str, ...]:
    """As the command line does it."""
    document = documents.read(original)
    statement = Statement.of(document, [memory], studio, wanted)
    notes = documents.write(out, statement.made_in(document, out.suffix), [edit(document.samples, memory)])
    statement.sign(out)
    return notes


@pytest.fixture
def photo(pixels: np.ndarray, tmp_path: Path) -> Path:
    """A photograph with rights in its XMP."""
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", RIGHTS)
    Image.fromarray(pixels).save(tmp_path / "photo.png", pnginfo=text)
    return tmp_path / "photo.png"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_source_type_is_stated_beside_what_the_original_said(suffix, photo, studio, tmp_path) -> None:
    out, again = tmp_path / f"out.{suffix}", tmp_path / f"again.{suffix}"

    notes = written(photo, out, studio, ERASED)
    written(photo, again, studio, ERASED)

    assert stated_in(out) == [TERMS + "humanEdits"]
    assert b'xmpRights:Marked="True"' in packet_in(out)
    assert notes == ()
    if suffix != "ora":  # whose entries carry the time
        assert out.read_bytes() == again.read_bytes()
    assert look(out).verdict is None
    assert not (tmp_path / f"out.{suffix}.c2pa").exists()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_only_what_the_file_says_is_new(suffix, photo, studio, pixels, tmp_path) -> None:
    """Every sample is as it would be without a statement, signed or not."""
    plain, stated, signed = (tmp_path / f"{name}.{suffix}" for name in ("plain", "stated", "signed"))
    documents.write(plain, documents.read(photo), [edit(pixels, ERASED)])
    written(photo, stated, studio, ERASED)
    written(photo, signed, studio, ERASED, wanted=True)

    reference = documents.read(plain)
    for path in (stated, signed):
        assert np.array_equal(documents.read(path).samples, reference.samples)
        assert documents.read(path).icc == reference.icc
    assert look(signed).verdict.state == "Valid"
    assert (tmp_path / f"signed.{suffix}.c2pa").exists() == (suffix in ("ora", "psd"))
    (step,) = (step for step in look(signed).verdict.mark.steps if step.action == "c2pa.edited")
    assert step.region == (10.0, 20.0, 30.0, 40.0)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_incoming_mark_is_kept_as_the_parent_unless_that_is_declined(suffix, photo, studio, tmp_path) -> None:
    """What a model painted stays what a model painted, signed or not."""
    out, bare = tmp_path / f"out.{suffix}", tmp_path / f"bare.{suffix}"
    provenance.sign(photo, acts_in([PAINTED]), studio)

    kept, left = written(photo, out, studio, ERASED), written(photo, bare, studio, ERASED, wanted=False)

    assert CREDENTIALS not in kept
    assert CREDENTIALS in left
    assert stated_in(out) == stated_in(bare) == [TERMS + "compositeWithTrainedAlgorithmicMedia"]
    (parent,) = look(out).verdict.mark.ingredients
    assert parent.mark.terms == ("compositeWithTrainedAlgorithmicMedia",) * 2
    assert look(bare).verdict is None


def test_a_file_may_take_its_originals_place(photo, studio) -> None:
    provenance.sign(photo, acts_in([PAINTED]), studio)
    written(photo, photo, studio, ERASED)

    found = look(photo).verdict
    assert found.state == "Valid"
    assert [part.failures for part in found.mark.ingredients] == [()]


def test_an_original_that_is_gone_by_then_is_named(photo, studio) -> None:
    document = documents.read(photo)
    photo.unlink()
    with pytest.raises(InvalidInput, match=r"photo\.png; it must be a file that can be read"):
        Statement.of(document, [ERASED], studio, wanted=True)


def test_a_layered_original_gets_the_statement_and_keeps_every_other_resource(photo, studio, tmp_path) -> None:
    first, second, third = (tmp_path / f"{name}.psd" for name in ("first", "second", "third"))
    written(photo, first, studio, ERASED)
    made = PSDImage.open(first)
    before = {number: resource.data for number, resource in made.image_resources.items()}

    written(first, second, studio, PAINTED)
    written(second, third, studio, ERASED | {"recipe_sha256": "ef" * 32})

    assert stated_in(second) == stated_in(third) == [TERMS + "compositeWithTrainedAlgorithmicMedia"]
    after = {number: resource.data for number, resource in PSDImage.open(second).image_resources.items()}
    assert {number for number in before if before[number] != after[number]} == {Resource.XMP_METADATA, 4990}
    assert [act.verb for act in acts_in(memories_in(third))] == ["erase", "fill", "erase"]


@pytest.mark.parametrize("suffix", ["tif", "psd"])
def test_texts_of_a_png_still_become_xmp(suffix, pixels, studio, tmp_path) -> None:
    text = PngInfo()
    text.add_text("Author", "A. Muller")
    Image.fromarray(pixels).save(tmp_path / "photo.png", pnginfo=text)

    notes = written(tmp_path / "photo.png", tmp_path / f"out.{suffix}", studio, ERASED)

    assert notes == ()
    assert b"A. Muller" in packet_in(tmp_path / f"out.{suffix}")
    assert stated_in(tmp_path / f"out.{suffix}") == [TERMS + "humanEdits"]


def test_of_a_krita_file_the_results_count_that_show(tmp_path) -> None:
    """As the plugin leaves it: tests/krita has one of the real Krita's."""
    acts = {
        f"{{{name}}}": {"verb": name, "engine": "classic", "region": [1, 2, 3, 4]} for name in ("erase", "fill", "gone")
    }
    acts |= {"{hidden}": {"verb": "recolor"}, "{inside}": {"verb": "refine"}}
    document = (
        '<?xml version="1.0"?><DOC xmlns="http://www.calligra.org/DTD/krita"><IMAGE><layers>'
        '<layer uuid="{fill}" visible="1"/><layer uuid="{hidden}" visible="0"/>'
        '<layer uuid="{group}" visible="0"><layers><layer uuid="{inside}" visible="1"/></layers></layer>'
        '<layer uuid="{open}" visible="1"><layers><layer uuid="{erase}" visible="1"/></layers></layer>'
        "</layers></IMAGE></DOC>"
    )
    with zipfile.ZipFile(tmp_path / "work.kra", "w") as archive:
        archive.writestr("mimetype", "application/x-krita")
        archive.writestr("maindoc.xml", document)
        archive.writestr("work/annotations/inlay/provenance", json.dumps(acts))

    assert [act.verb for act in acts_in(memories_in(tmp_path / "work.kra"))] == ["erase", "fill"]


def test_what_changes_no_picture_states_nothing(photo, studio, tmp_path) -> None:
    written(photo, tmp_path / "out.png", studio, {"verb": "select", "engine": "outline"}, wanted=True)
    assert packet_in(tmp_path / "out.png") == RIGHTS.encode()
    assert look(tmp_path / "out.png").verdict is None


def test_xmp_that_cannot_be_read_is_left_alone_with_a_note(pixels, studio, tmp_path) -> None:
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta broken")
    Image.fromarray(pixels).save(tmp_path / "photo.png", pnginfo=text)

    notes = written(tmp_path / "photo.png", tmp_path / "out.png", studio, ERASED)

    assert notes == ("its XMP cannot be read and was left as it is: it states no source type",)
    assert packet_in(tmp_path / "out.png") == b"<x:xmpmeta broken"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_edits_that_are_no_groups_are_remembered_too(suffix, photo, studio, tmp_path) -> None:
    """Such as an enlargement: there is no layer that could."""
    out = tmp_path / f"out.{suffix}"
    memory = {"verb": "upscale", "engine": "lanczos", "region": [0, 0, 120, 90], "recipe_sha256": "ef" * 32}
    document = documents.read(photo)
    statement = Statement.of(document, [memory], studio)
    documents.write(out, statement.made_in(document, out.suffix, [json.dumps(memory)]), [])

    (act,) = acts_in(memories_in(out))
    assert (act.verb, act.recipe_sha256, act.term) == ("upscale", "ef" * 32, "algorithmicallyEnhanced")
