"""The cases of the erase benchmark: a picture, an object drawn into it, the selection over it, and the truth without it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.erase.photos import Photo, busiest, liveliest, places, plainest

HEIGHT_PX, WIDTH_PX = 260, 340
FONT = cv2.FONT_HERSHEY_DUPLEX


@dataclass(frozen=True)
class Case:
    """What is to be erased. Samples are uint8 or uint16, sRGB.

    pixels, truth: height x width x 3, with and without the object. selection: height x width, uint8, 0 or 255.
    alpha: height x width, of pixels' type, for cut-outs; truth holds no color where it is 0.
    """

    group: str
    name: str
    pixels: NDArray[np.generic]
    truth: NDArray[np.generic]
    selection: NDArray[np.uint8]
    alpha: NDArray[np.generic] | None = None

    @property
    def white(self) -> int:
        return int(np.iinfo(self.pixels.dtype).max)

    @property
    def hole(self) -> NDArray[np.bool_]:
        return self.selection > 0


def cases_of(photos: list[Photo], seed: int, count: int, groups: tuple[str, ...] = ()) -> list[Case]:
    """`count` cases of each of `groups` (all if none is named); the same seed draws the same ones."""
    chosen = groups or tuple(GROUPS)
    return [
        GROUPS[group](photos, np.random.default_rng([seed, list(GROUPS).index(group), number]), number)
        for group in chosen
        for number in range(count)
    ]


def faint(photos: list[Photo], rng: np.random.Generator, number: int) -> Case:
    """Sensor dust, a watermark or a stain, 2 to 24 codes of 255 strong, selected tightly or loosely, 8 or 16 bit."""
    kind = ("dust", "watermark", "stain")[number % 3]
    ground = _deepened(plainest(places(photos, rng, HEIGHT_PX, WIDTH_PX), rng), rng)
    strength = float(rng.uniform(2, 24)) / 255
    if kind == "dust":
        cover = sum(_spot(rng, float(rng.uniform(4, 12)), 2.0) for _ in range(5)).clip(0, 1)
        strength = -strength
    elif kind == "watermark":
        cover = _lettering("SAMPLE", 2.0, 4)
    else:
        cover = _spot(rng, float(rng.uniform(30, 45)), 8.0)
        strength = -strength
    margin = 3 if number % 2 else 12
    selection = _grown(cover > 0.02, margin)
    truth, pixels = ground, ground + (cover * strength).astype(np.float32)[..., None]
    return _case("faint", f"{kind} {strength * 255:+.0f}", pixels, truth, selection, 16 if number % 4 == 3 else 8)


def flat(photos: list[Photo], rng: np.random.Generator, number: int) -> Case:
    """Lettering on a flat panel, or a thing beside a product on white or overlapping it, the latter out of a JPEG."""
    if number % 2:
        return _packshot(photos, rng, overlapping=number % 4 == 3)
    color = np.array([(255, 255, 255), (228, 0, 43), (255, 209, 0), (235, 235, 235), (0, 60, 120)][number // 2 % 5])
    truth = np.broadcast_to(color / np.float32(255), (HEIGHT_PX, WIDTH_PX, 3)).astype(np.float32)
    ink = 1 - truth if color.min() > 200 else np.ones_like(truth)
    cover = _lettering("OFFER", 2.4, 5)
    pixels = truth + (ink - truth) * cover[..., None]
    return _case("flat", f"lettering on {tuple(color.tolist())}", pixels, truth, _grown(cover > 0, 10))


def line_art(photos: list[Photo], rng: np.random.Generator, number: int) -> Case:
    """Words in a speech bubble, or a blot beside drawn outlines; every second one with a photograph around."""
    truth = np.ones((HEIGHT_PX, WIDTH_PX, 3), np.float32)
    inside = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.ellipse(inside, (WIDTH_PX // 2, HEIGHT_PX // 2), (140, 105), 0, 0, 360, 255, -1)
    if number % 2:
        around = plainest(places(photos, rng, HEIGHT_PX, WIDTH_PX), rng).astype(np.float32) / 255
        truth = np.where(inside[..., None] > 0, truth, around)
    drawn = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.ellipse(drawn, (WIDTH_PX // 2, HEIGHT_PX // 2), (140, 105), 0, 0, 360, 255, 4, cv2.LINE_AA)
    for _ in range(6):
        start, end = rng.integers((0, 0), (WIDTH_PX, 40)), rng.integers((0, 0), (WIDTH_PX, 40))
        cv2.line(drawn, start.tolist(), end.tolist(), 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    truth = truth * (1 - drawn[..., None] / np.float32(255))
    words = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.putText(words, "HELLO", (100, 125), FONT, 1.2, 255, 2, cv2.LINE_AA)
    cv2.putText(words, "THERE", (100, 170), FONT, 1.2, 255, 2, cv2.LINE_AA)
    pixels = np.minimum(truth, 1 - words[..., None] / np.float32(255))
    selection = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.rectangle(selection, (88, 80), (255, 185), 255, -1)
    return _case("line-art", "bubble", pixels, truth, selection)


def thin(photos: list[Photo], rng: np.random.Generator, number: int) -> Case:
    """Hair, wires, a net, scratches: 1 to 5 px wide, over things."""
    kind = ("hair", "wires", "net", "scratches")[number % 4]
    truth = liveliest(places(photos, rng, HEIGHT_PX, WIDTH_PX), rng).astype(np.float32) / 255
    cover = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    if kind == "hair":
        for _ in range(14):
            cv2.polylines(cover, [_wandering(rng, 18, 9.0)], False, 255, 2, cv2.LINE_AA)
    elif kind == "wires":
        for _ in range(4):
            y = rng.uniform(10, HEIGHT_PX - 10, 3)
            points = np.stack([np.array([-5, WIDTH_PX / 2, WIDTH_PX + 5]), y], axis=1)
            cv2.polylines(cover, [_bent(points)], False, 255, int(rng.integers(2, 5)), cv2.LINE_AA)
    elif kind == "net":
        for at in range(14, max(HEIGHT_PX, WIDTH_PX), 26):
            cv2.line(cover, (at, 0), (at + 20, HEIGHT_PX), 255, 2, cv2.LINE_AA)
            cv2.line(cover, (0, at), (WIDTH_PX, at - 15), 255, 2, cv2.LINE_AA)
    else:
        for _ in range(40):
            cv2.polylines(cover, [_wandering(rng, 4, 5.0)], False, 255, 1, cv2.LINE_AA)
    share = (cover / np.float32(255))[..., None]
    color = rng.uniform(0, 0.15, 3) if kind != "scratches" else rng.uniform(0.85, 1, 3)
    pixels = truth + (color.astype(np.float32) - truth) * share
    return _case("thin", kind, pixels, truth, _grown(cover > 0, 1))


def cut_out(photos: list[Photo], rng: np.random.Generator, number: int) -> Case:
    """A thing that sticks out of a cut-out product; wild colors are hidden where alpha is 0."""
    ground = busiest(places(photos, rng, HEIGHT_PX, WIDTH_PX), rng).astype(np.float32) / 255
    cover = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.ellipse(
        cover, (WIDTH_PX // 2, HEIGHT_PX // 2), (110, 80), float(rng.uniform(0, 90)), 0, 360, 255, -1, cv2.LINE_AA
    )
    visible = cover > 0
    truth = np.where(visible[..., None], ground, np.float32(0))
    thing = np.zeros_like(cover)
    angle = float(rng.uniform(0, 2 * np.pi))
    rows, columns = np.nonzero(visible & (cv2.erode(cover, np.ones((9, 9), np.uint8)) == 0))
    nearest = int(np.argmin(np.abs(np.arctan2(rows - HEIGHT_PX / 2, columns - WIDTH_PX / 2) - (angle - np.pi))))
    cv2.circle(thing, (int(columns[nearest]), int(rows[nearest])), 28, 255, -1, cv2.LINE_AA)
    hidden = np.where(visible[..., None], truth, np.array((1, 0, 1), np.float32))
    share = (thing / np.float32(255))[..., None]
    pixels = hidden + (np.array((0.1, 0.7, 0.2), np.float32) - hidden) * share * visible[..., None]
    return _case("cut-out", "edge", pixels, truth, _grown(thing > 0, 4), alpha=cover)


def gradient(photos: list[Photo], rng: np.random.Generator, number: int) -> Case:
    """A studio backdrop, linear or radial, the brightest point inside the hole every third time; 8 or 16 bit, grain or none."""
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(np.float32) / WIDTH_PX
    kind = ("linear", "radial", "radial, apex in the hole")[number % 3]
    centre = np.array((HEIGHT_PX / WIDTH_PX / 2, 0.5))
    if kind == "linear":
        angle = rng.uniform(0, 2 * np.pi)
        light = 0.45 + 0.3 * ((x - 0.5) * np.cos(angle) + (y - centre[0]) * np.sin(angle))
    else:
        apex = centre + (0.03 if "apex" in kind else 0.33) * _direction(rng)
        light = 0.25 + 0.45 * np.exp(-((y - apex[0]) ** 2 + (x - apex[1]) ** 2) / 0.3)
    truth = light[..., None] * rng.uniform(0.8, 1.1, 3).astype(np.float32)
    bits = 16 if number % 2 else 8
    grain = (0, 0, 2.0, 3.0)[number % 4] / 255
    truth = truth + rng.normal(0, grain, truth.shape) if grain else truth
    thing = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.ellipse(thing, (WIDTH_PX // 2, HEIGHT_PX // 2), (60, 68), 0, 0, 360, 255, -1)
    pixels = np.where(thing[..., None] > 0, np.float32(0.15), truth)
    return _case("gradient", f"{kind}{', grain' if grain else ''}", pixels, truth, _grown(thing > 0, 4), bits)


def texture(photos: list[Photo], rng: np.random.Generator, number: int) -> Case:
    """A blob over grass, stone, fur, cloth: 40 to 130 px across."""
    truth = busiest(places(photos, rng, HEIGHT_PX, WIDTH_PX), rng).astype(np.float32) / 255
    radius = float(rng.uniform(20, 65))
    angles = np.linspace(0, 2 * np.pi, 9)[:-1]
    reach = radius * rng.uniform(0.75, 1.25, 8)
    outline = np.stack([WIDTH_PX / 2 + reach * np.cos(angles), HEIGHT_PX / 2 + reach * np.sin(angles)], axis=1)
    thing = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.fillPoly(thing, [np.round(outline).astype(np.int32)], 255)
    pixels = np.where(thing[..., None] > 0, np.array((0.8, 0.1, 0.5), np.float32), truth)
    return _case("texture", f"{radius * 2:.0f} px", pixels, truth, _grown(thing > 0, 2))


GROUPS: dict[str, Callable[[list[Photo], np.random.Generator, int], Case]] = {
    "faint": faint,
    "flat": flat,
    "line-art": line_art,
    "thin": thin,
    "cut-out": cut_out,
    "gradient": gradient,
    "texture": texture,
}


def _packshot(photos: list[Photo], rng: np.random.Generator, *, overlapping: bool) -> Case:
    """A product on white out of a JPEG; a second thing beside it, or half behind it, is erased together with its fringe."""
    texture_of = busiest(places(photos, rng, HEIGHT_PX, WIDTH_PX), rng).astype(np.float32) / 255
    product, thing = np.zeros((2, HEIGHT_PX, WIDTH_PX), np.uint8)
    cv2.ellipse(product, (120, 140), (70, 85), float(rng.uniform(-20, 20)), 0, 360, 255, -1, cv2.LINE_AA)
    middle = int(rng.integers(205, 225)) + (0 if overlapping else 45)
    cv2.ellipse(thing, (middle, 150), (38, 60), float(rng.uniform(-30, 30)), 0, 360, 255, -1, cv2.LINE_AA)
    alone = 1 + (texture_of * 0.8 - 1) * (product / np.float32(255))[..., None]
    pair = alone + (texture_of[::-1] * 0.7 - alone) * (thing / np.float32(255))[..., None]
    quality = int(rng.integers(82, 95))
    pixels = _through_jpeg(pair, quality)
    selection = _grown(thing > 0, 10)
    selection[_grown(product > 0, 3) > 0] = 0
    name = f"packshot{', overlapping' if overlapping else ''}, JPEG {quality}"
    return _case("flat", name, pixels, np.where(selection[..., None] > 0, alone, pixels), selection)


def _through_jpeg(pixels: NDArray[np.float32], quality: int) -> NDArray[np.float32]:
    samples = np.clip(np.round(pixels[..., ::-1] * 255), 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", samples, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255


def _case(
    group: str,
    name: str,
    pixels: NDArray[Any],
    truth: NDArray[Any],
    selection: NDArray[np.uint8],
    bits: int = 8,
    alpha: NDArray[np.uint8] | None = None,
) -> Case:
    kind, white = (np.uint8, 255) if bits == 8 else (np.uint16, 65535)
    before, after = (np.clip(np.rint(values * white), 0, white).astype(kind) for values in (pixels, truth))
    return Case(group, f"{name}, {bits} bit", before, after, selection, alpha)


def _deepened(photo: Photo, rng: np.random.Generator) -> NDArray[np.float32]:
    """An 8-bit photograph as if it had been taken with 16: no value more likely than another."""
    return np.clip((photo + rng.uniform(-0.5, 0.5, photo.shape)) / 255, 0.1, 0.9).astype(np.float32)


def _spot(rng: np.random.Generator, radius: float, soft: float) -> NDArray[np.float32]:
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(np.float32)
    away = np.hypot(y - rng.uniform(60, HEIGHT_PX - 60), x - rng.uniform(60, WIDTH_PX - 60))
    return np.clip((radius - away) / soft + 0.5, 0, 1)


def _lettering(words: str, size: float, px: int) -> NDArray[np.float32]:
    cover = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8)
    (width, height), _ = cv2.getTextSize(words, FONT, size, px)
    cv2.putText(cover, words, ((WIDTH_PX - width) // 2, (HEIGHT_PX + height) // 2), FONT, size, 255, px, cv2.LINE_AA)
    return cover / np.float32(255)


def _wandering(rng: np.random.Generator, steps: int, stride: float) -> NDArray[np.int32]:
    turns = np.cumsum(rng.normal(0, 0.3, steps)) + rng.uniform(0, 2 * np.pi)
    path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1) * stride, axis=0)
    return np.round(path + rng.uniform((30, 30), (WIDTH_PX - 30, HEIGHT_PX - 30))).astype(np.int32)


def _bent(points: NDArray[np.float64]) -> NDArray[np.int32]:
    at = np.linspace(points[0, 0], points[-1, 0], 40)
    return np.round(np.stack([at, np.polyval(np.polyfit(points[:, 0], points[:, 1], 2), at)], axis=1)).astype(np.int32)


def _direction(rng: np.random.Generator) -> NDArray[np.float64]:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array((np.sin(angle), np.cos(angle)))


def _grown(area: NDArray[np.bool_], px: int) -> NDArray[np.uint8]:
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * px + 1, 2 * px + 1))
    return cv2.dilate(area.astype(np.uint8) * np.uint8(255), disc)
