"""What a model is held to: a map reaches its ControlNet as diffusers' own pipelines bring it there, and nothing else changes."""

import dataclasses
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from inlay.engines import Scene
from inlay.engines.diffusion import control
from inlay.engines.diffusion.loading import load
from inlay.engines.interface import SceneInput
from inlay.engines.models.catalog import ModelEntry, described
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.structure.maps import CLASSICAL, map_of
from inlay.errors import InvalidInput
from inlay.recipe import CONTROL, REFERENCE, Recipe, Verb
from inlay.structure import COMPOSITION, DEPTH, EDGES, LINES, POSE, SOFT_EDGES, STRUCTURES, TILE, Structure
from support import tiny_models, tiny_parts
from support import tiny_steering as tiny
from support.diffusion import engine, painted, recipe, scene

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

FAMILIES = ("sd15", "sd15 inpainting", "sdxl", "z_image")


def parts_of(family: str) -> dict[str, Any]:
    """Fresh components with a ControlNet for everything."""
    name, _, inpaints = family.partition(" ")
    made = tiny_models.sd15(9) if inpaints else tiny_models.FAMILIES[name]()
    if name == "z_image":
        return made | {"controlnet": tiny.z_image_control()}
    own = tiny_models.sd15()["unet"] if inpaints else made["unet"]
    return made | {"controlnet": tiny.controlnet(own, union=name == "sdxl")}


def kept(kind: str, strength: float = 1.0, **changes: object) -> Recipe:
    options = {"structure": kind, "structure_strength": strength}
    return dataclasses.replace(recipe(Verb.FILL, **changes), options=options)


def with_map(found: Scene, pixels: np.ndarray) -> Scene:
    return dataclasses.replace(found, inputs=(SceneInput(CONTROL, pixels, is_placed=True),))


@cache
def edges() -> np.ndarray:
    return map_of(EDGES, scene().pixels)


class Enough(Exception):
    """The first call was seen."""


