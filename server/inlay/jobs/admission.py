"""Whether an edit can be accepted: its recipe is within every limit, and the pixels that it names are here, undamaged."""

from collections.abc import Sequence

from inlay.blobs import BlobStore
from inlay.color.raster import Raster
from inlay.edit.check import check
from inlay.edit.resolve import resolve
from inlay.edit.style import with_style
from inlay.engines.registry import Registry
from inlay.errors import BlobMissing, InvalidInput
from inlay.recipe import Recipe
from inlay.styles import StyleBook


def admit(recipe: Recipe, blobs: BlobStore, registry: Registry, devices: Sequence[str], styles: StyleBook) -> Recipe:
    """The recipe, with its style's values, resolved for `devices`. Samples of references that only the style book has are put into
    the store.

    Raises as `inlay.edit.style`, `inlay.edit.check` and `inlay.edit.resolve` do, BlobMissing for pixels that are not here,
    InvalidInput for those of another length. Profiles are parsed and pixels hashed that nobody looked at yet: keep it off an
    event loop.
    """
    recipe = with_style(recipe, styles, registry)
    check(recipe, registry)
    for one in recipe.inputs:
        if not blobs.received(one.raster.blob).present and (samples := styles.samples(one.raster.blob)):
            blobs.add(samples)
    _check_pixels("canvas.source", recipe.canvas.source, blobs)
    _check_pixels("where.mask", recipe.where.mask, blobs)
    for at, one in enumerate(recipe.inputs):
        _check_pixels(f"inputs[{at}].raster", one.raster, blobs)
    return resolve(recipe, registry, devices)


def _check_pixels(field: str, raster: Raster, blobs: BlobStore) -> None:
    try:
        stored = blobs.verify(raster.blob)
    except BlobMissing as missing:
        raise BlobMissing(missing.sha256, field=f"{field}.blob") from None
    if stored != raster.byte_length:
        raise InvalidInput(f"{field}.blob", f"{stored} bytes long", f"its raster takes {raster.byte_length} bytes")
