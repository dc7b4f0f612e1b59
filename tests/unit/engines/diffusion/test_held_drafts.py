"""A final is held to its draft by a ControlNet for tiles where the model has one: by the draft's pixels, and by nothing else."""

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from inlay.engines import Scene
from inlay.engines.interface import SceneInput
from inlay.engines.models.catalog import ModelEntry, TierOverrides
from inlay.engines.models.steering_parts import knows_tiles, steering_at
from inlay.engines.models.tiers import resolved
from inlay.errors import Unsupported
from inlay.plain import from_plain, to_plain
from inlay.recipe import DRAFT, Input, Recipe, Resolved, Tier, Verb
from support import tiny_models
from support import tiny_steering as tiny
from support.diffusion import engine, painted, recipe, scene
from support.edits import photo

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

TILE = "controlnet_tile"
RESIDUALS = {"down_block_additional_residuals", "mid_block_additional_residual"}


@cache
def drawn() -> np.ndarray:
    """What the draft shows: another part of the photograph."""
    return np.ascontiguousarray(photo()[100:164, 40:232])


def with_draft(pixels: np.ndarray) -> Scene:
    return dataclasses.replace(scene(), inputs=(SceneInput(DRAFT, pixels, is_placed=True),))


def promotion(**options: str) -> Recipe:
    wanted = recipe(Verb.FILL, tier=Tier.FINAL)
    return dataclasses.replace(wanted, inputs=(Input(DRAFT, wanted.canvas.source),), options=options)


def able(parts: dict[str, Any], places: dict[str, str], hold: float = 1.0) -> Any:
    """An engine that promotes in one step."""
    quick = TierOverrides(steps=2, promote_strength=0.5, promote_hold=hold, scheduler="ddim")
    family = "sdxl" if "text_encoder_2" in parts else "sd15"
    return engine(family, components=parts, parts=tuple(places.items()), tiers=((Tier.FINAL, quick),))


def calls_of(network: Any) -> list[Any]:
    """What reaches a network at last, after all that stands before its calls."""
    seen: list[Any] = []
    forward = network.forward

    def noting(*given: Any, **named: Any) -> Any:
        seen.append((given, named))
        return forward(*given, **named)

    network.forward = noting
    return seen


