"""Measuring a large region takes nothing from the server's memory, little from its child's, and stops when nobody waits."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from inlay.blobs import BlobStore
from inlay.color.raster import Raster, SampleType
from inlay.errors import BlobMissing, InvalidInput, Unavailable
from inlay.jobs.probing import Prober

pytestmark = pytest.mark.slow


WIDTH, HEIGHT = 6000, 4000
BYTES_PER_PIXEL = 24


def memory(pid: int, entry: str) -> int:
    """Bytes of a process: VmRSS now, VmHWM at most (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(entry):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"{entry} is not told")


def rasters(blobs: BlobStore, width: int, height: int) -> tuple[Raster, Raster]:
    """An opaque 16-bit picture with alpha and its mask, of the same samples throughout; the names of their blobs."""
    row = np.random.default_rng(4).integers(20_000, 40_000, (1, width, 4), np.uint16)
    row[..., 3] = 65_535
    source = blobs.add(np.broadcast_to(row, (height, width, 4)).tobytes())
    mask = blobs.add(bytes([255]) * (width * height))
    return (
        Raster(width, height, "BGRA", SampleType.U16, 65_535, "sRGB-elle-V2-srgbtrc.icc", source),
        Raster(width, height, "Y", SampleType.U8, 255, "", mask),
    )


@contextlib.asynccontextmanager
async def probing(folder: Path) -> AsyncIterator[Prober]:
    prober = Prober(folder)
    try:
        yield prober
    finally:
        prober.stop()


async def begun(prober: Prober) -> int:
    while prober.pid is None:
        await asyncio.sleep(0.01)
    return prober.pid


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_measuring_24_megapixels_takes_24_bytes_a_pixel_of_a_child_and_nothing_of_the_server(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    small, large = rasters(blobs, 64, 64), rasters(blobs, WIDTH, HEIGHT)

    async def scenario() -> None:
        async with probing(tmp_path) as prober:
            await prober.probe(*small, "#808080")
            assert prober.pid
            before, idle = memory(os.getpid(), "VmRSS"), memory(prober.pid, "VmHWM")
            found = await prober.probe(*large, "#808080")
            assert found.reading.delta_e is not None
            assert memory(prober.pid, "VmHWM") - idle <= BYTES_PER_PIXEL * WIDTH * HEIGHT
            assert memory(os.getpid(), "VmRSS") - before <= 4 * 2**20

    asyncio.run(scenario())


def test_what_nobody_waits_for_any_more_is_not_measured_on(tmp_path: Path) -> None:
    pair = rasters(BlobStore(tmp_path), 2000, 2000)

    async def scenario() -> None:
        async with probing(tmp_path) as prober:
            asking = asyncio.create_task(prober.probe(*pair, ""))
            pid = await begun(prober)
            asking.cancel()
            await asyncio.wait([asking])
            assert asking.cancelled()
            while lives(pid):
                await asyncio.sleep(0.01)
            assert (await prober.probe(*pair, "")).reading.pixels == 4_000_000

    asyncio.run(scenario())


def test_regions_are_measured_one_at_a_time_by_one_process(tmp_path: Path) -> None:
    pair = rasters(BlobStore(tmp_path), 300, 200)

    async def scenario() -> None:
        async with probing(tmp_path) as prober:
            found = await asyncio.gather(*(prober.probe(*pair, "") for _ in range(5)))
            assert len(set(found)) == 1
            pid = prober.pid
            await prober.probe(*pair, "")
            assert prober.pid == pid

    asyncio.run(scenario())


def test_a_measuring_process_that_is_killed_is_said_and_replaced(tmp_path: Path) -> None:
    pair = rasters(BlobStore(tmp_path), 2000, 2000)

    async def scenario() -> None:
        async with probing(tmp_path) as prober:
            asking = asyncio.create_task(prober.probe(*pair, ""))
            os.kill(await begun(prober), signal.SIGKILL)
            with pytest.raises(Unavailable, match="the process that measures died"):
                await asking
            assert (await prober.probe(*pair, "")).reading.pixels == 4_000_000

    asyncio.run(scenario())


def test_errors_of_the_measuring_arrive_as_they_were_raised(tmp_path: Path) -> None:
    source, mask = rasters(BlobStore(tmp_path), 30, 20)
    absent = Raster(30, 20, "Y", SampleType.U8, 255, "", "0" * 64)

    async def scenario() -> None:
        async with probing(tmp_path) as prober:
            with pytest.raises(InvalidInput, match="target_color") as refused:
                await prober.probe(source, mask, "no colour")
            assert refused.value.field == "target_color"
            with pytest.raises(BlobMissing, match="0" * 64):
                await prober.probe(source, absent, "")

    asyncio.run(scenario())
