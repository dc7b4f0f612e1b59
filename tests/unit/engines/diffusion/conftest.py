"""Fixtures of the diffusion tests."""

import pytest
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus

from inlay.engines.diffusion.families import qwen_image_edit
from support.diffusion import latents

__all__ = ["latents"]


@pytest.fixture(autouse=True)
def small_references(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Qwen-Image-Edit looks at a megapixel whatever the window's size; all but one test have it look at less."""
    if "true_size" in request.node.name:
        return
    area, dimensions = 256 * 256, pipeline_qwenimage_edit.calculate_dimensions
    for pipeline in (pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus):
        monkeypatch.setattr(pipeline, "calculate_dimensions", lambda _, ratio: dimensions(area, ratio))
    monkeypatch.setattr(qwen_image_edit, "REFERENCE_PX", area)
