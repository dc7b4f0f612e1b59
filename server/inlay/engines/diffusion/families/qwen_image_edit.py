"""Qwen-Image-Edit: edits a picture by instruction; the text encoder and the transformer both look at it."""

import math
from typing import Any

import torch
from diffusers.pipelines.qwenimage.pipeline_qwenimage_edit import QwenImageEditPipeline
from diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus import CONDITION_IMAGE_SIZE, QwenImageEditPlusPipeline
from PIL import Image
from torch import Tensor

from inlay.engines.diffusion.families.base import Pictures, Run, shift_of, tail_of
from inlay.engines.diffusion.families.qwen_image import MODULES, QwenImage
from inlay.errors import Unsupported

REFERENCE_PX = 1024 * 1024
"""The pipeline looks at its reference at this area, whatever the window's; sides are multiples of 32."""


class _Editing(QwenImageEditPipeline):
    latents: Tensor
    reference: Tensor

    def prepare_latents(self, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        return self.latents, self.reference


class _EditingByMore(QwenImageEditPlusPipeline):
    latents: Tensor
    reference: Tensor

    def prepare_latents(self, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        return self.latents, self.reference


class QwenImageEdit(QwenImage):
    """The pipeline that edits has no strength: it is given the end of the schedule, and latents noised for it."""

    name = "qwen_image_edit"
    pipeline = _Editing
    modules = (*MODULES, "processor")

    @property
    def reader(self) -> Any:
        return QwenImageEditPlusPipeline if self._plus else self.pipeline

    @property
    def _plus(self) -> bool:
        """The models of late 2025: their words name the picture by its number, and their encoder sees less of it."""
        return self.components.get("_class_name") == QwenImageEditPlusPipeline.__name__

    def look(self, picture: Tensor) -> Tensor:
        width, height = reference_size(picture.shape[-1], picture.shape[-2], REFERENCE_PX)
        seen = torch.nn.functional.interpolate(
            picture, (height, width), mode="bicubic", antialias=True, align_corners=False
        )
        return self.encode(seen.clamp(-1, 1))

    def shown(self, pictures: Pictures) -> dict[str, Any]:
        self._check(len(pictures))
        area = CONDITION_IMAGE_SIZE if self._plus else REFERENCE_PX
        sizes = [reference_size(picture.shape[-1], picture.shape[-2], area) for picture in pictures]
        seen = [
            image_of(picture).resize(size, Image.Resampling.LANCZOS)
            for picture, size in zip(pictures, sizes, strict=True)
        ]
        return {"image": seen if len(seen) > 1 else seen[0]}

    def _check(self, count: int) -> None:
        if count > 1 and not self._plus:
            limit = "this Qwen-Image-Edit looks at one picture; Edit Plus (2509, 2511) looks at references too"
            raise Unsupported(limit, field="inputs")

    def shell(self, run: Run, scheduler: Any) -> Any:
        self._check(len(run.references))
        shell = self._pipeline(scheduler, _EditingByMore if len(run.references) > 1 else self.pipeline)
        shell.reference = torch.cat([self.packed(one).repeat(run.batch, 1, 1) for one in run.references], dim=1)
        shell.latents = self.begun(run, scheduler, shift_of(scheduler, run.start[0, 0].numel() // 4))
        return shell

    def arguments(self, run: Run) -> dict[str, Any]:
        height, width = run.size
        # Only their proportions are read; the pixels went into `reference` and the words, in float.
        others = [Image.new("RGB", (one.shape[-1], one.shape[-2])) for one in run.references[1:]]
        window = Image.new("RGB", (width, height))
        return {
            "image": [window, *others] if others else window,
            "sigmas": tail_of(run),
            "true_cfg_scale": run.guidance,
        }


def reference_size(width: int, height: int, area: int) -> tuple[int, int]:
    """Width and height at which a picture is looked at, as the pipelines compute them from their area."""
    wide = math.sqrt(area * width / height)
    return round(wide / 32) * 32, round(wide * height / width / 32) * 32


def image_of(picture: Tensor) -> Image.Image:
    """1 x 3 x H x W in -1..1, as encoders look at it."""
    samples = ((picture[0].float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0)
    return Image.fromarray(samples.cpu().numpy())
