"""`inlay probe`: what colour a region has, as an averaging eyedropper sees it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inlay.cli import options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def probe(
    photo: Annotated[Path, typer.Argument(help="PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)],
    mask: Annotated[Path, typer.Option("--mask", help="Which region, as for inlay edit.", exists=True, dir_okay=False)],
    target_color: Annotated[str, typer.Option(help="#RRGGBB or lab(L, a, b): how far the region is from it.")] = "",
    as_json: options.Json = False,
) -> None:
    """Mean and spread of the masked region in document values and Lab, and its distance to a target."""
    from inlay import color, documents
    from inlay.cli.console import out, print_json
    from inlay.client.edit import region_of
    from inlay.fidelity.brand import parse_target
    from inlay.fidelity.brand import probe as read_region

    target = parse_target(target_color, "--target-color") if target_color else None
    document = documents.read(photo)
    selection = documents.read_mask(mask, document.size)
    region = region_of(selection)
    share = _share(selection[region.slices])
    samples = document.samples[region.slices]
    decoded = color.decode(samples, document.raster(region.size, _NO_BLOB))
    reading = read_region(decoded.pixels, share, target)
    mean, spread = _in_document_values(samples, share)
    if as_json:
        plain = reading.as_dict() | {"document_mean": mean, "document_spread": spread, "order": document.order}
        print_json(plain | {"target": target.text if target else ""})
        return
    console = out()
    console.print(f"{reading.pixels} pixels, mean {reading.hex} in sRGB", markup=False)
    console.print(
        f"  {'document':<10}{_row(mean)}  spread {_row(spread)}  ({document.order} {document.sample_type})",
        markup=False,
    )
    console.print(f"  {'Lab (D50)':<10}{_row(reading.mean_lab)}  spread {_row(reading.spread_lab)}", markup=False)
    if target is not None and reading.delta_e is not None:
        console.print(f"  dE2000 to {target.text}: {reading.delta_e:.2f}", markup=False)


_NO_BLOB = "0" * 64
"""These pixels go nowhere, so nothing names them."""


def _share(selection: "NDArray[np.generic]") -> "NDArray[np.float32]":
    import numpy as np

    white = {"uint8": 255, "uint16": 65_535}.get(selection.dtype.name, 1)
    return selection.astype(np.float32) / np.float32(white)


def _in_document_values(
    samples: "NDArray[np.generic]", share: "NDArray[np.float32]"
) -> tuple[list[float], list[float]]:
    """Mean and standard deviation by channel of the document's own numbers, over the pixels the eyedropper reads."""
    import numpy as np

    from inlay.fidelity.brand_probe import material_weight

    weight = material_weight(share).astype(np.float64)
    read = weight > 0
    values, parts = samples[read].astype(np.float64), weight[read] / weight.sum()
    mean = parts @ values
    return mean.tolist(), np.sqrt(parts @ (values - mean) ** 2).tolist()


def _row(values: Sequence[float]) -> str:
    return " ".join(f"{value:9.3f}" for value in values)
