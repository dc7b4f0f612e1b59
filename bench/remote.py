"""What asking another server costs beside the bare call: both against the same imitation on loopback, which paints at once.

    python -m bench.remote [--json FILE] [--rounds N]

For each protocol and window: the bare call (the same bytes, by the standard library), what the engine takes around it, and apart
from that the coding of pictures, which is shown but not counted. Rounds are interleaved and the fastest of each counts. A bare
job of ComfyUI waits for nothing but its end: looking how it goes, and hearing of it, is the engine's.
"""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownLambdaType=false

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from bench.comfy_apart import ComfyApart, Post
from inlay.color.raster import Raster, SampleType
from inlay.engines.interface import Painting, Scene
from inlay.engines.models.remote_entry import Remote
from inlay.engines.models.remote_families import remote_entry
from inlay.engines.remote import comfyui, exr, gemini, images_api, pictures
from inlay.engines.remote.comfy_graph_file import stored
from inlay.jobs.workers.ledger import JobLedger
from inlay.jobs.workers.progress import Progress
from inlay.recipe import Canvas, Recipe, Sampling, Where, Words
from inlay.region import Rect, Size
from support import comfy_graphs
from support.image_servers import ImageServer, image_server

SIDES_PX = (512, 1024)
CODES = (
    (images_api, "png_of"),
    (images_api, "mask_of"),
    (images_api, "pixels_of"),
    (gemini, "png_of"),
    (gemini, "pixels_of"),
    (comfyui, "png_of"),
    (comfyui, "sixteen_of"),
    (comfyui, "pixels_of"),
    (exr, "exr_of"),
    (exr, "pixels_of_exr"),
)
"""What turns pixels into files and back."""


class Clock:
    """Seconds spent in what codes pictures."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*arguments)
            finally:
                self.seconds += time.perf_counter() - start

        return timed


def scene_of(side: int) -> Scene:
    rows, columns = np.mgrid[:side, :side].astype(np.float32) / side
    pixels = np.stack([rows, columns, (np.sin(60 * rows) * np.cos(40 * columns) + 1) / 2], axis=-1).astype(np.float32)
    mask = np.zeros((side, side), np.float32)
    mask[side // 3 : side // 2, side // 3 : side // 2] = 1
    return Scene(pixels, mask, mask < 2)


def recipe_of(side: int, seed: int) -> Recipe:
    window, name = Rect(0, 0, side, side), "0" * 64
    source = Raster(side, side, "RGB", SampleType.U16, 65535, "sRGB IEC61966-2.1", name)
    raster = Raster(side, side, "Y", SampleType.U8, 255, "", name)
    return Recipe("fill", Canvas(Size(side, side), window, source), Where(window, raster), Words("x"), Sampling(seed))


def bare_http(server: ImageServer) -> float:
    """The last request once more, byte by byte; and its answer read."""
    last = server.received[-1]
    line = http.client.HTTPConnection(server.address.removeprefix("http://"))
    start = time.perf_counter()
    line.request("POST", last.path, last.body, {"content-type": last.headers["content-type"]})
    line.getresponse().read()
    taken = time.perf_counter() - start
    line.close()
    return taken


def bare_comfy(server: ComfyApart, posts: list[Post]) -> float:
    """The last job once more, byte by byte but for its id; it is said when it has ended, and its file is read."""
    server.fresh()
    line = http.client.HTTPConnection(server.address.removeprefix("http://"))

    def ask(method: str, path: str, body: bytes = b"", kind: str = "text/plain") -> bytes:
        line.request(method, path, body, {"content-type": kind})
        return line.getresponse().read()

    line.connect()
    start = time.perf_counter()
    for post in posts:
        ask("POST", post.path, post.body, post.kind)
    data = ask("GET", f"/view?{urlencode(server.ended())}")
    taken = time.perf_counter() - start
    line.close()
    assert data.startswith(exr.SIGNATURE)
    return taken


def painted(engine: Any, side: int, seed: int, clock: Clock, folder: Path) -> float:
    """Seconds of one call through the engine, without the coding."""
    ledger = JobLedger(folder, f"{side}-{seed}")
    progress = Progress(Rect(0, 0, side, side), lambda: False, lambda _: None, ledger)
    scene, recipe = scene_of(side), recipe_of(side, seed)
    scene.pixels[0, 0, 0] = seed / 1e6  # other pixels each time, so that nothing is there already
    clock.seconds, start = 0.0, time.perf_counter()
    (answer,) = engine.paint(scene, recipe, progress)
    assert isinstance(answer, Painting)
    return time.perf_counter() - start - clock.seconds


def measure(rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    clock = Clock()
    for module, name in CODES:
        setattr(module, name, clock.around(getattr(module, name)))
    made: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for family, dialect, module in (("images_api", "openai", images_api), ("gemini", "gemini", gemini)):
            with image_server(dialect) as server:
                coded = pictures.png_of(scene_of(64).pixels)
                server.manners.codes = lambda _, coded=coded: coded
                remote = Remote(server.address, model="m", mask="both" if dialect == "openai" else "none")
                engine = module.engine_of(remote_entry("m", family, remote))
                made[family] = {
                    str(side): _fastest(
                        rounds,
                        partial(_through, engine, side, clock, folder / family),
                        partial(_bare_call, server),
                        clock,
                    )
                    for side in SIDES_PX
                }
        with ComfyApart() as server:
            remote = Remote(server.address, multiple=32, mask="white")
            given = comfy_graphs.written(comfy_graphs.INVERT, folder / "graph.json")
            path, digest, files, _ = stored(str(given), folder / "kept.json", remote)
            engine = comfyui.engine_of(remote_entry("m", "comfyui", remote, path, digest, files=files))
            made["comfyui"] = {
                str(side): _fastest(
                    rounds,
                    partial(_job, server, engine, side, clock, folder / "comfyui"),
                    partial(_bare_job, server),
                    clock,
                )
                for side in SIDES_PX
            }
    return made


def _through(engine: Any, side: int, clock: Clock, folder: Path, seed: int) -> float:
    return painted(engine, side, seed, clock, folder)


def _bare_call(server: ImageServer, _seed: int) -> float:
    return bare_http(server)


def _job(server: ComfyApart, engine: Any, side: int, clock: Clock, folder: Path, seed: int) -> float:
    server.fresh()
    return painted(engine, side, seed, clock, folder)


def _bare_job(server: ComfyApart, _seed: int) -> float:
    return bare_comfy(server, server.posts())


def _fastest(rounds: int, ours: Callable[[int], float], bare: Callable[[int], float], clock: Clock) -> dict[str, float]:
    through, alone, coding = [], [], []
    for seed in range(rounds):
        through.append(ours(seed))
        coding.append(clock.seconds)
        alone.append(bare(seed))
    beyond = min(through) - min(alone)
    return {
        "bare_s": round(min(alone), 4),
        "engine_s": round(min(through), 4),
        "beyond_s": round(beyond, 4),
        "coding_s": round(min(coding), 4),
    }


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--rounds", type=int, default=40)
    options = arguments.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    found = measure(options.rounds)
    table = Table("protocol", "window", "bare call", "through the engine", "beyond", "coding, apart")
    for family, sides in found.items():
        for side, row in sides.items():
            values = (f"{1000 * row[key]:.1f} ms" for key in ("bare_s", "engine_s", "beyond_s", "coding_s"))
            table.add_row(family, f"{side} px", *values)
    Console().print(table)
    if options.json:
        worst = {family: max(row["beyond_s"] for row in sides.values()) for family, sides in found.items()}
        options.json.write_text(json.dumps({"rows": found, "worst_beyond_s": worst}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
