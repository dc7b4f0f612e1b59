"""The classic engine beside OpenCV's inpainting: seconds, texture energy and error in holes of known photographs.

python bench/classic.py [--json FILE] [--out FOLDER] [--large]

Every hole is cut out of a photograph, so what was there is known. "texture" is the spread of the detail below 1.5 px in the
hole, over that of what was there: 1 is right, 0 is a blur. PSNR is printed because it is asked for; it prefers blur.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray
from skimage import data, io

from inlay.color.raster import Raster, SampleType
from inlay.engines.classic.engine import ClassicEngine
from inlay.engines.classic.workshop import usable_cores
from inlay.engines.interface import Scene
from inlay.recipe import Canvas, Recipe, Sampling, Tier, Verb, Where
from inlay.region import Size

Pixels = NDArray[np.float32]
ENGINE = ClassicEngine()


class Silence:
    """A progress nobody listens to, which knows the longest time between two looks."""

    def __init__(self) -> None:
        self.longest_s, self._last = 0.0, time.perf_counter()

    def _look(self) -> None:
        now = time.perf_counter()
        self.longest_s, self._last = max(self.longest_s, now - self._last), now

    def step(self, index: int, total: int, phase: str) -> None:
        self._look()

    def preview(self, variation: int, pixels: Pixels) -> None:
        self._look()

    def check(self) -> None:
        self._look()


class Case(NamedTuple):
    name: str
    pixels: Pixels
    hole: NDArray[np.bool_]


class Row(NamedTuple):
    case: str
    method: str
    seconds: float
    texture: float
    psnr: float
    longest_look_s: float


def cases() -> list[Case]:
    motorcycle = io.imread(Path(skimage.__file__).parent / "data" / "motorcycle_left.png")
    photos = {
        "grass": (data.grass(), 256, 256, 64),
        "gravel": (data.gravel(), 256, 256, 64),
        "brick": (data.brick(), 256, 256, 64),
        "astronaut suit": (data.astronaut(), 384, 168, 46),
        "astronaut wall": (data.astronaut(), 70, 350, 30),
        "coffee table": (data.coffee(), 320, 530, 50),
        "chelsea fur": (data.chelsea(), 190, 130, 40),
        "rocket sky": (data.rocket(), 200, 260, 50),
        "motorcycle floor": (motorcycle, 440, 120, 40),
    }
    return [Case(name, encoded(samples), disk(samples.shape, y, x, r)) for name, (samples, y, x, r) in photos.items()]


def large_cases() -> list[Case]:
    """The astronaut tiled, with grain so that no two tiles are alike."""
    noise = np.random.default_rng(0)
    found: list[Case] = []
    for name, rows, columns, radius in (("2048 x 2048, 500 px", 4, 4, 250), ("4096 x 2048, 1000 px", 4, 8, 500)):
        pixels = np.tile(encoded(data.astronaut()), (rows, columns, 1))
        pixels += noise.normal(0, 0.02, pixels.shape).astype(np.float32)
        found.append(Case(name, pixels, disk(pixels.shape, rows * 256, columns * 256, radius)))
    return found


def encoded(samples: NDArray[np.uint8]) -> Pixels:
    pixels = samples.astype(np.float32) / 255
    return np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels[..., :3]


def disk(shape: tuple[int, ...], y: int, x: int, radius: int) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return (rows - y) ** 2 + (columns - x) ** 2 <= radius**2


def classic(case: Case, tier: Tier, progress: Silence) -> Pixels:
    height, width = case.hole.shape
    raster = Raster(width, height, "RGB", SampleType.U8, 255, "sRGB", "0" * 64)
    size = Size(width, height)
    recipe = Recipe(
        Verb.ERASE, Canvas(size, size.bounds, raster), Where(size.bounds, raster), sampling=Sampling(tier=tier)
    )
    scene = Scene(case.pixels, case.hole.astype(np.float32), np.ones(case.hole.shape, np.bool_))
    return next(iter(ENGINE.paint(scene, recipe, progress))).pixels


def opencv(case: Case, flag: int) -> Pixels:
    samples = np.clip(np.round(case.pixels * 255), 0, 255).astype(np.uint8)
    return cv2.inpaint(samples, case.hole.astype(np.uint8), 3, flag).astype(np.float32) / 255


def detail(pixels: Pixels, hole: NDArray[np.bool_]) -> float:
    gray = pixels.mean(axis=2)
    inner = cv2.erode(hole.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    return float((gray - cv2.GaussianBlur(gray, (0, 0), 1.5))[inner].std())


def measured(case: Case, with_opencv: bool, out: Path | None) -> list[Row]:
    rows: list[Row] = []
    methods = [f"classic {tier}" for tier in Tier] + (["Telea", "Navier-Stokes"] if with_opencv else [])
    for method in methods:
        progress = Silence()
        began = time.perf_counter()
        if method.startswith("classic"):
            filled = classic(case, Tier(method.split()[1]), progress)
        else:
            filled = opencv(case, cv2.INPAINT_TELEA if method == "Telea" else cv2.INPAINT_NS)
        seconds = time.perf_counter() - began
        error = float(np.square(filled - case.pixels)[case.hole].mean())
        texture = detail(filled, case.hole) / detail(case.pixels, case.hole)
        rows.append(Row(case.name, method, seconds, texture, -10 * np.log10(max(error, 1e-9)), progress.longest_s))
        if out:
            samples = np.clip(np.round(filled * 255), 0, 255).astype(np.uint8)
            cv2.imwrite(str(out / f"{case.name} - {method}.png"), cv2.cvtColor(samples, cv2.COLOR_RGB2BGR))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--out", type=Path, help="write every filled photograph here")
    parser.add_argument("--large", action="store_true", help="also windows of 4 and 8 megapixels")
    options = parser.parse_args()
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    classic(Case("", np.full((40, 40, 3), 0.5, np.float32), disk((40, 40), 20, 20, 8)), Tier.DRAFT, Silence())
    print(
        f"cores {usable_cores()}, load {os.getloadavg()[0]:.1f}; first edit of this process {time.perf_counter() - began:.2f} s"
    )
    rows: list[Row] = []
    print(f"{'case':<22} {'method':<17} {'seconds':>8} {'texture':>8} {'PSNR':>6} {'longest between looks':>22}")
    for case, with_opencv in [(c, True) for c in cases()] + [(c, False) for c in large_cases() if options.large]:
        for row in measured(case, with_opencv, options.out):
            rows.append(row)
            print(
                f"{row.case:<22} {row.method:<17} {row.seconds:8.2f} {row.texture:8.2f} {row.psnr:6.1f}"
                f" {row.longest_look_s * 1000:19.0f} ms"
            )
    print()
    for method in dict.fromkeys(row.method for row in rows):
        texture = statistics.median(row.texture for row in rows if row.method == method)
        print(f"{method:<17} median texture {texture:.2f}")
    if options.json:
        options.json.write_text(json.dumps([row._asdict() for row in rows], indent=1))


if __name__ == "__main__":
    main()
