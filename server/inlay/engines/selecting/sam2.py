"""Selects with a SAM 2 of the user's: the picture is encoded once, and every box, click or stroke asks what was encoded.

https://huggingface.co/docs/transformers/model_doc/sam2. Words go on to the small networks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inlay.capabilities import Capabilities
from inlay.engines.diffusion.folders import network_of
from inlay.engines.eyes import Eyes
from inlay.engines.interface import Mask, Progress, Scene
from inlay.engines.models.cache import ModelCache
from inlay.engines.models.catalog import ModelEntry, check_unchanged
from inlay.engines.models.segmenter_families import SEGMENTERS
from inlay.engines.selecting.engine import Selecting, around
from inlay.engines.selecting.hints import Flags, Hints, hints_of
from inlay.recipe import Recipe

F32 = NDArray[np.float32]

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, as it was trained."""
POINTS = 12
"""Of each kind of stroke, at most: the deepest, then always the one that lies farthest from the others."""
KEPT = 8
"""Encoded parts of windows that are remembered: some 17 MB each."""


class Network(NamedTuple):
    """One in memory. bytes: of its weights."""

    model: Any
    bytes: int


class Prompts(NamedTuple):
    """What is pointed at, in pixels of the part that is seen. points: N x 2, x and y; labels: N, 1 inside, 0 outside. box: left,
    top, right, bottom."""

    points: F32
    labels: NDArray[np.int32]
    box: tuple[int, int, int, int] | None


def engine_of(entry: ModelEntry, models: ModelCache, eyes: Eyes) -> Sam2:
    """The network that `entry` names, whose weights share a device's memory with all other models."""
    return Sam2(entry, models, eyes)


