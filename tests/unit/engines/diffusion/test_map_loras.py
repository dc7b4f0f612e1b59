"""FLUX.1 Canny and Depth as their makers' LoRAs: dev's weights see a map with them, as the file says it, whole or not at all."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from inlay.cli.adding import added, parse_parts
from inlay.cli.scan import added_of
from inlay.engines.diffusion.loading import LoadedModel, load
from inlay.engines.models.catalog import Catalog
from inlay.engines.models.scan import scan
from inlay.errors import InvalidInput
from inlay.recipe import Verb
from support import tiny_models, tiny_parts
from support.diffusion import engine, painted, recipe, scene

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

RANK = 3
WIDTH, MLP = 32, 128
LAYERS: dict[str, tuple[int, int]] = {
    "img_in": (WIDTH, 32),
    "txt_in": (WIDTH, 32),
    "time_in.in_layer": (WIDTH, 256),
    "time_in.out_layer": (WIDTH, WIDTH),
    "vector_in.in_layer": (WIDTH, 32),
    "vector_in.out_layer": (WIDTH, WIDTH),
    "guidance_in.in_layer": (WIDTH, 256),
    "guidance_in.out_layer": (WIDTH, WIDTH),
    **{f"double_blocks.0.{half}_mod.lin": (6 * WIDTH, WIDTH) for half in ("img", "txt")},
    **{f"double_blocks.0.{half}_attn.qkv": (3 * WIDTH, WIDTH) for half in ("img", "txt")},
    **{f"double_blocks.0.{half}_attn.proj": (WIDTH, WIDTH) for half in ("img", "txt")},
    **{f"double_blocks.0.{half}_mlp.0": (MLP, WIDTH) for half in ("img", "txt")},
    **{f"double_blocks.0.{half}_mlp.2": (WIDTH, MLP) for half in ("img", "txt")},
    "single_blocks.0.modulation.lin": (3 * WIDTH, WIDTH),
    "single_blocks.0.linear1": (3 * WIDTH + MLP, WIDTH),
    "single_blocks.0.linear2": (WIDTH, WIDTH + MLP),
    "final_layer.linear": (16, WIDTH),
    "final_layer.adaLN_modulation.1": (2 * WIDTH, WIDTH),
}
"""Rows and columns of the tiny transformer's layers, under the names that the published files have."""
NORMS = (
    *(f"double_blocks.0.{half}_attn.norm.{which}_norm.scale" for half in ("img", "txt") for which in ("query", "key")),
    *(f"single_blocks.0.norm.{which}_norm.scale" for which in ("query", "key")),
)


def published() -> dict[str, Tensor]:
    """As flux1-canny-dev-lora.safetensors is laid out."""
    random = torch.Generator().manual_seed(5)

    def some(*shape: int) -> Tensor:
        return torch.randn(shape, generator=random) * 0.1

    found = {name: 1 + some(16) for name in NORMS}
    for layer, (rows, columns) in LAYERS.items():
        found |= {f"{layer}.lora_A.weight": some(RANK, columns), f"{layer}.lora_B.weight": some(rows, RANK)}
        found[f"{layer}.lora_B.bias"] = some(rows)
    return found


def lora_file(place: Path, tensors: dict[str, Tensor] | None = None, name: str = "flux1-canny-dev-lora") -> Path:
    path = place / f"{name}.safetensors"
    save_file(tensors or published(), path)
    return path


def canny(place: Path, lora: Path, **more: Any) -> LoadedModel:
    folder = place / "FLUX.1-dev"
    if not folder.exists():
        tiny_models.saved("flux_dev", folder)
    catalog = Catalog(place / "models.toml")
    return load(added(catalog, folder, parts=parse_parts([lora]), **more))


def test_the_scan_offers_a_lora_with_the_dev_in_the_same_tree_as_a_model_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "models"
    dev = tiny_models.saved("flux_dev", root / "diffusers" / "FLUX.1-dev")
    (root / "loras").mkdir()
    canny_lora = lora_file(root / "loras")
    depth_lora = lora_file(root / "loras", name="flux1-depth-dev-lora")

    plain, canny, depth = scan([root]).models
    assert [one.families for one in (plain, canny, depth)] == [("flux_dev",), ("flux_canny",), ("flux_depth",)]
    assert [one.path for one in (plain, canny, depth)] == [dev] * 3
    assert (canny.missing, canny.open, canny.parts) == ((), (), (("map_lora", str(canny_lora)),))
    assert [one.partition(":")[0] for one in depth.missing] == ["depth"], "it needs a model of depth too"
    assert canny.licence.id == "flux-1-dev-non-commercial-license"

    eye = tiny_parts.saved_depth(root / "depth")
    found = scan([root]).models
    catalog = Catalog(tmp_path / "models.toml")
    ids = added_of(catalog, found, True)
    assert ids == {dev: "flux.1-dev", canny_lora: "flux1-canny-dev-lora", depth_lora: "flux1-depth-dev-lora"}
    assert added_of(catalog, found, True) == ids, "once is enough"
    assert dict(catalog.entry(ids[depth_lora]).parts) == {"map_lora": str(depth_lora), "depth": str(eye)}
    model = load(catalog.entry(ids[canny_lora]))
    assert (model.family.name, model.components["transformer"].config.in_channels) == ("flux_canny", 32)


