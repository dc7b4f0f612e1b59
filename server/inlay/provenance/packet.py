"""IPTC's digital source type in an XMP packet: read, and set, while every other byte of the packet stays.

Source: XMP specification part 1; IPTC Photo Metadata Standard 2023.1, "Digital Source Type".
"""

import re
import xml.etree.ElementTree as ElementTree

from inlay.provenance.source_types import address_of, named

NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_NAME = "DigitalSourceType"
_PREFIX = "Iptc4xmpExt"
# A packet may come from anybody: no pattern takes longer than its length, whatever stands in it.
_ABOUT = re.compile(r"""<[\w.-]+:Description\b[^<>]*?\b[\w.-]{1,64}:about\s*=\s*("[^"]*"|'[^']*')""")
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{_RDF}"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def term_in(packet: bytes) -> str:
    """The source type that a packet states, such as `digitalCapture`; empty where it states none or cannot be read."""
    try:
        root = ElementTree.fromstring(packet.strip(b"\0 \r\n\t")) if packet else None
    except ElementTree.ParseError:
        return ""
    for description in () if root is None else root.iter(f"{{{_RDF}}}Description"):
        stated = description.get(f"{{{NAMESPACE}}}{_NAME}") or _stated(description.find(f"{{{NAMESPACE}}}{_NAME}"))
        if stated:
            return named(stated)
    return ""


def stating(packet: bytes, term: str) -> bytes | None:
    """`packet` (a new one where it is empty) with that source type; all else is as it was. None where it cannot be read."""
    try:
        text = packet.decode("utf-8") if packet else _EMPTY
    except UnicodeDecodeError:
        return None
    said = _replaced(text, term) if term_in(packet) else _added(text, term)
    made = said.encode() if said else b""
    return made if term_in(made) == term else None


def _stated(element: ElementTree.Element | None) -> str:
    if element is None:
        return ""
    return element.get(f"{{{_RDF}}}resource") or (element.text or "").strip()


def _replaced(text: str, term: str) -> str:
    """Whichever way it is written: as an attribute, as an element with text, as one that names a resource."""
    address = address_of(term)
    for prefix in _prefixes(text, NAMESPACE):
        name = f"{re.escape(prefix)}:{_NAME}"
        attribute = rf"""(\b{name}\s*=\s*)("[^"]*"|'[^']*')"""
        resource = rf"""(<{name}\s[^<>]*?\b[\w.-]{{1,64}}:resource\s*=\s*)("[^"]*"|'[^']*')"""
        text = re.sub(rf"(<{name}\s*>)[^<]*(?=</{name}\s*>)", lambda found: found[1] + address, text)
        for pattern in (attribute, resource):
            text = re.sub(pattern, lambda found: f'{found[1]}"{address}"', text)
    return text


def _added(text: str, term: str) -> str:
    """In a description of its own, about what the others are about."""
    found = _ABOUT.search(text)
    about = found[1] if found else '""'
    for rdf in _prefixes(text, _RDF):
        description = (
            f"<{rdf}:Description {rdf}:about={about} "
            f'xmlns:{_PREFIX}="{NAMESPACE}"><{_PREFIX}:{_NAME}>{address_of(term)}</{_PREFIX}:{_NAME}></{rdf}:Description>'
        )
        closed = re.search(rf"<{re.escape(rdf)}:RDF\b[^<>]*/>", text)
        if closed:
            text = f"{text[: closed.end() - 2].rstrip()}></{rdf}:RDF>{text[closed.end() :]}"
        end = text.rfind(f"</{rdf}:RDF>")
        if end >= 0:
            return text[:end] + description + text[end:]
    return ""


def _prefixes(text: str, namespace: str) -> list[str]:
    found = re.findall(rf"""xmlns:([\w.-]+)\s*=\s*["']{re.escape(namespace)}["']""", text)
    return list(dict.fromkeys(found))