def first_call(denoiser: Any, run: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of the first call of a denoiser in a run of a pipeline."""
    seen: list[Any] = []

    def noting(_: Any, given: Any, named: Any) -> None:
        seen.append((given, named))
        raise Enough

    hook = denoiser.register_forward_pre_hook(noting, with_kwargs=True)
    with pytest.raises(Enough):
        run()
    hook.remove()
    return seen[0]


def as_picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.asarray(np.round(np.clip(pixels, 0, 1) * 255), np.uint8))


def compared(denoiser: Any, call: Any, run: Any, names: tuple[str, ...]) -> None:
    """What a pipeline of diffusers gives its denoiser beside the plain call is what `call` adds."""
    given, named = first_call(denoiser, run)
    expected = {name: named[name] for name in names}
    plain = {name: value for name, value in named.items() if name not in names}
    with torch.no_grad():
        _, found = call(given, plain)
    for name in names:
        for one, other in zip(_flat(found[name]), _flat(expected[name]), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=2e-4)  # their pictures have 8 bit
            assert float(other.abs().max()) > 1e-4


def _flat(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    return [one for part in (value.values() if isinstance(value, dict) else value) for one in _flat(part)]


RESIDUALS = ("down_block_additional_residuals", "mid_block_additional_residual")


@pytest.mark.parametrize("kind", [EDGES, DEPTH, POSE, SOFT_EDGES, TILE])
def test_a_map_reaches_controlnet_union_as_in_diffusers_inpainting_pipeline(kind: str) -> None:
    from diffusers.pipelines.controlnet.pipeline_controlnet_union_inpaint_sd_xl import (
        StableDiffusionXLControlNetUnionInpaintPipeline,
    )

    parts = parts_of("sdxl")
    stock = StableDiffusionXLControlNetUnionInpaintPipeline(**parts)
    stock.set_progress_bar_config(disable=True)
    picture, shape = as_picture(scene().pixels), as_picture(edges())
    mask = as_picture(np.repeat(scene().mask[..., None], 3, axis=2))
    number = {EDGES: 3, DEPTH: 1, POSE: 0, SOFT_EDGES: 2, TILE: 6}[kind]

    def run() -> None:
        stock(
            "a kite", image=picture, mask_image=mask, control_image=[shape], control_mode=[number], num_inference_steps=2,
            strength=0.99, controlnet_conditioning_scale=0.6, height=64, width=192,
        )  # fmt: skip

    seen = torch.from_numpy(np.array(shape)).permute(2, 0, 1)[None].float() / 255
    compared(parts["unet"], control.held(parts["controlnet"], seen, Structure(kind, 0.6)), run, RESIDUALS)


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_map_reaches_a_plain_controlnet_as_in_diffusers_pipelines(family: str) -> None:
    import diffusers

    parts = tiny_models.FAMILIES[family]()
    parts["controlnet"] = tiny.controlnet(parts["unet"])
    extra = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    kind = {"sd15": "StableDiffusionControlNetImg2ImgPipeline", "sdxl": "StableDiffusionXLControlNetImg2ImgPipeline"}
    stock = getattr(diffusers, kind[family])(**parts, **(extra if family == "sd15" else {}))
    stock.set_progress_bar_config(disable=True)
    picture, shape = as_picture(scene().pixels), as_picture(edges())

    def run() -> None:
        stock(
            "a kite", image=picture, control_image=shape, num_inference_steps=2, strength=1.0,
            controlnet_conditioning_scale=0.6, height=64, width=192,
        )  # fmt: skip

    seen = torch.from_numpy(np.array(shape)).permute(2, 0, 1)[None].float() / 255
    compared(parts["unet"], control.held(parts["controlnet"], seen, Structure(EDGES, 0.6)), run, RESIDUALS)


@pytest.mark.parametrize("inpaints", [True, False])
def test_a_map_reaches_z_images_controlnet_as_in_diffusers_pipelines(
    inpaints: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import ZImageControlNetInpaintPipeline, ZImageControlNetPipeline

    from inlay.engines.diffusion.families.base import Adapter

    parts = tiny_models.z_image() | {"controlnet": tiny.z_image_control(inpaints=inpaints)}
    kind: Any = ZImageControlNetInpaintPipeline if inpaints else ZImageControlNetPipeline
    stock = kind(**deepcopy(parts))
    stock.set_progress_bar_config(disable=True)
    shape = as_picture(edges())
    more = {
        "image": as_picture(scene().pixels),
        "mask_image": as_picture(np.repeat(scene().mask[..., None], 3, axis=2)),
    }

    def run() -> None:
        stock(
            "a kite", control_image=shape, num_inference_steps=2, controlnet_conditioning_scale=0.6, guidance_scale=0,
            height=64, width=192, **(more if inpaints else {}),
        )  # fmt: skip

    runs: list[Any] = []
    denoise = Adapter.denoise
    monkeypatch.setattr(Adapter, "denoise", lambda self, one: runs.append((self, one)) or denoise(self, one))
    painted(
        engine("z_image", components=parts), kept(EDGES, 0.6), with_map(scene(), np.asarray(shape, np.float32) / 255)
    )
    adapter, own = runs[0]
    from inlay.engines.diffusion.families import z_image

    with z_image._sharing(parts["controlnet"], parts["transformer"]):
        call = adapter._held(parts["controlnet"], own)
        compared(stock.transformer, call, run, ("controlnet_block_samples",))
    assert parts["controlnet"].t_embedder is None


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_not_asked_for_changes_nothing_and_leaves_nothing(family: str) -> None:
    name = family.partition(" ")[0]
    bare = parts_of(family)
    bare.pop("controlnet")
    (plain,) = painted(engine(name, components=bare), recipe(Verb.FILL))
    able = engine(name, components=parts_of(family), parts=(("controlnet", "/x"),))
    found = with_map(scene(), edges())
    (free,) = painted(able, kept("none"), found)
    (no_strength,) = painted(able, kept(EDGES, 0.0), found)
    (held,) = painted(able, kept(EDGES), found)
    (after,) = painted(able, recipe(Verb.FILL))
    for one in (free, no_strength, after):
        np.testing.assert_array_equal(one.pixels, plain.pixels)
    assert np.abs(held.pixels - plain.pixels).max() > 1e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_strengths_act_monotonically(family: str) -> None:
    able = engine(family.partition(" ")[0], components=parts_of(family), parts=(("controlnet", "/x"),))
    found = with_map(scene(), edges())
    (plain,) = painted(able, recipe(Verb.FILL))
    apart = [
        float(np.abs(painted(able, kept(EDGES, strength), found)[0].pixels - plain.pixels).mean())
        for strength in (0.1, 0.3, 0.6, 1.0)
    ]
    assert (np.diff(apart) > 0).all(), apart
    assert apart[0] > 0


def test_each_kind_asks_the_controlnet_that_knows_it_and_no_other() -> None:
    parts = tiny_models.sd15()
    names = [f"controlnet_{kind}" for kind in STRUCTURES if kind != COMPOSITION]
    parts |= {name: tiny.controlnet(parts["unet"]) for name in names}
    asked: list[str] = []
    for name in names:
        parts[name].register_forward_pre_hook(lambda *_, name=name: asked.append(name))
    able = engine("sd15", components=parts)
    for kind in STRUCTURES:
        asked.clear()
        painted(able, kept(kind), with_map(scene(), edges()))
        assert set(asked) == {f"controlnet_{SOFT_EDGES if kind == COMPOSITION else kind}"}


def test_a_map_and_a_picture_reach_each_its_own_slot(tmp_path: Path) -> None:
    from inlay.engines.diffusion.ip_adapter import encoder_from, ip_adapter_from

    parts = parts_of("sdxl")
    file = tiny.saved_adapter(tmp_path / "ip.safetensors", parts["unet"])
    parts["ip_adapter"] = ip_adapter_from(file, parts["unet"], torch.float32, "ip_adapter")
    parts["image_encoder"] = encoder_from(tiny.saved_clip(tmp_path / "clip"), torch.float32)
    seen: list[Any] = []
    parts["controlnet"].register_forward_pre_hook(lambda _, given, named: seen.append(named), with_kwargs=True)
    places = tuple((name, "/x") for name in ("ip_adapter", "image_encoder", "controlnet"))
    able = engine("sdxl", components=parts, parts=places)
    red = SceneInput(REFERENCE, np.full((64, 64, 3), (0.9, 0.1, 0.1), np.float32))
    found = with_map(scene(), edges())
    both = dataclasses.replace(found, inputs=(*found.inputs, red))
    made = [
        painted(able, wanted, one)[0].pixels
        for wanted, one in (
            (kept(EDGES), found),
            (kept(EDGES), both),
            (recipe(Verb.FILL), dataclasses.replace(found, inputs=(red,))),
        )
    ]
    assert all("image_embeds" not in named["added_cond_kwargs"] for named in seen)
    assert np.abs(made[0] - made[1]).max() > 1e-4
    assert np.abs(made[1] - made[2]).max() > 1e-4


def test_depth_is_made_by_the_model_beside_and_once() -> None:
    parts = parts_of("sd15") | tiny_parts.depth_anything()
    looked: list[int] = []
    parts["depth"].register_forward_pre_hook(lambda *_: looked.append(1))
    seen: list[torch.Tensor] = []
    parts["controlnet"].register_forward_pre_hook(
        lambda _, given, named: seen.append(named["controlnet_cond"]), with_kwargs=True
    )
    able = engine("sd15", components=parts, parts=(("controlnet", "/x"), ("depth", "/y")))
    painted(able, kept(DEPTH))
    painted(able, kept(DEPTH, seed=99))
    assert looked == [1]
    assert seen[0].shape[-2:] == (64, 192)
    assert (float(seen[0].min()), float(seen[0].max())) == (0.0, 1.0)


def test_flux_canny_paints_by_the_layer_that_was_drawn() -> None:
    parts = tiny_models.flux_canny()
    able = engine("flux_canny", components=parts)
    seen = []
    for found, options in (
        (scene(), {}),
        (with_map(scene(), edges()), {"structure": EDGES}),
        (with_map(scene(), edges()[::-1].copy()), {"structure": EDGES}),
    ):
        (one,) = painted(able, dataclasses.replace(recipe(Verb.REFINE, strength=0.5), options=options), found)
        seen.append(one.pixels)
    np.testing.assert_allclose(seen[0], seen[1], atol=1e-6)
    assert np.abs(seen[0] - seen[2]).max() > 1e-4


def test_in_tiles_each_tile_is_held_to_its_own_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DIFFUSION, "sd15", dataclasses.replace(DIFFUSION["sd15"], native_px=64 * 64))
    parts = parts_of("sd15")
    seen: list[torch.Tensor] = []
    parts["controlnet"].register_forward_pre_hook(
        lambda _, given, named: seen.append(named["controlnet_cond"][0]), with_kwargs=True
    )
    shape = np.zeros((64, 192, 3), np.float32)
    shape[:, 70] = 1
    painted(engine("sd15", components=parts, parts=(("controlnet", "/x"),)), kept(EDGES), with_map(scene(), shape))
    small, tiles = seen[0], [one for one in seen if tuple(one.shape[-2:]) == (64, 64)]
    assert float(small.max()) > 0.5
    assert tiles
    assert {int(one[0].max() > 0.9) for one in tiles} == {0, 1}


@pytest.mark.parametrize("kind", CLASSICAL)
def test_maps_are_light_marks_on_black_where_the_picture_has_them(kind: str) -> None:
    pixels = np.full((128, 128, 3), 0.8, np.float32)
    pixels[40:90, 40:90] = 0.2
    pixels[110:112, 10:118] = 0.1
    made = map_of(kind, pixels)
    assert made.shape == pixels.shape
    assert (float(made.min()), float(made.max())) == (0.0, 1.0)
    assert float(made[:20, :20].max()) < 0.05
    assert float(made[55:75, 55:75].max()) < (0.3 if kind == COMPOSITION else 0.05)
    rows = made[..., 0].max(axis=1)
    if kind == LINES:
        assert rows[110] > 0.8
    assert made[38:43, 64, 0].max() > (0.3 if kind == LINES else 0.6)
    flat = map_of(kind, np.full((64, 64, 3), 0.5, np.float32))
    assert not flat.any()


def test_every_family_says_what_it_can_be_held_to() -> None:
    def held(family: str, *names: str) -> tuple[set[str], bool, bool]:
        entry = ModelEntry(family, family, "/models/x", "folder", "0" * 64, parts=tuple((name, "/x") for name in names))
        can = DIFFUSION[family].capabilities_of(entry)
        return set(can.structures), can.sees_depth, CONTROL in can.accepts

    for family in ("sd15", "sdxl", "z_image", "flux_fill", "flux2_klein"):
        assert held(family) == (set(), False, False)
    for family in ("sd15", "sdxl", "z_image"):
        assert held(family, "controlnet", "depth") == (set(STRUCTURES), True, True)
    assert held("sd15", "controlnet_edges", "controlnet_soft_edges") == ({EDGES, SOFT_EDGES, COMPOSITION}, False, True)
    assert held("flux_canny") == ({EDGES}, False, True)
    assert held("flux_depth", "depth") == ({DEPTH}, True, True)


@pytest.mark.parametrize("how", ["folder", "file", "union folder", "union file", "original file of sd15"])
def test_a_controlnet_is_loaded_from_a_folder_or_its_file_alone(how: str, tmp_path: Path) -> None:
    family = "sd15" if "sd15" in how else "sdxl"
    components = tiny_models.FAMILIES[family]()
    folder = tiny_models.saved(family, tmp_path / family, components)
    made = tiny.controlnet(components["unet"], union="union" in how)
    place = tmp_path / "canny.safetensors"
    if "folder" in how:
        place = tmp_path / "canny"
        made.save_pretrained(place)
    else:
        save_file({name: tensor.contiguous() for name, tensor in made.state_dict().items()}, place)
    if "original" in how:
        save_file(as_it_was_made(made.state_dict()), place)
    part = "controlnet" if "union" in how else "controlnet_edges"
    loaded = load(described(folder, family, parts=((part, str(place)),))).components[part]
    for name, tensor in made.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)
    assert type(loaded) is type(made)


FIRST_NAMES = (
    (r"^controlnet_cond_embedding\.conv_in\.", "input_hint_block.0."),
    (r"^controlnet_cond_embedding\.conv_out\.", "input_hint_block.14."),
    (r"^controlnet_down_blocks\.(\d)\.", r"zero_convs.\1.0."),
    (r"^controlnet_mid_block\.", "middle_block_out.0."),
    (r"^conv_in\.", "input_blocks.0.0."),
    (r"^time_embedding\.linear_1\.", "time_embed.0."),
    (r"^time_embedding\.linear_2\.", "time_embed.2."),
    (r"^down_blocks\.0\.downsamplers\.0\.conv\.", "input_blocks.2.0.op."),
    (r"^down_blocks\.0\.resnets\.0\.", "input_blocks.1.0."),
    (r"^down_blocks\.0\.attentions\.0\.", "input_blocks.1.1."),
    (r"^down_blocks\.1\.resnets\.0\.", "input_blocks.3.0."),
    (r"^mid_block\.resnets\.0\.", "middle_block.0."),
    (r"^mid_block\.attentions\.0\.", "middle_block.1."),
    (r"^mid_block\.resnets\.1\.", "middle_block.2."),
    (r"^(input_blocks\.\d\.0\.|middle_block\.[02]\.)norm1\.", r"\1in_layers.0."),
    (r"^(input_blocks\.\d\.0\.|middle_block\.[02]\.)conv1\.", r"\1in_layers.2."),
    (r"\.time_emb_proj\.", ".emb_layers.1."),
    (r"^(input_blocks\.\d\.0\.|middle_block\.[02]\.)norm2\.", r"\1out_layers.0."),
    (r"^(input_blocks\.\d\.0\.|middle_block\.[02]\.)conv2\.", r"\1out_layers.3."),
    (r"\.conv_shortcut\.", ".skip_connection."),
)
"""Of the tiny one: lllyasviel/ControlNet, `cldm/cldm.py`."""


def as_it_was_made(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    found = {}
    for name, tensor in weights.items():
        if match := re.fullmatch(r"controlnet_cond_embedding\.blocks\.(\d)\.(\w+)", name):
            name = f"input_hint_block.{2 * int(match[1]) + 2}.{match[2]}"
        for pattern, old in FIRST_NAMES:
            name = re.sub(pattern, old, name)
        found[f"control_model.{name}"] = tensor.contiguous()
    return found


def test_a_controlnet_for_another_model_is_refused_by_its_part(tmp_path: Path) -> None:
    folder = tiny_models.saved("sd15", tmp_path / "sd15")
    other = tiny.controlnet(tiny_models.sdxl()["unet"])
    save_file({name: tensor.contiguous() for name, tensor in other.state_dict().items()}, tmp_path / "x.safetensors")
    other.save_pretrained(tmp_path / "x")
    for place, why in (
        (tmp_path / "x.safetensors", "a whole ControlNet for the model's own UNet"),
        (tmp_path / "x", "words of width 64"),
    ):
        with pytest.raises(InvalidInput, match=rf"parts\.controlnet_edges .*{why}"):
            load(described(folder, "sd15", parts=(("controlnet_edges", str(place)),)))


@pytest.mark.parametrize(
    ("places", "refines"),
    [
        (range(0, 30, 5), None),
        (range(0, 30, 2), "control_layers"),
        (range(0, 30, 2), "control_noise_refiner"),
    ],
    ids=["Union", "Union 2.0", "Union 2.1"],
)
def test_z_images_controlnets_are_loaded_from_their_file_alone(
    places: range, refines: str | None, tmp_path: Path
) -> None:
    """Of 2.0 the file has a refiner that nothing looks at, and that begins with zeros."""
    folder, file = tiny_models.saved("z_image", tmp_path / "z_image"), tmp_path / "x.safetensors"
    made = tiny.z_image_control(inpaints=refines is not None, places=places, refines=refines)
    weights = {name: tensor.contiguous() for name, tensor in made.state_dict().items()}
    unused = {}
    if refines == "control_layers":
        other = tiny.z_image_control(places=places, refines="control_noise_refiner").state_dict()
        unused = {name: one.contiguous() for name, one in other.items() if name.startswith("control_noise_refiner.")}
        unused["control_noise_refiner.0.before_proj.weight"] *= 0
    save_file(weights | unused, file)
    loaded = load(described(folder, "z_image", parts=(("controlnet", str(file)),))).components["controlnet"]
    assert loaded.config.control_layers_places == [*places]
    assert loaded.config.add_control_noise_refiner == refines
    assert loaded.config.control_in_dim == made.config.control_in_dim
    assert loaded.state_dict().keys() == weights.keys()
    for name, tensor in weights.items():
        assert torch.equal(loaded.state_dict()[name], tensor)


def test_a_file_of_z_images_that_does_not_say_where_its_layers_act_is_refused_by_its_part(tmp_path: Path) -> None:
    folder, file = tiny_models.saved("z_image", tmp_path / "z_image"), tmp_path / "lite.safetensors"
    made = tiny.z_image_control(places=(0, 14, 28)).state_dict()
    save_file({name: tensor.contiguous() for name, tensor in made.items()}, file)
    with pytest.raises(InvalidInput, match=r"parts\.controlnet .*3 layers of a ControlNet are not known"):
        load(described(folder, "z_image", parts=(("controlnet", str(file)),)))
