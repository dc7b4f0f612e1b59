"""The files of a clip whose rate Krita's timeline does not have."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inlay import documents
from inlay.batch import clip
from inlay.batch.keyframe_cut import targets
from inlay.color.raster import Raster, SampleType
from inlay.provenance import Statement
from inlay.variation import Frames, Report, Variation
from support.kra_files import timeline

SIDE = 64
RECEIPT: dict[str, Any] = {"engine": "mover", "recipe": {"verb": "animate", "where": {"region": [0, 0, SIDE, SIDE]}}}


@pytest.mark.parametrize(("fps", "plays", "told"), [(23.976, 24, "its file plays 24, the clip 23.976"), (16.0, 16, "")])
def test_the_nearest_whole_rate_is_taken_and_said(tmp_path: Path, fps: float, plays: int, told: str) -> None:
    pictures = np.random.default_rng(0).integers(0, 65_536, (2, SIDE, SIDE, 3), np.uint16)
    blobs = {hashlib.sha256(one.tobytes()).hexdigest(): one.tobytes() for one in pictures}
    rasters = tuple(Raster(SIDE, SIDE, "RGB", SampleType.U16, 65_535.0, "sRGB IEC61966-2.1", name) for name in blobs)
    original = documents.Document(pictures[0], "RGB", "sRGB IEC61966-2.1", b"", tmp_path / "cup.png", "png")
    documents.write(original.path, original, [])
    keyframe = clip.keyframe_of(original, targets()["wan"], np.full((SIDE, SIDE), 255, np.uint8))
    answer: Any = SimpleNamespace(
        variations=(Variation(0, 1, Frames(keyframe.cut.size.bounds, rasters, fps), Report(), RECEIPT),)
    )
    client: Any = SimpleNamespace(fetch=blobs.__getitem__)

    def statement(receipts: Any) -> Statement:
        return Statement.of(original, receipts, tmp_path)

    plain = clip.write(client, original, keyframe, answer, tmp_path / "plain", statement, lambda *_: None)
    assert plain.timeline is None
    assert not list((tmp_path / "plain").glob("*.kra"))
    written = clip.write(client, original, keyframe, answer, tmp_path, statement, lambda *_: None, timeline=True)

    assert written.timeline == tmp_path / "cup_clip.kra"
    assert timeline(written.timeline)[:2] == (plays, (0, 1))
    assert told in " ".join(written.notes)
    assert bool(told) == any("Krita" in note for note in written.notes)
