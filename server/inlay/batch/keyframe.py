"""A finished picture as the first, or first and last, frame of a clip: cut, converted, written, and checked as it is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import color, documents
from inlay.batch.keyframe_checks import Check, Frame, checked
from inlay.batch.keyframe_cut import Cut, Kind, Target, cut
from inlay.batch.resampling import resampled
from inlay.client.canvas import framed
from inlay.color.curves import SRGB
from inlay.documents import Document
from inlay.documents.document import UNTAGGED_RGB
from inlay.documents.write import stored_at
from inlay.errors import InvalidInput
from inlay.formats import Format
from inlay.provenance import Statement
from inlay.region import Rect

_SUFFIXES: dict[Kind, str] = {"png8": ".png", "png16": ".png", "tiff16": ".tif", "exr": ".exr"}
_HALF_MOST = 65_504.0


@dataclass(frozen=True)
class Wanted:
    """What is asked for. shape, focus: as for `keyframe_cut.cut`. mask: where the frames were edited, height x width, any depth."""

    target: Target
    kind: Kind
    shape: Format | None = None
    focus: Rect | None = None
    mask: NDArray[Any] | None = None


class Keyframes(NamedTuple):
    """The files in their order, the JSON beside them, and what was found when they were read again."""

    files: tuple[Path, ...]
    link: Path
    cut: Cut
    checks: tuple[Check, ...]


Say = Callable[[Document], Statement]
"""What the file made of a document says of itself."""

Look = Callable[[Sequence[Frame], Sequence[Document]], tuple[Check, ...]]
"""Further checks, of the files and of what each was made of in its own px: `keyframe_looking.looked` of a client."""


def make(
    frames: tuple[Document, ...], wanted: Wanted, out: Path, look: Look | None = None, say: Say | None = None
) -> Keyframes:
    """Write one or two frames, the last one cut as the first, into the folder `out`, and check them there.

    say: the marks that a frame inherits of the edits that its document remembers; an .exr holds none. The file is checked and
    hashed with them.

    Raises InvalidInput where they differ in size, or are transparent and a model is to look at them, and what
    `keyframe_cut.cut` raises.
    """
    first = frames[0]
    for other in frames[1:]:
        if other.size != first.size:
            limit = f"it must be as large as FILE, {first.size.width} x {first.size.height} px"
            raise InvalidInput("--last", f"{other.size.width} x {other.size.height} px", limit)
    place = cut(first.size, wanted.target, wanted.shape, wanted.focus)
    pictures = [converted(frame, place, wanted.target) for frame in frames]
    out.mkdir(parents=True, exist_ok=True)
    stem = f"{first.path.stem}_{wanted.target.name}_{'linear' if wanted.kind == 'exr' else 'srgb'}"
    ends = ("first", "last") if wanted.target.is_model else ("0001", "0002")
    files = [out / f"{stem}_{end}{_SUFFIXES[wanted.kind]}" for end in ends[: len(frames)]]
    for file, picture, frame in zip(files, pictures, frames, strict=True):
        _write(file, picture, wanted.kind, say(frame) if say else None)
    mask = None if wanted.mask is None else _covered(wanted.mask, place)
    written = [Frame(file, wanted.kind, picture) for file, picture in zip(files, pictures, strict=True)]
    checks = checked(written, wanted.target, place, mask)
    if look is not None:
        checks += look(written, [framed(frame, place.crop) for frame in frames])
    link = out / f"{stem}.json"
    told = _told(frames, wanted, place, files, checks)
    stored_at(link, (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
    return Keyframes(tuple(files), link, place, checks)


def converted(document: Document, place: Cut, target: Target) -> NDArray[np.float32]:
    """The cut in sRGB colours and curve, unbounded: height x width x 3, or 4 with straight alpha.

    Raises InvalidInput where it is transparent and a model is to look at it.
    """
    samples = np.ascontiguousarray(document.samples[place.crop.slices])
    decoded = color.decode(samples, document.raster(place.crop.size, ""))
    if decoded.alpha is None or bool(np.all(decoded.alpha == 1)):
        pixels = decoded.pixels
    elif target.is_model:
        share = 100 * float((decoded.alpha < 1).mean())
        limit = f"{target.title} takes opaque pictures; put something behind it"
        raise InvalidInput(str(document.path.name), f"transparent in {share:.2g} % of the cut", limit)
    else:
        pixels = np.concatenate([decoded.pixels, decoded.alpha[..., None]], axis=-1)
    return resampled(pixels, place.size, has_alpha=pixels.shape[2] == 4).astype(np.float32, copy=False)


def _covered(mask: NDArray[Any], place: Cut) -> NDArray[np.bool_]:
    """The file's pixels that take anything in of what was edited."""
    touched = (mask[place.crop.slices] > 0).astype(np.float32)[..., None]
    return np.asarray(resampled(touched, place.size, has_alpha=False)[..., 0], np.float32) > 0


