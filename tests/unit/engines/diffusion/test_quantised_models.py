"""Models whose weights are stored small paint nearly what their originals do; a file that is not whole is refused by name."""

import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import diffusers
import gguf
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor

from inlay.engines.diffusion.fitting import Fitted
from inlay.engines.diffusion.loading import load
from inlay.engines.diffusion.unpacking import unpacked
from inlay.engines.models.catalog import described
from inlay.engines.models.header import header_of
from inlay.engines.models.inspection import inspect
from inlay.engines.models.layouts import layout_of
from inlay.errors import InvalidInput
from support import tiny_models, tiny_words
from support.checkpoints import checkpoint_tensors
from support.diffusion import engine, painted, recipe, scene
from support.gguf_files import write_gguf
from support.original_names import original
from support.quantised import FORMATS, Tensors, quantised
from support.weight_files import Told, write_weights


def in_blocks(name: str, weight: Tensor) -> bool:
    """What publishers store small: the large matrices within the blocks."""
    return ("layers." in name or "blocks." in name) and weight.shape[1] % 32 == 0 and weight.shape[0] % 16 == 0


def distance(found: Tensor, wanted: Tensor) -> float:
    """Of two tensors, relative to the second."""
    return float((found.double() - wanted.double()).norm() / wanted.double().norm())


def saved(tensors: Tensors, metadata: dict[str, str], path: Path) -> Path:
    save_file({name: value.contiguous() for name, value in tensors.items()}, path, metadata)
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A tiny model of a family as a diffusers folder, made once."""
    root = tmp_path_factory.mktemp("bases")

    def folder(name: str) -> Path:
        place = root / name
        return place if place.exists() else tiny_models.saved(name, place)

    return folder


@pytest.mark.parametrize("form", FORMATS)
def test_a_matrix_comes_back_as_near_as_its_format_is(form: str, tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(5)
    weight = torch.randn(160, 192, generator=generator) * torch.linspace(0.2, 2, 160)[:, None]
    path = saved(*quantised({"layers.0.mlp.weight": weight}, form, in_blocks), tmp_path / "one.safetensors")
    header = header_of(path)

    found = dict(unpacked(header, layout_of(header), torch.float32))

    assert list(found) == ["layers.0.mlp.weight"]
    assert 1e-4 < distance(found["layers.0.mlp.weight"], weight) < FORMATS[form].error


def lone(family: str, form: str, place: Path, names: str = "diffusers") -> Path:
    """A tiny transformer stored in that form, alone in a file. names: diffusers', or what stands before its original ones."""
    weights: Tensors = tiny_models.FAMILIES[family]()["transformer"].state_dict()
    named = weights if names == "diffusers" else original(family, weights, names)
    return saved(*quantised(named, form, in_blocks, in_header=names != "diffusers"), place / f"{form}.safetensors")


def fitted(family: str, path: Path, base: Path) -> Fitted:
    header = header_of(path)
    index = json.loads((base / "model_index.json").read_text())
    kind = getattr(diffusers, index["transformer"][1])
    return Fitted(kind, base, "transformer", header, layout_of(header), "fits the base folder")


PAINTED_WITHIN = {
    "fp8": 0.01,
    "fp8_scaled": 0.01,
    "fp8_scaled_old": 0.01,
    "bfl_fp8": 0.01,
    "mxfp8": 0.01,
    "int8": 0.004,
    "int8_tensor": 0.004,
    "int8_smoothed": 0.004,
    "int8_convrot": 0.004,
    "nvfp4": 0.03,
    "bfl_nvfp4": 0.03,
    "convrot_w4a4": 0.03,
    "asym_w4a8_int8": 0.03,
    "asym_w4a8_int8_codebook": 0.03,
}
"""How far a tiny Z-Image may paint from its original: the difference of latents in the mask, relative to their spread."""


