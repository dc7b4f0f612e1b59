"""A whole SD 1.5 or SDXL checkpoint needs nothing beside it: what it lacks is shipped, and is right at full size."""

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
import transformers

from inlay.engines.diffusion.families.sd15 import StableDiffusion15
from inlay.engines.diffusion.families.sdxl import StableDiffusionXL
from inlay.engines.diffusion.families.words import Words
from inlay.engines.diffusion.loading import load
from inlay.engines.diffusion.schedulers import NAMES, scheduler_like
from inlay.engines.diffusion.softmask import noised
from inlay.engines.models import skeleton
from inlay.engines.models.catalog import ModelEntry, check_files, described
from inlay.errors import FilesChanged, InvalidInput
from support import tiny_models, tiny_words
from support.checkpoints import checkpoint_tensors, save_checkpoint, save_hollow, unet_tensors

pytestmark = pytest.mark.slow


Made = dict[str, Any]

PARAMETERS = {
    ("sd15", "unet"): 859_520_964,
    ("sd15", "text_encoder"): 123_060_480,
    ("sd15", "vae"): 83_653_863,
    ("sdxl", "unet"): 2_567_463_684,
    ("sdxl", "text_encoder"): 123_060_480,
    ("sdxl", "text_encoder_2"): 694_659_840,
    ("sdxl", "vae"): 83_653_863,
}
"""As published. An inpainting UNet has 5 channels more: 14,400 parameters."""

SCALING = {"sd15": 0.18215, "sdxl": 0.13025}
V_PRED = {"v_pred": torch.zeros(0)}


def full_size(family: str, name: str) -> torch.nn.Module:
    """A part as its shipped configuration describes it, without memory."""
    place = skeleton.CONFIGS / family
    library, class_name = json.loads((place / "model_index.json").read_text())[name]
    kind: Any = getattr({"diffusers": diffusers, "transformers": transformers}[library], class_name)
    with torch.device("meta"):
        if library == "diffusers":
            return kind.from_config(kind.load_config(str(place / name)))
        return kind(kind.config_class.from_pretrained(str(place / name)))


def tiny(family: str, channels: int = 4) -> Made:
    """A tiny model that knows all of CLIP's words."""
    made: Made = getattr(tiny_models, family)(channels)
    made["tokenizer"] = skeleton.clip_tokenizer("<|endoftext|>")
    made["text_encoder"] = tiny_words.clip_encoder(made["tokenizer"], 32)
    if family == "sdxl":
        made["tokenizer_2"] = skeleton.clip_tokenizer("!")
        made["text_encoder_2"] = tiny_words.clip_encoder(made["tokenizer_2"], 48, projected=True)
    return made


