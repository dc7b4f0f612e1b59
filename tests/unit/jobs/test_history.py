"""What was made stays to be looked through: through older journals, damage, clean-ups, and however much of it there is."""

import contextlib
import dataclasses
import sqlite3
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from inlay.blobs import BlobStore
from inlay.color.raster import Raster, SampleType
from inlay.edit.thumbnail import thumbnail
from inlay.events import Done, VariationDone
from inlay.job import Ticket
from inlay.jobs import history
from inlay.jobs.journal import Journal
from inlay.recipe import Recipe
from inlay.region import Rect
from inlay.variation import Layer, Layers, Patch, Picture, Result, Selection
from support.edits import MemoryBlobs
from support.job_room import new_id, small_recipe, variation
from support.old_journal import write_old_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return small_recipe(BlobStore(tmp_path / "blobs"))


def paint(journal: Journal, recipe: Recipe, label: str = "", picture: bytes = b"picture") -> str:
    job_id = new_id()
    journal.submit(job_id, recipe, Ticket(label))
    done = variation(recipe, 0, "a")
    journal.append(job_id, VariationDone(done.variation, picture))
    journal.append(job_id, Done(1.0))
    return job_id


def test_so_is_what_the_first_version_made(path: Path, recipe: Recipe) -> None:
    profiled = recipe.altered(prompt="old", source=dataclasses.replace(recipe.canvas.source, icc=b"profile"))
    job_id = new_id()
    write_old_journal(path, {job_id: (profiled, variation(profiled, 0, "a"))}, 1_700_000_000_000)
    journal = Journal(path)
    (entry,) = journal.history().entries
    assert (entry.job_id, entry.prompt, entry.model, entry.seed) == (job_id, "old", "test", 7)
    journal.close()


def test_a_repaired_journal_has_its_history(path: Path, recipe: Recipe) -> None:
    journal = Journal(path)
    for number in range(40):
        paint(journal, recipe.altered(prompt=f"job {number}"), picture=bytes([number]) * 100)
    before = {entry.prompt: entry for entry in journal.history(limit=100).entries}
    journal.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'history'").fetchone()[0]
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(bytes(4096))
    journal = Journal(path)
    after = {entry.prompt: entry for entry in journal.history(limit=100).entries}
    assert {prompt: dataclasses.replace(entry, thumbnail=b"") for prompt, entry in before.items()} == {
        prompt: dataclasses.replace(entry, thumbnail=b"") for prompt, entry in after.items()
    }
    journal.close()


def test_only_the_newest_pictures_are_kept(path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "KEEP_THUMBNAILS", 2)
    journal = Journal(path)
    for _ in range(3):
        paint(journal, recipe)
    journal.forget_old()
    assert [entry.thumbnail for entry in journal.history().entries] == [b"picture", b"picture", b""]
    journal.close()


def test_a_page_is_no_heavier_than_a_message_may_be(path: Path, recipe: Recipe) -> None:
    journal = Journal(path)
    for _ in range(4):
        paint(journal, recipe, picture=bytes(2**20))
    first = journal.history()
    assert len(first.entries) == 3
    assert len(journal.history(cursor=first.next).entries) == 1
    journal.close()


def test_a_picture_is_in_the_history_and_not_in_the_events(path: Path, recipe: Recipe) -> None:
    """Events are read at every look at a job; pictures would make that slow."""
    journal = Journal(path)
    job_id = paint(journal, recipe)
    (done, _) = journal.events(job_id)
    assert isinstance(done.happening, VariationDone)
    assert not done.happening.thumbnail
    assert journal.history().entries[0].thumbnail == b"picture"
    journal.close()


@pytest.mark.parametrize("asked", [{}, {"label": "a.kra"}, {"cursor": "5.0"}, {"label": "a.kra", "cursor": "5.0"}])
def test_a_page_is_found_without_sorting_all_that_was_ever_made(
    path: Path, recipe: Recipe, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(path)
    plans: list[str] = []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row

        class Explaining:
            def execute(self, statement: str, values: Any) -> list[object]:
                plans.extend(row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values))
                return []

        history.page(Explaining(), asked.get("label", ""), [], asked.get("cursor", ""), 30)  # pyright: ignore
    assert not [step for step in plans if "TEMP B-TREE" in step], plans
    journal.close()


BLOBS = MemoryBlobs()
SRGB = "sRGB IEC61966-2.1"


def stored(samples: np.ndarray, order: str, profile: str = SRGB) -> Raster:
    height, width = samples.shape[:2]
    return Raster(width, height, order, SampleType.U8, 255, profile, BLOBS.add(samples.tobytes()))


def seen(result: Result) -> np.ndarray:
    """The thumbnail as red, green, blue and, where it has one, alpha."""
    found = cv2.imdecode(np.frombuffer(thumbnail(result, BLOBS), np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found[..., [2, 1, 0, 3][: found.shape[2]]]


def flat(width: int, height: int, *sample: int) -> np.ndarray:
    return np.full((height, width, len(sample)), sample, np.uint8)


def test_a_thumbnail_of_a_patch_has_no_side_above_192_px_and_no_small_one_is_enlarged() -> None:
    mask = stored(flat(600, 200, 255), "Y", "")
    large = seen(Patch(Rect(0, 0, 600, 200), stored(flat(600, 200, 10, 20, 30), "RGB"), mask))
    assert large.shape == (64, 192, 3)
    assert (large == (10, 20, 30)).all()
    assert seen(Picture(stored(flat(20, 10, 1, 2, 3), "BGR"))).shape == (10, 20, 3)
    assert (seen(Picture(stored(flat(20, 10, 1, 2, 3), "BGR"))) == (3, 2, 1)).all()
    sliver = seen(Picture(stored(flat(6000, 2, 1, 2, 3), "RGB")))
    assert sliver.shape == (1, 192, 3)


def test_what_shows_nothing_lends_its_thumbnail_no_colour() -> None:
    samples = flat(384, 384, 200, 0, 0, 255)
    samples[:, 1::2] = (0, 255, 0, 0)
    found = seen(Picture(stored(samples, "RGBA")))
    assert np.abs(found.astype(int) - (200, 0, 0, 128)).max() <= 1


def test_a_thumbnail_of_layers_is_their_stack_and_of_a_selection_its_mask() -> None:
    layers = Layers(
        (
            Layer("below", Rect(100, 100, 40, 40), stored(flat(40, 40, 200, 0, 0, 255), "RGBA")),
            Layer("above", Rect(120, 100, 40, 40), stored(flat(40, 40, 0, 0, 200, 255), "RGBA")),
        )
    )
    found = seen(layers)
    assert found.shape == (40, 60, 3)
    assert (found[:, :20] == (200, 0, 0)).all()
    assert (found[:, 20:] == (0, 0, 200)).all()
    assert (seen(Selection(Rect(0, 0, 9, 9), stored(flat(9, 9, 128), "Y", ""))) == 128).all()


def test_a_result_whose_pixels_are_gone_has_no_thumbnail(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    assert thumbnail(Picture(Raster(9, 9, "RGB", SampleType.U8, 255, SRGB, "0" * 64)), blobs) == b""
