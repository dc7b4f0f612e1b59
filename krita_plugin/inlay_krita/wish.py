"""What a retoucher asks for: a verb's form and what was filled in, by path in the recipe."""

import json
from dataclasses import dataclass, field

from . import words
from .client.messages import inlay_pb2, raster_pb2, recipe_pb2, verbs_pb2
from .host.capture import Rect

MAX_NAME = 60
Kind = verbs_pb2.FieldKind


@dataclass(frozen=True)
class Wish:
    """A form of the server's, filled in."""

    form: verbs_pb2.VerbForm
    values: dict = field(default_factory=dict)
    """By path: text, number or bool; of a layer its unique id. What is not there is as the server has it."""
    build_on: bool = False
    """Whether the same edit of the same selection, too, builds on its earlier result, as every other edit does; else it is
    another roll of that result."""
    lands: str = "top"
    """Where the result's group is put: `top`, `above` the active layer or into the active `group`."""

    @property
    def verb(self) -> str:
        return self.form.id

    @property
    def lack(self) -> str:
        """What must be said before it can be run; empty where nothing is missing."""
        return next((asked.lack for asked in self.form.fields if asked.required and not self.get(asked.path)), "")

    @property
    def name(self) -> str:
        """What a result is named: the words, or else the verb and its colour."""
        said = {asked.kind: self.get(asked.path) for asked in reversed(self.form.fields) if not asked.advanced}
        words = " ".join((said.get(Kind.FIELD_KIND_TEXT) or said.get(Kind.FIELD_KIND_LINE) or "").split())
        if words:
            return words if len(words) <= MAX_NAME else words[: MAX_NAME - 1] + "…"
        return " ".join(filter(None, [self.form.title, said.get(Kind.FIELD_KIND_COLOR)]))

    def get(self, path: str, otherwise=""):
        """What was filled in."""
        value = self.values.get(path, otherwise)
        return value.strip() if isinstance(value, str) else value

    def layers(self) -> "dict[str, str]":
        """The unique ids of layers that are inputs, by role."""
        chosen = {asked.path: self.get(asked.path) for asked in self.form.fields if asked.kind == Kind.FIELD_KIND_LAYER}
        return {path.partition(".")[2]: layer for path, layer in chosen.items() if layer}


def initial(asked: verbs_pb2.Field):
    """What a field begins with."""
    kind = asked.initial.WhichOneof("kind")
    return getattr(asked.initial, kind) if kind else None


def rect_message(rect) -> raster_pb2.Rect:
    return raster_pb2.Rect(x=rect.x, y=rect.y, width=rect.width, height=rect.height)


def rect_of(message: raster_pb2.Rect) -> Rect:
    return Rect(message.x, message.y, message.width, message.height)


def plan_request(wish: Wish, facts, region) -> inlay_pb2.PlanEditRequest:
    """What to ask about a wish for a region (Rect) of a document with `facts`, before anything is captured."""
    request = inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=facts.width, height=facts.height),
        region=rect_message(region),
        prompted=bool(wish.get("words.prompt")),
        locale=words.locale(),
    )
    fill(
        request,
        {path.rpartition(".")[2]: value for path, value in wish.values.items() if not path.startswith("options.")},
    )
    fill(request, {"verb": wish.verb})
    return request


def pixels_message(facts, width: int, height: int, blob: str, icc: bytes) -> raster_pb2.Raster:
    """Pixels of a document with `facts`."""
    return raster_pb2.Raster(
        width=width,
        height=height,
        order=raster_pb2.ChannelOrder.Value(f"CHANNEL_ORDER_{facts.order}"),
        sample_type=raster_pb2.SampleType.Value(f"SAMPLE_TYPE_{facts.depth}"),
        white_level=facts.white_level,
        profile=facts.profile,
        icc=icc,
        blob=blob,
    )