def test_a_lora_of_several_devs_asks_and_one_without_any_is_a_lora(tmp_path: Path) -> None:
    (tmp_path / "loras").mkdir()
    lora = lora_file(tmp_path / "loras")
    assert (scan([tmp_path]).models, scan([tmp_path]).loras) == ((), (lora,))
    for name in ("FLUX.1-dev", "flux1-dev-mine"):
        tiny_models.saved("flux_dev", tmp_path / "diffusers" / name)
    *_, canny = scan([tmp_path]).models
    assert "which FLUX.1 dev it goes on" in canny.open[0]


def test_devs_weights_become_what_the_file_says_to_the_last_column(tmp_path: Path) -> None:
    before = tiny_models.flux_dev()["transformer"].state_dict()
    tensors = published()
    model = canny(tmp_path, lora_file(tmp_path))
    after = model.components["transformer"].state_dict()

    assert model.family.name == "flux_canny"
    assert after["x_embedder.weight"].shape == (WIDTH, 32)

    def change(layer: str) -> Tensor:
        return tensors[f"{layer}.lora_B.weight"] @ tensors[f"{layer}.lora_A.weight"]

    widened = torch.cat([before["x_embedder.weight"], torch.zeros(WIDTH, 16)], 1)
    expected = {
        "x_embedder.weight": widened + change("img_in"),
        "x_embedder.bias": before["x_embedder.bias"] + tensors["img_in.lora_B.bias"],
        "transformer_blocks.0.attn.norm_added_k.weight": tensors[NORMS[3]],
        "single_transformer_blocks.0.attn.norm_q.weight": tensors[NORMS[4]],
    }
    qkv, fused = change("double_blocks.0.txt_attn.qkv"), change("single_blocks.0.linear1")
    scale = change("final_layer.adaLN_modulation.1")
    for name, part in (
        ("transformer_blocks.0.attn.add_k_proj", qkv[WIDTH : 2 * WIDTH]),
        ("single_transformer_blocks.0.attn.to_v", fused[2 * WIDTH : 3 * WIDTH]),
        ("single_transformer_blocks.0.proj_mlp", fused[3 * WIDTH :]),
        ("norm_out.linear", torch.cat([scale[WIDTH:], scale[:WIDTH]])),
    ):
        expected[f"{name}.weight"] = before[f"{name}.weight"] + part
    for name, tensor in expected.items():
        torch.testing.assert_close(after[name], tensor, rtol=0, atol=1e-6, msg=name)
    changed = {
        name
        for name in before
        if name in after
        and not torch.equal(
            before[name], after[name].reshape_as(before[name]) if name != "x_embedder.weight" else before[name]
        )
    }
    assert changed | {"x_embedder.weight"} == set(before), "every tensor is changed by such a file"


def test_a_layer_is_called_as_diffusers_own_reader_of_these_files_calls_it() -> None:
    from diffusers.loaders import lora_conversion_utils

    from inlay.engines.diffusion.map_lora import RENAMED

    whole: dict[str, Tensor] = {}
    rows: dict[str, Tensor] = {}
    for name, (outputs, _) in LAYERS.items():
        count, repeated = (19, "double_blocks.") if name.startswith("double") else (38, "single_blocks.")
        true = {
            WIDTH: 3072,
            2 * WIDTH: 6144,
            3 * WIDTH: 9216,
            6 * WIDTH: 18432,
            MLP: 12288,
            3 * WIDTH + MLP: 21504,
            16: 64,
        }
        for number in range(count if ".0." in name and "blocks" in name else 1):
            layer = name.replace(f"{repeated}0.", f"{repeated}{number}.")
            rows[layer] = torch.arange(true[outputs], dtype=torch.float32)[:, None]
            whole |= {
                f"{layer}.lora_A.weight": torch.full((2, 1), float(len(rows))),  # it halves one of these too
                f"{layer}.lora_B.weight": rows[layer],
            }
    for name in NORMS:
        count, repeated = (19, "double_blocks.") if name.startswith("double") else (38, "single_blocks.")
        whole |= {name.replace(f"{repeated}0.", f"{repeated}{number}."): torch.ones(1) for number in range(count)}
    told: dict[str, Tensor] = lora_conversion_utils._convert_bfl_flux_control_lora_to_diffusers(dict(whole))

    for number, layer in enumerate(rows, 1):
        (places,) = (
            tuple(match.expand(one) for one in here) for there, here in RENAMED if (match := there.match(layer))
        )
        theirs = [torch.Tensor(told[f"transformer.{place}.lora_B.weight"]) for place in places]
        if layer == "final_layer.adaLN_modulation.1":
            half = len(theirs[0]) // 2
            theirs = [torch.cat([theirs[0][half:], theirs[0][:half]])]
        torch.testing.assert_close(torch.cat(theirs), rows[layer], msg=layer)
        assert all((told[f"transformer.{place}.lora_A.weight"] == number).all() for place in places)
    for name in NORMS:
        (place,) = (
            match.expand(here[0]) for there, here in RENAMED if (match := there.match(name.removesuffix(".scale")))
        )
        assert f"transformer.{place}.weight" in told


