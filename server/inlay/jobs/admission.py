"""Whether an edit can be accepted: its recipe is within every limit, and the pixels that it names are here, undamaged."""

from collections.abc import Collection, Sequence

from inlay.blobs import BlobStore
from inlay.color.raster import Raster
from inlay.edit.check import check
from inlay.edit.resolve import resolve
from inlay.edit.style import with_style
from inlay.engines.registry import Registry
from inlay.errors import BlobMissing, InvalidInput
from inlay.recipe import Recipe
from inlay.styles import StyleBook


def admit(
    recipe: Recipe,
    blobs: BlobStore,
    registry: Registry,
    devices: Sequence[str],
    styles: StyleBook,
    held: Collection[str],
) -> Recipe:
    """The recipe, with its style's values, resolved for `devices`. Samples of references that only the style book has are put into
    the store.

    held: the blobs that whoever submits it has; others are missing, whether they are here or not, but for those of styles, which
    are everybody's.

    Raises as `inlay.edit.style`, `inlay.edit.check` and `inlay.edit.resolve` do, BlobMissing for pixels that are not here,
    InvalidInput for those of another length. Profiles are parsed and pixels hashed that nobody looked at yet: keep it off an
    event loop.
    """
    recipe = with_style(recipe, styles, registry)
    check(recipe, registry)
    theirs = set(held)
    for one in recipe.inputs:
        is_here = one.raster.blob in theirs and blobs.received(one.raster.blob).present
        if not is_here and (samples := styles.samples(one.raster.blob)):
            theirs.add(blobs.add(samples))
    _check_pixels("canvas.source", recipe.canvas.source, blobs, theirs)
    _check_pixels("where.mask", recipe.where.mask, blobs, theirs)
    for at, one in enumerate(recipe.inputs):
        _check_pixels(f"inputs[{at}].raster", one.raster, blobs, theirs)
    return resolve(recipe, registry, devices)


def _check_pixels(field: str, raster: Raster, blobs: BlobStore, theirs: Collection[str]) -> None:
    if raster.blob not in theirs:
        raise BlobMissing(raster.blob, field=f"{field}.blob")
    try:
        stored = blobs.verify(raster.blob)
    except BlobMissing as missing:
        raise BlobMissing(missing.sha256, field=f"{field}.blob") from None
    if stored != raster.byte_length:
        raise InvalidInput(f"{field}.blob", f"{stored} bytes long", f"its raster takes {raster.byte_length} bytes")
