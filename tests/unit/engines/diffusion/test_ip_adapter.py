"""SD 1.5 and SDXL look at pictures through an IP-Adapter: each in its own slot, as diffusers does it, leaving no trace."""

import copy
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from inlay.engines import Scene
from inlay.engines.diffusion import ip_adapter
from inlay.engines.diffusion.ip_adapter import Slot, attending, encoded, encoder_from, ip_adapter_from
from inlay.engines.diffusion.loading import load
from inlay.engines.interface import SceneInput
from inlay.engines.models.catalog import described
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import IDENTITY, LAYOUT, LOOKED_AT, PRODUCT, REFERENCE, STYLE, TEXTURE, Tier, Verb
from support import tiny_models
from support import tiny_steering as tiny
from support.diffusion import engine, painted, recipe, scene

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

PICTURE = np.full((64, 64, 3), (0.2, 0.7, 0.3), np.float32)
PICTURE[10:30, 20:40] = (0.9, 0.1, 0.1)
OTHER = np.ascontiguousarray(1 - PICTURE[::-1, :40])
PARTS = tuple((name, f"/{name}") for name in ("ip_adapter", "ip_adapter_face", "image_encoder"))


def with_inputs(*inputs: SceneInput) -> Scene:
    return dataclasses.replace(scene(), inputs=inputs)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter and one of faces for tiny SDXL, and for tiny SD 1.5, and the encoder."""
    place = tmp_path_factory.mktemp("beside")
    deep, small = tiny.deep_unet(), tiny_models.sd15()["unet"]
    tiny.saved_adapter(place / "sdxl.safetensors", deep, 1)
    tiny.saved_adapter(place / "sdxl-face.safetensors", deep, 2, plus=16)
    tiny.saved_adapter(place / "sd15.safetensors", small, 3)
    tiny.saved_clip(place / "clip")
    return place


def components(files: Path, family: str = "sdxl") -> dict[str, Any]:
    parts = tiny_models.FAMILIES[family]()
    if family == "sdxl":
        parts["unet"] = tiny.deep_unet()
    names = {"ip_adapter": family, **({"ip_adapter_face": "sdxl-face"} if family == "sdxl" else {})}
    parts["image_encoder"] = encoder_from(files / "clip", torch.float32)
    return parts | {
        part: ip_adapter_from(files / f"{name}.safetensors", parts["unet"], torch.float32, part)
        for part, name in names.items()
    }


def to_picture(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()) * 2 - 1


def test_two_pictures_at_once_are_attended_to_as_diffusers_does(files: Path) -> None:
    from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_img2img import (
        StableDiffusionXLImg2ImgPipeline,
    )

    parts = components(files)
    names = ("vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "scheduler")
    stock = StableDiffusionXLImg2ImgPipeline(
        unet=copy.deepcopy(parts["unet"]), image_encoder=parts["image_encoder"], **{name: parts[name] for name in names}
    )
    weights = []
    for seed, plus in ((1, 0), (2, 16)):
        state: dict[str, dict[str, torch.Tensor]] = {"image_proj": {}, "ip_adapter": {}}
        for key, tensor in tiny.adapter_weights(parts["unet"], seed, plus=plus).items():
            room, _, rest = key.partition(".")
            state[room][rest] = tensor
        weights.append(state)
    stock.unet._load_ip_adapter_weights(weights)
    stock.set_ip_adapter_scale([{"up": {"block_0": [0.0, 0.7, 0.0]}}, 0.4])

    pictures = [ip_adapter._framed(to_picture(one), 28) for one in (PICTURE, PICTURE[::-1])]
    embeds = stock.prepare_ip_adapter_image_embeds(pictures, None, "cpu", 1, True)
    random = torch.Generator().manual_seed(5)
    sample, words = torch.randn(2, 4, 8, 24, generator=random), torch.randn(2, 7, 64, generator=random)
    told = {"text_embeds": torch.randn(2, 32, generator=random), "time_ids": torch.ones(2, 6)}
    with torch.no_grad():
        expected = stock.unet(sample, 500, words, added_cond_kwargs={**told, "image_embeds": embeds}).sample
        seen = [
            encoded(parts["image_encoder"], parts[part], to_picture(one))
            for part, one in (("ip_adapter", PICTURE), ("ip_adapter_face", PICTURE[::-1]))
        ]
        slots = [Slot(parts["ip_adapter"], STYLE, 0.7, seen[0]), Slot(parts["ip_adapter_face"], IDENTITY, 0.4, seen[1])]
        plain = parts["unet"](sample, 500, words, added_cond_kwargs=told).sample
        with attending(parts["unet"], slots):
            own = ip_adapter.embeds_for(slots, 1, guided=True)
            found = parts["unet"](sample, 500, words, added_cond_kwargs={**told, "image_embeds": own}).sample
        after = parts["unet"](sample, 500, words, added_cond_kwargs=told).sample
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    assert (found - plain).abs().max() > 1e-3
    assert torch.equal(after, plain)


@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_without_a_picture_nothing_changes_and_after_one_nothing_stays(family: str, files: Path) -> None:
    bare = components(files, family)
    for name in ("ip_adapter", "ip_adapter_face", "image_encoder"):
        bare.pop(name, None)
    (plain,) = painted(engine(family, components=bare), recipe(Verb.FILL))
    able = engine(family, components=components(files, family), parts=PARTS)
    (before,) = painted(able, recipe(Verb.FILL))
    (with_one,) = painted(able, recipe(Verb.FILL), with_inputs(SceneInput(REFERENCE, PICTURE)))
    (after,) = painted(able, recipe(Verb.FILL))
    np.testing.assert_array_equal(before.pixels, plain.pixels)
    np.testing.assert_array_equal(after.pixels, plain.pixels)
    assert np.abs(with_one.pixels - plain.pixels).max() > 1e-3


ATTENDED = {
    REFERENCE: ("down_blocks", "mid_block", "up_blocks"),
    PRODUCT: ("down_blocks", "mid_block", "up_blocks"),
    TEXTURE: ("down_blocks", "mid_block", "up_blocks"),
    STYLE: ("up_blocks.0.attentions.1.",),
    LAYOUT: ("down_blocks.2.attentions.1.",),
}


@pytest.mark.parametrize("role", [*ATTENDED, IDENTITY])
def test_each_role_reaches_its_slot_and_no_other(role: str, files: Path) -> None:
    parts = components(files)
    used: dict[str, set[str]] = {"ip_adapter": set(), "ip_adapter_face": set()}
    hooks = [
        layer.to_k_ip[0].register_forward_pre_hook(lambda *_, name=name, part=part: used[part].add(name))
        for part in used
        for name, layer in zip(parts[part].names, parts[part].layers, strict=True)
    ]
    able = engine("sdxl", components=parts, parts=PARTS)
    painted(able, recipe(Verb.FILL), with_inputs(SceneInput(role, PICTURE)))
    for hook in hooks:
        hook.remove()
    own, other = ("ip_adapter_face", "ip_adapter") if role == IDENTITY else ("ip_adapter", "ip_adapter_face")
    expected = {name for name in parts[own].names if name.startswith(ATTENDED.get(role, ATTENDED[REFERENCE]))}
    assert expected
    assert used == {own: expected, other: set()}


@pytest.mark.parametrize(
    ("family", "role"), [("sdxl", REFERENCE), ("sdxl", IDENTITY), ("sdxl", STYLE), ("sd15", PRODUCT)]
)
def test_weights_act_monotonically(files: Path, family: str, role: str) -> None:
    able = engine(family, components=components(files, family), parts=PARTS if family == "sdxl" else PARTS[::2])
    (plain,) = painted(able, recipe(Verb.FILL))
    apart = []
    for weight in (0.05, 0.1, 0.2, 0.4):
        (one,) = painted(able, recipe(Verb.FILL), with_inputs(SceneInput(role, PICTURE, weight)))
        apart.append(float(np.abs(one.pixels - plain.pixels).mean()))
    assert (np.diff(apart) > 0).all(), apart
    assert apart[0] > 0


def test_a_re_roll_and_other_words_find_a_picture_that_was_encoded(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(ip_adapter, "encoded", lambda *given: looked.append(1) or encoded(*given))
    able = engine("sdxl", components=components(files), parts=PARTS)
    found = with_inputs(SceneInput(PRODUCT, PICTURE), SceneInput(STYLE, OTHER))
    painted(able, recipe(Verb.FILL), found)
    assert len(looked) == 2
    painted(able, recipe(Verb.FILL, seed=99), found)
    painted(able, recipe(Verb.FILL, prompt="a blue kite"), found)
    assert len(looked) == 2


def test_a_batch_of_variations_is_painted_with_it_one_as_the_other_alone(files: Path) -> None:
    found = with_inputs(SceneInput(REFERENCE, PICTURE, 0.5))
    able = engine("sd15", batch=4, components=components(files, "sd15"), parts=PARTS)
    two = painted(able, recipe(Verb.FILL, count=2, tier=Tier.STANDARD), found)
    alone = painted(able, recipe(Verb.FILL, seed=12, tier=Tier.STANDARD), found)
    np.testing.assert_allclose(two[1].pixels, alone[0].pixels, atol=1e-6)


def test_no_model_is_told_in_words_what_it_has_a_slot_for(files: Path) -> None:
    able = engine("sdxl", components=components(files), parts=PARTS)
    (one,) = painted(able, recipe(Verb.FILL), with_inputs(SceneInput(STYLE, PICTURE)))
    assert one.receipt["prompt"] == "a red kite"


def test_a_folder_with_its_adapters_is_loaded_says_what_it_takes_and_refuses_the_rest(
    files: Path, tmp_path: Path
) -> None:
    folder = tiny_models.saved("sd15", tmp_path / "sd15")
    plain = described(folder, "sd15")
    beside = (("ip_adapter", str(files / "sd15.safetensors")), ("image_encoder", str(files / "clip")))
    with_one = described(folder, "sd15", parts=beside)
    facts = DIFFUSION["sd15"]
    assert not facts.capabilities_of(plain).accepts & LOOKED_AT
    assert facts.capabilities_of(with_one).accepts & LOOKED_AT == {REFERENCE, PRODUCT, TEXTURE}
    assert (facts.capabilities_of(with_one).references, facts.capabilities_of(with_one).weighs) == (4, True)
    assert plain.sha256 != with_one.sha256
    with pytest.raises(InvalidInput, match=r"parts\.image_encoder is missing; ip_adapter needs it: the CLIP encoder"):
        facts.check(described(folder, "sd15", parts=beside[:1]))
    with pytest.raises(Unsupported, match="looks at 0 references, not at 1"):
        painted(engine("sd15"), recipe(Verb.FILL), with_inputs(SceneInput(REFERENCE, PICTURE)))

    loaded = load(with_one).components
    made = tiny.adapter_weights(tiny_models.sd15()["unet"], 3)
    for number, layer in enumerate(loaded["ip_adapter"].layers):
        assert torch.equal(layer.to_k_ip[0].weight, made[f"ip_adapter.{2 * number + 1}.to_k_ip.weight"])
    assert loaded["unet"].encoder_hid_proj is None


def test_an_encoder_that_lies_alone_is_read_by_the_shapes_of_its_tensors(tmp_path: Path) -> None:
    place = tiny.saved_clip(tmp_path / "clip_vision" / "clip.safetensors")
    picture = torch.randn(1, 3, 28, 28, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        found, expected = (one(picture).image_embeds for one in (encoder_from(place, torch.float32), tiny.clip(32, 16)))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    weights = {
        name: tensor for name, tensor in tiny.clip(32, 16).state_dict().items() if "layers.1.mlp.fc2" not in name
    }
    save_file(weights, tmp_path / "cut.safetensors")
    with pytest.raises(InvalidInput, match=r"parts\.image_encoder .* it must hold a CLIP encoder of pictures .*fc2"):
        encoder_from(tmp_path / "cut.safetensors", torch.float32)


def test_an_adapter_for_another_model_or_for_measured_faces_is_refused_by_its_part(files: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"parts\.ip_adapter .* it must be an IP-Adapter for the model's own UNet"):
        ip_adapter_from(files / "sdxl.safetensors", tiny_models.sd15()["unet"], torch.float32, "ip_adapter")
    weights = tiny.adapter_weights(tiny_models.sd15()["unet"])
    faces = {name: tensor for name, tensor in weights.items() if "image_proj" not in name}
    faces |= {"image_proj.proj.0.weight": torch.zeros(8, 512), "image_proj.norm.weight": torch.zeros(32)}
    save_file(faces, tmp_path / "faceid.safetensors")
    with pytest.raises(InvalidInput, match="none that wants faces measured"):
        ip_adapter_from(tmp_path / "faceid.safetensors", tiny_models.sd15()["unet"], torch.float32, "ip_adapter")


def test_all_of_a_long_picture_is_seen() -> None:
    tall = torch.full((1, 3, 100, 40), -1.0)
    tall[:, :, :5] = 1
    seen = ip_adapter._framed(tall, 50)
    assert seen.shape == (1, 3, 50, 50)
    assert float(seen[0, 0, 0, 25]) > float(seen[0, 0, 25, 25]) + 2
