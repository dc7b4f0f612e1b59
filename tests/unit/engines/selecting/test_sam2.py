"""A SAM 2 of the user's is preferred for boxes, clicks and strokes; it looks at a picture once, and runs nobody's code."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inlay.cli.adding import added
from inlay.color.raster import Raster, SampleType
from inlay.engines.interface import Mask, Scene
from inlay.engines.models.catalog import Catalog
from inlay.engines.models.scan import scan
from inlay.engines.registry import Registry
from inlay.errors import InvalidInput
from inlay.recipe import Canvas, Recipe, Where
from inlay.region import Rect, Size
from support.tiny_segmenter import SIDE, saved_sam2

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 120, 80


class Unwatched:
    def step(self, index: int, total: int, phase: str) -> None: ...

    def preview(self, variation: int, pixels: NDArray[np.float32]) -> None: ...

    def check(self) -> None: ...


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_sam2(tmp_path_factory.mktemp("sam2") / "sam2-tiny")


@pytest.fixture
def registry(folder: Path, tmp_path: Path) -> Registry:
    catalog = Catalog(tmp_path / "models.toml")
    added(catalog, folder)
    return Registry(catalog)


def picture() -> NDArray[np.float32]:
    shown = np.random.default_rng(1).random((HEIGHT // 8, WIDTH // 8, 3)).astype(np.float32)
    return np.asarray(cv2.resize(shown, (WIDTH, HEIGHT)), np.float32)


def share_of(
    registry: Registry, selected: Rect | None = None, blob: str = "a" * 64, **options: str
) -> NDArray[np.float32]:
    whole = Rect(0, 0, WIDTH, HEIGHT)
    raster = Raster(WIDTH, HEIGHT, "RGB", SampleType.U8, 255, "", blob)
    recipe = Recipe("select", Canvas(Size(WIDTH, HEIGHT), whole, raster), Where(whole, raster), options=options)
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[(selected or whole).slices] = 1
    scene = Scene(picture(), mask, np.ones((HEIGHT, WIDTH), np.bool_))
    (found,) = registry.engine(registry.choose("select").name).paint(scene, recipe, Unwatched())
    assert isinstance(found, Mask)
    return found.share


def straight(folder: Path, point: tuple[int, int]) -> NDArray[np.float32]:
    """What transformers' own network answers to one click, from the picture to the mask in one call."""
    from transformers import Sam2Model

    model: Any = Sam2Model.from_pretrained(folder).eval()
    square = np.asarray(cv2.resize(picture(), (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    seen = (square - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    at = [[[[(point[0] + 0.5) * SIDE / WIDTH, (point[1] + 0.5) * SIDE / HEIGHT]]]]
    with torch.no_grad():
        answer = model(
            pixel_values=torch.tensor(seen.transpose(2, 0, 1)[None], dtype=torch.float32),
            input_points=torch.tensor(at),
            input_labels=torch.tensor([[[1]]]),
        )
    best = answer.pred_masks[0, 0, answer.iou_scores[0, 0].argmax()]
    large = cv2.resize(torch.sigmoid(best).numpy(), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)


def test_it_is_preferred_where_it_is_there(registry: Registry) -> None:
    assert registry.choose("select").name == "sam2-tiny"
    assert registry.choose("select", "outline").name == "outline"


def test_a_click_gives_what_the_network_says_of_it(registry: Registry, folder: Path) -> None:
    found = share_of(registry, points="+90,20")
    assert np.abs(found - straight(folder, (90, 20))).mean() < 0.01
    assert np.abs(found - straight(folder, (10, 70))).mean() > 0.02


def test_three_clicks_look_at_the_picture_once(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.models.sam2.modeling_sam2 import Sam2VisionModel

    looked: list[int] = []
    real = Sam2VisionModel.forward

    def counted(self: Any, *given: Any, **more: Any) -> Any:
        looked.append(1)
        return real(self, *given, **more)

    monkeypatch.setattr(Sam2VisionModel, "forward", counted)
    answers = [share_of(registry, points=points) for points in ("+90,20", "+90,20 +100,30", "+90,20 +100,30 -20,60")]
    assert len(looked) == 1
    assert not np.array_equal(answers[1], answers[2])
    share_of(registry, blob="b" * 64, points="+90,20")
    assert len(looked) == 2


def test_a_box_and_strokes_reach_it(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import Sam2Model

    asked: list[dict[str, Any]] = []
    real = Sam2Model.forward

    def heard(self: Any, *given: Any, **more: Any) -> Any:
        asked.append(more)
        return real(self, *given, **more)

    monkeypatch.setattr(Sam2Model, "forward", heard)
    share_of(registry, Rect(40, 20, 50, 40), points="-60,40")
    (one,) = asked
    seen = Rect(22, 2, 86, 76)  # the box, and 0.35 of its longer side around it
    box = one["input_boxes"].flatten().tolist()
    wanted = [(40 - seen.x) / seen.width, (20 - seen.y) / seen.height, (90 - seen.x) / seen.width]
    assert np.allclose(np.array(box[:3]) / SIDE, wanted, atol=0.02)
    assert one["input_labels"].flatten().tolist() == [0]


def test_an_edge_alone_is_as_without_it(registry: Registry) -> None:
    assert np.array_equal(share_of(registry, Rect(40, 20, 50, 40), what="edge") > 0, _drawn(Rect(40, 20, 50, 40)))


def _drawn(place: Rect) -> NDArray[np.bool_]:
    drawn = np.zeros((HEIGHT, WIDTH), np.bool_)
    drawn[place.slices] = True
    return drawn


def test_a_scan_finds_it_with_its_licence(folder: Path) -> None:
    (found,) = scan([folder.parent]).models
    assert (found.families, found.path, found.licence.id) == (("sam2",), folder, "Apache-2.0")


def test_a_network_that_brings_its_own_code_is_refused_by_name(tmp_path: Path) -> None:
    """BiRefNet, as it is published."""
    folder, ran = tmp_path / "BiRefNet", tmp_path / "ran"
    folder.mkdir()
    paper = {"architectures": ["BiRefNet"], "auto_map": {"AutoModelForImageSegmentation": "birefnet.BiRefNet"}}
    (folder / "config.json").write_text(json.dumps(paper))
    (folder / "birefnet.py").write_text(f"open({str(ran)!r}, 'w')")
    (folder / "model.safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(InvalidInput, match=r"BiRefNet .* code of its own, and such code is never run"):
        added(Catalog(tmp_path / "models.toml"), folder)
    assert [str(reason) for _, reason in scan([tmp_path]).refused if "never run" in reason]
    assert not ran.exists()
