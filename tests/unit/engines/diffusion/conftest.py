"""Fixtures of the diffusion tests."""

import pytest
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus

from inlay.engines.diffusion.families import longcat_edit, qwen_image_21, qwen_image_edit
from support.diffusion import begun, latents

__all__ = ["begun", "latents"]


@pytest.fixture(autouse=True)
def small_references(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Qwen-Image-Edit and 2.1 look at a megapixel whatever the window's size; all but one test have them look at less."""
    if "true_size" in request.node.name:
        return
    area = 256 * 256
    for pipeline in (pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus):
        dimensions = pipeline.calculate_dimensions
        monkeypatch.setattr(pipeline, "calculate_dimensions", lambda _, ratio, size=dimensions: size(area, ratio))
    monkeypatch.setattr(qwen_image_edit, "REFERENCE_PX", area)
    monkeypatch.setattr(qwen_image_21, "REFERENCE_SIDE", 128)
    monkeypatch.setattr(longcat_edit, "SEEN_SIDE", 128)
