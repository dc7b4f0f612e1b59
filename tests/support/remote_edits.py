"""A photograph with a selection, edited through a model on an imitated server, in this process."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from inlay.blobs import BlobStore
from inlay.capabilities import REMOTE
from inlay.color.raster import Raster, SampleType
from inlay.edit.perform import perform
from inlay.engines.models.catalog import Catalog
from inlay.engines.models.remote_entry import Remote
from inlay.engines.models.remote_families import remote_entry
from inlay.engines.registry import Registry
from inlay.jobs.workers.ledger import JobLedger
from inlay.jobs.workers.progress import Progress
from inlay.recipe import Canvas, Recipe, Sampling, Where, Words
from inlay.region import Rect, Size

KEY = "sk-test-0123456789abcdef-very-secret"
DOCUMENT, WINDOW = Size(1300, 700), Rect(120, 30, 1024, 640)
HOLE = Rect(360, 200, 256, 224)
"""Of the mask, in the window."""
CENTER = (490, 310)
RADIUS = 60


def photograph() -> np.ndarray:
    """The window, height x width x 3, 0..1: a portrait, in 16 bit steps."""
    picture = cv2.resize(data.astronaut()[:320].astype(np.float32) / 255, (WINDOW.width, WINDOW.height))
    return np.rint(np.clip(picture, 0, 1) * 65535) / 65535


def mask() -> np.ndarray:
    rows, columns = np.mgrid[: HOLE.height, : HOLE.width]
    away = np.hypot((columns - HOLE.width / 2) / (HOLE.width / 2), (rows - HOLE.height / 2) / (HOLE.height / 2))
    return np.clip((1 - away) * 12, 0, 1).astype(np.float32)


class Room:
    """A data folder with one model on another server, and what happened on the way."""

    def __init__(self, folder: Path, family: str, remote: Remote, path: str = "", digest: str = "", **more) -> None:
        self.folder = folder
        self.blobs = BlobStore(folder / "blobs")
        self.catalog = Catalog(folder / "models.toml")
        self.catalog.add(remote_entry("away", family, remote, path, digest, **more))
        self.registry = Registry(self.catalog, REMOTE)
        self.cancelled = False
        self.told: list[object] = []

    def recipe(self, verb: str = "fill", **changes: object) -> Recipe:
        pixels = np.rint(photograph() * 65535).astype("<u2")
        samples = np.rint(mask() * 65535).astype("<u2")
        source = Raster(
            *WINDOW.size, "RGB", SampleType.U16, 65535, "sRGB IEC61966-2.1", self.blobs.add(pixels.tobytes())
        )
        region = Rect(WINDOW.x + HOLE.x, WINDOW.y + HOLE.y, HOLE.width, HOLE.height)
        raster = Raster(*HOLE.size, "Y", SampleType.U16, 65535, "", self.blobs.add(samples.tobytes()))
        made = Recipe(
            verb,
            Canvas(DOCUMENT, WINDOW, source),
            Where(region, raster),
            Words("a disc"),
            Sampling(seed=7, model="away"),
        )
        return made.altered(**changes)

    def progress(self, job_id: str) -> Progress:
        return Progress(WINDOW, lambda: self.cancelled, self.told.append, JobLedger(self.folder / "remote", job_id))

    def edit(self, recipe: Recipe | None = None, job_id: str = "11111111-1111-4111-8111-111111111111", first: int = 0):
        """The variations of an edit."""
        return list(perform(recipe or self.recipe(), self.blobs, self.progress(job_id), self.registry, first))

    def layer(self, variation) -> np.ndarray:
        """The patch's pixels on the window, height x width x 3, 0..1, as the document holds them; 0 where it has none."""
        patch = variation.patch
        samples = patch.pixels.array(self.blobs.read(patch.pixels.blob), "pixels")
        assert patch.pixels.sample_type is SampleType.U16
        over = np.zeros((WINDOW.height, WINDOW.width, 3), np.float32)
        over[patch.bounds.relative_to(WINDOW).slices] = samples.astype(np.float32) / 65535
        return over


def where_the_disc_is(layer: np.ndarray) -> tuple[float, float, float]:
    """Centre in window px and area of what is magenta."""
    layer = layer[HOLE.slices]
    share = np.clip((layer[..., 0] + layer[..., 2] - 2 * layer[..., 1] - 0.6) / 0.4, 0, 1) * (mask() > 0.99)
    rows, columns = np.mgrid[: layer.shape[0], : layer.shape[1]]
    total = share.sum()
    return (
        float((share * columns).sum() / total) + HOLE.x,
        float((share * rows).sum() / total) + HOLE.y,
        float((share > 0.5).sum()),
    )


def away(remote: Remote, **changes: object) -> Remote:
    return replace(remote, **changes)