class Sam2(Selecting):
    """What the hints point at is its to find; what a word names, or an edge, is as without it."""

    def __init__(self, entry: ModelEntry, models: ModelCache, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._entry, self._models = entry, models
        self._encoded_parts: OrderedDict[tuple[object, ...], list[Tensor]] = OrderedDict()

    def capabilities(self) -> Capabilities:
        return SEGMENTERS[self._entry.family].capabilities_of(self._entry)

    def paint(self, scene: Scene, recipe: Recipe, progress: Progress) -> Iterator[Mask]:
        """One mask. Raises as `Selecting`; InvalidInput for files that are no such network, FilesChanged."""
        if recipe.options.get("what", "object") != "object":
            yield from super().paint(scene, recipe, progress)
            return
        network = self._models.get(self._entry, lambda: self._loaded(progress), progress.check)
        hints = hints_of(scene, recipe)
        rows, columns = around(hints)
        may, inside, outside = (flags[rows, columns] for flags in hints[:3])
        part = Hints(may, inside, outside, hints.is_click)
        key = (recipe.canvas.source, recipe.canvas.window, rows.start, rows.stop, columns.start, columns.stop)
        seen = self._encoded_once(network.model, scene.pixels[rows, columns], key)
        progress.check()
        share = np.zeros(scene.mask.shape, np.float32)
        share[rows, columns], reduction = _found(network.model, seen, prompts_of(part), part.may.shape)
        progress.step(1, 1, "selecting")
        receipt = {
            "reduction": f"{reduction:.3f}",
            "model": self._entry.id,
            "model_sha256": self._entry.sha256,
            "device": self._models.device,
            "torch": str(torch.__version__),
        }
        yield Mask(0, recipe.sampling.seed, share, receipt=receipt)

    def _loaded(self, progress: Any) -> Network:
        from transformers import Sam2Model

        if loading := getattr(progress, "loading", None):
            loading(self._entry.id)
        check_unchanged(self._entry)
        self._encoded_parts.clear()
        model = network_of(Sam2Model, self._entry.location, torch.float32).eval().to(self._models.device)
        return Network(model, sum(weight.numel() * weight.element_size() for weight in model.parameters()))

    @torch.no_grad()
    def _encoded_once(self, model: Any, pixels: F32, key: tuple[object, ...]) -> list[Tensor]:
        """A part of a window as the network sees it; the last ones are remembered, by the pixels' own name."""
        if key in self._encoded_parts:
            self._encoded_parts.move_to_end(key)
            return self._encoded_parts[key]
        side = _side(model)
        square = np.asarray(cv2.resize(np.clip(pixels, 0, 1), (side, side), interpolation=cv2.INTER_AREA), np.float32)
        normal = (square - np.array(MEAN, np.float32)) / np.array(SPREAD, np.float32)
        batch = torch.from_numpy(np.ascontiguousarray(normal.transpose(2, 0, 1)[None])).to(model.device, model.dtype)
        self._encoded_parts[key] = model.get_image_embeddings(batch)
        while len(self._encoded_parts) > KEPT:
            self._encoded_parts.popitem(last=False)
        return self._encoded_parts[key]


def prompts_of(hints: Hints) -> Prompts:
    """From hints of the part that is seen: a box unless it is a click, and points on what was drawn."""
    inside, outside = spread(hints.inside), spread(hints.outside & hints.may)
    labels = np.repeat(np.array([1, 0], np.int32), (len(inside), len(outside)))
    box = None
    if not hints.is_click:
        x, y, width, height = cv2.boundingRect(hints.may.astype(np.uint8))
        box = (x, y, x + width, y + height)
    return Prompts(np.concatenate((inside, outside)), labels, box)


def spread(drawn: Flags) -> F32:
    """N x 2, x and y of pixels on what was drawn: in the middle of each piece, then always the one farthest from the others."""
    count, pieces = cv2.connectedComponents(drawn.astype(np.uint8))
    depth = cv2.distanceTransform(np.pad(drawn, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    found: list[tuple[int, int]] = []
    for piece in range(1, min(count, POINTS + 1)):
        row, column = np.unravel_index(int(np.where(pieces == piece, depth, 0).argmax()), drawn.shape)
        found.append((int(column), int(row)))
    points = np.array(found, np.float32).reshape(-1, 2)
    on = np.argwhere(drawn)[:: max(1, int(drawn.sum()) // 2_000), ::-1].astype(np.float32)
    reach = 4 * float(depth.max())
    while 0 < len(points) < POINTS:
        away = np.linalg.norm(on[:, None] - points, axis=2).min(1)
        if away.max() <= reach:
            break
        points = np.concatenate((points, on[away.argmax()][None]))
    return points


@torch.no_grad()
def _found(model: Any, seen: list[Tensor], prompts: Prompts, size: tuple[int, ...]) -> tuple[F32, float]:
    """Height x width 0..1, the likeliest answer; and how many pixels of it one of the network's is."""
    height, width = size
    scale = np.array([_side(model) / width, _side(model) / height], np.float32)

    def tensor(values: Any, kind: torch.dtype) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(model.device, kind)[None, None]

    given: dict[str, Any] = {}
    if len(prompts.points):
        given["input_points"] = tensor((prompts.points + 0.5) * scale, model.dtype)
        given["input_labels"] = tensor(prompts.labels, torch.int32)
    if prompts.box:
        given["input_boxes"] = tensor((np.array(prompts.box, np.float32).reshape(2, 2) * scale).ravel(), model.dtype)
    open_ = (
        prompts.box is None and len(prompts.points) == 1
    )  # one click may mean a part or the whole: it gives three answers
    answer = model(image_embeddings=list(seen), multimask_output=open_, **given)
    best = int(answer.iou_scores[0, 0].argmax())
    logits = answer.pred_masks[0, 0, best].float().cpu().numpy()
    large = cv2.resize(logits, (width, height), interpolation=cv2.INTER_LINEAR)
    return cast(F32, 1 / (1 + np.exp(-np.clip(large, -30, 30)))), max(1.0, max(width, height) / max(logits.shape))


def _side(model: Any) -> int:
    size = model.config.prompt_encoder_config.image_size
    return int(size if isinstance(size, int) else size[0])
