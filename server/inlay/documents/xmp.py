"""XMP packets: kept as they are, but for what would be untrue of the new pixels. Source: XMP specification parts 1 and 3."""

import hashlib
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from inlay.region import Size

_PROPERTIES = {
    "Title": "dc:title",
    "Author": "dc:creator",
    "Copyright": "dc:rights",
    "Description": "dc:description",
    "Software": "xmp:CreatorTool",
}
"""Keywords of PNG texts, and the XMP properties that mean the same."""
_LISTS = {"dc:title": "Alt", "dc:rights": "Alt", "dc:description": "Alt", "dc:creator": "Seq"}
_THUMBNAILS = re.compile(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails>", re.DOTALL)

_EXTENDED = re.compile(
    rb"""\s*xmpNote:HasExtendedXMP\s*=\s*["']([0-9A-Fa-f]{32})["']"""
    rb"""|<xmpNote:HasExtendedXMP>\s*([0-9A-Fa-f]{32})\s*</xmpNote:HasExtendedXMP>"""
)
"""Where a JPEG's packet names its continuation, by the MD5 of that."""
_RDF = re.compile(rb"<rdf:RDF\b[^>]*>")
_DECLARED = re.compile(rb"""xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""")


def settled(packet: bytes, size: Size) -> bytes:
    """`packet` for an upright picture of `size` (px): orientation and dimensions true, no thumbnail, all else as it is."""
    packet = _THUMBNAILS.sub(b"", packet)
    numbers = {
        b"tiff:Orientation": 1,
        b"tiff:ImageWidth": size.width,
        b"tiff:ImageLength": size.height,
        b"exif:PixelXDimension": size.width,
        b"exif:PixelYDimension": size.height,
    }
    for name, wanted in numbers.items():
        text = str(wanted).encode()
        packet = re.sub(rb"(" + name + rb"\s*=\s*[\"'])\d+(?=[\"'])", rb"\g<1>" + text, packet)
        packet = re.sub(rb"(<" + name + rb">)\d+(?=</)", rb"\g<1>" + text, packet)
    return packet


def of_texts(texts: Iterable[tuple[str, str]]) -> tuple[bytes, tuple[str, ...]]:
    """A packet that says what PNG texts say (empty where none can be said), and the keywords that have no place in it."""
    body, left = "", dict[str, None]()
    for keyword, text in texts:
        name = _PROPERTIES.get(keyword)
        if name is None or f"<{name}>" in body:
            left[keyword] = None
            continue
        value = escape(text)
        if name in _LISTS:
            language = ' xml:lang="x-default"' if _LISTS[name] == "Alt" else ""
            value = f"<rdf:{_LISTS[name]}><rdf:li{language}>{value}</rdf:li></rdf:{_LISTS[name]}>"
        body += f"<{name}>{value}</{name}>"
    if not body:
        return b"", tuple(left)
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f'{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    return packet.encode(), tuple(left)


def joined(packet: bytes, extensions: Mapping[bytes, Mapping[int, bytes]]) -> bytes | None:
    """A JPEG's packet with the properties of its continuation, and without the remark that there is one; None where it is damaged.

    extensions: by their names of 32 hexadecimal digits, pieces by the byte at which each begins.
    """
    remark = _EXTENDED.search(packet)
    name = (remark[1] or remark[2]).upper() if remark else b""
    pieces = extensions.get(name, {})
    extension = b"".join(pieces[at] for at in sorted(pieces))
    if remark is None or hashlib.md5(extension, usedforsecurity=False).hexdigest().upper().encode() != name:
        return None
    ours, theirs = _RDF.search(packet), _RDF.search(extension)
    ours_end, theirs_end = packet.rfind(b"</rdf:RDF>"), extension.rfind(b"</rdf:RDF>")
    if ours is None or theirs is None or min(ours_end, theirs_end) < 0:
        return None
    known = dict(_DECLARED.findall(packet[: ours.end()]))
    needed = dict(_DECLARED.findall(extension[: theirs.end()]))
    if any(known.get(prefix, uri) != uri for prefix, uri in needed.items()):
        return None
    declared = b"".join(b' xmlns:%s="%s"' % item for item in needed.items() if item[0] not in known)
    properties = extension[theirs.end() : theirs_end]
    head, rest = packet[: ours.end() - 1] + declared, packet[ours.end() - 1 : ours_end]
    whole = _EXTENDED.sub(b"", head + rest) + properties + packet[ours_end:]
    try:
        ElementTree.fromstring(whole)
    except ElementTree.ParseError:
        return None
    return whole
