"""Which of IPTC's terms an edit is, which speaks for a file, and how it gets into an XMP packet that says other things."""

import hashlib
import xml.etree.ElementTree as ElementTree

import pytest

from inlay.provenance import acts_in
from inlay.provenance.packet import stating, term_in
from inlay.provenance.source_types import address_of, is_term, strongest

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def remembered(verb: str, engine: str, **sampling: object) -> dict[str, object]:
    """As `inlay edit` keeps it in a file, but for what no mark needs."""
    recipe = {"verb": verb, "where": {"region": [1, 2, 3, 4]}, "words": {"prompt": ""}, "sampling": sampling}
    return {"job_id": "", "recipe": recipe, "receipts": [{"engine": engine}]}


@pytest.mark.parametrize(
    ("verb", "engine", "term"),
    [
        ("erase", "classic", "humanEdits"),
        ("fill", "classic", "humanEdits"),
        ("expand", "classic", "humanEdits"),
        ("text", "lettering", "humanEdits"),
        ("recolor", "classic", "algorithmicallyEnhanced"),
        ("match", "match", "algorithmicallyEnhanced"),
        ("upscale", "lanczos", "algorithmicallyEnhanced"),
        ("erase", "big-lama", "compositeWithTrainedAlgorithmicMedia"),
        ("fill", "sdxl", "compositeWithTrainedAlgorithmicMedia"),
        ("upscale", "4x-ultrasharp", "compositeWithTrainedAlgorithmicMedia"),
        ("generate", "gpt-image", "compositeWithTrainedAlgorithmicMedia"),
        ("a verb of tomorrow", "an engine of tomorrow", "compositeWithTrainedAlgorithmicMedia"),
        ("erase", "", "compositeWithTrainedAlgorithmicMedia"),
    ],
)
def test_a_verbs_term_follows_from_what_painted_it(verb, engine, term) -> None:
    (act,) = acts_in([remembered(verb, engine)])
    assert act.term == term
    assert is_term(term)
    assert address_of(term) == BASE + term


def test_weights_count_as_trained_whatever_their_name() -> None:
    (act,) = acts_in([remembered("upscale", "lanczos", resolved={"model": "lanczos", "model_sha256": "ab" * 32})])
    assert act.term == "compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize("verb", ["select", "describe", "structure"])
def test_what_changes_no_picture_is_no_act(verb) -> None:
    assert acts_in([remembered(verb, "outline")]) == ()


@pytest.mark.parametrize(
    ("verb", "mask", "strength", "term"),
    [
        ("generate", b"\xff" * 12, 1.0, "trainedAlgorithmicMedia"),
        ("generate", b"\xff" * 11 + b"\xfe", 1.0, "compositeWithTrainedAlgorithmicMedia"),
        ("generate", b"\xff" * 12, 0.5, "compositeWithTrainedAlgorithmicMedia"),
        ("fill", b"\xff" * 12, 1.0, "compositeWithTrainedAlgorithmicMedia"),
    ],
)
def test_only_a_whole_picture_from_words_is_a_models_alone(verb, mask, strength, term) -> None:
    memory = remembered(verb, "sdxl", strength=strength)
    recipe = memory["recipe"]
    assert isinstance(recipe, dict)
    recipe["canvas"] = {"document": [4, 3]}
    recipe["where"] = {
        "region": [0, 0, 4, 3],
        "mask": {"sample_type": "u8", "blob": hashlib.sha256(mask).hexdigest()},
    }
    (act,) = acts_in([memory])
    assert act.term == term


@pytest.mark.parametrize("odd", [{}, {"verb": 3}, {"recipe": "none"}, {"recipe": {"where": [1]}, "receipts": {}}])
def test_an_odd_memory_counts_as_trained(odd) -> None:
    (act,) = acts_in([odd])
    assert act.term == "compositeWithTrainedAlgorithmicMedia"
    assert act.region is None


