"""The colour room's largest errors: what decoding and encoding again changes, and how it agrees with LittleCMS. One row a profile.

`python -m bench.color_table [--json FILE] [--markdown docs/color.md]`; the last replaces the table in that document.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from skimage.color import deltaE_ciede2000

from inlay import color
from inlay.color import icc, lab
from inlay.color.curves import LINEAR, SRGB
from inlay.color.names import SPACES
from inlay.color.raster import Raster, SampleType

SIDE = 512
PROFILES = (
    ("sRGB-elle-V2-srgbtrc.icc", "BGRA"),
    ("sRGB IEC61966-2.1", "RGB"),
    ("sRGB-elle-V2-g10.icc", "RGBA"),
    ("Adobe RGB (1998)", "RGB"),
    ("ClayRGB-elle-V4-srgbtrc.icc", "RGBA"),
    ("ProPhoto RGB", "RGB"),
    ("LargeRGB-elle-V2-g22.icc", "RGBA"),
    ("WideRGB-elle-V2-g22.icc", "RGBA"),
    ("Display P3", "RGB"),
    ("Rec2020-elle-V4-g10.icc", "RGBA"),
    ("ACEScg-elle-V4-g10.icc", "RGBA"),
    ("Gray Gamma 2.2", "Y"),
    ("Gray-D50-elle-V2-labl.icc", "YA"),
    ("Lab identity built-in", "LABA"),
)
DEPTHS = (
    ("8 bit", SampleType.U8, 255.0),
    ("16 bit", SampleType.U16, 65_535.0),
    ("16 bit, white 32768", SampleType.U16, 32_768.0),
    ("half float", SampleType.F16, 1.0),
    ("float", SampleType.F32, 1.0),
)
BEGIN, END = "<!-- table: bench.color_table -->", "<!-- end of table -->"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--markdown", type=Path)
    options = arguments.parse_args()
    rows = [row_of(profile, order) for profile, order in PROFILES]
    table = table_of(rows)
    print(table)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    if options.markdown:
        before, rest = options.markdown.read_text().split(BEGIN)
        options.markdown.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}")


def row_of(profile: str, order: str) -> dict[str, Any]:
    """Errors by depth over random colours of the whole gamut, a third of them with a channel at 0 or white."""
    row: dict[str, Any] = {"profile": profile, "order": order, "depths": {}}
    for name, sample_type, white in DEPTHS:
        raster = Raster(SIDE, SIDE, order, sample_type, white, profile, "")
        samples = whole_gamut(raster)
        decoded = color.decode(samples, raster)
        returned = color.encode(decoded.pixels, decoded.alpha, raster)
        moved = np.abs(returned.astype(np.float64) - samples.astype(np.float64))
        row["depths"][name] = {
            "largest": float(moved.max()),
            "share": float(np.count_nonzero(moved) / moved.size),
            "delta_e": largest_delta_e(decoded.pixels, color.decode(returned, raster).pixels),
        }
    row["seconds_per_megapixel"] = seconds_per_megapixel(profile, order)
    row["littlecms"] = beside_littlecms(profile, order)
    return row


def whole_gamut(raster: Raster) -> np.ndarray[Any, np.dtype[np.generic]]:
    rng = np.random.default_rng(11)
    values = rng.uniform(0, 1, (raster.height, raster.width, raster.channels))
    clipped = rng.integers(0, raster.channels, values.shape[:2])
    chosen = rng.random(values.shape[:2]) < 1 / 3
    at_limit = np.eye(raster.channels, dtype=bool)[clipped] & chosen[..., None]
    values[at_limit] = rng.integers(0, 2, int(at_limit.sum()))
    if not raster.sample_type.is_float:
        return np.rint(values * raster.white_level).astype(raster.sample_type.dtype)
    if raster.order.startswith("LAB"):
        values[..., :3] = values[..., :3] * [100, 200, 200] - [0, 100, 100]
    return values.astype(raster.sample_type.dtype)


def largest_delta_e(before: np.ndarray[Any, Any], after: np.ndarray[Any, Any]) -> float:
    """CIEDE2000 between two pictures in the working space, without clipping them to sRGB."""
    first, second = (lab.from_linear(SRGB.decode(pixels.astype(np.float64))) for pixels in (before, after))
    return float(deltaE_ciede2000(first, second).max())


def seconds_per_megapixel(profile: str, order: str) -> float:
    """Both ways, 16 bit, the best of five."""
    raster = Raster(1024, 1024, order, SampleType.U16, 65_535, profile, "")
    samples = whole_gamut(raster)
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        decoded = color.decode(samples, raster)
        color.encode(decoded.pixels, decoded.alpha, raster)
        best = min(best, time.perf_counter() - start)
    return best / 1.048576


def beside_littlecms(profile: str, order: str) -> dict[str, float] | None:
    """LittleCMS' own float path on the same colours: the largest difference in linear light, and its seconds both ways."""
    if not order.startswith(("RGB", "BGR")):
        return None
    raster = Raster(SIDE, SIDE, "RGB", SampleType.F32, 1.0, profile, "")
    samples = np.random.default_rng(4).uniform(0.01, 1, (SIDE, SIDE, 3)).astype(np.float32)
    linear_srgb = icc.matrix_profile("linear sRGB", SPACES["sRGB"], LINEAR)
    document = color.profile_bytes(raster)
    options = {"colorspace": "rgb", "outcolorspace": "rgb", "intent": imagecodecs.CMS.INTENT.RELATIVE_COLORIMETRIC}
    reference = samples
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        reference = imagecodecs.cms_transform(samples, document, linear_srgb, **options)
        imagecodecs.cms_transform(reference, linear_srgb, document, **options)
        best = min(best, time.perf_counter() - start)
    ours = SRGB.decode(color.decode(samples, raster).pixels.astype(np.float64))
    return {"largest": float(np.abs(ours - reference).max()), "seconds_per_megapixel": best / (SIDE * SIDE / 1e6)}


def table_of(rows: list[dict[str, Any]]) -> str:
    names = [name for name, _, _ in DEPTHS]
    lines = [
        f"| profile | order | {' | '.join(names)} | largest dE2000 (16 bit) | to LittleCMS | s/MP both ways | LittleCMS s/MP |",
        "|---" * (len(names) + 6) + "|",
    ]
    for row in rows:
        cells = [_cell(row["depths"][name], name) for name in names]
        reference = f"{row['littlecms']['largest']:.0e}" if row["littlecms"] else "-"
        delta_e = row["depths"]["16 bit"]["delta_e"]
        theirs = f"{row['littlecms']['seconds_per_megapixel']:.2f}" if row["littlecms"] else "-"
        lines.append(
            f"| {row['profile']} | {row['order']} | {' | '.join(cells)} | {'0' if delta_e == 0 else f'{delta_e:.0e}'} "
            f"| {reference} | {row['seconds_per_megapixel']:.2f} | {theirs} |"
        )
    return "\n".join(lines)


def _cell(error: dict[str, float], depth: str) -> str:
    if error["largest"] == 0:
        return "identical"
    largest = f"{error['largest']:.1e}" if "float" in depth else f"{error['largest']:.0f}"
    return f"{largest} ({100 * error['share']:.3f} %)"


if __name__ == "__main__":
    main()
