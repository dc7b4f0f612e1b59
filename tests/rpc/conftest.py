"""What the tests of the doors share: one server, each of its doors, and a small edit."""

import uuid
from collections.abc import Iterator

import numpy as np
import pytest

from inlay.client import Client
from inlay.color.raster import Raster, SampleType
from inlay.recipe import Canvas, Recipe, Sampling, Verb, Where
from inlay.region import Rect, Size
from rpc.doors import DOORS
from rpc.process import RunningServer, running_server

WINDOW = Rect(10, 20, 96, 64)
REGION = Rect(40, 40, 32, 24)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


@pytest.fixture(params=list(DOORS))
def door(request: pytest.FixtureRequest, server: RunningServer):
    opened = server.door(DOORS[request.param])
    yield opened
    opened.close()


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with Client(server.address) as connected:
        yield connected


@pytest.fixture
def job_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture(scope="session")
def pixels() -> bytes:
    samples = np.random.default_rng(3).integers(0, 65_536, (WINDOW.height, WINDOW.width, 3), dtype=np.uint16)
    return samples.tobytes()


@pytest.fixture(scope="session")
def selection() -> bytes:
    rows, columns = np.mgrid[-1 : 1 : REGION.height * 1j, -1 : 1 : REGION.width * 1j]
    return np.clip((1 - np.hypot(rows, columns)) * 400, 0, 255).astype(np.uint8).tobytes()


@pytest.fixture
def recipe(pixels: bytes, selection: bytes) -> Recipe:
    """An erase in a 16-bit document, two variations."""
    from hashlib import sha256

    return Recipe(
        verb=Verb.ERASE,
        canvas=Canvas(
            Size(640, 480),
            WINDOW,
            Raster(
                WINDOW.width,
                WINDOW.height,
                "BGR",
                SampleType.U16,
                65_535,
                "sRGB-elle-V2-srgbtrc.icc",
                sha256(pixels).hexdigest(),
            ),
        ),
        where=Where(
            REGION, Raster(REGION.width, REGION.height, "Y", SampleType.U8, 255, "", sha256(selection).hexdigest())
        ),
        sampling=Sampling(seed=4_294_967_295, count=2, strength=0.3),
    )