@pytest.fixture(scope="module")
def promax(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SDXL's ControlNet-Union ProMax, in a folder."""
    place = tmp_path_factory.mktemp("parts") / "promax"
    tiny.controlnet(tiny_models.sdxl()["unet"], union=True).save_pretrained(place)
    return place


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_what_a_draft_shows_reaches_the_slot_for_tiles_and_no_other(family: str, promax: Path) -> None:
    parts = tiny_models.FAMILIES[family]()
    plain_calls = calls_of(parts["unet"])
    (free,) = painted(able(parts, {}), promotion(), with_draft(drawn()))
    kept = [*plain_calls]
    plain_calls.clear()
    own = {TILE: "/x", "controlnet_edges": "/x"} if family == "sd15" else {"controlnet": str(promax)}
    nets = {name: tiny.controlnet(parts["unet"], union=family == "sdxl") for name in own}
    asked = {name: calls_of(network) for name, network in nets.items()}
    (one,) = painted(able(parts | nets, own), promotion(), with_draft(drawn()))

    expected = np.where(scene().mask[..., None] > 0, drawn(), scene().pixels)
    told = asked.pop("controlnet" if family == "sdxl" else TILE)
    assert not any(asked.values()), "a ControlNet for something else was asked"
    assert len(told) == 1
    for _, named in told:
        shown = named["controlnet_cond"][0] if family == "sdxl" else named["controlnet_cond"]
        np.testing.assert_allclose(shown[0].permute(1, 2, 0).numpy(), expected, atol=1e-6)
        if family == "sdxl":
            assert named["control_type_idx"] == [6]
            assert named["control_type"][0].tolist() == [0, 0, 0, 0, 0, 0, 1, 0]
    (given, named), (plain_given, plain_named) = plain_calls[0], kept[0]
    assert set(named) == {*plain_named, *RESIDUALS}
    torch.testing.assert_close(given[0], plain_given[0], rtol=0, atol=0)
    torch.testing.assert_close(named["encoder_hidden_states"], plain_named["encoder_hidden_states"], rtol=0, atol=0)
    assert np.abs(one.pixels - free.pixels).max() > 1e-3
    assert (one.receipt["draft_hold"], free.receipt["draft_hold"]) == ("1", "0")
    assert any("held to its draft" in note for note in one.notes)
    assert not any("held to its draft" in note for note in free.notes)


def test_a_draft_and_what_else_is_kept_reach_each_its_own_controlnet() -> None:
    parts = tiny_models.sd15()
    names = (TILE, "controlnet_edges")
    parts |= {name: tiny.controlnet(parts["unet"], seed=number) for number, name in enumerate(names)}
    asked = {name: calls_of(parts[name]) for name in names}
    answers: dict[str, torch.Tensor] = {}
    for name in names:
        parts[name].register_forward_hook(lambda _, __, found, name=name: answers.update({name: found[1]}))
    told = calls_of(parts["unet"])
    marks = np.zeros((64, 192, 3), np.float32)
    marks[:, 90:92] = 1
    both = with_draft(drawn())
    both = dataclasses.replace(both, inputs=(*both.inputs, SceneInput("control", marks, is_placed=True)))
    painted(able(parts, dict.fromkeys(names, "/x")), promotion(structure="edges"), both)
    edges = asked["controlnet_edges"][0][1]["controlnet_cond"][0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(edges, marks, atol=1e-6)
    tile = asked[TILE][0][1]["controlnet_cond"][0].permute(1, 2, 0).numpy()
    assert np.abs(tile - marks).max() > 0.3
    torch.testing.assert_close(told[0][1]["mid_block_additional_residual"], answers[TILE] + answers["controlnet_edges"])


def test_how_firmly_a_draft_holds_acts_monotonically() -> None:
    parts = tiny_models.sd15()
    parts[TILE] = tiny.controlnet(parts["unet"])
    free, *held = (
        painted(able(parts, {TILE: "/x"}, hold), promotion(), with_draft(drawn()))[0].pixels
        for hold in (0.0, 0.3, 0.6, 1.0)
    )
    apart = [float(np.abs(one - free).mean()) for one in held]
    assert apart[0] > 0
    assert (np.diff(apart) > 0).all(), apart


def test_a_receipt_holds_how_firmly_and_one_from_before_the_controlnet_paints_as_it_did() -> None:
    parts = tiny_models.sd15()
    parts[TILE] = tiny.controlnet(parts["unet"])
    before, after = able(parts, {}), able(parts, {TILE: "/x"})
    old, new = (promotion().altered(resolved=resolved(found._entry, promotion(), "cpu")) for found in (before, after))
    assert (old.sampling.resolved.draft_hold, new.sampling.resolved.draft_hold) == (0, 1)
    again = new.altered(resolved=from_plain(Resolved, to_plain(new.sampling.resolved)))
    made = [painted(found, wanted, with_draft(drawn()))[0].pixels for found, wanted in (
        (before, old), (after, old), (after, new), (after, again),
    )]  # fmt: skip
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[2], made[3])
    assert np.abs(made[1] - made[2]).max() > 1e-3
    with pytest.raises(Unsupported, match=r"knows tiles"):
        painted(before, new, with_draft(drawn()))
    first_look = resolved(after._entry, recipe(Verb.FILL), "cpu")
    assert first_look.draft_hold == 0, "nothing is finished"


def test_which_controlnets_know_tiles_is_told_by_name_and_by_how_many_kinds_they_know(tmp_path: Path) -> None:
    unet, wide = tiny_models.sd15()["unet"], tiny_models.sdxl()["unet"]
    union = tiny.controlnet(wide, union=True)

    def saved(name: str, weights: dict[str, torch.Tensor]) -> str:
        save_file({key: one.contiguous() for key, one in weights.items()}, tmp_path / name)
        return str(tmp_path / name)

    promax = union.state_dict()
    first = saved("first.safetensors", promax | {"task_embedding": promax["task_embedding"][:6]})
    assert knows_tiles((("controlnet", saved("promax.safetensors", promax)),))
    assert not knows_tiles((("controlnet", first),))
    for kinds, knows in ((6, False), (8, True)):
        (tmp_path / "config.json").write_text(
            f'{{"_class_name": "ControlNetUnionModel", "num_control_type": {kinds}, "cross_attention_dim": 2048}}'
        )
        assert knows_tiles((("controlnet", str(tmp_path)),)) is knows
    assert not knows_tiles((("controlnet_edges", first), ("controlnet", "/nowhere")))
    tile = tiny.controlnet(unet).state_dict()
    wide_words = {name: torch.zeros(one.shape[0], 768) if "attn2.to_k" in name else one for name, one in tile.items()}
    found = steering_at(Path(saved("control_v11f1e_sd15_tile.safetensors", wide_words)))
    assert found
    assert found.part == TILE
    assert knows_tiles(((found.part, "/x"),))
    assert not knows_tiles(ModelEntry("a", "sd15", "/m", "folder", "0" * 64).parts)
