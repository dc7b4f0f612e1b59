"""Models come and go within a budget, and out-of-memory climbs a ladder instead of failing a job."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from inlay.engines.diffusion.ladder import NAMES, SENTENCES, Ladder, kept_in, take
from inlay.engines.diffusion.loading import LoadedModel, load
from inlay.engines.models.cache import WORKING_SHARE, ModelCache, weight_bytes
from inlay.engines.models.catalog import ModelEntry, described
from inlay.errors import Cancelled
from support import tiny_models

pytestmark = pytest.mark.slow


class Listening:
    """A job's progress that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.cancelled = False

    def loading(self, what: str) -> None:
        self.told.append(what)

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[ModelEntry]:
    """Three models of the same size."""
    folder = tiny_models.saved("sd15", tmp_path_factory.mktemp("models") / "sd15")
    return [described(folder, "sd15", model_id=name) for name in ("one", "two", "three")]


@pytest.fixture
def model(entries: list[ModelEntry]) -> LoadedModel:
    return load(entries[0])


def room_for(models: int, entry: ModelEntry) -> int:
    """A budget in which so many such models fit beside what painting needs."""
    return round((models + 0.5) * weight_bytes(entry) / (1 - WORKING_SHARE))


def short() -> torch.OutOfMemoryError:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore of it")


def fails(times: int) -> Callable[[int], list[int]]:
    """An attempt that lacks memory so many times, then returns the batch sizes that were tried."""
    batches: list[int] = []

    def attempt(batch: int) -> list[int]:
        batches.append(batch)
        if len(batches) <= times:
            raise short()
        return batches

    return attempt


def test_a_model_is_loaded_once_and_stays(entries: list[ModelEntry]) -> None:
    cache, progress = ModelCache("cpu", room_for(3, entries[0])), Listening()

    first = kept_in(cache)(entries[0], progress)

    assert kept_in(cache)(entries[0], progress) is first
    assert [line for line in progress.told if line.startswith("one: unet")] == ["one: unet (4 of 5)"]


def test_the_model_that_was_used_least_recently_leaves_first(entries: list[ModelEntry]) -> None:
    one, two, three = entries
    cache, progress = ModelCache("cpu", room_for(2, one)), Listening()

    for entry in (one, two, one, three):
        kept_in(cache)(entry, progress)

    assert cache.held == ("one", "three")
    assert cache.bytes <= cache.budget_bytes


def test_a_model_larger_than_the_budget_is_loaded_alone(entries: list[ModelEntry]) -> None:
    cache = ModelCache("cpu", 1)

    for entry in entries:
        kept_in(cache)(entry, Listening())

    assert cache.held == ("three",)


def test_a_model_that_was_set_up_otherwise_is_another_model(entries: list[ModelEntry]) -> None:
    import dataclasses

    cache = ModelCache("cpu", room_for(3, entries[0]))
    half = dataclasses.replace(entries[0], dtype="bfloat16")

    whole = kept_in(cache)(entries[0], Listening())

    assert kept_in(cache)(half, Listening()).dtype is torch.bfloat16
    assert kept_in(cache)(entries[0], Listening()) is whole


def test_loading_stops_when_the_job_is_taken_back(entries: list[ModelEntry]) -> None:
    cache, progress = ModelCache("cpu"), Listening()
    progress.cancelled = True

    with pytest.raises(Cancelled):
        kept_in(cache)(entries[0], progress)

    assert cache.held == ()


def test_others_make_room_when_loading_itself_runs_out(entries: list[ModelEntry]) -> None:
    def tight(entry: ModelEntry, *how: object) -> LoadedModel:
        if cache.held:
            raise short()
        return load(entry, *how)  # type: ignore[arg-type]

    cache = ModelCache("cpu", room_for(3, entries[0]))
    loader = kept_in(cache, tight)
    loader(entries[0], Listening())

    loader(entries[1], Listening())

    assert cache.held == ("two",)


