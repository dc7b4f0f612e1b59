"""What a retoucher asks for, before any pixel is looked at."""

import json
from dataclasses import dataclass

from .client.messages import ORDERS, SAMPLE_TYPES, inlay_pb2, raster_pb2, recipe_pb2
from .colors import ACCEPTED
from .host.capture import Rect

MAX_SEED = 2**32 - 1
MAX_COUNT = 16
MAX_NAME = 60
DRAFT = "draft"
"""The role of the pixels that a recipe finishes."""
TITLES = {
    "erase": "Erase",
    "fill": "Fill",
    "generate": "Generate",
    "refine": "Refine",
    "instruct": "Instruct",
    "recolor": "Recolor",
    "replace_background": "Replace background",
    "expand": "Expand",
}
"""The verbs that edit a selected region, as the panel lists them."""

NEEDS_WORDS = {"generate": "Say what should be there.", "instruct": "Say what should change."}
"""Verbs that mean nothing without words, and what to ask for."""


@dataclass(frozen=True)
class Wish:
    """The fields mean what they mean in the contract's Recipe."""

    verb: str = "erase"
    prompt: str = ""
    negative_prompt: str = ""
    tier: str = "standard"
    strength: float = 1.0
    count: int = 1
    seed: int = 0
    grow_px: int = 0
    feather_px: int = 0
    target_color: str = ""
    model: str = ""
    build_on: bool = False
    """Whether the same edit of the same selection, too, builds on its earlier result, as every other edit does; else it is
    another roll of that result."""

    @property
    def lack(self) -> str:
        """What must be said before it can be run; empty where nothing is missing."""
        if self.verb == "recolor" and not self.target_color:
            return f"Name the target colour: {ACCEPTED}."
        return NEEDS_WORDS.get(self.verb, "") if not self.prompt.strip() else ""

    @property
    def name(self) -> str:
        """What a result is named: the prompt, or else the verb."""
        words = " ".join(self.prompt.split())
        if words:
            return words if len(words) <= MAX_NAME else words[: MAX_NAME - 1] + "…"
        return f"Recolor {self.target_color}" if self.verb == "recolor" else TITLES.get(self.verb, self.verb)


def rect_message(rect) -> raster_pb2.Rect:
    return raster_pb2.Rect(x=rect.x, y=rect.y, width=rect.width, height=rect.height)


def rect_of(message: raster_pb2.Rect) -> Rect:
    return Rect(message.x, message.y, message.width, message.height)


def plan_request(wish: Wish, facts, region) -> inlay_pb2.PlanEditRequest:
    """What to ask about a wish for a region (Rect) of a document with `facts`, before anything is captured."""
    return inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=facts.width, height=facts.height),
        region=rect_message(region),
        verb=wish.verb,
        tier=wish.tier,
        model=wish.model,
        grow_px=wish.grow_px,
        feather_px=wish.feather_px,
        count=wish.count,
        prompted=bool(wish.prompt),
    )


def pixels_message(facts, width: int, height: int, blob: str, icc: bytes) -> raster_pb2.Raster:
    """Pixels of a document with `facts`."""
    return raster_pb2.Raster(
        width=width,
        height=height,
        order=ORDERS[facts.order],
        sample_type=SAMPLE_TYPES[facts.depth],
        white_level=facts.white_level,
        profile=facts.profile,
        icc=icc,
        blob=blob,
    )


def mask_message(width: int, height: int, blob: str) -> raster_pb2.Raster:
    """A selection's samples, as Krita keeps them."""
    return raster_pb2.Raster(
        width=width, height=height, order=ORDERS["Y"], sample_type=SAMPLE_TYPES["U8"], white_level=255.0, blob=blob
    )


def recipe_message(wish: Wish, facts, window, source_blob: str, mask, mask_blob: str, icc: bytes) -> recipe_pb2.Recipe:
    """The contract's Recipe of a wish for a captured window (Rect) and mask (Mask) of a document with `facts`."""
    return recipe_pb2.Recipe(
        verb=wish.verb,
        canvas=recipe_pb2.Canvas(
            document=raster_pb2.Size(width=facts.width, height=facts.height),
            window=rect_message(window),
            source=pixels_message(facts, window.width, window.height, source_blob, icc),
        ),
        where=recipe_pb2.Where(
            region=rect_message(mask.region),
            mask=mask_message(mask.region.width, mask.region.height, mask_blob),
            grow_px=wish.grow_px,
            feather_px=wish.feather_px,
        ),
        words=recipe_pb2.Words(
            prompt=wish.prompt, negative_prompt=wish.negative_prompt, target_color=wish.target_color
        ),
        sampling=recipe_pb2.Sampling(
            seed=wish.seed, count=wish.count, tier=wish.tier, model=wish.model, strength=wish.strength
        ),
    )


def wish_of(recipe: recipe_pb2.Recipe) -> Wish:
    """The wish that a recipe came from."""
    where, words, sampling = recipe.where, recipe.words, recipe.sampling
    return Wish(
        verb=recipe.verb,
        prompt=words.prompt,
        negative_prompt=words.negative_prompt,
        tier=sampling.tier or "standard",
        strength=sampling.strength if sampling.HasField("strength") else 1.0,
        count=sampling.count or 1,
        seed=sampling.seed,
        grow_px=where.grow_px,
        feather_px=where.feather_px,
        target_color=words.target_color,
        model=sampling.model,
    )


def finishing(recipe: recipe_pb2.Recipe, patch, receipt: str, blob: str) -> recipe_pb2.Recipe:
    """The recipe that paints one variation of `recipe` anew at the final tier and keeps what it shows.

    patch, blob: where the variation's layer lies (Rect), and its pixels there, in the samples of the recipe's source.
    receipt: the variation's receipt_json, which holds the recipe with the seed it was painted with.
    """
    final = recipe_pb2.Recipe()
    final.CopyFrom(recipe)
    final.sampling.seed = json.loads(receipt)["recipe"]["sampling"]["seed"]
    final.sampling.tier, final.sampling.count = "final", 1
    final.sampling.ClearField("resolved")
    del final.inputs[:]
    draft = final.inputs.add(role=DRAFT, place=rect_message(patch)).raster
    draft.CopyFrom(recipe.canvas.source)
    draft.width, draft.height, draft.blob = patch.width, patch.height, blob
    return final


def draft_blob(recipe: recipe_pb2.Recipe) -> str:
    """The pixels that a recipe finishes, by their SHA-256; empty where it finishes none."""
    return next((one.raster.blob for one in recipe.inputs if one.role == DRAFT), "")
