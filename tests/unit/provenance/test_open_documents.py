"""What the XMP of a document that is open in an editor is to say, once a result is in it."""

import xml.etree.ElementTree as ElementTree

import pytest

from inlay.errors import InvalidInput
from inlay.provenance import Act, acts_in, restated
from inlay.provenance.packet import stating, term_in
from unit.provenance.conftest import ERASED, PAINTED

BY_HAND, PAINTS = acts_in([ERASED])[0], acts_in([PAINTED])[0]
LOOKS = Act("select", "outline", None, "")


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
STATED = f'xmlns:e="{EXT}" e:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"'
LONG = 2**20


def packet(inside: str, gap: str = " ") -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF{gap}xmlns:rdf="{RDF}">{inside}</rdf:RDF></x:xmpmeta>'.encode()


def saying(term: str) -> bytes:
    made = stating(b"", term)
    assert made is not None
    return made


def test_it_says_what_was_done() -> None:
    assert term_in(restated(b"", b"", [BY_HAND])) == "humanEdits"
    assert term_in(restated(b"", b"", [BY_HAND, PAINTS])) == "compositeWithTrainedAlgorithmicMedia"


def test_a_stronger_term_takes_the_place_of_a_weaker_one_and_no_weaker_one_that_of_a_stronger() -> None:
    assert term_in(restated(saying("humanEdits"), b"", [PAINTS])) == "compositeWithTrainedAlgorithmicMedia"
    assert restated(saying("trainedAlgorithmicMedia"), b"", [PAINTS]) == b""
    assert term_in(restated(saying("digitalCapture"), b"", [BY_HAND])) == "humanEdits"


def test_what_is_said_already_stays_byte_for_byte() -> None:
    assert restated(saying("humanEdits"), b"", [BY_HAND]) == b""


def test_what_the_document_came_from_counts_too() -> None:
    assert term_in(restated(b"", saying("compositeSynthetic"), [BY_HAND])) == "compositeSynthetic"


@pytest.mark.parametrize("acts", [[], [LOOKS]], ids=["nothing", "a selection"])
def test_what_changes_no_picture_says_nothing(acts: list[Act]) -> None:
    assert restated(b"", saying("trainedAlgorithmicMedia"), acts) == b""


def test_a_packet_that_cannot_be_read_is_refused_by_name_unless_there_is_nothing_to_say() -> None:
    with pytest.raises(InvalidInput, match=r"^xmp is <no>; it must be an XMP packet, or empty"):
        restated(b"<no>", b"", [BY_HAND])
    assert restated(b"<no>", b"", [LOOKS]) == b""


@pytest.mark.parametrize(
    "long",
    [
        packet(f'<rdf:Description dc:format="{"a" * LONG}" xmlns:dc="urn:d"/>'),
        packet(f"<!-- {'<rdf:Description' * (LONG // 16)} -->"),
        packet(f"<rdf:Description{' ' * LONG}/>"),
        packet(f"<rdf:Description {STATED}/><!-- {'<e:DigitalSourceType ' * (LONG // 21)} -->"),
        packet(f'<rdf:Description {STATED} e:b="{"a." * (LONG // 2)}"/>'),
        packet("").replace(b"></rdf:RDF>", b" " * LONG + b"/>"),
        packet("", " " * LONG),
    ],
    ids=["value", "beginnings", "gap", "statements", "value beside", "empty", "gap in the beginning"],
)
def test_a_long_packet_is_restated_whatever_stands_in_it(long: bytes) -> None:
    """It may come from anybody: a pattern that looks at each place for each other would not be done before tomorrow."""
    made = restated(long, b"", [PAINTS])
    assert term_in(made) == "compositeWithTrainedAlgorithmicMedia"
    assert ElementTree.fromstring(made) is not None