def test_what_it_sees_of_the_window_is_the_map(tmp_path: Path) -> None:
    model = canny(tmp_path, lora_file(tmp_path))
    seen: list[Tensor] = []

    def noting(_: Any, __: Any, kwargs: dict[str, Tensor]) -> None:
        seen.append(kwargs["hidden_states"].clone())

    hook = model.components["transformer"].register_forward_pre_hook(noting, with_kwargs=True)
    found = scene()
    able = engine("flux_canny", components=model.components)
    (first,) = painted(able, recipe(Verb.REFINE), found)
    (again,) = painted(able, recipe(Verb.REFINE), dataclasses.replace(found, mask=found.mask * 0 + 1))
    hook.remove()

    from inlay.engines.canvas import to_tensor
    from inlay.engines.diffusion.families.flux_control import FluxCanny

    adapter = FluxCanny(model.components)
    shape = adapter.packed(adapter.encode(adapter.map_of(to_tensor(found.pixels))))
    assert {tokens.shape[-1] for tokens in seen} == {32}
    for tokens in seen:
        torch.testing.assert_close(tokens[..., 16:], shape)
    assert first.pixels.shape == again.pixels.shape


def test_which_of_the_two_it_is_says_the_loras_name_or_the_user(tmp_path: Path) -> None:
    assert canny(tmp_path, lora_file(tmp_path)).family.name == "flux_canny"
    with pytest.raises(InvalidInput, match="fit flux_canny and flux_depth; say which with --family"):
        canny(tmp_path, lora_file(tmp_path, name="mine"))
    assert canny(tmp_path, lora_file(tmp_path, name="mine"), family="flux_canny").family.name == "flux_canny"


def test_the_lora_decides_the_pixels_and_goes_with_devs_weights_alone(tmp_path: Path) -> None:
    lora = lora_file(tmp_path)
    one = canny(tmp_path, lora).model_hash
    tensors = published()
    tensors["img_in.lora_B.bias"] += 1
    assert canny(tmp_path, lora_file(tmp_path, tensors)).model_hash != one
    fill = tiny_models.saved("flux_fill", tmp_path / "fill")
    with pytest.raises(InvalidInput, match="are of flux_fill"):
        added(Catalog(tmp_path / "models.toml"), fill, parts=parse_parts([lora]))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("img_in.lora_B.weight", None), "it lacks img_in.lora_B.weight"),
        (("odd.lora_A.weight", (RANK, 8)), "it lacks odd.lora_B.weight"),
        (("double_blocks.7.img_attn.proj.lora_A.weight", (RANK, WIDTH)), "double_blocks.7.img_attn.proj"),
        (("img_in.lora_A.weight", (RANK, 16)), r"img_in.lora_A.weight is \[3, 16\] instead of \[3, 32\]"),
        (("single_blocks.0.linear1.lora_B.weight", (96, RANK)), r"linear1.lora_B.weight is \[96, 3\] instead of"),
        ((NORMS[0], (8,)), r"query_norm.scale is \[8\] instead of \[16\]"),
        (("img_in.alpha", (1,)), "nobody knows its img_in.alpha"),
    ],
)
def test_a_file_that_does_not_fit_whole_is_refused_by_the_tensors_name(
    change: tuple[str, tuple[int, ...] | None], says: str, tmp_path: Path
) -> None:
    from inlay.engines.diffusion.map_lora import see_map

    tensors = published()
    name, shape = change
    if shape is None:
        del tensors[name]
    else:
        tensors[name] = torch.zeros(shape)
        if name.startswith("double_blocks.7"):
            tensors[name.replace("lora_A", "lora_B")] = torch.zeros(WIDTH, RANK)
    transformer = tiny_models.flux_dev()["transformer"]
    before = {key: tensor.clone() for key, tensor in transformer.state_dict().items()}
    with pytest.raises(InvalidInput, match=says):
        see_map(transformer, lora_file(tmp_path, tensors))
    for key, tensor in transformer.state_dict().items():
        assert torch.equal(tensor, before[key]), key


def test_a_plain_lora_is_no_part_that_makes_dev_see_maps(tmp_path: Path) -> None:
    path = lora_file(tmp_path, {name: one for name, one in published().items() if "norm" not in name})
    with pytest.raises(InvalidInput, match=r"it must be a text encoder, .*, a LoRA of FLUX\.1 Canny or Depth"):
        parse_parts([path])
