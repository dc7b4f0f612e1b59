"""The eraser's way through a window and into memory. A stand-in paints for spandrel, which needs torchvision."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from inlay.engines.eraser.engine import Mender, SpandrelEraser, erased, kept_in, load
from inlay.engines.interface import Painting, Scene
from inlay.engines.models.cache import WORKING_SHARE, ModelCache
from inlay.engines.models.catalog import ModelEntry, described
from inlay.engines.models.eraser_families import ERASERS
from inlay.errors import Cancelled, FilesChanged, InvalidInput, Unsupported
from inlay.recipe import Recipe, Verb
from support.diffusion import Watch, recipe, scene
from support.erasers import STANDINS, save_lama, save_mat

pytestmark = pytest.mark.slow


class Mending:
    """Paints holes in the mean of what is known, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[torch.Tensor, torch.Tensor]] = []

    def __call__(self, picture: torch.Tensor, hole: torch.Tensor, seed: int = 0) -> torch.Tensor:
        self.shown.append((picture.clone(), hole.clone()))
        known = 1 - hole
        mean = (picture * known).sum((2, 3), keepdim=True) / known.sum().clamp_min(1)
        return picture * known + mean * hole


def engine(mend: Callable[..., torch.Tensor], family: str = "lama") -> SpandrelEraser:
    entry = ModelEntry(family, family, f"/{family}.safetensors", "file", "0" * 64)
    return SpandrelEraser(entry, lambda _entry, _progress: Mender(mend, 0, "cpu", {}))


def painted(
    eraser: SpandrelEraser, wanted: Recipe, seen: Scene | None = None, watch: Watch | None = None
) -> list[Painting]:
    return list(eraser.paint(seen or scene(), wanted, watch or Watch()))