def test_a_model_that_does_not_fit_at_all_is_an_error_with_its_name(entries: list[ModelEntry]) -> None:
    def never(*_: object) -> LoadedModel:
        raise short()

    with pytest.raises(MemoryError, match="model one does not fit: CUDA out of memory"):
        kept_in(ModelCache("cpu"), never)(entries[0], Listening())


def test_enough_memory_takes_no_rung(model: LoadedModel) -> None:
    told: list[str] = []

    assert Ladder(model, 4, told.append).climb(fails(0)) == [4]
    assert told == []
    assert model.relieved == ""


@pytest.mark.parametrize(
    ("times", "batches", "rungs"),
    [
        (1, [4, 4], ["vae_tiling"]),
        (2, [4, 4, 2], ["vae_tiling", "smaller_batch"]),
        (3, [4, 4, 2, 1], ["vae_tiling", "smaller_batch", "smaller_batch"]),
        (4, [4, 4, 2, 1, 1], ["vae_tiling", "smaller_batch", "smaller_batch", "model_offload"]),
        (
            5,
            [4, 4, 2, 1, 1, 1],
            ["vae_tiling", "smaller_batch", "smaller_batch", "model_offload", "group_offload"],
        ),
    ],
)
def test_the_ladder_is_climbed_in_order_and_each_rung_is_told(
    times: int, batches: list[int], rungs: list[str], model: LoadedModel
) -> None:
    told: list[str] = []

    assert Ladder(model, 4, told.append).climb(fails(times)) == batches
    assert told == [SENTENCES[rung] for rung in rungs]


def test_the_end_of_the_ladder_says_what_was_tried(model: LoadedModel) -> None:
    with pytest.raises(MemoryError) as caught:
        Ladder(model, 2, lambda _: None).climb(fails(99))

    message = str(caught.value)
    assert message.startswith("CUDA out of memory. Tried to allocate 2.00 GiB. Tried: ")
    assert [name for name in NAMES.values() if name in message] == list(NAMES.values())
    assert "more of it" not in message


def test_what_one_job_found_out_the_next_one_starts_with(model: LoadedModel) -> None:
    Ladder(model, 1, lambda _: None).climb(fails(1))
    told: list[str] = []

    Ladder(model, 1, told.append).climb(fails(1))

    assert told == [SENTENCES["model_offload"]]


def test_other_errors_take_no_rung(model: LoadedModel) -> None:
    def broken(_: int) -> None:
        raise ValueError("not about memory")

    with pytest.raises(ValueError, match="not about memory"):
        Ladder(model, 1, lambda _: None).climb(broken)
    assert model.relieved == ""


@pytest.mark.parametrize("rung", ["vae_tiling", "model_offload", "group_offload"])
def test_a_rung_changes_where_a_model_rests_and_not_what_it_computes(rung: str, entries: list[ModelEntry]) -> None:
    plain, relieved = load(entries[0]), load(entries[0])

    assert take(rung, relieved)

    latents = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    words = torch.zeros(1, 4, 32)
    with torch.no_grad():
        for one in (plain, relieved):
            assert torch.isfinite(one.components["vae"].encode(torch.zeros(1, 3, 64, 64)).latent_dist.mean).all()
        noise = [one.denoiser(latents, 10, words).sample for one in (plain, relieved)]
        pictures = [one.components["vae"].decode(latents).sample for one in (plain, relieved)]
    assert torch.equal(*noise)
    assert torch.equal(*pictures)
    assert relieved.relieved == rung


def test_a_device_that_pytorch_lacks_is_replaced_by_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    assert ModelCache("cuda").device == "cpu"


def test_the_estimate_before_loading_is_the_weights_on_disk(entries: list[ModelEntry]) -> None:
    files = Path(entries[0].path).glob("*/*.safetensors")

    assert weight_bytes(entries[0]) == sum(file.stat().st_size for file in files)