def _write(file: Path, pixels: NDArray[np.float32], kind: Kind, said: Statement | None) -> None:
    if kind == "exr":
        _write_exr(file, pixels)
        return
    picture = in_samples(pixels, kind, file)
    documents.write(file, said.made_in(picture, file.suffix) if said else picture, [])
    if said:
        said.sign(file)


def in_samples(pixels: NDArray[np.float32], kind: Kind, file: Path) -> Document:
    """A picture of sRGB's colours and curve in whole numbers: 8 bit without a profile, 16 bit with it."""
    white = 255 if kind == "png8" else 65_535
    samples = np.rint(np.clip(pixels, 0, 1) * white).astype(np.uint8 if white == 255 else np.uint16)
    order = "RGBA" if pixels.shape[2] == 4 else "RGB"
    plain = Document(samples, order, UNTAGGED_RGB, b"", file, "png")
    icc = b"" if kind == "png8" else color.profile_bytes(plain.raster(plain.size, ""))
    return Document(samples, order, UNTAGGED_RGB, icc, file, "png")


def _write_exr(file: Path, pixels: NDArray[np.float32]) -> None:
    """Half floats, linear light with Rec. 709 primaries, premultiplied. Source: openexr.com, "Technical Introduction"."""
    import OpenEXR

    linear = SRGB.decode(pixels[..., :3].astype(np.float64))
    if pixels.shape[2] == 4:
        linear = np.concatenate([linear * pixels[..., 3:], pixels[..., 3:]], axis=-1)
    half = np.ascontiguousarray(np.clip(linear, -_HALF_MOST, _HALF_MOST), np.float16)
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    made: Any = OpenEXR.File(header, {"RGBA" if half.shape[2] == 4 else "RGB": half})
    beside = file.with_name(f".{file.name}")
    made.write(str(beside))
    beside.replace(file)


def _told(
    frames: tuple[Document, ...], wanted: Wanted, place: Cut, files: list[Path], checks: tuple[Check, ...]
) -> dict[str, Any]:
    target = wanted.target
    return {
        "keyframe": 1,
        "for": target.name,
        "title": target.title,
        "crop": list(place.crop),
        "size": list(place.size),
        "scale": place.scale,
        "kind": wanted.kind,
        "primaries": "Rec. 709 (sRGB)",
        "curve": "linear" if wanted.kind == "exr" else "sRGB",
        "alpha": "premultiplied" if wanted.kind == "exr" else "none" if target.is_model else "straight",
        "frames": target.frames or None,
        "fps": target.fps or None,
        "files": [
            {
                "name": file.name,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "of": {"name": frame.path.name, "sha256": _sha256_of(frame), "profile": frame.profile},
                "recipes": [json.loads(recipe) for recipe in frame.metadata.recipes],
            }
            for file, frame in zip(files, frames, strict=True)
        ],
        "checks": [check.plain for check in checks],
        "notes": list(target.notes),
    }


def _sha256_of(frame: Document) -> str:
    return hashlib.sha256(frame.original or frame.path.read_bytes()).hexdigest()
