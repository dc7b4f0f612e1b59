"""Pixels to latents and back, deterministically: the mode of the distribution, normalised as the denoiser expects it."""

from typing import Any

import torch
from torch import Tensor


@torch.no_grad()
def encode(vae: Any, picture: Tensor) -> Tensor:
    """B x 3 x H x W in -1..1 to normalised latents B x C x h x w (float32), for AutoencoderKL and AutoencoderTiny."""
    with _wide_enough(vae):
        encoded = vae.encode(picture.to(vae.dtype))
        latents = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latents
    shift, scale = _normalization(vae, latents)
    return (latents.float() - shift) * scale


@torch.no_grad()
def decode(vae: Any, latents: Tensor) -> Tensor:
    """The inverse of `encode`, float32."""
    shift, scale = _normalization(vae, latents)
    raw = latents.float() / scale + shift
    with _wide_enough(vae):
        return vae.decode(raw.to(vae.dtype), return_dict=False)[0].float()


def _normalization(vae: Any, latents: Tensor) -> tuple[Tensor, Tensor]:
    """Shift and scale; by channel where the VAE has statistics, else one number each."""
    config = vae.config
    scaling = float(getattr(config, "scaling_factor", None) or 1.0)
    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is not None and std is not None:
        shape = (1, -1, *(1 for _ in range(latents.ndim - 2)))
        statistics = [
            torch.tensor(values, device=latents.device, dtype=torch.float32).view(shape) for values in (mean, std)
        ]
        return statistics[0], scaling / statistics[1]
    shift = float(getattr(config, "shift_factor", None) or 0.0)
    return latents.new_tensor(shift, dtype=torch.float32), latents.new_tensor(scaling, dtype=torch.float32)


class _wide_enough:
    """SDXL's stock VAE overflows in float16 and says so in its config: it computes in float32 meanwhile."""

    def __init__(self, vae: Any) -> None:
        self._vae = vae
        self._narrow = vae.dtype == torch.float16 and bool(getattr(vae.config, "force_upcast", False))

    def __enter__(self) -> None:
        if self._narrow:
            self._vae.to(torch.float32)

    def __exit__(self, *_: object) -> None:
        if self._narrow:
            self._vae.to(torch.float16)
