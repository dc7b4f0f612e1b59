"""Brand colour beside what an image editor offers: a hue shift, a Lab shift and the Color blend mode.

    python -m bench.brand [--json FILE] [--out FOLDER]

Spheres are re-rendered with another paint, so the truth is known; photographs show what the eye thinks of it. Everything is
rounded to 8 bit before it is measured. Mean and median are of the masked pixels, the mean in linear light as an averaging
eyedropper takes it. `shading` is Pearson's r of CIELab lightness before and after, `clipped` the share of masked pixels that
touch 0 or 255 in a channel where neither photograph nor target did, `truth` the mean dE2000 to the re-rendered sphere, of the
targets that the re-rendered sphere itself reaches within 0.1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from inlay.fidelity.brand import Target, parse_target, recolored
from inlay.fidelity.cielab import encoded_of, lab_of, lightness_of, linear_of, linear_of_lab
from inlay.fidelity.difference import delta_e_2000

F32 = NDArray[np.float32]

TARGETS = {
    "red": "#E4002B",
    "blue": "#0057B8",
    "yellow": "#FFD100",
    "green": "#00843D",
    "off-white": "#F4F1EA",
    "near-black": "#1D1D1B",
    "teal": "#2F7F86",
    "clay": "#A8563D",
}
PAINTS = {"red": "#B3231C", "blue": "#27408B", "grey": "#8A8A8A", "white": "#E8E8E6", "black": "#1B1B1C"}


class Subject(NamedTuple):
    """pixels: HxWx3 float32 encoded 0..1; mask: HxW float32; repaint: the truth for a target, if it is known."""

    name: str
    pixels: F32
    mask: F32
    repaint: Callable[[Target], F32] | None


def in_8_bit(pixels: F32) -> F32:
    """What an sRGB document of 8 bit holds."""
    return np.rint(np.clip(pixels, 0, 1) * 255).astype(np.float32) / np.float32(255)


# --- subjects -------------------------------------------------------------------------------------


def sphere(paint: str, side: int = 320, seed: int = 5) -> Subject:
    """A painted ball under one lamp and a soft sky, with a highlight, a woven texture and photographic grain."""
    rng = np.random.default_rng(seed)
    y, x = (np.mgrid[:side, :side].astype(np.float32) - side / 2) / (0.42 * side)
    inside = x * x + y * y < 1
    z = np.sqrt(np.maximum(1 - x * x - y * y, 0))
    light = np.array([-0.45, -0.55, 0.70])
    light /= np.linalg.norm(light)
    lambert = np.maximum(x * light[0] + y * light[1] + z * light[2], 0)
    half = light + np.array([0, 0, 1])
    half /= np.linalg.norm(half)
    gloss = 0.45 * np.maximum(x * half[0] + y * half[1] + z * half[2], 0) ** 90
    weave = 1 + 0.05 * np.sin(x * 70) * np.sin(y * 70)
    shading = ((0.22 + 0.95 * lambert) * weave).astype(np.float32)
    grain = rng.normal(0, 0.010, (side, side, 3)).astype(np.float32)
    ground = np.float32(0.18) * (1 + 0.3 * y)

    def shot(body: NDArray[np.float64]) -> F32:
        ball = shading[..., None] * body.astype(np.float32) + gloss[..., None].astype(np.float32)
        scene = np.where(inside[..., None], ball, ground[..., None])
        return in_8_bit(encoded_of(scene.astype(np.float32)) + grain)

    def repaint(target: Target) -> F32:
        body, wanted = np.array(target.linear), np.array(target.linear)
        for _ in range(60):
            body = np.clip(body + 0.7 * (wanted - linear_of(shot(body))[inside].mean(0)), 0, 4)
        return shot(body)

    return Subject(
        f"sphere {paint}", shot(np.array(parse_target(PAINTS[paint]).linear)), inside.astype(np.float32), repaint
    )


class Lasso(NamedTuple):
    """A hand-drawn outline (x, y in px) and the colours picked within it: at most `reach` from `lab`."""

    name: str
    photo: Callable[[], NDArray[np.uint8]]
    outline: str
    lab: tuple[float, float, float]
    reach: float


LASSOS = [
    Lasso("suit, orange cloth", data.astronaut, "20,250 120,215 350,230 360,350 280,480 20,500", (60, 52, 48), 42),
    Lasso(
        "helmet, black gloss",
        data.astronaut,
        "285,420 320,365 380,345 440,370 480,450 478,508 290,508",
        (14, 0, 0),
        20,
    ),
    Lasso(
        "saucer, red glaze",
        data.coffee,
        "75,220 120,120 190,230 300,310 420,240 440,120 480,220 420,340 280,390 130,340",
        (32, 42, 36),
        36,
    ),
    Lasso(
        "cup rim, white china",
        data.coffee,
        "170,100 200,40 290,15 370,40 402,100 390,160 300,205 200,180",
        (88, 4, 16),
        24,
    ),
    Lasso(
        "tank, red lacquer",
        lambda: data.stereo_motorcycle()[0],
        "250,290 300,220 420,165 490,160 480,215 420,260 330,260 260,300",
        (38, 52, 34),
        44,
    ),
    Lasso(
        "seat, black leather",
        lambda: data.stereo_motorcycle()[0],
        "145,165 200,165 260,195 345,190 290,250 250,250 180,215 140,195",
        (36, 0, 0),
        28,
    ),
]


def photographs() -> Iterator[Subject]:
    """Regions of public photographs that a brand would want repainted, masked as a retoucher would: by colour in a lasso."""
    for lasso in LASSOS:
        pixels = lasso.photo().astype(np.float32) / np.float32(255)
        lab = lab_of(linear_of(cv2.GaussianBlur(pixels, (0, 0), 1.0)))
        near = np.sqrt(((lab - np.array(lasso.lab)) ** 2 * [0.25, 1, 1]).sum(-1)) < lasso.reach
        outline = np.array([point.split(",") for point in lasso.outline.split()], np.int32)
        area = cv2.fillPoly(np.zeros(pixels.shape[:2], np.uint8), [outline], 1)
        mask = cv2.morphologyEx((near & (area > 0)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        yield Subject(lasso.name, pixels, cv2.GaussianBlur(mask.astype(np.float32), (3, 3), 0.6), None)


# --- ways to recolour -------------------------------------------------------------------------------


def ours(pixels: F32, mask: F32, target: Target) -> F32:
    """inlay.fidelity.brand."""
    return recolored(pixels, mask, target, quantise=in_8_bit).pixels


def hue_shift(pixels: F32, mask: F32, target: Target) -> F32:
    """Hue turned, saturation and value scaled until the means are the target's (Hue/Saturation with all three sliders)."""
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    wanted = cv2.cvtColor(encoded_of(np.array(target.linear, np.float32))[None, None], cv2.COLOR_RGB2HSV)[0, 0]
    sure = mask > 0.98
    mean = cv2.cvtColor(encoded_of(linear_of(pixels[sure]).mean(0))[None, None], cv2.COLOR_RGB2HSV)[0, 0]
    hsv[..., 0] = (hsv[..., 0] + wanted[0] - mean[0]) % 360
    hsv[..., 1] = np.clip(hsv[..., 1] * wanted[1] / max(hsv[sure][:, 1].mean(), 1e-3), 0, 1)
    hsv[..., 2] = np.clip(hsv[..., 2] * wanted[2] / max(hsv[sure][:, 2].mean(), 1e-3), 0, 1)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def lab_shift(pixels: F32, mask: F32, target: Target) -> F32:
    """The mean's distance to the target added to every pixel in CIELab."""
    lab = lab_of(linear_of(pixels))
    return encoded_of(linear_of_lab(lab + np.array(target.lab) - lab[mask > 0.98].mean(0)).astype(np.float32))


