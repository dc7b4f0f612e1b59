"""Wan and LTX, built tiny of random weights, animate through their own pipelines: the same again, told of, and stopped in time."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inlay.capabilities import Memory
from inlay.engines.diffusion.animating import AnimatingEngine
from inlay.engines.diffusion.loading import LoadedModel, load
from inlay.engines.diffusion.loras import Wardrobe
from inlay.engines.interface import Clip
from inlay.engines.models.catalog import ModelEntry, described
from inlay.engines.models.detect import identify
from inlay.engines.models.memory_verdict import GB, Machine, published_need, published_weights, verdict
from inlay.engines.models.video_families import VIDEO
from inlay.errors import Cancelled, InvalidInput, Unsupported
from inlay.recipe import Recipe, Verb
from inlay.region import Rect
from inlay.region.window import working_size
from support import tiny_films, tiny_models
from support.diffusion import Watch, recipe, scene

pytestmark = pytest.mark.slow

FRAMES = 9
BUILT: dict[str, Callable[[], dict[str, Any]]] = {
    "wan": tiny_films.wan,
    "wan with two experts": tiny_films.wan_experts,
    "wan_5b": tiny_films.wan_5b,
    "ltx": tiny_films.ltx,
    "ltx with conditions": lambda: tiny_films.ltx() | {"_class_name": "LTXConditionPipeline"},
}


def engine(name: str) -> AnimatingEngine:
    family = name.partition(" ")[0]
    entry = ModelEntry(family, family, f"/models/{family}", "folder", "0" * 64)
    model = LoadedModel(entry, VIDEO[family], BUILT[name](), torch.device("cpu"), torch.float32, Wardrobe())
    return AnimatingEngine(entry, lambda _entry, _progress: model)


def wish(**changes: Any) -> Recipe:
    return recipe(Verb.ANIMATE, options={"frames": float(FRAMES)}).altered(**changes)


def filmed(found: AnimatingEngine, wanted: Recipe, watch: Watch | None = None) -> list[Clip]:
    return list(found.paint(scene(), wanted, watch or Watch()))


@pytest.mark.parametrize("name", BUILT)
def test_a_clip_follows_from_its_recipe_and_seed_alone_and_is_told_of_step_by_step(name: str) -> None:
    found, watch = engine(name), Watch()
    one, two = filmed(found, wish(count=2), watch)
    assert one.frames.shape == two.frames.shape == (FRAMES, 64, 192, 3)
    assert one.frames.dtype == np.float32
    assert np.isfinite(one.frames).all()
    assert 0 <= one.frames.min() < one.frames.max() <= 1
    assert np.abs(one.frames - two.frames).max() > 1e-3
    steps = int(one.receipt["steps"])
    assert watch.steps == [(step, 2 * steps) for step in range(1, 2 * steps + 1)]
    number, preview = watch.previews[0]
    assert number == 0
    assert preview.shape[1] == 3 * preview.shape[0]
    assert one.fps == {"wan": 16, "wan_5b": 24, "ltx": 24}[name.partition(" ")[0]]

    (again,) = filmed(engine(name), wish(seed=two.seed))
    assert np.array_equal(again.frames, two.frames)
    (other,) = filmed(found, wish(seed=two.seed, prompt="it begins to rain"))
    assert not np.array_equal(other.frames, two.frames)


@pytest.mark.parametrize("name", ["wan", "ltx"])
def test_what_the_keyframe_shows_decides_the_clip(name: str) -> None:
    found = engine(name)
    (one,) = filmed(found, wish())
    seen = scene()
    turned = dataclasses.replace(seen, pixels=np.ascontiguousarray(seen.pixels[::-1]))
    (other,) = found.paint(turned, wish(), Watch())
    assert not np.array_equal(one.frames, other.frames)


@pytest.mark.parametrize("name", BUILT)
def test_a_job_can_be_taken_back_at_every_point_where_it_may_wait(name: str) -> None:
    """Before and after loading and reading words, at each step, and between the parts of the VAE, which takes long over a clip."""
    found, watch = engine(name), Watch()
    (whole,) = filmed(found, wish(), watch)
    assert watch.calls > int(whole.receipt["steps"]) + 6
    for at in {1, 3, watch.calls // 2, watch.calls - 1, watch.calls}:

        def take_back(call: int, at: int = at) -> None:
            if call == at:
                raise Cancelled

        stopping = Watch(take_back)
        with pytest.raises(Cancelled):
            filmed(found, wish(), stopping)
        assert stopping.calls == at
    (again,) = filmed(found, wish())
    assert np.array_equal(again.frames, whole.frames)


def test_a_model_says_which_lengths_it_paints_and_what_it_did_not_read() -> None:
    (clip,) = filmed(engine("wan"), wish(options={"frames": 7.0}, prompt="(rain)1.4"))
    assert len(clip.frames) == 9
    assert "A clip of this model has 9 pictures, not 7." in clip.notes
    assert any("weights" in note for note in clip.notes)
    (clip,) = filmed(engine("ltx"), wish(options={"seconds": 0.25}))
    assert len(clip.frames) == 9
    assert not clip.notes


def test_a_clip_is_all_that_it_paints() -> None:
    with pytest.raises(Unsupported, match="cannot fill, only animate"):
        filmed(engine("ltx"), wish(verb=Verb.FILL))


@pytest.mark.parametrize("name", tiny_models.FILMS)
def test_a_folder_says_which_family_it_is_and_is_loaded_whole(name: str, tmp_path: Path) -> None:
    place = tiny_models.saved(name, tmp_path / "mine")
    assert identify(place).family == name
    entry = described(place, name)
    model = load(entry)
    assert model.components["vae"].dtype == torch.float32
    assert model.components.get("image_encoder") is None or name == "wan"
    (fresh,) = filmed(AnimatingEngine(entry, lambda _entry, _progress: model), wish())
    parts = tiny_models.FILMS[name]() | {"_class_name": VIDEO[name].pipeline_classes[0]}
    beside = LoadedModel(entry, VIDEO[name], parts, torch.device("cpu"), torch.float32, Wardrobe())
    (built,) = filmed(AnimatingEngine(entry, lambda _entry, _progress: beside), wish())
    np.testing.assert_allclose(fresh.frames, built.frames, atol=2e-4)  # a twentieth of a code value of 8 bit


def test_a_model_of_clips_from_words_alone_is_refused(tmp_path: Path) -> None:
    place = tiny_models.saved("wan", tmp_path / "t2v")
    index = json.loads((place / "model_index.json").read_text("utf-8"))
    (place / "model_index.json").write_text(json.dumps(index | {"_class_name": "WanPipeline"}), "utf-8")
    with pytest.raises(InvalidInput, match=r"WanPipeline is of no family that is known here: .*LTX-Video"):
        identify(place)


def test_a_clip_is_painted_within_the_areas_that_its_makers_publish() -> None:
    for family in VIDEO.values():
        able = family.capabilities("mine")
        size = working_size(Rect(0, 0, 4000, 3000), multiple=able.multiple, least_px=able.least_px, max_px=able.max_px)
        assert size.area <= 1.05 * 1280 * 720
        assert size.width % family.multiple == size.height % family.multiple == 0


def test_whether_a_clip_fits_a_card_is_told_beforehand() -> None:
    """Weights as published: both experts of Wan 2.2 and their encoder 68.7 GB at 16 bits, the 2 B of LTX-Video 14.2 with T5."""
    assert published_weights("wan") / GB == pytest.approx(68.7, rel=0.02)
    assert published_weights("ltx") / GB == pytest.approx(14.2, rel=0.02)
    card = Machine(24 * GB, 128 * GB)
    verdicts = {name: verdict(published_need(name, VIDEO[name].native_px), card) for name in VIDEO}
    assert verdicts == {"wan": Memory.LAYERS, "wan_5b": Memory.OFFLOAD, "ltx": Memory.FITS}
