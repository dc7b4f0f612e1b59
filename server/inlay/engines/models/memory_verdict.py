"""Whether a model fits a card, before anything is loaded: its weights as they are stored, and what painting takes beside them.

Parameters were counted on models without memory; what activations take is ComfyUI's own estimate (`memory_required` in its
supported_models.py and model_base.py), which holds for attention that keeps no matrix. docs/facts/models.md#memory
compares both with
published totals.
"""

from dataclasses import dataclass
from typing import NamedTuple

from inlay.capabilities import Memory

GB = 10**9
SHARE_OF_CARD = 0.9
"""The rest is the desktop's, PyTorch's and fragmentation's."""

_MIB = 2**20
_LATENT_SIDE_PX = 8
_LONGER_LATENT_SIDE_PX = 16
_VAE_FACTOR = 2178 * 64
"""Bytes that a KL VAE's decoder takes for each pixel of the latents and byte of a number."""

BYTES = {
    "fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "fp8_e5m2": 1.0, "fp8_scaled": 1.0, "int8": 1.01, "mxfp8": 1.03,
    "nvfp4": 0.5625, "bfl_nvfp4": 0.5625, "asym_w4a8_int8": 0.5625, "convrot_w4a4": 0.5,
    "BF16": 2.0, "F16": 2.0, "F32": 4.0, "Q8_0": 8.5 / 8, "Q6_K": 6.5625 / 8, "Q5_K": 5.5 / 8, "Q5_1": 6 / 8, "Q5_0": 5.5 / 8,
    "Q4_K": 4.5 / 8, "Q4_1": 5 / 8, "Q4_0": 4.5 / 8, "IQ4_NL": 4.5 / 8, "IQ4_XS": 4.25 / 8, "Q3_K": 3.4375 / 8,
    "Q2_K": 2.625 / 8,
}  # fmt: skip
"""Bytes of a weight, its share of the scales with it, by layout and by GGUF's types."""


class Encoder(NamedTuple):
    """A text encoder. embeddings: of its parameters, which stay at 16 bits however the rest is stored. Both in billions."""

    parameters: float
    embeddings: float = 0.0

    def weights(self, precision: str) -> float:
        """Bytes."""
        small = BYTES[precision] < 2
        kept = self.embeddings if small else 0.0
        return ((self.parameters - kept) * BYTES[precision] + kept * 2.0) * GB


ENCODERS = {
    "clip_l": Encoder(0.12),
    "clip_g": Encoder(0.70),
    "t5_xxl": Encoder(4.76, 0.13),
    "qwen3_4b": Encoder(4.02, 0.39),
    "qwen3_8b": Encoder(8.19, 0.62),
    "qwen2_5_vl_7b": Encoder(8.29, 0.54),
    "qwen3_vl_8b": Encoder(8.77, 0.62),
    "smollm3": Encoder(3.08, 0.26),
    "mistral_small_3": Encoder(24.0, 0.67),
    "umt5_xxl": Encoder(5.68, 1.05),
}


class Size(NamedTuple):
    """What a family is made of. In billions of parameters; factor: of its activations. latent_side_px: document px for one of
    its latents'."""

    denoiser: float
    encoders: tuple[str, ...]
    vae: float
    factor: float
    latent_side_px: int = _LATENT_SIDE_PX
    branches: int = 1
    """Of the picture at a time: classifier-free guidance paints two."""
    vae_factor: int = _VAE_FACTOR
    """Bytes that its decoder takes for each 8 x 8 px and byte of a number."""
    pictures: int = 1
    """Of the latents, one after the other in time, for five seconds."""


