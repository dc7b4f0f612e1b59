"""Early looks: when they come, who makes them, and that they change nothing."""

import itertools
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

from inlay.engines.diffusion import painter
from inlay.engines.diffusion.engine import DiffusionEngine
from inlay.engines.diffusion.loading import load
from inlay.engines.diffusion.previews import LatentColors, Previews, TinyVae
from inlay.engines.models.catalog import Catalog, ModelEntry, described
from inlay.errors import InvalidInput
from inlay.recipe import Tier
from support import tiny_models
from support.diffusion import Watch, loaded, painted, recipe, scene

pytestmark = pytest.mark.slow


def tiny_vae(channels: int = 4) -> Any:
    torch.manual_seed(5)
    widths = (8, 8, 8, 8)
    return AutoencoderTiny(
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
        latent_channels=channels,
    ).eval()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, and tiny VAEs for latents of 4 and of 16 channels."""
    place = tmp_path_factory.mktemp("models")
    tiny_models.saved("sd15", place / "sd15")
    for channels in (4, 16):
        tiny_vae(channels).save_pretrained(place / f"tiny{channels}")
    return place


def entry_of(folders: Path, vae: str = "") -> ModelEntry:
    return described(folders / "sd15", "sd15", preview_vae=folders / vae if vae else None)


def test_a_tiny_vae_shows_the_latents_in_full_detail_and_changes_no_pixel(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    look = TinyVae.look

    def noting(self: TinyVae, latents: torch.Tensor) -> Any:
        seen.append(latents)
        return look(self, latents)

    plain, watch = load(entry_of(folders)), Watch()
    shown = load(entry_of(folders, "tiny4"))
    monkeypatch.setattr(TinyVae, "look", noting)
    monkeypatch.setattr(TinyVae, "seconds", lambda *_: 0.0)
    assert shown.model_hash == plain.model_hash
    before = painted(DiffusionEngine(plain.entry, lambda *_: plain), recipe())[0]
    after = painted(DiffusionEngine(shown.entry, lambda *_: shown), recipe(), watch=watch)[0]
    assert np.array_equal(before.pixels, after.pixels)
    _, preview = watch.previews[0]
    assert preview.shape == (64, 192, 3)
    with torch.no_grad():
        theirs = tiny_vae().decode(seen[0][None]).sample[0].permute(1, 2, 0).numpy()
    assert np.abs(preview - np.clip(theirs / 2 + 0.5, 0, 1)).max() < 1e-5
    assert shown.bytes - plain.bytes == sum(part.numel() * 4 for part in tiny_vae().state_dict().values())


def test_a_vae_for_other_latents_is_refused_by_name(folders: Path) -> None:
    with pytest.raises(InvalidInput, match=r"preview_vae.*16 latent channels.*has 4"):
        load(entry_of(folders, "tiny16"))


def test_only_a_tiny_vae_in_safetensors_is_taken(folders: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="must be an AutoencoderTiny, not AutoencoderKL"):
        entry_of(folders, "sd15/vae")
    with pytest.raises(InvalidInput, match="as diffusers saves one"):
        described(folders / "sd15", "sd15", preview_vae=tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"_class_name": "AutoencoderTiny"}))
    (tmp_path / "diffusion_pytorch_model.bin").write_bytes(b"")
    with pytest.raises(InvalidInput, match="pickles"):
        described(folders / "sd15", "sd15", preview_vae=tmp_path)


def test_the_catalog_remembers_it(folders: Path, tmp_path: Path) -> None:
    entry = entry_of(folders, "tiny4")
    catalog = Catalog(tmp_path / "models.toml")
    catalog.add(entry)
    assert Catalog(catalog.path).entries() == (entry,)
    assert entry.preview_vae == str(folders / "tiny4")


def test_the_first_preview_comes_after_the_first_step_and_then_one_every_100_ms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = itertools.count(step=0.03)
    monkeypatch.setattr(painter.time, "monotonic", lambda: next(clock))
    watch = Watch()
    told: list[tuple[int, int]] = []
    watch.preview = lambda variation, pixels: told.append((variation, len(watch.steps)))
    model = loaded("sd15")
    painted(DiffusionEngine(model.entry, lambda *_: model), recipe(tier=Tier.STANDARD), watch=watch)
    assert told == [(0, 1), (0, 5), (0, 9), (0, 13)]


@pytest.mark.parametrize(("cost_s", "detailed"), [(0.002, True), (0.02, True), (0.05, False)])
def test_a_tiny_vae_never_takes_more_than_two_percent_of_the_loop(
    cost_s: float, detailed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop of 30 steps of 125 ms."""
    monkeypatch.setattr(TinyVae, "seconds", lambda *_: cost_s)
    previews = Previews(colors(), TinyVae(tiny_vae()), 0.0)
    looks = [previews.look(torch.randn(4, 8, 24), now / 8, now / 30) for now in range(1, 31) if previews.due(now / 8)]
    assert looks[0].shape == ((64, 192, 3) if detailed else (8, 24, 3))
    if detailed:
        assert len(looks) * cost_s <= 0.02 * 30 / 8
    else:
        assert len(looks) == 30, "linear factors cost next to nothing"


def test_a_look_that_takes_longer_than_thought_is_counted_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = TinyVae(tiny_vae())
    clock = itertools.count()
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(clock)))
    tiny.look(torch.zeros(4, 8, 24))
    assert tiny.seconds(torch.zeros(4, 8, 24)) == 1
    assert tiny.seconds(torch.zeros(4, 16, 24)) == 2


def test_previews_have_the_colours_of_the_window() -> None:
    """Latents that hold the picture's averages, mixed, and two channels of nothing: their colours are found again."""
    random = torch.Generator().manual_seed(0)
    picture = torch.from_numpy(scene().pixels).permute(2, 0, 1)[None] * 2 - 1
    averages = torch.nn.functional.avg_pool2d(picture, 8)
    mixed = torch.einsum("oc,bchw->bohw", torch.randn(3, 3, generator=random), averages)
    latents = torch.cat([mixed, torch.randn(1, 2, 8, 24, generator=random)], 1)
    found = LatentColors(latents, picture)
    truth = (averages[0].permute(1, 2, 0).numpy() + 1) / 2
    assert np.abs(found.look(latents[0]) - truth).mean() < 0.02
    wild = latents[0] + 20 * torch.randn(5, 8, 24, generator=random)
    noisy = found.look(wild)
    assert 0 <= noisy.min() <= noisy.max() <= 1
    assert ((noisy == 0) | (noisy == 1)).mean() < 0.5
    assert torch.allclose(found.calmed(latents[0]), latents[0], atol=1e-5)
    assert found.calmed(wild).std() < 1.2 * latents.std()


def colors() -> LatentColors:
    random = torch.Generator().manual_seed(0)
    return LatentColors(torch.randn(1, 4, 8, 24, generator=random), torch.rand(1, 3, 64, 192, generator=random) * 2 - 1)
