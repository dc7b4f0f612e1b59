"""XMP packets: kept as they are, but for what would be untrue of the new pixels. Source: XMP specification parts 1 and 3."""

import re
from collections.abc import Iterable
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
