"""What goes along with an edit beside the picture: layers, references and regions, as inputs of its recipe."""

from functools import partial

from .client import blobs
from .client.messages import raster_pb2, recipe_pb2
from .host import capture, pictures, place, regions, scratch, skeleton
from .host.capture import Rect
from .host.facts import CannotEdit, Facts
from .wish import Wish
from .words import say

CONTROL = "control"
"""The role of a map that the result is held to."""

REGION = "region"
"""The role of a place that is an edit of its own; its name is what shall be there."""

MOST_WORDS = 256
"""Characters of an input's name."""


async def bring(
    recipe: recipe_pb2.Recipe, wish: Wish, layers: "dict[str, str]", window: Rect, facts: Facts, document, profiles
) -> "dict[str, bytes]":
    """Adds all of them to a recipe; returns their samples by blob. Raises CannotEdit.

    layers: ids by role, read where the window is; `facts` are the document's. document: gives it, or raises CannotEdit once it is
    closed. profiles: those that the server knows by name.
    """
    content: dict[str, bytes] = {}

    async def add(pixels: bytes, raster, **more) -> None:
        blob = await blobs.name_of(pixels)
        content[blob] = pixels
        recipe.inputs.add(raster=raster(blob), **more)

    for role, layer_id in layers.items():
        layer = place.layer_meant(document(), layer_id)
        if layer is None or (layer.colorModel(), layer.colorDepth(), layer.colorProfile()) != facts[2:5]:
            raise CannotEdit(say("plan.no_layer"))
        drawn = skeleton.map_in(document(), layer, window) if role == CONTROL else None
        own, pixels = drawn or (facts, await capture.pixels_of(document(), window, layer))
        raster = partial(_raster, own, (window.width, window.height), scratch.icc_unless(profiles, own))
        await add(pixels, raster, role=role, place=window.message, name=layer.name())
    for one in wish.references():
        picture = await pictures.read(document(), one["picture"])
        raster = partial(_raster, picture.facts, picture.facts[:2], scratch.icc_unless(profiles, picture.facts))
        await add(picture.pixels, raster, role=one["role"], weight=one["weight"], name=picture.name)
    for one in wish.regions():
        region = await regions.read(document(), one["region"])
        name = one["words"].strip()[:MOST_WORDS]
        await add(region.pixels, region.raster, role=REGION, place=region.bounds.message, name=name)
    return content


def _raster(facts: Facts, size: "tuple[int, int]", icc: bytes, blob: str) -> raster_pb2.Raster:
    return facts.raster(*size, blob, icc)
