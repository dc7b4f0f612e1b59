"""A clip that Inlay wrote as a .kra, opened by the real Krita: every picture is a frame of its timeline, sample for sample."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inlay import color, documents
from inlay.documents import Document
from inlay.documents.kra_timeline import write_timeline
from inlay.documents.metadata import NOTHING
from inlay.provenance.acts import acts_in
from inlay.provenance.remembered import memories_in
from krita.driver import Krita
from krita.photo import CHANNELS, DTYPES, grainy

WIDTH, HEIGHT, COUNT = 200, 130, 4
ACT = {"verb": "animate", "engine": "mover", "region": [0, 0, WIDTH, HEIGHT], "recipe_sha256": "0" * 64}
KRITAS = {"RGB": ("RGBA", [2, 1, 0]), "RGBA": ("RGBA", [2, 1, 0, 3]), "Y": ("GRAYA", [0])}


def pictures(order: str, depth: str) -> list[np.ndarray]:
    """Grain that no tile packs, and a flat one that each does."""
    random, model = np.random.default_rng(5), KRITAS[order][0]
    made = [grainy(WIDTH, HEIGHT, model, depth, seed) for seed in range(COUNT)]
    made[1][..., :-1] = random.integers(0, np.iinfo(DTYPES[depth]).max + 1, made[1][..., :-1].shape, DTYPES[depth])
    made[2][..., :-1] = 40
    if order.endswith("A"):
        made[3][40:80, 30:150, -1] = np.iinfo(DTYPES[depth]).max // 3
        return made
    return [np.ascontiguousarray(one[..., :-1]) for one in made]


def profiles_in(file: Path) -> set[bytes]:
    with zipfile.ZipFile(file) as archive:
        return {archive.read(name) for name in archive.namelist() if name.endswith(("annotations/icc", ".icc"))}


@pytest.mark.parametrize(
    ("order", "depth", "profile", "fps"),
    [
        ("RGB", "U16", "sRGB IEC61966-2.1", 24),
        ("RGBA", "U8", "Display P3", 16),
        ("Y", "U16", "sGray", 12),
    ],
)
def test_every_picture_of_a_clip_is_a_frame_of_kritas_timeline(
    real_krita: Krita, tmp_path: Path, order: str, depth: str, profile: str, fps: int
) -> None:
    frames = pictures(order, depth)
    like = Document(frames[0], order, profile, b"", tmp_path / "Cup & saucer.png", "png")
    like = replace(like, icc=color.profile_bytes(like.raster(like.size, "")))
    like = like.saying(replace(NOTHING, pixels_per_inch=(240.0, 240.0)))
    file = tmp_path / "clip.kra"
    write_timeline(file, like, iter(frames), fps, ACT)

    said = real_krita.script("timeline/opened", file=str(file), folder=str(tmp_path), count=COUNT)

    model, first = KRITAS[order]
    assert said["document"] == [WIDTH, HEIGHT, model, depth, profile, 240]
    assert said["layer"] == ["Cup & saucer", True, True]
    assert said["fps"] == fps
    assert said["clip"] == [0, COUNT - 1, COUNT]
    assert said["plays"] == [0, COUNT - 1]
    assert not any(said["beside"]), "where the canvas is made larger, there is nothing"
    assert said["stands_at"] == 0
    assert said["keyframes"] == list(range(COUNT))
    assert profiles_in(tmp_path / "saved again.kra") == {like.icc}
    (act,) = acts_in(memories_in(tmp_path / "saved again.kra"))
    assert (act.verb, act.engine, act.is_trained) == ("animate", "mover", True)
    assert json.loads(said["note"]) == {said["uuid"]: ACT}
    for time, frame in enumerate(frames):
        for name in ("layer", "shown"):
            found = np.frombuffer((tmp_path / f"{name} {time}").read_bytes(), DTYPES[depth])
            found = found.reshape(HEIGHT, WIDTH, CHANNELS[model])
            np.testing.assert_array_equal(found[..., first], frame, err_msg=f"{name} at {time}")
            if not order.endswith("A"):
                assert (found[..., -1] == np.iinfo(DTYPES[depth]).max).all()
    np.testing.assert_array_equal(documents.read(file).samples[..., : frames[0].shape[2]], frames[0])


GIB = 2**30


class Holes(io.FileIO):
    """A file of which whole blocks of zeros take no room on the disk."""

    def write(self, data: Any) -> int:
        if len(data) >= 65_536 and bytes(data).count(0) == len(data):
            self.seek(len(data), io.SEEK_CUR)
            return len(data)
        return super().write(data)


def beyond_4_gib(small: Path, large: Path) -> None:
    """The same file with its pictures beyond 4 GiB, where a plain ZIP ends; nothing reads what lies before them."""
    zeros = bytes(2**24)
    with zipfile.ZipFile(small) as read, Holes(large, "w+") as file, zipfile.ZipFile(file, "w") as write:
        first, *others = read.infolist()
        write.writestr(first, read.read(first))
        for number in range(5):
            with write.open(zipfile.ZipInfo(f"clip/nothing {number}"), "w") as entry:
                for _ in range(GIB // len(zeros)):
                    entry.write(zeros)
        for one in others:
            write.writestr(one, read.read(one), one.compress_type)


def test_krita_reads_a_clip_whose_file_is_larger_than_4_gib(real_krita: Krita, tmp_path: Path) -> None:
    """As of a clip of 4 GB, the most that is painted, whose grain no tile packs."""
    frames = pictures("RGB", "U16")
    like = Document(frames[0], "RGB", "sRGB IEC61966-2.1", b"", tmp_path / "still.png", "png")
    like = replace(like, icc=color.profile_bytes(like.raster(like.size, "")))
    write_timeline(tmp_path / "small.kra", like, iter(frames), 24)
    beyond_4_gib(tmp_path / "small.kra", tmp_path / "large.kra")
    assert (tmp_path / "large.kra").stat().st_size > 5 * GIB

    real_krita.script("timeline/opened", file=str(tmp_path / "large.kra"), folder=str(tmp_path), count=COUNT)

    for time, frame in enumerate(frames):
        found = np.frombuffer((tmp_path / f"layer {time}").read_bytes(), np.uint16).reshape(HEIGHT, WIDTH, 4)
        np.testing.assert_array_equal(found[..., [2, 1, 0]], frame)
