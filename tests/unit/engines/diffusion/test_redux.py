"""FLUX.1 Fill looks at a reference where FLUX.1 Redux lies beside it, and says that it cannot where it does not."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inlay.engines.canvas import resized
from inlay.engines.diffusion.loading import load
from inlay.engines.interface import SceneInput
from inlay.engines.models.catalog import described
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.scan import scan
from inlay.errors import InvalidInput, Unsupported
from inlay.recipe import REFERENCE, Verb
from inlay.region import Size
from support import model_folders as lay
from support import tiny_models, tiny_parts
from support.diffusion import engine, painted, recipe, scene

pytest.importorskip("diffusers")
pytestmark = pytest.mark.slow

PICTURE = np.full((40, 64, 3), (0.2, 0.7, 0.3), np.float32)
PICTURE[10:30, 20:40] = (0.9, 0.1, 0.1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_parts.saved_redux(tmp_path_factory.mktemp("redux") / "redux")


def test_a_reference_is_words_after_the_prompts_as_the_makers_pipeline_makes_them(place: Path) -> None:
    from diffusers.pipelines.flux.pipeline_flux_prior_redux import FluxPriorReduxPipeline

    parts = {**tiny_models.flux_fill(), **tiny_parts.redux()}
    seen: list[torch.Tensor] = []

    def noting(_: Any, __: Any, kwargs: dict[str, torch.Tensor]) -> None:
        seen.append(kwargs["encoder_hidden_states"].clone())

    hook = parts["transformer"].register_forward_pre_hook(noting, with_kwargs=True)
    found = dataclasses.replace(scene(), inputs=(SceneInput(REFERENCE, PICTURE),))
    able = engine("flux_fill", components=parts, parts=(("redux", str(place)),))
    (with_one,) = painted(able, recipe(Verb.FILL), found)
    (without,) = painted(able, recipe(Verb.FILL), scene())
    hook.remove()

    own = FluxPriorReduxPipeline(**tiny_parts.redux())
    with torch.no_grad():
        expected = own.image_embedder(own.encode_image([shown_reference()], "cpu", 1)).image_embeds
    words, plain = seen[0], seen[-1]
    assert words.shape[1] == plain.shape[1] + 4
    torch.testing.assert_close(words[:, : plain.shape[1]], plain)
    torch.testing.assert_close(words[:, -4:], expected, atol=2e-3, rtol=0)
    assert np.abs(with_one.pixels - without.pixels).max() > 1e-4


def shown_reference() -> Image.Image:
    """PICTURE with sides that 32 divides, as references have."""
    return Image.fromarray(np.asarray(np.round(np.clip(resized(PICTURE, Size(64, 32)), 0, 1) * 255), np.uint8))


def test_fill_reads_references_only_with_redux_beside_it(place: Path, tmp_path: Path) -> None:
    folder = tiny_models.saved("flux_fill", tmp_path / "fill")
    plain, with_redux = (described(folder, "flux_fill", parts=parts) for parts in ((), (("redux", str(place)),)))
    accepts = [DIFFUSION["flux_fill"].capabilities_of(entry).accepts for entry in (plain, with_redux)]
    assert [REFERENCE in roles for roles in accepts] == [False, True]
    assert plain.sha256 != with_redux.sha256

    found = dataclasses.replace(scene(), inputs=(SceneInput(REFERENCE, PICTURE),))
    with pytest.raises(Unsupported, match=r"FLUX\.1 Fill looks at 0 references, not at 1"):
        painted(engine("flux_fill"), recipe(Verb.FILL), found)

    components = load(with_redux).components
    made = tiny_parts.redux()
    for part in ("image_encoder", "image_embedder"):
        for name, tensor in components[part].state_dict().items():
            torch.testing.assert_close(tensor, made[part].state_dict()[name], rtol=0, atol=0)


def test_a_family_that_redux_does_not_help_refuses_it_by_name(place: Path, tmp_path: Path) -> None:
    folder = tiny_models.saved("flux_kontext", tmp_path / "kontext")
    entry = described(folder, "flux_kontext", parts=(("redux", str(place)),))
    with pytest.raises(InvalidInput, match=r"FLUX\.1 Kontext has no use for it"):
        DIFFUSION["flux_kontext"].check(entry)
    gone = described(folder, "flux_fill", parts=(("redux", str(place)),))
    with pytest.raises(InvalidInput, match="it is not there; bring it back"):
        DIFFUSION["flux_fill"].check(dataclasses.replace(gone, parts=(("redux", str(tmp_path / "gone")),)))


def test_a_scan_lends_redux_to_fill_and_fill_is_ready_without(place: Path, tmp_path: Path) -> None:
    lay.diffusers_folder(tmp_path / "fill", "FluxFillPipeline")
    (alone,) = scan([tmp_path]).models
    (both,) = scan([tmp_path, place]).models
    assert (alone.missing, alone.parts) == ((), ())
    assert (both.missing, both.open, both.parts) == ((), (), (("redux", str(place)),))
