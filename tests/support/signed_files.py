"""Files of every kind that is signed, and what stands in them, read without Inlay."""

import io
import struct
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import c2pa
import cv2
import numpy as np
import tifffile
from PIL import Image, ImageCms

CREDENTIALS_TAG, XMP_TAG, ICC_TAG = 52545, 700, 34675
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RIGHTS = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="uuid:1" '
    'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" xmpRights:Marked="True"/></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
)


def validated(path: Path, roots: bytes = b"") -> c2pa.Reader:
    """By the library that wrote it: nobody else reads marks here. What it cannot tell, other tests ask the file's own bytes."""
    settings: dict[str, object] = {"verify": {"remote_manifest_fetch": False}}
    if roots:
        settings["trust"] = {"user_anchors": roots.decode()}
    beside = path.with_name(path.name + ".c2pa")
    mime = {".psd": "image/vnd.adobe.photoshop", ".ora": "image/openraster", ".kra": "application/x-krita"}
    kind = mime.get(path.suffix) or {"png": "image/png", "tif": "image/tiff", "jpg": "image/jpeg"}.get(path.suffix[1:])
    manifest = beside.read_bytes() if beside.exists() else None
    return c2pa.Reader(
        kind or "image/webp", io.BytesIO(path.read_bytes()), manifest, context=c2pa.Context.from_dict(settings)
    )


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def packet_of(path: Path) -> bytes:
    """As Pillow and tifffile find it."""
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as file:
            return bytes(file.pages.first.tags[XMP_TAG].value)
    with Image.open(path) as picture:
        found = picture.info.get("xmp") or picture.info["XML:com.adobe.xmp"]
    return found.encode() if isinstance(found, str) else found


def term_of(path: Path) -> str:
    root = ElementTree.fromstring(packet_of(path).strip())
    (stated,) = (element.text for element in root.iter(SOURCE_TYPE))
    assert stated
    return stated


def tiff_of(path: Path, samples: np.ndarray, **how: object) -> None:
    tifffile.imwrite(path, samples, photometric="rgb", iccprofile=PROFILE, metadata=None, **how)


def _deep(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.uint16) * 256 + np.arange(pixels.size).reshape(pixels.shape).astype(np.uint16) % 251


def _with_alpha(pixels: np.ndarray) -> np.ndarray:
    return np.concatenate([pixels, 255 - pixels[..., :1]], -1)


def _png16(path: Path, samples: np.ndarray) -> None:
    assert cv2.imwrite(str(path), samples[..., [2, 1, 0, *range(3, samples.shape[2])]])


WRITTEN: dict[str, Callable[[Path, np.ndarray], None]] = {
    "rgb 8.png": lambda path, px: Image.fromarray(px).save(path, icc_profile=PROFILE),
    "rgba 8.png": lambda path, px: Image.fromarray(_with_alpha(px)).save(path, icc_profile=PROFILE),
    "gray 8.png": lambda path, px: Image.fromarray(px[..., 0]).save(path),
    "rgb 16.png": lambda path, px: _png16(path, _deep(px)),
    "rgba 16.png": lambda path, px: _png16(path, _deep(_with_alpha(px))),
    "strips.tif": lambda path, px: tiff_of(path, _deep(px), rowsperstrip=7),
    "tiles.tif": lambda path, px: tiff_of(path, _deep(px), tile=(32, 48)),
    "deflate.tif": lambda path, px: tiff_of(path, _deep(px), compression="deflate"),
    "predictor.tif": lambda path, px: tiff_of(path, _deep(px), compression="lzw", predictor=True),
    "big-endian.tif": lambda path, px: tiff_of(path, _deep(px), byteorder=">", rowsperstrip=11),
    "bigtiff.tif": lambda path, px: tiff_of(path, _deep(px), bigtiff=True),
    "bigtiff big-endian.tif": lambda path, px: tiff_of(path, _deep(px), bigtiff=True, byteorder=">"),
    "float.tif": lambda path, px: tiff_of(path, (px / 255).astype(np.float32)),
    "half.tif": lambda path, px: tiff_of(path, (px / 255).astype(np.float16)),
    "planes.tif": lambda path, px: tiff_of(path, np.moveaxis(px, -1, 0).copy(), planarconfig="separate"),
    "with alpha.tif": lambda path, px: tiff_of(path, _deep(_with_alpha(px)), extrasamples=["unassalpha"]),
    "baseline.jpg": lambda path, px: Image.fromarray(px).save(path, quality=90, icc_profile=PROFILE),
    "progressive.jpg": lambda path, px: Image.fromarray(px).save(path, progressive=True, icc_profile=PROFILE),
    "gray.jpg": lambda path, px: Image.fromarray(px[..., 0]).save(path),
    "lossless.webp": lambda path, px: Image.fromarray(px).save(path, lossless=True),
    "lossy.webp": lambda path, px: Image.fromarray(px).save(path, quality=80, icc_profile=PROFILE),
    "alpha.webp": lambda path, px: Image.fromarray(_with_alpha(px)).save(path, lossless=True, exact=True),
}


def samples_of(path: Path) -> tuple[np.ndarray, bytes]:
    """And the profile: by OpenCV, tifffile and Pillow."""
    if path.suffix == ".tif":
        with tifffile.TiffFile(path) as file:
            tags = file.pages.first.tags
            return file.asarray(), bytes(tags[ICC_TAG].value) if ICC_TAG in tags else b""
    with Image.open(path) as picture:
        profile = picture.info.get("icc_profile", b"")
        shown = np.asarray(picture)
    deep = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) if path.suffix == ".png" else shown
    assert deep is not None
    return deep, profile
