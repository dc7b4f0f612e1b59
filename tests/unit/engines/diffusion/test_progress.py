"""What a client sees of a painting under way, and how it stops one."""

from typing import Any

import numpy as np
import pytest

from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.errors import Cancelled
from inlay.recipe import Tier, Verb
from support.diffusion import Watch, engine, loaded, painted, recipe, scene

pytestmark = pytest.mark.slow


def take_back(_: int) -> None:
    raise Cancelled


def test_each_step_is_told_and_counted_over_all_variations() -> None:
    watch = Watch()
    painted(engine("sd15", batch=2), recipe(count=3, tier=Tier.STANDARD), watch=watch)
    steps, totals = zip(*watch.steps, strict=True)
    assert set(totals) == {45}
    assert steps == (*range(2, 31, 2), *range(31, 46))


@pytest.mark.parametrize("name", sorted(DIFFUSION))
def test_every_family_shows_previews_of_the_whole_window(name: str) -> None:
    watch = Watch()
    painted(engine(name), recipe(Verb.REFINE), watch=watch)
    variation, preview = watch.previews[0]
    assert variation == 0
    assert preview.dtype == np.float32
    assert preview.shape[1] == 3 * preview.shape[0]
    assert 0 <= preview.min() < preview.max() <= 1


def test_cancelling_stops_at_the_step_and_the_engine_stays_usable() -> None:
    found = engine("sd15")
    before = painted(found, recipe())[0]
    watch = Watch()
    stopped: list[int] = []

    def stop_at_the_second(index: int, total: int, phase: str) -> None:
        stopped.append(index)
        if index == 2:
            raise Cancelled

    watch.step = stop_at_the_second
    with pytest.raises(Cancelled):
        painted(found, recipe(tier=Tier.FINAL), watch=watch)
    assert stopped == [1, 2]
    assert np.array_equal(painted(found, recipe())[0].pixels, before.pixels)


@pytest.mark.parametrize("name", ["sd15", "flux_kontext"])
def test_a_job_can_be_taken_back_at_every_point_where_it_may_wait(name: str) -> None:
    """Before and after loading, encoding, looking at it again, reading words, each step, decoding."""
    verb = Verb.INSTRUCT if name == "flux_kontext" else Verb.FILL
    whole = Watch()
    truth = painted(engine(name), recipe(verb), watch=whole)[0]
    assert whole.calls > 12
    found = engine(name)

    for last in range(1, whole.calls + 1):
        taken = Watch(lambda call, last=last: take_back(call) if call == last else None)
        fresh = engine(name) if last < whole.calls - 8 else found  # what is remembered is not looked at again
        try:
            painted(fresh, recipe(verb), watch=taken)
        except Cancelled:
            assert taken.calls == last
    assert np.array_equal(painted(found, recipe(verb))[0].pixels, truth.pixels)


def test_loading_is_looked_at_before_and_after() -> None:
    model = loaded("sd15")
    loads: list[int] = []

    def load(_entry: Any, _progress: Any) -> Any:
        loads.append(1)
        return model

    found = DiffusionEngine(model.entry, load)
    for call, loaded_before in ((1, 0), (2, 1)):
        with pytest.raises(Cancelled):
            painted(found, recipe(), watch=Watch(lambda now, call=call: take_back(now) if now == call else None))
        assert len(loads) == loaded_before


def test_a_reroll_encodes_neither_the_window_nor_the_words_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found = engine("sd15")
    painted(found, recipe(tier=Tier.STANDARD))

    def again(*_: Any, **__: Any) -> None:
        raise AssertionError("it was encoded before")

    from inlay.engines.diffusion.families.sd15 import StableDiffusion15

    monkeypatch.setattr(StableDiffusion15, "encode", again)
    monkeypatch.setattr(StableDiffusion15, "condition", again)
    painted(found, recipe(seed=99, tier=Tier.STANDARD))


def test_another_window_another_mask_or_other_words_are_not_taken_for_the_remembered_ones() -> None:
    found, plain = engine("sd15"), scene()
    first = painted(found, recipe())[0]
    darker = type(plain)(plain.pixels * np.float32(0.9), plain.mask, plain.known)
    smaller = type(plain)(plain.pixels, plain.mask * (np.arange(192) < 96), plain.known)
    for other_scene, other_recipe in ((darker, recipe()), (smaller, recipe()), (plain, recipe(prompt="a dog"))):
        other = painted(found, other_recipe, other_scene)[0]
        fresh = painted(engine("sd15"), other_recipe, other_scene)[0]
        assert np.array_equal(other.pixels, fresh.pixels)
        assert not np.array_equal(other.pixels, first.pixels)