def color_blend(pixels: F32, mask: F32, target: Target) -> F32:
    """The Color blend mode (ISO 32000-1, 11.3.5.3): hue and saturation of the target, luminosity of the photograph."""
    weights = np.array([0.30, 0.59, 0.11], np.float32)
    paint = encoded_of(np.array(target.linear, np.float32))
    lum = (pixels @ weights)[..., None]
    out = paint + lum - np.float32(paint @ weights)
    low, high = out.min(-1, keepdims=True), out.max(-1, keepdims=True)
    out = np.where(low < 0, lum + (out - lum) * lum / np.maximum(lum - low, 1e-6), out)
    return np.where(high > 1, lum + (out - lum) * (1 - lum) / np.maximum(high - lum, 1e-6), out).astype(np.float32)


REPAINTED = "repainted"
"""The sphere rendered again: what paint itself would do, where the document's range lets it."""
METHODS = {"ours": ours, "hue shift": hue_shift, "Lab shift": lab_shift, "Color blend": color_blend}


# --- measuring ----------------------------------------------------------------------------------------


def measure(subject: Subject, result: F32, target: Target, truth: F32 | None) -> dict[str, float]:
    """The figures of one result; all but `truth` need none."""
    sure = subject.mask > 0.98
    before, after = subject.pixels[sure], in_8_bit(result)[sure]
    linear = linear_of(after)
    lab = lab_of(linear)
    wanted = np.array(target.lab)
    paint = encoded_of(np.array(target.linear, np.float32))
    roomy = (paint > 3 / 255) & (paint < 252 / 255)
    touches = ((after <= 0) | (after >= 1)) & ~((before <= 0) | (before >= 1)) & roomy
    lightness = lightness_of(linear)
    return {
        "mean_delta_e": float(delta_e_2000(lab_of(linear.mean(0, dtype=np.float64)), wanted)),
        "median_delta_e": float(delta_e_2000(np.median(lab, axis=0), wanted)),
        "shading": float(np.corrcoef(lightness_of(linear_of(before)), lightness)[0, 1]) if lightness.std() > 0 else 0.0,
        "clipped": float(touches.any(-1).mean()),
        "truth": float("nan") if truth is None else float(delta_e_2000(lab, lab_of(linear_of(truth[sure]))).mean()),
    }