SIZES = {
    "sd15": Size(0.86, ("clip_l",), 0.08, 1.0, branches=2),
    "sdxl": Size(2.57, ("clip_l", "clip_g"), 0.08, 0.8, branches=2),
    "flux_fill": Size(11.90, ("clip_l", "t5_xxl"), 0.08, 3.1),
    "flux_dev": Size(11.90, ("clip_l", "t5_xxl"), 0.08, 3.1),
    "flux_schnell": Size(11.89, ("clip_l", "t5_xxl"), 0.08, 3.1),
    "flux_canny": Size(11.90, ("clip_l", "t5_xxl"), 0.08, 3.1),
    "flux_depth": Size(11.90, ("clip_l", "t5_xxl"), 0.08, 3.1),
    "flux_kontext": Size(11.90, ("clip_l", "t5_xxl"), 0.08, 3.1, branches=2),  # the second is the picture it looks at
    "flux2_klein": Size(3.88, ("qwen3_4b",), 0.08, 12.4 * 3072 / 2604, _LONGER_LATENT_SIDE_PX),
    "flux2_klein_9b": Size(9.08, ("qwen3_8b",), 0.08, 12.4 * 4096 / 2604, _LONGER_LATENT_SIDE_PX),
    "flux2_dev": Size(32.22, ("mistral_small_3",), 0.08, 12.4 * 6144 / 2604, _LONGER_LATENT_SIDE_PX),
    "qwen_image": Size(20.43, ("qwen2_5_vl_7b",), 0.13, 1.8, branches=2),
    "qwen_image_edit": Size(20.43, ("qwen2_5_vl_7b",), 0.13, 1.8, branches=2),
    "qwen_image_21": Size(7.12, ("qwen3_vl_8b",), 0.34, 1.8, branches=2),
    "longcat_edit": Size(6.27, ("qwen2_5_vl_7b",), 0.08, 2.5, branches=2),
    "fibo_edit": Size(8.29, ("smollm3",), 0.70, 3.1, branches=2),  # blocks like FLUX.1's; ComfyUI has no number for it
    "z_image": Size(6.15, ("qwen3_4b",), 0.08, 2.8),
    "wan": Size(28.58, ("umt5_xxl",), 0.13, 5120 / 2222, vae_factor=7000 * 64, pictures=21),  # both experts of 2.2
    "wan_5b": Size(5.00, ("umt5_xxl",), 0.70, 3072 / 2222, _LONGER_LATENT_SIDE_PX, vae_factor=7000 * 64, pictures=31),
    "ltx": Size(1.92, ("t5_xxl",), 0.42, 5.5, 32, branches=2, vae_factor=900 * 512, pictures=16),
}


@dataclass(frozen=True)
class Need:
    """What a model takes, in bytes. vae_work: to decode one picture whole; in tiles it takes little."""

    denoiser: int
    encoders: int
    vae: int
    activations: int
    vae_work: int

    @property
    def weights(self) -> int:
        return self.denoiser + self.encoders + self.vae


class Machine(NamedTuple):
    """Where it would paint. card: bytes of the card that paints; 0 without one. main: of the machine's main memory."""

    card: int
    main: int


def published_weights(family: str, denoiser: str = "bf16", encoders: str = "bf16", extra: float = 0.0) -> float:
    """Bytes of a family's weights where the denoiser and its encoders are stored so. extra: of LoRAs."""
    size = SIZES[family]
    words = sum(ENCODERS[name].weights(encoders) for name in size.encoders)
    return size.denoiser * BYTES[denoiser] * GB + words + size.vae * 2.0 * GB + extra


def published_need(family: str, px: int) -> Need:
    """What a family takes on a card, its weights at 16 bits as they were published."""
    size = SIZES[family]
    words = sum(ENCODERS[name].weights("bf16") for name in size.encoders)
    return need_of(family, px, round(size.denoiser * 2 * GB), round(words), round(size.vae * 2 * GB))


def need_of(
    family: str, px: int, denoiser_bytes: int, encoder_bytes: int, vae_bytes: int, number_bytes: int = 2
) -> Need:
    """What a model of `family` takes to paint `px` working pixels, with weights of so many bytes.

    number_bytes: of a number as it is computed with, 2 on a card, 4 on a CPU.
    """
    size = SIZES[family]
    latents = size.pictures * px / size.latent_side_px**2
    activations = latents * size.branches * number_bytes * 0.01 * size.factor * _MIB
    vae_work = px / _LATENT_SIDE_PX**2 * size.vae_factor * number_bytes
    return Need(denoiser_bytes, encoder_bytes, vae_bytes, round(activations), round(vae_work))


def verdict(need: Need, machine: Machine) -> Memory:
    """How it fits. Without a card the main memory is what it has to fit in."""
    room = machine.card or machine.main
    if need.weights + max(need.activations, need.vae_work) <= SHARE_OF_CARD * room:
        return Memory.FITS
    if not machine.card:
        return Memory.NOT
    if need.weights > SHARE_OF_CARD * machine.main:
        return Memory.NOT
    return Memory.OFFLOAD if need.denoiser + need.activations <= SHARE_OF_CARD * room else Memory.LAYERS
