"""FLUX.1 Canny and Depth see a map of the window, never the window; without what makes their map they say so before they run."""

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from inlay.engines.diffusion.families.flux_control import FluxCanny, FluxDepth
from inlay.engines.diffusion.loading import load
from inlay.engines.models.catalog import Catalog, described
from inlay.engines.models.detect import identify
from inlay.engines.models.scan import scan
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput, NotFound, Unsupported
from inlay.recipe import Verb
from support import model_folders as lay
from support import tiny_models, tiny_parts
from support.diffusion import engine, loaded, painted, recipe, scene

pytest.importorskip("diffusers")


def squares() -> np.ndarray:
    """A bright square on a dark ground, one that is hardly lighter than it, and one between them, 64 x 96 x 3."""
    pixels = np.full((64, 96, 3), 0.2, np.float32)
    pixels[20:44, 30:60] = 0.8
    pixels[50:60, 60:90] = 0.44
    pixels[4:14, 4:24] = 0.318
    return pixels


def tensor_of(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()) * 2 - 1


def test_canny_sees_the_edges_that_its_makers_thresholds_find() -> None:
    found = FluxCanny({}).map_of(tensor_of(squares()))

    samples = np.full((64, 96, 3), 51, np.uint8)
    samples[20:44, 30:60] = 204
    samples[50:60, 60:90] = 112
    samples[4:14, 4:24] = 81
    expected = cv2.Canny(samples, 50, 200)
    assert (expected > 0)[48:62].any(), "the second strongest"
    assert not (expected > 0)[:16].any(), "the weakest"
    assert found.shape == (1, 3, 64, 96)
    for channel in found[0].numpy():
        np.testing.assert_array_equal(channel, np.where(expected > 0, np.float32(1), np.float32(-1)))


@pytest.mark.slow
def test_depth_is_between_the_furthest_and_the_nearest_of_the_window_itself() -> None:
    made = tiny_parts.depth_anything()
    picture = tensor_of(scene(width=96).pixels)
    found = FluxDepth(made).map_of(picture)

    samples = ((picture[0].permute(1, 2, 0).numpy() + 1) * 127.5).round().astype(np.uint8)
    with torch.no_grad():
        told = made["depth"](**made["depth_processor"](images=samples, return_tensors="pt")).predicted_depth[0].numpy()
    told = cv2.resize(told, (96, 64), interpolation=cv2.INTER_CUBIC)
    assert (found.amin(), found.amax()) == (-1, 1)
    assert np.corrcoef(found[0, 0].numpy().ravel(), told.ravel())[0, 1] > 0.9999
    np.testing.assert_array_equal(found[0, 0].numpy(), found[0, 2].numpy())


@pytest.mark.slow
@pytest.mark.parametrize("family", ["flux_canny", "flux_depth"])
def test_what_the_transformer_sees_of_the_window_at_full_strength_is_its_map(family: str) -> None:
    seen: list[torch.Tensor] = []
    model = loaded(family)

    def noting(_: Any, __: Any, kwargs: dict[str, torch.Tensor]) -> None:
        seen.append(kwargs["hidden_states"].clone())

    hook = model.components["transformer"].register_forward_pre_hook(noting, with_kwargs=True)
    found = scene()
    whole = dataclasses.replace(found, mask=np.ones_like(found.mask))
    painted(engine(family, components=model.components), recipe(Verb.REFINE), whole)
    hook.remove()

    adapter: Any = (FluxCanny if family == "flux_canny" else FluxDepth)(model.components)
    shape = adapter.packed(adapter.encode(adapter.map_of(tensor_of(found.pixels))))
    assert len(seen) > 1
    for tokens in seen:
        torch.testing.assert_close(tokens[..., 16:], shape)
    noise = torch.randn((1, 4, 8, 24), generator=torch.Generator("cpu").manual_seed(11))
    torch.testing.assert_close(seen[0][..., :16], adapter.packed(noise), msg="it begins with noise alone")


def test_a_map_would_tell_what_shall_go_so_only_what_stays_is_painted_anew() -> None:
    for family in ("flux_canny", "flux_depth"):
        for verb in (Verb.FILL, Verb.ERASE, Verb.REPLACE_BACKGROUND, Verb.GENERATE, Verb.EXPAND, Verb.INSTRUCT):
            with pytest.raises(Unsupported, match="only refine"):
                painted(engine(family), recipe(verb))


def test_what_a_folder_or_file_is_called_tells_canny_from_depth(tmp_path: Path) -> None:
    hub = lay.hugging_face_cache(
        tmp_path / "hub", "black-forest-labs/FLUX.1-Depth-dev", "c0ffee", "FluxControlPipeline"
    )
    folder = lay.diffusers_folder(tmp_path / "flux canny", "FluxControlPipeline")
    lay.put(tmp_path, {"flux1-canny-dev.safetensors": lay.flux(128), "mine.safetensors": lay.flux(128)})

    assert identify(hub).family == "flux_depth"
    assert identify(folder).family == "flux_canny"
    assert identify(tmp_path / "flux1-canny-dev.safetensors").family == "flux_canny"
    assert identify(tmp_path / "mine.safetensors", "flux_depth").family == "flux_depth"
    with pytest.raises(InvalidInput, match="fit flux_canny and flux_depth; say which with --family"):
        identify(tmp_path / "mine.safetensors")


@pytest.mark.slow
def test_depth_without_a_model_of_depth_says_what_to_look_for_before_anything_is_painted(tmp_path: Path) -> None:
    folder = tiny_models.saved("flux_depth", tmp_path / "flux depth")
    catalog, registry = Catalog(tmp_path / "models.toml"), Registry(Catalog(tmp_path / "models.toml"))
    catalog.add(described(folder, "flux_depth"))
    with pytest.raises(
        (Unsupported, NotFound), match=r"depth is missing; FLUX\.1 Depth needs it: a folder of DepthAnything"
    ):
        registry.choose(Verb.REFINE, "flux-depth")

    depth = tiny_parts.saved_depth(tmp_path / "depth")
    alone = catalog.entry("flux-depth").sha256
    catalog.add(described(folder, "flux_depth", parts=(("depth", str(depth)),)))
    assert registry.choose(Verb.REFINE, "flux-depth").name == "flux-depth"
    entry = catalog.entry("flux-depth")
    assert entry.sha256 != alone, "what makes the map decides the pixels"
    components = load(entry).components
    made = tiny_parts.depth_anything()["depth"].state_dict()
    for name, tensor in components["depth"].state_dict().items():
        torch.testing.assert_close(tensor, made[name], rtol=0, atol=0)


@pytest.mark.slow
def test_a_scan_finds_the_model_of_depth_for_flux_depth(tmp_path: Path) -> None:
    lay.diffusers_folder(tmp_path / "flux depth", "FluxControlPipeline")
    (alone,) = scan([tmp_path]).models
    assert alone.missing == ("depth: a folder of DepthAnything such as depth-anything/Depth-Anything-V2-Small-hf",)

    place = tiny_parts.saved_depth(tmp_path / "depth")
    scanned = scan([tmp_path])
    (found,) = scanned.models
    assert (found.missing, found.open, found.parts) == ((), (), (("depth", str(place)),))
    assert scanned.refused == ()
