"""Networks that enlarge, on their way through a picture: in tiles that leave no trace, and at its pixels.

A chain of convolutions with a bilinear kernel, in waifu2x' shape, is known to Pillow; spandrel is stood in for.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from skimage import data

from inlay.engines.models.cache import ModelCache
from inlay.engines.models.catalog import Catalog, described
from inlay.engines.models.ncnn import Convolution, chain_as_onnx
from inlay.engines.registry import Registry
from inlay.engines.upscale import waifu2x
from inlay.engines.upscale.network import Network, reach_of, repeated
from inlay.errors import Cancelled, InvalidInput
from inlay.recipe import Sampling, Tier, Verb
from support.diffusion import Watch, recipe, scene
from support.edits import MemoryBlobs
from support.erasers import STANDINS, save_lama
from support.eyes import eyes
from unit.edit.test_enlarging import larger, made_small, recipe_of

Picture = NDArray[np.float32]


def photograph(height: int, width: int) -> Picture:
    return np.ascontiguousarray(data.astronaut()[30 : 30 + height, 100 : 100 + width], np.float32) / 255


def bilinear_upconv() -> list[Convolution]:
    """Six convolutions that hand on what they get, then a transposed one that interpolates."""

    def kernel(taps: NDArray[np.float64]) -> NDArray[np.float16]:
        plane = np.outer(taps, taps)
        return np.stack([[plane if a == b else 0 * plane for a in range(3)] for b in range(3)]).astype(np.float16)

    nothing = np.zeros(3, np.float32)
    through = Convolution(False, 1, 0, 1.0, kernel(np.array([0.0, 1.0, 0.0])), nothing)
    return [*[through] * 6, Convolution(True, 2, 3, 1.0, kernel(np.array([0.25, 0.75, 0.75, 0.25])), nothing)]


@pytest.fixture
def bilinear(tmp_path: Path) -> Network:
    (tmp_path / waifu2x.FILE).write_bytes(chain_as_onnx(bilinear_upconv()))
    return waifu2x.network_in(tmp_path)


@pytest.fixture
def standins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process finds the stand-in when it looks for spandrel."""
    monkeypatch.syspath_prepend(STANDINS)
    monkeypatch.delitem(sys.modules, "spandrel", raising=False)
    yield
    sys.modules.pop("spandrel", None)


def test_what_a_network_shows_lies_where_the_picture_has_it(bilinear: Network):
    picture = photograph(61, 83)
    made = bilinear.enlarge(picture, lambda: None)
    assert made.shape == (122, 166, 3)
    for channel in range(3):
        known = Image.fromarray(picture[..., channel]).resize((166, 122), Image.Resampling.BILINEAR)
        assert np.abs(made[2:-2, 2:-2, channel] - np.asarray(known)[2:-2, 2:-2]).max() < 2e-3


@pytest.mark.parametrize("size", [(61, 83), (40, 40), (100, 31)])
def test_tiles_are_the_whole_picture_to_the_last_bit(bilinear: Network, size: tuple[int, int], monkeypatch):
    picture = photograph(*size)
    whole = bilinear.enlarge(picture, lambda: None)
    monkeypatch.setattr(waifu2x, "TILE_PX", 24)
    assert np.array_equal(bilinear.enlarge(picture, lambda: None), whole)


def test_between_tiles_a_job_can_be_taken_back(bilinear: Network, monkeypatch: pytest.MonkeyPatch):
    def cancelled() -> None:
        raise Cancelled("taken back")

    with pytest.raises(Cancelled):
        bilinear.enlarge(photograph(30, 30), cancelled)


def test_a_network_for_twice_the_size_reaches_four_times_and_one_for_four_times_reaches_twice():
    def of(scale: int) -> Network:
        return Network(lambda pixels, _: pixels.repeat(scale, 0).repeat(scale, 1), scale, 7, {})

    picture = photograph(10, 12)
    assert np.array_equal(repeated(of(2), 4, lambda: None, picture), picture.repeat(4, 0).repeat(4, 1))
    assert np.allclose(repeated(of(4), 2, lambda: None, picture), picture.repeat(2, 0).repeat(2, 1))
    assert (reach_of(of(2), 2), reach_of(of(2), 4), reach_of(of(4), 4)) == (7, 11, 7)


