"""Whether an edit can be accepted: its recipe is within every limit, and the pixels that it names are here, undamaged."""

from inlay.blobs import BlobStore
from inlay.color.raster import Raster
from inlay.edit.check import check
from inlay.engines.registry import Registry
from inlay.errors import BlobMissing, InvalidInput
from inlay.recipe import Recipe


def admit(recipe: Recipe, blobs: BlobStore, registry: Registry) -> None:
    """Raise what `inlay.edit.check` finds, BlobMissing for pixels that are not here, InvalidInput for those of another length.

    Profiles are parsed and pixels hashed that nobody looked at yet: keep it off an event loop.
    """
    check(recipe, registry)
    _check_pixels("canvas.source", recipe.canvas.source, blobs)
    _check_pixels("where.mask", recipe.where.mask, blobs)
    for at, one in enumerate(recipe.inputs):
        _check_pixels(f"inputs[{at}].raster", one.raster, blobs)


def _check_pixels(field: str, raster: Raster, blobs: BlobStore) -> None:
    try:
        stored = blobs.verify(raster.blob)
    except BlobMissing as missing:
        raise BlobMissing(missing.sha256, field=f"{field}.blob") from None
    if stored != raster.byte_length:
        raise InvalidInput(f"{field}.blob", f"{stored} bytes long", f"its raster takes {raster.byte_length} bytes")
