"""A clip of a picture: cut to what the model paints, as `inlay keyframe` cuts it, animated, and written picture by picture."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay import documents
from inlay.batch.keyframe import converted, in_samples
from inlay.batch.keyframe_cut import Cut, Target, cut, targets
from inlay.batch.resampling import resampled
from inlay.client import Client
from inlay.client.edit import Answered
from inlay.documents import Document
from inlay.documents.kra_timeline import write_timeline
from inlay.documents.write import stored_at
from inlay.errors import Unsupported
from inlay.formats import Format
from inlay.provenance import Statement
from inlay.region import Rect, Size
from inlay.variation import Frames

KIND = "png16"
WHOLE_RATE = "Krita counts whole pictures a second: its file plays {whole}, the clip {fps}."


class Keyframe(NamedTuple):
    """The clip's first picture: 16 bit, in sRGB. mask: where it may move, height x width of it, uint8 or uint16."""

    document: Document
    mask: NDArray[np.generic]
    cut: Cut


class Written(NamedTuple):
    """The files of a clip in the order of time, and what lies beside them."""

    files: tuple[Path, ...]
    link: Path
    notes: tuple[str, ...]
    timeline: Path | None = None
    """The .kra with all of them, where it was asked for."""


def target_of(family: str) -> Target:
    """What a family of models takes as a keyframe."""
    known = targets()
    return known.get(family, known["wan"])


def keyframe_of(
    document: Document, target: Target, mask: NDArray[Any], shape: Format | None = None, focus: Rect | None = None
) -> Keyframe:
    """`document` as the first picture of a clip; what is on the model's grid already stays as it is, sample for sample.

    mask: height x width of the document. shape, focus: as for `keyframe_cut.cut`. Raises what that and
    `keyframe.converted` raise.
    """
    if shape is None and focus is None and _is_ready(document.size, target):
        shape = Format.parse(f"{document.size.width}x{document.size.height}")
    place = cut(document.size, target, shape, focus)
    picture = in_samples(converted(document, place, target), KIND, document.path)
    open_: Any = np.ascontiguousarray(mask[place.crop.slices])
    if place.size != place.crop.size:
        white = np.iinfo(open_.dtype).max
        share = resampled(np.asarray(open_, np.float32)[..., None] / white, place.size, has_alpha=False)[..., 0]
        open_ = np.rint(np.clip(np.asarray(share, np.float32), 0, 1) * white).astype(open_.dtype)
    return Keyframe(picture, open_, place)


def _is_ready(size: Size, target: Target) -> bool:
    """Whether a picture of that size needs no cut."""
    largest = target.most_px or max(one.area for one in target.sizes)
    return not size.width % target.grid and not size.height % target.grid and size.area <= largest


def write(
    client: Client,
    original: Document,
    keyframe: Keyframe,
    answer: Answered,
    out: Path,
    statement: Callable[[Iterable[dict[str, Any]]], Statement],
    fetched: Callable[[int, int], None],
    *,
    timeline: bool = False,
) -> Written:
    """Fetch the clip and write it into the folder `out`: NAME_0001.png and so on, without gaps, and NAME.json.

    timeline: also NAME.kra, with all of them as frames on Krita's timeline.
    statement: from receipts to what a file says of itself; the first picture, which nobody painted, says nothing of the clip.
    Raises Unsupported where the answer is no clip.
    """
    (variation,) = answer.variations
    if not isinstance(variation.result, Frames):
        raise Unsupported(f"{answer.plan.model} gave no clip", field="verb")
    clip = variation.result
    out.mkdir(parents=True, exist_ok=True)
    stem = f"{original.path.stem}_clip"
    receipt = json.dumps(variation.receipt, sort_keys=True)
    says = (statement([]), statement([variation.receipt]))
    said_of = original.metadata.settled(keyframe.cut.size)
    files: list[Path] = []
    notes: dict[str, None] = {}
    told: list[dict[str, str]] = []
    for number, raster in enumerate(clip.frames, 1):
        samples = raster.array(client.fetch(raster.blob), f"frame {number}")
        picture = np.array(keyframe.document.samples)
        picture[clip.bounds.slices] = samples
        file, said = out / f"{stem}_{number:04d}.png", says[number > 1]
        made = replace(keyframe.document, samples=picture, metadata=said_of)
        notes |= dict.fromkeys(
            documents.write(file, said.made_in(made, file.suffix, [receipt] if number > 1 else []), [])
        )
        said.sign(file)
        files.append(file)
        told.append({"name": file.name, "sha256": _digest(file)})
        fetched(number, len(clip.frames))
    kra = out / f"{stem}.kra" if timeline else None
    if kra:
        notes |= dict.fromkeys(_on_timeline(kra, keyframe.document.saying(said_of), files, clip.fps, says[True]))
    link = out / f"{stem}.json"
    about = {
        "clip": 1,
        "of": {"name": original.path.name, "sha256": _sha256_of(original), "profile": original.profile},
        "crop": list(keyframe.cut.crop),
        "size": list(keyframe.cut.size),
        "scale": keyframe.cut.scale,
        "curve": "sRGB",
        "primaries": "Rec. 709 (sRGB)",
        "fps": clip.fps,
        "drift": variation.report.details.get("drift", []),
        "hold_light": variation.report.details.get("hold_light"),
        "files": told,
        "timeline": kra and {"name": kra.name, "sha256": _digest(kra)},
        "receipt": variation.receipt,
        "notes": list(variation.report.notes),
    }
    stored_at(link, (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode())
    return Written(tuple(files), link, tuple(notes), kra)


def _on_timeline(file: Path, like: Document, frames: Sequence[Path], fps: float, said: Statement) -> tuple[str, ...]:
    """Write a clip's pictures, which lie there, as frames of a .kra; what is to be told of it."""
    whole = max(1, round(fps))
    act = said.acts[-1]
    did = {
        "verb": act.verb,
        "engine": act.engine,
        "region": act.region and list(act.region),
        "recipe_sha256": act.recipe_sha256,
        "is_whole": act.is_whole,
    }
    write_timeline(file, like, (documents.read(frame).samples for frame in frames), whole, did)
    said.sign(file)
    return () if whole == fps else (WHOLE_RATE.format(whole=whole, fps=f"{fps:g}"),)


def _sha256_of(document: Document) -> str:
    return hashlib.sha256(document.original or document.path.read_bytes()).hexdigest()


def _digest(file: Path) -> str:
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()