def catalog_with(tmp_path: Path, family: str = "upscaler") -> Catalog:
    file = tmp_path / "mine.safetensors"
    save_file({"conv_first.weight": torch.zeros(3)}, file)
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(described(file, family, model_id="mine"))
    return catalog


@pytest.mark.usefixtures("standins")
def test_a_model_of_the_users_enlarges_without_the_borders_of_its_tiles(tmp_path: Path):
    from inlay.engines.upscale import spandrel

    entry = catalog_with(tmp_path).entry("mine")
    engine = spandrel.engine_of(entry, ModelCache("cpu"))
    wanted = recipe(Verb.UPSCALE).altered(tier=Tier.FINAL, options={"scale": "4x"})
    (answer,) = engine.paint(scene(), wanted, Watch())
    picture = photograph(450, 300)
    made = answer.enlarge(picture)
    inside = np.s_[8:-8, 8:-8]
    assert np.abs(made - picture.repeat(4, 0).repeat(4, 1))[inside].max() < 1e-6
    assert answer.receipt["model"] == "mine"
    assert answer.receipt["spandrel"] == "standing in"


@pytest.mark.usefixtures("standins")
def test_a_file_that_enlarges_nothing_is_refused(tmp_path: Path):
    from inlay.engines.upscale import spandrel

    file = save_lama(tmp_path / "lama.safetensors", prefix="model.model.")
    with pytest.raises(InvalidInput, match=r"spandrel cannot read it|it must enlarge"):
        spandrel.held(described(file, "upscaler", model_id="lama"))


def test_interpolation_is_asked_where_there_is_no_network_and_a_network_that_any_cpu_runs_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert Registry().choose(Verb.UPSCALE).name == "lanczos"
    catalog = catalog_with(tmp_path)
    monkeypatch.setattr("inlay.engines.registry.missing_libraries", lambda needed: ())
    assert Registry(catalog).choose(Verb.UPSCALE).name == "lanczos", "what wants a card is named"
    assert Registry(catalog).choose(Verb.UPSCALE, "mine").wants_card
    folder = tmp_path / "upscale2x"
    folder.mkdir()
    (folder / waifu2x.FILE).write_bytes(chain_as_onnx(bilinear_upconv()))
    (folder / "origin.toml").write_text("")
    catalog.add(described(folder, "upscale2x", model_id="upscale2x"))
    assert Registry(catalog).choose(Verb.UPSCALE).name == "upscale2x"
    assert Registry(catalog).choose(Verb.ERASE).name == "classic"


@pytest.mark.slow
def test_the_real_network_shows_more_of_a_photograph_than_interpolation_and_agrees_with_it():
    found, blobs = eyes("upscale2x"), MemoryBlobs()
    catalog = Catalog(found.place("upscale2x").parents[2] / "models.toml")
    truth = data.astronaut()[:192, 120:312].astype(np.float64) / 255
    light = np.where(truth <= 0.04045, truth / 12.92, ((truth + 0.055) / 1.055) ** 2.4)
    means = light.reshape(96, 2, 96, 2, 3).mean((1, 3))
    samples = np.rint(np.where(means <= 0.0031308, means * 12.92, 1.055 * means ** (1 / 2.4) - 0.055) * 255).astype(
        "u1"
    )

    def off(model: str) -> float:
        wanted = recipe_of(samples, blobs, sampling=Sampling(tier=Tier.FINAL, model=model), options={"scale": "2x"})
        made = larger(wanted, blobs, Registry(catalog))
        assert np.quantile(np.abs(made_small(made, 255, 2) - samples), 0.999) <= 0.6
        return float(np.sqrt(((made / 255 - truth) ** 2).mean()))

    assert off("upscale2x") < 0.9 * off("lanczos")