def mask_message(width: int, height: int, blob: str) -> raster_pb2.Raster:
    """A selection's samples, as Krita keeps them."""
    return raster_pb2.Raster(
        width=width,
        height=height,
        order=raster_pb2.CHANNEL_ORDER_Y,
        sample_type=raster_pb2.SAMPLE_TYPE_U8,
        white_level=255.0,
        blob=blob,
    )


def recipe_message(wish: Wish, facts, window, source_blob: str, mask, mask_blob: str, icc: bytes) -> recipe_pb2.Recipe:
    """The contract's Recipe of a wish for a captured window (Rect) and mask (Mask) of a document with `facts`."""
    recipe = recipe_pb2.Recipe()
    recipe.canvas.document.CopyFrom(raster_pb2.Size(width=facts.width, height=facts.height))
    recipe.canvas.window.CopyFrom(rect_message(window))
    recipe.canvas.source.CopyFrom(pixels_message(facts, window.width, window.height, source_blob, icc))
    recipe.where.region.CopyFrom(rect_message(mask.region))
    recipe.where.mask.CopyFrom(mask_message(mask.region.width, mask.region.height, mask_blob))
    fill(recipe, {**wish.values, "verb": wish.verb})
    return recipe


def fill(message, values: dict) -> None:
    """Fills in fields of a message by their paths; those that it does not have are left out."""
    for path, value in values.items():
        _set(message, path, value)


def _set(message, path: str, value) -> None:
    """Fills in one field of a message by its path."""
    room, _, rest = path.partition(".")
    if rest and room in message.DESCRIPTOR.fields_by_name:
        if room == "options":
            kind = "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
            setattr(message.options[rest], kind, value)
        elif room != "inputs":
            _set(getattr(message, room), rest, value)
        return
    leaf = message.DESCRIPTOR.fields_by_name.get(rest or room)
    if leaf is None:
        return
    if leaf.cpp_type not in (leaf.CPPTYPE_DOUBLE, leaf.CPPTYPE_FLOAT, leaf.CPPTYPE_STRING, leaf.CPPTYPE_BOOL):
        value = round(value)
    setattr(message, leaf.name, value)


def get(message, path: str):
    """One field of a message by its path; None where it has no such field, or it is not set."""
    room, _, rest = path.partition(".")
    if rest and room in message.DESCRIPTOR.fields_by_name:
        if room == "options":
            value = message.options.get(rest)
            return getattr(value, value.WhichOneof("kind")) if value else None
        return None if room == "inputs" else get(getattr(message, room), rest)
    leaf = message.DESCRIPTOR.fields_by_name.get(rest or room)
    if leaf is None or (leaf.has_presence and not message.HasField(leaf.name)):
        return None
    return getattr(message, leaf.name)


def wish_of(recipe: recipe_pb2.Recipe, forms: dict) -> Wish:
    """The wish that a recipe came from."""
    verb = recipe.verb
    form = forms.get(verb) or verbs_pb2.VerbForm(id=verb, title=verb)
    found = {asked.path: get(recipe, asked.path) for asked in form.fields}
    return Wish(form, {path: value for path, value in found.items() if value is not None})


def finishing(recipe: recipe_pb2.Recipe, patch, receipt: str, blob: str) -> recipe_pb2.Recipe:
    """The recipe that paints one variation of `recipe` anew at the final tier and keeps what it shows.

    patch, blob: where the variation's layer lies (Rect), and its pixels there, in the samples of the recipe's source.
    receipt: the variation's receipt_json, which holds the recipe with the seed it was painted with.
    """
    final = recipe_pb2.Recipe()
    final.CopyFrom(recipe)
    asked = json.loads(receipt)["recipe"]
    seed = asked["sampling"]["seed"]
    fill(final, {"sampling.seed": seed, "sampling.tier": "final", "sampling.count": 1})
    final.sampling.ClearField("resolved")
    del final.inputs[:]
    draft = final.inputs.add(role="draft", place=rect_message(patch)).raster
    draft.CopyFrom(recipe.canvas.source)
    draft.width, draft.height, draft.blob = patch.width, patch.height, blob
    return final