@pytest.fixture
def shrunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tiny configurations in the place of the shipped ones, which are too large for a test; the same vocabulary."""
    place = tmp_path / "configs"
    for family in SCALING:
        tiny_models.saved(family, place / family, tiny(family))
        for needless in [*(place / family).glob("*/*.safetensors"), *(place / family).glob("tokenizer*/*")]:
            needless.unlink()
    (place / "clip").mkdir()
    shutil.copy(skeleton.CONFIGS / skeleton.VOCABULARY, place / skeleton.VOCABULARY)
    monkeypatch.setattr(skeleton, "CONFIGS", place)
    return place


@pytest.mark.parametrize(("family", "name"), PARAMETERS)
def test_the_shipped_configurations_are_of_the_published_sizes(family: str, name: str) -> None:
    part: Any = full_size(family, name)

    assert sum(weight.numel() for weight in part.parameters()) == PARAMETERS[family, name]
    if name == "vae":
        assert part.config.scaling_factor == SCALING[family]


@pytest.mark.parametrize(("family", "tensors"), [("sd15", 1130), ("sdxl", 2513)])
def test_every_tensor_of_a_full_size_checkpoint_is_loaded_without_a_base(
    family: str, tensors: int, tmp_path: Path
) -> None:
    held = checkpoint_tensors({name: full_size(family, name) for of, name in PARAMETERS if of == family})
    path = save_hollow(held, tmp_path / "full.safetensors")
    entry = ModelEntry("full", family, str(path), "file", "0", dtype="float16")  # as the file: read only where touched

    loaded = load(entry)

    assert len(held) == tensors  # beside position ids and a logit scale those of the published files
    weights = [weight for module in loaded.modules.values() for weight in module.parameters()]
    assert sum(weight.numel() for weight in weights) == sum(tensor.numel() for tensor in held.values())
    assert not any(weight.is_meta or weight.any() for weight in weights if weight.numel() < 10_000)


def test_the_shipped_tokenizer_is_clips() -> None:
    tokenizer = skeleton.clip_tokenizer("<|endoftext|>")

    assert tokenizer("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer("  A PHOTO\nof a cat ").input_ids == tokenizer("a photo of a cat").input_ids
    assert len(tokenizer) == 49_408
    assert tokenizer.decode(tokenizer("naïve café, 1984").input_ids, skip_special_tokens=True) == "naïve café , 1 9 8 4"


def test_words_are_filled_up_as_each_encoder_was_trained() -> None:
    padded = [
        skeleton.clip_tokenizer(pad)("a cat", padding="max_length").input_ids
        for pads in skeleton.TOKENIZER_PADS.values()
        for pad in pads
    ]

    assert [len(ids) for ids in padded] == [77, 77, 77]
    assert [ids[:4] for ids in padded] == [[49406, 320, 2368, 49407]] * 3
    assert [set(ids[4:]) for ids in padded] == [{49407}, {49407}, {0}]


@pytest.mark.parametrize("channels", [4, 9])
@pytest.mark.parametrize(("family", "adapter"), [("sd15", StableDiffusion15), ("sdxl", StableDiffusionXL)])
def test_a_whole_checkpoint_is_loaded_bit_for_bit_without_a_base_or_a_network(
    family: str, adapter: Any, channels: int, shrunk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tiny(family, channels)
    path = save_checkpoint(made, tmp_path / "checkpoint.safetensors")

    def opened(*_: Any, **__: Any) -> None:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket, "socket", opened)

    loaded = load(described(path, family))

    assert loaded.components["unet"].config.in_channels == channels
    for name, module in loaded.modules.items():
        for key, tensor in made[name].state_dict().items():
            assert torch.equal(tensor, module.state_dict()[key]), f"{name}.{key}"
    assert loaded.components["scheduler"].config.prediction_type == "epsilon"
    embeds = adapter(loaded.components).condition(Words("a (red)1.2 kite", "blur"), 5.0, ()).arguments
    assert embeds["prompt_embeds"].shape == (1, 77, 32 if family == "sd15" else 80)
    assert embeds["prompt_embeds"].isfinite().all()


@pytest.mark.parametrize(
    ("extra", "metadata", "expected"),
    [
        ({}, {"modelspec.prediction_type": "epsilon"}, ("epsilon", False, "leading")),
        ({}, {"modelspec.prediction_type": "v"}, ("v_prediction", False, "leading")),
        (V_PRED, {}, ("v_prediction", False, "leading")),
        (V_PRED | {"ztsnr": torch.zeros(0)}, {}, ("v_prediction", True, "trailing")),
    ],
)
@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_a_checkpoint_that_tells_its_noise_schedule_gets_it(
    family: str,
    extra: dict[str, torch.Tensor],
    metadata: dict[str, str],
    expected: tuple[str, bool, str],
    shrunk: Path,
    tmp_path: Path,
) -> None:
    path = save_checkpoint(tiny(family), tmp_path / "checkpoint.safetensors", extra, metadata)

    config = load(described(path, family)).components["scheduler"].config

    assert (config.prediction_type, config.rescale_betas_zero_snr, config.timestep_spacing) == expected


@pytest.mark.parametrize("name", ["", *(name for name in NAMES if not name.startswith("flow"))])
@pytest.mark.parametrize("told", [set(), {"v_pred"}, {"v_pred", "ztsnr"}])
@pytest.mark.parametrize("family", ["sd15", "sdxl"])
def test_every_scheduler_walks_the_shipped_noise_down_to_the_picture(family: str, told: set[str], name: str) -> None:
    installed = skeleton.shipped(family, told, {}, Path("checkpoint.safetensors"))["scheduler"]
    scheduler = scheduler_like(installed, name)
    scheduler.set_timesteps(20)
    torch.manual_seed(0)
    picture, noise = 3 * torch.randn(1, 4, 16, 16), torch.randn(1, 4, 16, 16)
    latents = noised(scheduler, picture, noise, scheduler.timesteps[:1])

    for step in scheduler.timesteps:
        seen = scheduler.scale_model_input(latents, step)
        latents = scheduler.step(perfect_answer(scheduler, seen, step, picture), step, latents).prev_sample

    # Latents reach far beyond -1..1: a scheduler that clips them, as DDIM does by default, would end elsewhere.
    assert (latents - picture).std() < 0.15


def perfect_answer(scheduler: Any, seen: torch.Tensor, step: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """What a model that knew `picture` would say: the noise, or the velocity, in what it sees at `step`."""
    alpha = scheduler.alphas_cumprod[int(step)]
    noise = (seen - alpha.sqrt() * picture) / (1 - alpha).sqrt()
    if scheduler.config.prediction_type == "epsilon":
        return noise
    return alpha.sqrt() * noise - (1 - alpha).sqrt() * picture


def test_the_schedule_of_a_base_counts_more_than_what_is_shipped(tmp_path: Path) -> None:
    made = tiny("sd15")
    path = save_checkpoint(made, tmp_path / "checkpoint.safetensors", V_PRED)
    base = tiny_models.saved("sd15", tmp_path / "base", made)

    loaded = load(described(path, "sd15", base=base))

    assert loaded.components["scheduler"].config.prediction_type == "epsilon"


def test_a_checkpoint_of_another_noise_is_refused(shrunk: Path, tmp_path: Path) -> None:
    extra = {"edm_vpred.sigma_max": torch.zeros(1)}
    path = save_checkpoint(tiny("sdxl"), tmp_path / "checkpoint.safetensors", extra)

    with pytest.raises(InvalidInput, match=r"edm_vpred.sigma_max tells of EDM's noise, which no scheduler"):
        load(described(path, "sdxl"))


def test_a_lone_unet_still_needs_a_base(tmp_path: Path) -> None:
    tensors = unet_tensors(tiny_models.sdxl()["unet"])
    path = save_hollow(
        {f"model.diffusion_model.{name}": value for name, value in tensors.items()}, tmp_path / "u.safetensors"
    )

    with pytest.raises(
        InvalidInput, match=r"base is missing; u\.safetensors: a single file has no tokenizers; .*--base"
    ):
        load(described(path, "sdxl"))


def test_a_checkpoint_of_another_size_is_refused_with_the_cure(tmp_path: Path) -> None:
    path = save_checkpoint(tiny("sd15"), tmp_path / "checkpoint.safetensors")

    with pytest.raises(
        InvalidInput, match=r"UNet2DConditionModel that has its family's size \(others need --base FOLDER\)"
    ):
        load(described(path, "sd15"))


def test_what_is_shipped_is_in_the_models_hash(shrunk: Path, tmp_path: Path) -> None:
    path = save_checkpoint(tiny("sd15"), tmp_path / "checkpoint.safetensors")
    before = described(path, "sd15")
    check_files(before)
    config = shrunk / "sd15" / "vae" / "config.json"
    config.write_text(config.read_text().replace("0.18215", "0.13025"))

    with pytest.raises(FilesChanged, match=r"skeleton:sd15/vae/config.json changed"):
        check_files(before)
    assert described(path, "sd15").sha256 != before.sha256
    config.unlink()
    with pytest.raises(FilesChanged, match=r"skeleton:sd15/vae/config.json"):
        load(before)
