"""How many bytes a job's results will take: what a person's storage is charged with until they are there."""

from inlay.engines.registry import Registry
from inlay.engines.upscale.facts import scale_of
from inlay.errors import NotFound, Unsupported
from inlay.jobs.entry import pictures_of
from inlay.recipe import Recipe, Verb


def result_bytes(recipe: Recipe, registry: Registry) -> int:
    """Of all variations, in the document's own samples: what is masked and its mask; of a clip each of its pictures; a picture
    enlarged; of layers two of the window, as few as there are."""
    try:
        pictures = pictures_of(registry.painter_of(recipe), recipe.options)
    except (NotFound, Unsupported):
        pictures = 1
    region, window, source, mask = recipe.where.region, recipe.canvas.window, recipe.canvas.source, recipe.where.mask
    pixel = source.channels * source.sample_type.dtype.itemsize
    masked = region.area * mask.sample_type.dtype.itemsize
    match recipe.verb:
        case Verb.UPSCALE:
            each = region.area * scale_of(recipe) ** 2 * pixel
        case Verb.SEPARATE:
            each = 2 * window.area * pixel
        case Verb.SELECT:
            each = masked
        case _:
            each = region.area * pixel * pictures + (masked if pictures == 1 else 0)
    return each * recipe.sampling.count
