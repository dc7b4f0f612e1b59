"""Qwen-Image-2.1 on a cut-out: it sees what is transparent, paints what can be seen through, and its alpha is the layer's."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inlay.engines import Painting, Scene
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.diffusion.families.qwen_image_21 import QwenImage21
from inlay.engines.interface import SceneInput
from inlay.engines.models.catalog import TierOverrides
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.registry import Registry
from inlay.recipe import DRAFT, Verb
from inlay.region import Size
from support.diffusion import engine, painted, recipe, scene
from support.edits import Painter
from support.retouching import retouch

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 96, 32
HOLE = (slice(8, 24), slice(32, 80))


@pytest.fixture(scope="module")
def found() -> DiffusionEngine:
    return engine("qwen_image_21", tiers=(("draft", TierOverrides(steps=1, guidance=1.0)),))


def cut_out(behind: float = 1.0) -> Scene:
    """Opaque on the left, empty from column 56 on; under the mask as opaque as `behind`."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[HOLE] = 1
    alpha = np.ones(mask.shape, np.float32)
    alpha[:, 56:] = 0
    alpha[HOLE] = behind
    return dataclasses.replace(scene(mask), alpha=alpha)


def paint(found: DiffusionEngine, verb: str, seen: Scene) -> Painting:
    (one,) = painted(found, recipe(verb, Size(WIDTH, HEIGHT)), seen)
    return one


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[torch.Tensor]]:
    """Every picture that reaches the VAE."""
    pictures: list[torch.Tensor] = []
    encode = QwenImage21.encode

    def encodes(self: Any, picture: torch.Tensor) -> torch.Tensor:
        pictures.append(picture.clone())
        return encode(self, picture)

    with monkeypatch.context() as patched:
        patched.setattr(QwenImage21, "encode", encodes)
        yield pictures


def alpha_of(picture: torch.Tensor) -> NDArray[np.float32]:
    return (picture[0, 3].numpy() + 1) / 2


def test_it_sees_what_is_transparent_and_its_alpha_comes_back(
    found: DiffusionEngine, encoded: list[torch.Tensor]
) -> None:
    seen = cut_out()
    one = paint(found, Verb.INSTRUCT, seen)

    assert one.pixels.shape == seen.pixels.shape
    assert one.alpha is not None
    assert one.alpha.shape == seen.mask.shape
    assert 0 <= one.alpha.min() < one.alpha.max() <= 1
    assert np.array_equal(alpha_of(encoded[0]), seen.alpha)
    shown = encoded[1]
    assert shown.shape[1] == 4, "the picture that goes along has its alpha too"
    assert alpha_of(shown)[:, :4].min() > 0.9 > 0.1 > alpha_of(shown)[:, -4:].max()


def test_not_even_the_outline_of_what_shall_go_reaches_it(found: DiffusionEngine, encoded: list[torch.Tensor]) -> None:
    """The window as it is is encoded first, to learn how the VAE sees; what is painted on is encoded last."""
    begun: list[torch.Tensor] = []
    alphas: list[Any] = []
    for behind in (0.0, 1.0):
        encoded.clear()
        alphas.append(paint(found, Verb.FILL, cut_out(behind)).alpha)
        begun.append(encoded[-1])

    assert torch.equal(*begun)
    assert np.array_equal(*alphas)
    alpha = alpha_of(begun[0])
    assert alpha[HOLE][:, :2].min() > 0.5, "continued from the opaque side"
    assert alpha[HOLE][:, -2:].max() < 0.5, "and from the empty one"


@pytest.mark.parametrize(("verb", "transparent"), [(Verb.ERASE, True), (Verb.EXPAND, True), (Verb.FILL, False)])
def test_other_verbs_and_opaque_documents_are_painted_opaque(
    found: DiffusionEngine, encoded: list[torch.Tensor], verb: str, transparent: bool
) -> None:
    seen = cut_out()
    assert paint(found, verb, seen if transparent else dataclasses.replace(seen, alpha=None)).alpha is None
    assert {picture.shape[1] for picture in encoded} <= {3}


def test_no_other_family_is_said_to_paint_what_can_be_seen_through() -> None:
    assert [name for name, facts in DIFFUSION.items() if facts.alpha] == ["qwen_image_21"]


def test_a_large_window_and_a_draft_keep_their_alpha(
    found: DiffusionEngine, encoded: list[torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        DIFFUSION, "qwen_image_21", dataclasses.replace(DIFFUSION["qwen_image_21"], native_px=HEIGHT * HEIGHT)
    )
    seen, drawn = cut_out(), np.full((HEIGHT, WIDTH), 0.25, np.float32)
    draft = SceneInput(DRAFT, seen.pixels, is_placed=True, shows=drawn)
    one = paint(found, Verb.FILL, dataclasses.replace(seen, inputs=(draft,)))

    assert int(one.receipt["tiles"]) > 1
    assert one.alpha is not None
    assert one.alpha.shape == seen.mask.shape
    small = [alpha_of(picture) for picture in encoded if picture.shape[-1] < WIDTH]
    assert min(np.abs(alpha - 0.25).min() for alpha in small) < 0.01, "the draft's own"


def test_what_the_model_left_empty_is_empty_in_a_documents_own_samples_and_nothing_else_changes(
    found: DiffusionEngine,
) -> None:
    made: list[Painting] = []

    def brush(seen: Scene) -> NDArray[np.float32]:
        assert seen.alpha is not None
        made.append(paint(found, Verb.FILL, seen))
        assert made[0].alpha is not None
        return np.dstack([made[0].pixels, made[0].alpha])

    seen = cut_out(0.0)
    assert seen.alpha is not None
    document = np.rint(np.dstack([seen.pixels, seen.alpha]) * 65535).astype(np.uint16)
    registry = Registry()
    registry.register(Painter(brush))

    done = retouch(document, np.rint(seen.mask * 255).astype(np.uint8), Verb.FILL, registry)

    inside = seen.mask > 0
    assert np.array_equal(done.shown[~inside], document[~inside])
    assert made[0].alpha is not None
    assert np.abs(done.shown[..., 3] / 65535 - made[0].alpha)[inside].max() < 1e-4