@pytest.mark.slow
def test_a_model_stored_small_paints_nearly_as_its_original(
    base: Callable[[str], Path], tmp_path: Path, latents: list[Tensor]
) -> None:
    parts = load(described(base("z_image"), "z_image")).components
    assert set(PAINTED_WITHIN) == set(FORMATS)

    def painting(form: str) -> Tensor:
        transformer = fitted("z_image", lone("z_image", form, tmp_path), base("z_image")).load(torch.float32)
        latents.clear()
        painted(engine("z_image", components={**parts, "transformer": transformer}), recipe(), scene())
        return latents[-1][..., 2:6, 8:16]

    wanted = painting("bf16")
    far = {form: float((painting(form) - wanted).norm() / wanted.std() / wanted.numel() ** 0.5) for form in FORMATS}

    assert all(0 < far[form] < most for form, most in PAINTED_WITHIN.items()), far


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "form", "names"),
    [
        ("z_image", "fp8_scaled", ""),
        ("z_image", "int8_convrot", "model.diffusion_model."),
        ("flux2_klein", "nvfp4", ""),
        ("flux2_klein", "bfl_fp8", ""),
        ("flux2_klein", "mxfp8", "model.diffusion_model."),
        ("qwen_image", "fp8_scaled_old", "diffusers"),
        ("qwen_image", "int8_convrot", "diffusers"),
    ],
)
def test_a_file_under_its_original_names_comes_back_layer_by_layer(
    family: str, form: str, names: str, base: Callable[[str], Path], tmp_path: Path
) -> None:
    weights: Tensors = tiny_models.FAMILIES[family]()["transformer"].state_dict()
    path = lone(family, form, tmp_path, names)

    loaded = load(described(path, family, base=base(family)))

    found = loaded.denoiser.state_dict()
    assert inspect(path).families[0] == family
    assert set(found) == set(weights)
    changed = {name: distance(found[name], value) for name, value in weights.items() if value.norm() > 0}
    assert max(changed.values()) < FORMATS[form].error
    assert sum(value > FORMATS[form].error / 10 for value in changed.values()) >= 4  # it was stored small


@pytest.mark.slow
def test_an_encoder_stored_small_reads_words_nearly_as_its_original(
    base: Callable[[str], Path], tmp_path: Path
) -> None:
    place = tmp_path / "model"
    shutil.copytree(base("z_image"), place)
    (file,) = (place / "text_encoder").glob("*.safetensors")
    saved(*quantised(load_file(file), "fp8_scaled_old", in_blocks), file)

    encoders = [load(described(folder, "z_image")).modules["text_encoder"] for folder in (base("z_image"), place)]

    words = torch.tensor([[5, 9, 2, 40]])
    wanted, found = (encoder(words, output_hidden_states=True).hidden_states[-1] for encoder in encoders)
    assert 1e-4 < distance(found, wanted) < 0.05
    tensors = load_file(file)
    scale = next(name for name in tensors if name.endswith("scale_weight"))
    del tensors[scale]
    save_file(tensors, file)
    with pytest.raises(InvalidInput, match=re.escape(scale.removesuffix(".scale_weight"))):
        load(described(place, "z_image"))


@pytest.mark.slow
@pytest.mark.parametrize("part", ["transformer", "text_encoder", "vae"])
@pytest.mark.parametrize("damage", ["missing", "left over"])
def test_a_folder_whose_part_lacks_a_tensor_or_has_one_too_many_is_refused(
    part: str, damage: str, base: Callable[[str], Path], tmp_path: Path
) -> None:
    place = tmp_path / "model"
    shutil.copytree(base("z_image"), place)
    (file,) = (place / part).glob("*.safetensors")
    tensors = load_file(file)
    name = next(name for name in tensors if name.endswith("weight") and "norm" not in name)
    tensors = {**tensors, "glow.weight": torch.ones(2)} if damage == "left over" else without(tensors, name)
    save_file(tensors, file)

    with pytest.raises(InvalidInput, match=r"glow\.weight" if damage == "left over" else re.escape(name)):
        load(described(place, "z_image"))


