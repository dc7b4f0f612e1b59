"""A server that can do the weather (`support.invented_verb`), as a process, and a small edit with it."""

import contextlib
import hashlib
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage import data

from inlay.client import Client
from inlay.color.raster import Raster, SampleType
from inlay.events import VariationDone
from inlay.recipe import Canvas, Recipe, Sampling, Where, Words
from inlay.region import Rect, Size
from inlay.variation import Variation
from support import invented_verb

PROGRAM = Path(invented_verb.__file__)
WINDOW = Rect(12, 20, 96, 80)
REGION = Rect(40, 44, 32, 24)
PROFILE = "sRGB-elle-V2-srgbtrc.icc"


@dataclass(frozen=True)
class Running:
    grpc: str
    http_port: int
    token: str

    def client(self) -> Client:
        return Client(self.grpc, token=self.token)


@contextlib.contextmanager
def running(data_dir: Path) -> Iterator[Running]:
    command = [sys.executable, str(PROGRAM), "serve", "--data", str(data_dir), "--grpc-port", "0", "--http-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = ""
        while "http://" not in said:
            line = process.stdout.readline()
            assert line, f"the server ended before it was ready:\n{said}"
            said += line
        grpc = re.search(r"gRPC\s+(\S+)", said)
        http = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert grpc
        assert http
        try:
            yield Running(grpc[1], int(http[1]), (data_dir / "token").read_text().strip())
        finally:
            process.terminate()
            process.wait(20)


def photo() -> NDArray[np.uint8]:
    """The window's pixels: height x width x 3, 8 bit."""
    return np.ascontiguousarray(data.astronaut()[WINDOW.slices])


def ellipse(region: Rect = REGION) -> NDArray[np.uint8]:
    """A soft selection."""
    rows, columns = np.mgrid[-1 : 1 : region.height * 1j, -1 : 1 : region.width * 1j]
    return np.clip((1 - np.hypot(rows, columns)) * 600, 0, 255).astype(np.uint8)


def raster(samples: NDArray[np.uint8]) -> Raster:
    """Of 8-bit RGB pixels or of a mask."""
    height, width = samples.shape[:2]
    order, profile = ("RGB", PROFILE) if samples.ndim == 3 else ("Y", "")
    return Raster(width, height, order, SampleType.U8, 255, profile, hashlib.sha256(samples.tobytes()).hexdigest())


def where(mask: NDArray[np.uint8], region: Rect = REGION) -> Where:
    return Where(region, raster(mask))


def recipe_of(
    pixels: NDArray[np.uint8], mask: NDArray[np.uint8], region: Rect = REGION, verb: str = "weather", **options: Any
) -> Recipe:
    return Recipe(
        verb,
        Canvas(Size(512, 512), WINDOW, raster(pixels)),
        where(mask, region),
        Words("a storm"),
        Sampling(seed=5),
        options=options,
    )


def painted(client: Client, recipe: Recipe, *uploads: NDArray[np.uint8]) -> tuple[str, list[Variation]]:
    """Submit, and wait to the end: the job's id and its variations."""
    for samples in uploads:
        client.upload(np.ascontiguousarray(samples).tobytes())
    job_id = str(uuid.uuid4())
    client.submit(job_id, recipe)
    return job_id, finished(client, job_id)


def finished(client: Client, job_id: str) -> list[Variation]:
    events = [event.happening for event in client.watch(job_id)]
    assert type(events[-1]).__name__ == "Done", events[-1]
    return [event.variation for event in events if isinstance(event, VariationDone)]


def samples_of(client: Client, raster: Raster) -> NDArray[np.uint8]:
    found = raster.array(client.fetch(raster.blob), "result")
    return np.asarray(found[..., 0] if raster.order == "Y" else found, np.uint8)
