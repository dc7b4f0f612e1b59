"""How the classic engine behaves: seeds, odd masks, cancelling, progress, and what it says it cannot do."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from inlay.engines.classic.engine import ClassicEngine
from inlay.errors import Cancelled, Unsupported
from inlay.recipe import Verb
from support.classic_scenes import Witness, disk, paint, painted, photo

pytestmark = pytest.mark.slow

GRAVEL = photo(data.gravel()[:120, :140])
HOLE = disk(GRAVEL, 60, 70, 22)


def test_the_same_seed_gives_the_same_pixels() -> None:
    assert np.array_equal(painted(GRAVEL, HOLE, seed=5), painted(GRAVEL, HOLE, seed=5))


def test_the_number_of_threads_changes_nothing() -> None:
    alone = painted(GRAVEL, HOLE, engine=ClassicEngine(threads=1), seed=5)
    many = painted(GRAVEL, HOLE, engine=ClassicEngine(threads=7), seed=5)
    assert np.array_equal(alone, many)


def test_another_seed_gives_other_pixels() -> None:
    apart = np.abs(painted(GRAVEL, HOLE, seed=5) - painted(GRAVEL, HOLE, seed=6))[HOLE > 0]
    assert apart.mean() > 0.03


def test_a_variation_is_what_its_own_seed_gives_alone() -> None:
    three = paint(GRAVEL, HOLE, seed=8, count=3)
    assert [(p.variation, p.seed) for p in three] == [(0, 8), (1, 9), (2, 10)]
    assert np.array_equal(three[2].pixels, painted(GRAVEL, HOLE, seed=10))


@pytest.mark.parametrize(
    "rows_and_columns",
    [
        (slice(0, 40), slice(0, 140)),
        (slice(80, 120), slice(90, 140)),
        (slice(0, 120), slice(0, 60)),
        (slice(0, 1), slice(0, 1)),
        (slice(119, 120), slice(139, 140)),
        (slice(60, 61), slice(70, 71)),
        (slice(0, 120), slice(69, 70)),
    ],
)
def test_masks_at_borders_and_of_single_pixels_are_filled_from_around(rows_and_columns) -> None:
    mask = np.zeros(GRAVEL.shape[:2], np.float32)
    mask[rows_and_columns] = 1
    pixels = GRAVEL.copy()
    pixels[mask > 0] = (1.0, 0.0, 1.0)
    filled = painted(pixels, mask)
    assert (np.ptp(filled[mask > 0], axis=1) < 0.02).all(), "gravel is gray; the erased pixels were magenta"


def test_many_islands_are_filled_from_around() -> None:
    mask = np.zeros(GRAVEL.shape[:2], np.float32)
    for number, (y, x) in enumerate(np.random.default_rng(0).integers(4, 112, (60, 2))):
        mask[y : y + 1 + number % 6, x : x + 1 + number % 9] = 1
    pixels = GRAVEL.copy()
    pixels[mask > 0] = (1.0, 0.0, 1.0)
    filled = painted(pixels, mask)
    assert (np.ptp(filled[mask > 0], axis=1) < 0.02).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (90, 1), (2, 2), (5, 6), (7, 7), (8, 200), (200, 3)])
def test_windows_smaller_than_a_patch_work(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 3), 0.4, np.float32)
    mask = np.zeros(size, np.float32)
    mask[size[0] // 2, size[1] // 2] = 1
    pixels[mask > 0] = 0.9
    filled = painted(pixels, mask)
    assert filled.shape == pixels.shape
    if pixels[mask == 0].size > 3 * 4:
        assert np.allclose(filled, 0.4, atol=0.01)


def test_every_second_row_is_filled_from_its_neighbours() -> None:
    pixels = np.repeat(np.linspace(0.2, 0.8, 90, dtype=np.float32)[:, None, None], 60, axis=1).repeat(3, axis=2)
    mask = np.zeros((90, 60), np.float32)
    mask[1::2] = 1
    torn = np.where(mask[..., None] > 0, np.float32(0), pixels)
    painting = paint(torn, mask)[0]
    assert np.abs(painting.pixels - pixels).max() < 0.02
    assert any("filled smoothly" in note for note in painting.notes)


def test_a_mask_over_everything_changes_nothing_and_says_why() -> None:
    painting = paint(GRAVEL, np.ones_like(HOLE))[0]
    assert np.array_equal(painting.pixels, GRAVEL)
    assert any("select less" in note for note in painting.notes)


def test_a_soft_mask_over_everything_continues_its_lightest_part() -> None:
    pixels = GRAVEL.copy()
    pixels[40:80, 50:90] = (1.0, 0.0, 1.0)
    mask = np.full(HOLE.shape, 0.1, np.float32)
    mask[35:85, 45:95] = 1.0
    painting = paint(pixels, mask)[0]
    assert (np.ptp(painting.pixels, axis=2) < 0.02).all()
    assert any("most transparent part" in note for note in painting.notes)


def test_a_mask_over_a_half_empty_window_fills_the_empty_half() -> None:
    known = np.zeros(HOLE.shape, np.bool_)
    known[:, :90] = True
    painting = paint(np.where(known[..., None], GRAVEL, 0), np.ones_like(HOLE), known, verb=Verb.FILL)[0]
    assert np.array_equal(painting.pixels[known], GRAVEL[known])
    assert 0.5 < painting.pixels[~known].std() / GRAVEL.std() < 1.5


def test_a_window_that_shows_nothing_is_refused_in_words() -> None:
    with pytest.raises(Unsupported, match="shows nothing at all"):
        paint(GRAVEL, HOLE, np.zeros(HOLE.shape, np.bool_))


NO_DATA = [np.float32(-3.4e38), np.float32(3e38), np.float32(1e18), np.float32(-2e7), np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("value", NO_DATA, ids=str)
def test_a_pixel_without_a_value_is_neither_copied_nor_averaged(value: float) -> None:
    pixels = GRAVEL.copy()
    rows, columns = (8, 60, 60, 95, 110), (9, 40, 71, 70, 130)
    pixels[rows, columns] = value
    pixels[30:34, 90:100] = value
    filled = painted(pixels, HOLE)
    inside = filled[HOLE > 0]
    assert np.array_equal(filled[HOLE == 0], pixels[HOLE == 0], equal_nan=True)
    assert np.isfinite(inside).all()
    assert GRAVEL.min() - 0.1 < inside.min()
    assert inside.max() < GRAVEL.max() + 0.1
    assert 0.6 < inside.std() / GRAVEL.std() < 1.4


def test_one_channel_without_a_value_spoils_the_pixel() -> None:
    pixels = GRAVEL.copy()
    pixels[:, ::9, 1] = 1e30
    filled = painted(pixels, HOLE)
    assert (np.ptp(filled[HOLE > 0], axis=1) < 0.02).all(), "gravel is gray"


def test_a_window_of_pixels_without_values_is_refused_naming_one() -> None:
    with pytest.raises(Unsupported, match=r"-3\.4e\+38"):
        paint(np.full_like(GRAVEL, -3.4e38), HOLE)


def test_bright_lights_of_a_float_document_are_copied_as_they_are() -> None:
    pixels = np.full((60, 60, 3), 65504, np.float32)
    assert np.allclose(painted(pixels, disk(pixels, 30, 30, 9)), pixels, rtol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (3, 3), (6, 40), (9, 9), (40, 7), (24, 24)])
@pytest.mark.parametrize("kept", ["one pixel", "a corner", "every third", "a line", "everything else"])
@pytest.mark.parametrize("content", ["equal", "noise", "huge"])
def test_windows_with_nearly_no_source_are_filled_or_left_alone(size, kept: str, content: str) -> None:
    pixels = {
        "equal": np.full((*size, 3), 0.25, np.float32),
        "noise": np.random.default_rng(1).random((*size, 3), np.float32),
        "huge": np.full((*size, 3), 9e5, np.float32),
    }[content]
    mask = np.ones(size, np.float32)
    if kept == "one pixel":
        mask[-1, -1] = 0
    elif kept == "a corner":
        mask[: (size[0] + 1) // 2, : (size[1] + 1) // 2] = 0
    elif kept == "every third":
        mask.flat[::3] = 0
    elif kept == "a line":
        mask[size[0] // 2] = 0
    else:
        mask[:] = 0
        mask[size[0] // 2, size[1] // 2] = 1
    filled = painted(pixels, mask)
    slack = 0.3 if content == "noise" else 1e-5 * pixels.max()
    assert np.array_equal(filled[mask == 0], pixels[mask == 0])
    assert pixels.min() - slack <= filled.min()
    assert filled.max() <= pixels.max() + slack


def test_a_verb_it_does_not_know_is_refused_in_words() -> None:
    with pytest.raises(Unsupported, match="replace background"):
        paint(GRAVEL, HOLE, verb=Verb.REPLACE_BACKGROUND)


@pytest.mark.parametrize("verb", [Verb.FILL, Verb.RECOLOR])
def test_that_it_reads_no_prompt_is_for_the_plan_to_say(verb: Verb) -> None:
    assert paint(GRAVEL, HOLE, prompt="a red ball", verb=verb)[0].notes == ()


def test_steps_rise_to_their_total_over_all_variations() -> None:
    witness = Witness()
    paint(GRAVEL, HOLE, count=2, progress=witness)
    indices = [index for index, _ in witness.steps]
    totals = {total for _, total in witness.steps}
    assert indices == sorted(indices)
    assert totals == {indices[-1]}
    assert indices[0] >= 1


def test_previews_come_from_coarse_to_fine() -> None:
    witness = Witness()
    paint(photo(data.gravel()[:256, :256]), disk(np.zeros((256, 256)), 128, 128, 50), progress=witness)
    widths = [preview.shape[1] for preview in witness.previews]
    assert len(widths) >= 2
    assert widths == sorted(widths)
    assert all(preview.dtype == np.float32 and preview.shape[2] == 3 for preview in witness.previews)


@pytest.mark.parametrize("look", [1, 5, 40, 120])
def test_a_cancelled_job_stops_at_the_next_look(look: int) -> None:
    class Impatient(Witness):
        def check(self) -> None:
            super().check()
            if self.checks >= look:
                raise Cancelled

    progress = Impatient()
    with pytest.raises(Cancelled):
        paint(GRAVEL, HOLE, progress=progress, count=4)
    assert progress.checks == look
    assert np.array_equal(painted(GRAVEL, HOLE, seed=5), painted(GRAVEL, HOLE, seed=5)), "and the engine works on"


def test_a_window_is_looked_at_often_enough_to_cancel_soon() -> None:
    witness = Witness()
    paint(photo(data.gravel()), disk(np.zeros((512, 512)), 256, 256, 64), progress=witness)
    assert witness.checks + len(witness.steps) > 100, "looks while an edit of well under ten seconds is painted"


def test_knowing_the_engine_loads_neither_the_compiler_nor_opencv() -> None:
    program = (
        "import sys, inlay.engines.classic.engine as e; e.ClassicEngine().capabilities();"
        "print(sorted({'numba', 'cv2', 'torch'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_compiled_code_goes_to_the_users_cache_when_the_install_is_read_only(tmp_path, monkeypatch) -> None:
    from inlay.engines.classic import compiled

    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(compiled.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    not_a_folder = tmp_path / "package"
    not_a_folder.write_text("nothing can be written below a file, not even by root")
    assert compiled.cache_folder(not_a_folder) == tmp_path / "cache" / "numba"
    assert compiled.cache_folder(tmp_path) is None


@pytest.mark.slow
def test_the_second_process_does_not_compile_again(tmp_path) -> None:
    program = (
        "import sys, numpy as np; sys.path[:0] = sys.argv[1:]; from support.classic_scenes import disk, painted;"
        "busy = np.random.default_rng(1).random((60, 60, 3), np.float32); painted(busy, disk(busy, 30, 30, 12));"
        "from inlay.engines.classic import patchmatch as p;"
        "print(sum(sum(k.stats.cache_misses.values()) for k in (p.sweep_strip, p.vote_strip, p.peel_strip)))"
    )
    misses = []
    for _ in range(2):
        answer = subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parents[2])],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        )
        misses.append(int(answer.stdout.strip()))
    assert misses[0] > 0
    assert misses[1] == 0