@pytest.mark.slow
def test_a_whole_checkpoint_stored_small_comes_back_in_all_its_parts(tmp_path: Path) -> None:
    made = tiny_models.sdxl()
    made["text_encoder_2"] = tiny_words.clip_encoder(made["tokenizer"], 48, projected=True)  # told apart by its width
    diffusers.StableDiffusionXLPipeline(**made).save_pretrained(tmp_path / "base")
    chosen: Callable[[str, Tensor], bool] = lambda name, weight: "attn" in name and weight.shape[1] % 16 == 0  # noqa: E731
    path = saved(*quantised(checkpoint_tensors(made), "fp8_scaled", chosen), tmp_path / "model.safetensors")

    loaded = load(described(path, "sdxl", base=tmp_path / "base"))

    assert inspect(path).role == "checkpoint"
    far = {
        f"{part}.{name}": distance(loaded.modules[part].state_dict()[name], value)
        for part in ("unet", "text_encoder", "text_encoder_2", "vae")
        for name, value in made[part].state_dict().items()
        if value.is_floating_point() and value.norm() > 0
    }
    assert max(far.values()) < FORMATS["fp8_scaled"].error
    assert {name.partition(".")[0] for name, value in far.items() if value > 0.01} >= {"unet", "text_encoder_2"}


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
@pytest.mark.parametrize(("kind", "most"), [("Q8_0", 0.01), ("Q5_1", 0.06), ("Q4_0", 0.12), ("BF16", 0.005)])
def test_a_gguf_file_under_its_original_names_computes_nearly_as_its_original(
    kind: str, most: float, prefix: str, base: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = tiny_models.z_image()["transformer"]
    path = tmp_path / f"{kind}.gguf"
    write_gguf(original("z_image", whole.state_dict(), prefix), path, gguf.GGMLQuantizationType[kind])

    small = fitted("z_image", path, base("z_image")).load_small(torch.float32)

    assert inspect(path).layout.name == f"gguf {kind}"
    torch.manual_seed(0)
    seen = {"x": [torch.randn(4, 1, 8, 8)], "t": torch.tensor([0.5]), "cap_feats": [torch.randn(6, 32)]}
    with torch.no_grad():
        wanted, found = (network(**seen, return_dict=False)[0][0] for network in (whole, small))
    assert 0 < distance(found, wanted) < most


def test_a_gguf_type_that_nobody_computes_with_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.gguf"
    write_gguf(
        {"a.weight": torch.ones(4, 32), "b.weight": torch.ones(4, 32)},
        path,
        gguf.GGMLQuantizationType.Q4_0,
        odd="b.weight",
    )

    with pytest.raises(InvalidInput, match=r"its tensor 'b\.weight' is F64; read are F32, F16, BF16, Q8_0"):
        inspect(path)


def without(tensors: Tensors, end: str) -> Tensors:
    """Without the first tensor whose name ends so."""
    name = next(name for name in tensors if name.endswith(end))
    return {key: value for key, value in tensors.items() if key != name}


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda tensors: without(tensors, "to_k.bias"), "lacks 1 tensor .*to_k.bias"),
        (lambda tensors: tensors | {"glow.weight": torch.ones(2)}, "nobody knows its 1 tensor .*glow.weight"),
        (lambda tensors: tensors | {"img_in.bias": torch.ones(7)}, r"its img_in.bias is \[7\] instead of \[32\]"),
        (lambda tensors: tensors | {"__index_timestep_zero__": torch.ones(1)}, "2511, and the base folder is of another"),
    ],
)  # fmt: skip
def test_a_file_whose_tensors_are_not_the_model_s_is_refused_before_it_is_read(
    break_it: Callable[[Tensors], Tensors], says: str, base: Callable[[str], Path], tmp_path: Path
) -> None:
    tensors, metadata = quantised(tiny_models.qwen_image()["transformer"].state_dict(), "fp8_scaled", in_blocks)
    path = saved(break_it(tensors), metadata, tmp_path / "model.safetensors")

    with pytest.raises(InvalidInput, match=says):
        fitted("qwen_image", path, base("qwen_image"))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_set_of_a_model_s_tensors_fits_or_is_refused(
    data: st.DataObject, base: Callable[[str], Path], tmp_path: Path
) -> None:
    family = data.draw(st.sampled_from(["z_image", "flux2_klein"]))
    weights = original(family, tiny_transformer(family))
    kept = data.draw(st.sets(st.sampled_from(sorted(weights)), min_size=1).map(sorted) | st.just(sorted(weights)))
    shapes = {name: tuple(weights[name].shape) for name in kept}
    if data.draw(st.booleans()):
        shapes[data.draw(st.sampled_from(kept))] = data.draw(st.sampled_from([(), (3,), (2, 5), (1, 2, 3)]))
    path = write_weights(tmp_path / "model.safetensors", {name: Told("F32", shape) for name, shape in shapes.items()})
    if {name: tuple(value.shape) for name, value in weights.items()} == shapes:
        fitted(family, path, base(family))
        return
    with pytest.raises(InvalidInput, match="it must hold a whole"):
        fitted(family, path, base(family))


@cache
def tiny_transformer(family: str) -> Tensors:
    return tiny_models.FAMILIES[family]()["transformer"].state_dict()