@pytest.fixture
def standins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process finds the stand-ins when it looks for spandrel."""
    monkeypatch.syspath_prepend(STANDINS)
    for name in ("spandrel", "spandrel_extra_arches"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield
    for name in ("spandrel", "spandrel_extra_arches"):
        sys.modules.pop(name, None)


def test_an_eraser_paints_the_hole_and_leaves_the_rest_bit_for_bit() -> None:
    seen = scene()
    (one,) = painted(engine(Mending()), recipe(Verb.ERASE), seen)
    outside = seen.mask == 0
    assert np.array_equal(one.pixels[outside], seen.pixels[outside])
    assert (one.pixels[~outside] != seen.pixels[~outside]).any()
    assert np.ptp(one.pixels[~outside], axis=0).max() < 1e-5


def test_the_model_sees_the_hole_with_its_surroundings_and_sides_it_can_divide() -> None:
    mask = np.zeros((601, 807), np.float32)
    mask[300:320, 400:437] = 0.3
    model = Mending()
    erased(scene(mask), model, 1024)
    ((picture, hole),) = model.shown
    assert 140 <= picture.shape[-2] <= 160
    assert 160 <= picture.shape[-1] <= 176
    assert not any(side % 8 for side in picture.shape[-2:])
    assert set(hole.unique().tolist()) == {0, 1}
    assert int(hole.sum()) == 20 * 37, "soft edges are wholly its own; the edit blends them"


@pytest.mark.parametrize("family", sorted(ERASERS))
def test_a_small_hole_gets_as_much_of_the_window_as_the_model_wants(family: str) -> None:
    mask = np.zeros((600, 800), np.float32)
    mask[2:10, 700:720] = 1
    model = Mending()
    painted(engine(model, family), recipe(Verb.ERASE), scene(mask))
    ((picture, _),) = model.shown
    assert picture.shape[-2:] == (ERASERS[family].least_px,) * 2


def test_a_large_hole_is_erased_in_tiles_and_none_of_them_is_shown_nothing() -> None:
    mask = np.zeros((200, 300), np.float32)
    mask[20:180, 20:280] = 1
    flat = np.full((200, 300, 3), 0.25, np.float32)
    model = Mending()
    told: list[tuple[int, int]] = []

    pixels = erased(
        Scene(flat, mask, np.ones(mask.shape, np.bool_)), model, 64, 0, lambda done, of: told.append((done, of))
    )

    assert len(model.shown) > 12
    assert all(max(picture.shape[-2:]) <= 64 for picture, _ in model.shown)
    assert all(float(hole.mean()) < 1 for _, hole in model.shown), "later tiles continue what earlier ones painted"
    assert np.abs(pixels - 0.25).max() < 1e-5
    assert told[-1] == (told[-1][1],) * 2


def test_a_tile_leaves_its_open_edge_to_the_next_one_which_sees_beyond_it() -> None:
    numbers = iter(range(1, 100))
    mask = np.zeros((32, 200), np.float32)
    mask[:, 10:190] = 1
    seen = Scene(np.zeros((32, 200, 3), np.float32), mask, np.ones(mask.shape, np.bool_))

    pixels = erased(seen, lambda picture, hole: torch.full_like(picture, next(numbers) / 100), 64)

    row = np.round(pixels[16, 10:190, 0] * 100).astype(int)
    assert (np.diff(row) >= 0).all()
    assert sorted(set(row)) == list(range(1, row.max() + 1))
    assert np.flatnonzero(np.diff(row))[0] + 1 + 10 == 64 - 8, "an eighth of its side"


def test_a_cancelled_job_ends_between_tiles() -> None:
    mask = np.zeros((64, 2000), np.float32)
    mask[20:40, 20:1900] = 1

    def third(call: int) -> None:
        if call == 3:
            raise Cancelled

    model = Mending()
    with pytest.raises(Cancelled):
        painted(engine(model), recipe(Verb.ERASE), scene(mask), Watch(third))
    assert len(model.shown) < 2


def test_steps_count_up_to_the_end() -> None:
    mask = np.zeros((64, 2000), np.float32)
    mask[20:40, 20:1900] = 1
    for family, count in (("lama", 1), ("lama", 3), ("mat", 3)):
        watch = Watch()
        painted(engine(Mending(), family), recipe(Verb.ERASE).altered(count=count), scene(mask), watch)
        total = watch.steps[0][1]
        assert watch.steps == [(index, total) for index in range(1, total + 1)]


def test_what_it_cannot_do_is_said() -> None:
    found = engine(Mending())
    with pytest.raises(Unsupported, match="it erases"):
        painted(found, recipe(Verb.INSTRUCT))
    two = painted(found, recipe(Verb.FILL).altered(count=2))
    assert [one.seed for one in two] == [11, 12]
    (note,) = two[0].notes
    assert "one answer" in note, "that it reads no prompt is for the plan to say"


def test_short_memory_makes_smaller_tiles_and_is_said() -> None:
    model = Mending()

    def tight(picture: torch.Tensor, hole: torch.Tensor, seed: int) -> torch.Tensor:
        if max(picture.shape[-2:]) > 512:
            raise torch.OutOfMemoryError("CUDA out of memory.\nmore")
        return model(picture, hole)

    mask = np.zeros((64, 1000), np.float32)
    mask[20:40, 20:900] = 1
    (one,) = painted(engine(tight), recipe(Verb.ERASE), scene(mask))
    assert one.receipt["tile_px"] == "512"
    assert any("smaller tiles" in note for note in one.notes)

    def never(*_: object, seed: int) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory.\nmore")

    with pytest.raises(MemoryError, match=r"CUDA out of memory. Tried: tiles of 256 px"):
        painted(engine(never), recipe(Verb.ERASE))


@pytest.mark.usefixtures("standins")
@pytest.mark.parametrize("prefix", ["model.", "generator.", "module.generator."])
def test_a_lama_file_is_read_and_paints(prefix: str, tmp_path: Path) -> None:
    entry = described(save_lama(tmp_path / "big-lama.safetensors", (0.25, 0.5, 0.75), prefix), "lama")
    seen = scene()

    (one,) = painted(SpandrelEraser(entry, lambda entry, _: load(entry)), recipe(Verb.ERASE), seen)

    assert one.pixels[seen.mask == 1] == pytest.approx(np.broadcast_to((0.25, 0.5, 0.75), (32 * 64, 3)), abs=1e-6)
    assert one.receipt["model_sha256"] == entry.sha256
    assert one.receipt["spandrel"] == "standing in"


@pytest.mark.usefixtures("standins")
@pytest.mark.parametrize("prefix", ["", "model."])
def test_mat_draws_its_answer_from_the_seed_alone(prefix: str, tmp_path: Path) -> None:
    entry = described(save_mat(tmp_path / "mat.safetensors", prefix), "mat")
    three = recipe(Verb.ERASE).altered(count=3)

    torch.manual_seed(1)
    together = painted(SpandrelEraser(entry, lambda entry, _: load(entry)), three)
    torch.manual_seed(2)
    eraser = SpandrelEraser(entry, lambda entry, _: load(entry))
    alone = [painted(eraser, recipe(Verb.ERASE).altered(seed=one.seed))[0] for one in together]

    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(together, alone, strict=True))
    assert not np.array_equal(together[0].pixels, together[1].pixels)
    assert together[0].notes == ()


@pytest.mark.usefixtures("standins")
def test_files_that_are_no_whole_eraser_are_explained(tmp_path: Path) -> None:
    half = save_lama(tmp_path / "half.safetensors")
    save_file({"model.model.1.bn_l.running_mean": torch.zeros(64)}, half)
    other = tmp_path / "upscaler.safetensors"
    save_file({"conv_first.weight": torch.zeros(3)}, other)
    for path, says in ((half, "whole LaMa, the generator alone: Error"), (other, "it holds ESRGAN")):
        with pytest.raises(InvalidInput, match=says):
            load(described(path, "lama"))


@pytest.mark.usefixtures("standins")
def test_a_file_that_changed_is_not_loaded(tmp_path: Path) -> None:
    entry = described(save_lama(tmp_path / "lama.safetensors"), "lama")
    (tmp_path / "lama.safetensors").write_bytes(b"other")
    with pytest.raises(FilesChanged):
        load(entry)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "big-lama.pt").write_bytes(b"anything")
    entry = ModelEntry("lama", "lama", str(tmp_path / "big-lama.pt"), "file", "0")
    with pytest.raises(InvalidInput, match=r"one \.safetensors file"):
        load(entry)


@pytest.mark.usefixtures("standins")
def test_erasers_share_the_memory_of_all_models(tmp_path: Path) -> None:
    entries = [
        described(save_lama(tmp_path / f"{name}.safetensors"), "lama", model_id=name)
        for name in ("one", "two", "three")
    ]
    size = entries[0].files[0].bytes
    cache = ModelCache("cpu", round(2.5 * size / (1 - WORKING_SHARE)))
    loader, watch = kept_in(cache), Watch()

    first = loader(entries[0], watch)
    loader(entries[1], watch)
    assert loader(entries[0], watch) is first
    loader(entries[2], watch)

    assert cache.held == ("one", "three")


def test_without_torchvision_the_model_says_what_is_wrong(tmp_path: Path) -> None:
    if importlib.util.find_spec("spandrel") and importlib.util.find_spec("torchvision"):
        pytest.skip("spandrel is whole here")
    with pytest.raises(Unsupported, match="LaMa: spandrel cannot be imported"):
        load(described(save_lama(tmp_path / "lama.safetensors"), "lama"))


@pytest.mark.slow
def test_where_spandrel_can_be_imported_its_own_lama_erases(tmp_path: Path) -> None:
    """Of random weights, but of the true architecture, size and names."""
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("needs torchvision, which inlay[diffusion] does not bring")
    spandrel = pytest.importorskip("spandrel")
    made = spandrel.architectures.LaMa.LaMa(in_nc=4).state_dict()
    path = tmp_path / "lama.safetensors"
    save_file({name: value.contiguous() for name, value in made.items()}, path)
    seen = scene()

    (one,) = painted(SpandrelEraser(described(path, "lama"), lambda entry, _: load(entry)), recipe(Verb.ERASE), seen)

    outside = seen.mask == 0
    assert np.array_equal(one.pixels[outside], seen.pixels[outside])
    assert np.isfinite(one.pixels).all()
    assert (one.pixels[~outside] != seen.pixels[~outside]).any()
