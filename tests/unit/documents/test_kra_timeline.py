"""A clip as Krita's own file, where Krita itself is not needed to say how it went: tests/krita/test_timeline.py has it open one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inlay import documents
from inlay.documents import Document
from inlay.documents.kra_timeline import write_timeline
from inlay.documents.layer_stack import Layer
from inlay.documents.layers import layers_of
from inlay.errors import InvalidInput, Unsupported
from support.kra_files import timeline

FRAMES = np.random.default_rng(0).integers(0, 65_536, (3, 70, 90, 3), np.uint16)
LIKE = Document(FRAMES[0], "RGB", "sRGB IEC61966-2.1", b"", Path("Hero.png"), "png")


def test_it_reads_as_a_picture_of_one_layer_which_shows_the_first_frame(tmp_path: Path) -> None:
    write_timeline(tmp_path / "x.kra", LIKE, FRAMES, 24)
    read = documents.read(tmp_path / "x.kra")
    (layer,) = layers_of(read).items
    assert isinstance(layer, Layer)
    assert layer.name == "Hero"
    np.testing.assert_array_equal(read.samples[..., :3], FRAMES[0])
    assert (read.notes, read.icc != b"") == ((), True)
    fps, played, pictures = timeline(tmp_path / "x.kra")
    assert (fps, played) == (24, (0, 2))
    np.testing.assert_array_equal(np.stack(pictures)[..., 2::-1], FRAMES)


def test_a_clip_that_breaks_off_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    def broken_off() -> Iterator[NDArray[np.uint16]]:
        yield FRAMES[0]
        raise InvalidInput("frame 2", "nothing", "it must be there")

    write_timeline(tmp_path / "x.kra", LIKE, FRAMES, 24)
    before = (tmp_path / "x.kra").read_bytes()
    with pytest.raises(InvalidInput, match="frame 2"):
        write_timeline(tmp_path / "x.kra", LIKE, broken_off(), 24)
    assert (tmp_path / "x.kra").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.kra"]


def test_floats_and_a_place_that_is_none_are_refused(tmp_path: Path) -> None:
    floats = replace(LIKE, samples=FRAMES[0].astype(np.float32))
    with pytest.raises(Unsupported, match="8 or 16 bit"):
        write_timeline(tmp_path / "x.kra", floats, [floats.samples], 24)
    with pytest.raises(InvalidInput, match="a place that can be written to"):
        write_timeline(tmp_path / "nowhere" / "x.kra", LIKE, FRAMES, 24)
