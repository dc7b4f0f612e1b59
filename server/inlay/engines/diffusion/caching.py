"""Skipping steps whose first block hardly changed (first-block cache): a draft's trade of fidelity for time."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

RESIDUAL_THRESHOLD = 0.12
"""Relative change of the first block's output below which the rest is reused (diffusers' FirstBlockCache; 0.08 .. 0.15)."""


@contextmanager
def step_cache(denoiser: Any, wanted: bool) -> Generator[None]:
    """Run `denoiser` with its cache on, if `wanted`.

    Fill and Kontext pipelines open no cache context, so one stands around the whole run; pipelines that open their own
    inside it are not disturbed.
    """
    if not wanted:
        yield
        return
    from diffusers.hooks.first_block_cache import FirstBlockCacheConfig

    denoiser.enable_cache(FirstBlockCacheConfig(threshold=RESIDUAL_THRESHOLD))
    try:
        with denoiser.cache_context("run"):
            yield
    finally:
        denoiser.disable_cache()