def figures(subjects: list[Subject], folder: Path | None) -> list[dict[str, Any]]:
    """One row for each subject, target and method; pictures beside them where `folder` is given."""
    rows: list[dict[str, Any]] = []
    for subject in subjects:
        pictures: list[list[F32]] = [[subject.pixels] for _ in METHODS]
        for name, text in TARGETS.items():
            target = parse_target(text)
            truth = subject.repaint(target) if subject.repaint else None
            if truth is not None:
                rows.append(
                    {"subject": subject.name, "target": name, "method": "repainted"}
                    | measure(subject, truth, target, truth)
                )
            for line, (method, recolor) in zip(pictures, METHODS.items(), strict=True):
                result = recolor(subject.pixels, subject.mask, target)
                share = subject.mask[..., None]
                shown = in_8_bit(subject.pixels * (1 - share) + result * share)
                rows.append(
                    {"subject": subject.name, "target": name, "method": method} | measure(subject, shown, target, truth)
                )
                line.append(shown)
        if folder:
            _write(folder / f"brand-{subject.name.replace(', ', '-').replace(' ', '-')}.png", pictures, subject.mask)
    return rows


def seconds_per_megapixel(side: int = 2048) -> float:
    """Time of one recolouring of a whole window that the mask covers by about a half."""
    ball = sphere("red", side)
    target = parse_target(TARGETS["blue"])
    start = time.perf_counter()
    ours(ball.pixels, ball.mask, target)
    return (time.perf_counter() - start) / (side * side / 1e6)


def table(rows: list[dict[str, Any]]) -> str:
    """Mean and worst of every figure by kind of subject and method."""
    lines = [f"{'':28}{'dE mean':>16}{'dE median':>11}{'shading':>15}{'clipped':>9}{'dE truth':>10}"]
    lines.append(f"{'':28}{'mean':>8}{'worst':>8}{'mean':>11}{'mean':>8}{'worst':>7}{'mean':>9}{'mean':>10}")
    reached = {
        (row["subject"], row["target"]) for row in rows if row["method"] == REPAINTED and row["mean_delta_e"] < 0.1
    }
    for kind, belongs in (("spheres", True), ("photographs", False)):
        for method in (*METHODS, REPAINTED):
            of = [row for row in rows if row["method"] == method and row["subject"].startswith("sphere") is belongs]
            if not of:
                continue
            column = {key: np.array([row[key] for row in of]) for key in of[0] if isinstance(of[0][key], float)}
            attainable = [row["truth"] for row in of if (row["subject"], row["target"]) in reached]
            truth = f"{np.mean(attainable):10.2f}" if belongs else f"{'-':>10}"
            lines.append(
                f"{kind + ', ' + method:28}{column['mean_delta_e'].mean():8.2f}{column['mean_delta_e'].max():8.2f}"
                f"{column['median_delta_e'].mean():11.2f}{column['shading'].mean():8.3f}{column['shading'].min():7.2f}"
                f"{column['clipped'].mean():9.2f}{truth}"
            )
    return "\n".join(lines)


def _write(path: Path, pictures: list[list[F32]], mask: F32) -> None:
    rows, columns = np.flatnonzero((mask > 0).any(1)), np.flatnonzero((mask > 0).any(0))
    cut = slice(max(rows[0] - 12, 0), rows[-1] + 12), slice(max(columns[0] - 12, 0), columns[-1] + 12)
    sheet = np.concatenate([np.concatenate([picture[cut] for picture in line], 1) for line in pictures], 0)
    cv2.imwrite(str(path), np.rint(sheet[..., ::-1] * 255).astype(np.uint8))


def main(arguments: list[str] | None = None) -> int:
    """Print the table; write what was asked for."""
    parser = argparse.ArgumentParser(prog="bench.brand", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--out", type=Path, help="write pictures here: original and targets across, methods down")
    options = parser.parse_args(arguments)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    rows = figures([*(sphere(paint) for paint in PAINTS), *photographs()], options.out)
    speed = seconds_per_megapixel()
    print(table(rows))
    print(f"\nours: {speed:.2f} s per megapixel of window")
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "seconds_per_megapixel": speed}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