@pytest.mark.parametrize(
    ("terms", "speaks"),
    [
        (["digitalCapture", "algorithmicallyEnhanced"], "algorithmicallyEnhanced"),
        (["algorithmicallyEnhanced", "humanEdits"], "humanEdits"),
        (["humanEdits", "compositeWithTrainedAlgorithmicMedia"], "compositeWithTrainedAlgorithmicMedia"),
        (["compositeWithTrainedAlgorithmicMedia", "trainedAlgorithmicMedia"], "trainedAlgorithmicMedia"),
        (["humanEdits", "compositeSynthetic"], "compositeSynthetic"),
        (["humanEdits", "a term of tomorrow"], "humanEdits"),
        (["", "digitalCapture"], "digitalCapture"),
        ([], ""),
    ],
)
def test_the_strongest_term_speaks_for_a_file_in_any_order(terms, speaks) -> None:
    assert strongest(terms) == speaks
    assert strongest(reversed(terms)) == speaks


def packet(inside: str, rdf: str = "rdf") -> bytes:
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f'<{rdf}:RDF xmlns:{rdf}="{RDF}">{inside}</{rdf}:RDF></x:xmpmeta>\n' + " " * 40 + '<?xpacket end="w"?>'
    ).encode()


DESCRIBED = '<rdf:Description rdf:about="uuid:7" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/png"/>'
STATED = {
    "attribute": f'<rdf:Description rdf:about="" xmlns:e="{EXT}" e:DigitalSourceType="{BASE}digitalCapture"/>',
    "single quotes": f"<rdf:Description rdf:about='' xmlns:e='{EXT}' e:DigitalSourceType='{BASE}digitalCapture'/>",
    "element": f'<rdf:Description xmlns:e="{EXT}"><e:DigitalSourceType>{BASE}digitalCapture</e:DigitalSourceType>'
    "</rdf:Description>",
    "resource": f'<rdf:Description xmlns:e="{EXT}"><e:DigitalSourceType rdf:resource="{BASE}digitalCapture"/>'
    "</rdf:Description>",
    "its usual prefix": f'<rdf:Description xmlns:Iptc4xmpExt="{EXT}"><Iptc4xmpExt:DigitalSourceType>\n {BASE}digitalCapture\n'
    "</Iptc4xmpExt:DigitalSourceType></rdf:Description>",
}


@pytest.mark.parametrize("way", STATED)
def test_a_term_that_is_stated_is_read_and_replaced_where_it_stands(way) -> None:
    old = packet(DESCRIBED + STATED[way])
    assert term_in(old) == "digitalCapture"

    new = stating(old, "humanEdits")

    assert new is not None
    plain = new.replace(b"humanEdits", b"digitalCapture").replace(b'"', b"'")
    assert b"".join(plain.split()) == b"".join(old.replace(b'"', b"'").split())
    assert new.count(BASE.encode()) == 1
    assert ElementTree.fromstring(new) is not None
    assert term_in(new) == "humanEdits"


@pytest.mark.parametrize("rdf", ["rdf", "r"])
def test_a_term_is_added_about_what_the_packet_is_about_and_no_byte_is_lost(rdf) -> None:
    old = packet(DESCRIBED.replace("rdf:", f"{rdf}:"), rdf)

    new = stating(old, "humanEdits")

    assert new is not None
    root = ElementTree.fromstring(new)
    (description,) = (
        one for one in root.iter(f"{{{RDF}}}Description") if one.find(f"{{{EXT}}}DigitalSourceType") is not None
    )
    assert description.get(f"{{{RDF}}}about") == "uuid:7"
    assert description.findtext(f"{{{EXT}}}DigitalSourceType") == BASE + "humanEdits"
    end = old.index(f"</{rdf}:RDF>".encode())
    assert new.startswith(old[:end])
    assert new.endswith(old[end:])


def test_a_packet_is_made_where_there_is_none_and_an_empty_one_is_filled() -> None:
    empty = packet("").replace(b"></rdf:RDF>", b"/>")
    for old in (b"", packet(""), empty):
        new = stating(old, "humanEdits")
        assert new is not None
        root = ElementTree.fromstring(new)
        assert [one.text for one in root.iter(f"{{{EXT}}}DigitalSourceType")] == [BASE + "humanEdits"]


@pytest.mark.parametrize("broken", [b"<x:xmpmeta", b"\xff\xfe<\0x\0", b"<a/>", packet(DESCRIBED)[:-90]])
def test_a_packet_that_cannot_be_read_is_left_alone(broken) -> None:
    assert stating(broken, "humanEdits") is None
    assert term_in(broken) == ""
