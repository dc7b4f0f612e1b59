"""`inlay probe`: what colour a region has, as an averaging eyedropper sees it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from inlay.cli import options


def probe(
    photo: Annotated[Path, typer.Argument(help="PNG, TIFF, JPEG, .ora or .psd.", exists=True, dir_okay=False)],
    mask: Annotated[Path, typer.Option("--mask", help="Which region, as for inlay edit.", exists=True, dir_okay=False)],
    target_color: Annotated[str, typer.Option(help="How far the region is from it: as in inlay edit.")] = "",
    as_json: options.Json = False,
) -> None:
    """Mean and spread of the masked region in document values and Lab, and its distance to a target."""
    from inlay import documents
    from inlay.cli.console import out, print_json
    from inlay.client.edit import region_of
    from inlay.documents.document import mask_share
    from inlay.edit.probe import probe_samples
    from inlay.edit.target import target_of

    document = documents.read(photo)
    selection = documents.read_mask(mask, document.size)
    region = region_of(selection)
    raster = document.raster(region.size, _NO_BLOB)
    if target_color:
        target_of(target_color, raster, "--target-color")
    share = mask_share(selection[region.slices]).astype("float32")
    mean, spread, reading, _ = probe_samples(document.samples[region.slices], raster, share, target_color)
    if as_json:
        plain = reading.as_dict() | {"document_mean": mean, "document_spread": spread, "order": document.order}
        print_json(plain | {"target": target_color})
        return
    console = out()
    console.print(f"{reading.pixels} pixels, mean {reading.hex} in sRGB", markup=False)
    console.print(
        f"  {'document':<10}{_row(mean)}  spread {_row(spread)}  ({document.order} {document.sample_type})",
        markup=False,
    )
    console.print(f"  {'Lab (D50)':<10}{_row(reading.mean_lab)}  spread {_row(reading.spread_lab)}", markup=False)
    if reading.delta_e is not None:
        console.print(f"  dE2000 to {target_color}: {reading.delta_e:.2f}", markup=False)


_NO_BLOB = "0" * 64
"""These pixels go nowhere, so nothing names them."""


def _row(values: Sequence[float]) -> str:
    return " ".join(f"{value:9.3f}" for value in values)
