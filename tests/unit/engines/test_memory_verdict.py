"""Whether a model fits a card is told before it is loaded, by a formula that is held to what its makers' files weigh."""

import pytest

from inlay.capabilities import Memory
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.memory_verdict import (
    BYTES,
    ENCODERS,
    GB,
    SIZES,
    Machine,
    need_of,
    published_need,
    published_weights,
    verdict,
)

LIGHTNING_LORA = 0.85 * GB

PUBLISHED_GB = [
    ("Z-Image, bf16", published_weights("z_image"), 20.8),
    ("FLUX.1 Fill, bf16", published_weights("flux_fill"), 34.1),
    ("Qwen-Image-Edit-2511, int8", published_weights("qwen_image_edit", "int8", "fp8_scaled", LIGHTNING_LORA), 31.0),
    ("Qwen-Image-Edit-2511, bf16", published_weights("qwen_image_edit", "bf16", "fp8_scaled", LIGHTNING_LORA), 51.3),
    ("FLUX.2 klein 4B, fp8", published_weights("flux2_klein", "fp8_scaled", "bf16"), 12.5),
    ("SDXL checkpoint", published_weights("sdxl", "fp16", "fp16"), 6.94),
    ("Qwen-Image-2.1, int8 convrot", SIZES["qwen_image_21"].denoiser * BYTES["int8"] * GB, 7.26),
    ("Qwen-Image-2.1's VAE", SIZES["qwen_image_21"].vae * 2 * GB, 0.676),
    ("Qwen3-VL 8B, int8", ENCODERS["qwen3_vl_8b"].weights("int8"), 9.35),
]
"""What they weigh as published: sums of the files' sizes on the Hugging Face Hub, in GB."""


@pytest.mark.parametrize(
    ("what", "counted", "published"), PUBLISHED_GB, ids=lambda value: value if isinstance(value, str) else ""
)
def test_weights_are_what_the_published_files_weigh_within_four_per_cent(what, counted, published):
    assert counted / GB == pytest.approx(published, rel=0.04)


@pytest.mark.parametrize(
    ("family", "px", "gb"),
    [
        ("sdxl", 1024**2, 2 * 0.27),
        ("qwen_image", 1024**2, 2 * 0.62),
        ("z_image", 1024**2, 0.96),
        ("flux_fill", 1024**2, 1.07),
        ("flux2_klein", 1024**2, 1.26),
        ("flux2_klein_9b", 1024**2, 1.68),
        ("flux2_dev", 1024**2, 2.5),
    ],
)
def test_activations_are_those_that_comfyui_reckons_with(family, px, gb):
    assert need_of(family, px, 0, 0, 0).activations / GB == pytest.approx(gb, rel=0.03)


def test_decoding_a_megapixel_whole_takes_four_and_a_half_gigabytes():
    assert need_of("sdxl", 1024**2, 0, 0, 0).vae_work / GB == pytest.approx(4.6, rel=0.02)


@pytest.mark.parametrize(
    ("family", "card_gib", "fits"),
    [
        ("sdxl", 24, Memory.FITS),
        ("sdxl", 8, Memory.OFFLOAD),
        ("sdxl", 4, Memory.LAYERS),
        ("z_image", 32, Memory.FITS),
        ("z_image", 16, Memory.OFFLOAD),
        ("z_image", 12, Memory.LAYERS),
        ("flux_fill", 24, Memory.LAYERS),
        ("flux_fill", 48, Memory.FITS),
        ("qwen_image", 80, Memory.FITS),
        ("qwen_image", 48, Memory.OFFLOAD),
        ("qwen_image", 24, Memory.LAYERS),
    ],
)
def test_a_card_gets_what_it_holds(family, card_gib, fits):
    machine = Machine(card_gib * 2**30, 128 * 2**30)
    assert verdict(published_need(family, DIFFUSION[family].native_px), machine) is fits


def test_what_main_memory_does_not_hold_either_does_not_fit():
    assert verdict(published_need("qwen_image", 1024**2), Machine(24 * 2**30, 32 * 2**30)) is Memory.NOT
    assert verdict(published_need("qwen_image", 1024**2), Machine(0, 32 * 2**30)) is Memory.NOT
    assert verdict(published_need("sd15", 512**2), Machine(0, 32 * 2**30)) is Memory.FITS


def test_every_family_that_paints_here_was_counted():
    assert set(DIFFUSION) <= set(SIZES)
