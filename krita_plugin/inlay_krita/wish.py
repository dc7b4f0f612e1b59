"""What a retoucher asks for, a verb's form filled in, and the contract's messages that are made of it."""

from dataclasses import dataclass, field

from .client.messages import inlay_pb2, raster_pb2, recipe_pb2, verbs_pb2
from .host.capture import Mask, Rect

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
    reads: str = "picture"
    """What of the picture is sent: all that is seen, or the active layer and what lies `below` it."""
    lands: str = "top"
    """Where the result's group is put: `top`, `above` the active layer or into the active `group`."""

    @property
    def verb(self) -> str:
        return self.form.id

    @property
    def lack(self) -> str:
        """What must be said, or done, before it can be run; empty where nothing is missing."""
        lacks = (asked.lack for asked in self.form.fields if asked.required and not self.get(asked.path))
        return next(lacks, self.form.unable)

    def get(self, path: str):
        """What was filled in."""
        value = self.values.get(path, "")
        return value.strip() if isinstance(value, str) else value

    def layers(self) -> "dict[str, str]":
        """The unique ids of layers that are inputs, by role."""
        asked = [one.path for one in self.form.fields if one.kind == Kind.FIELD_KIND_LAYER]
        return {path.partition(".")[2]: self.get(path) for path in asked if self.get(path)}


def initial(asked: verbs_pb2.Field):
    """What a field begins with."""
    kind = asked.initial.WhichOneof("kind")
    return getattr(asked.initial, kind) if kind else None


def rect_message(rect) -> raster_pb2.Rect:
    return raster_pb2.Rect(x=rect.x, y=rect.y, width=rect.width, height=rect.height)


def plan_request(wish: Wish, facts, region: Rect, locale: str) -> inlay_pb2.PlanEditRequest:
    """What to ask about a wish for a region of a document with `facts`, before anything is captured."""
    request = inlay_pb2.PlanEditRequest(
        document=raster_pb2.Size(width=facts.width, height=facts.height),
        region=rect_message(region),
        prompted=bool(wish.get("words.prompt")),
        locale=locale,
    )
    asked = {path: value for path, value in wish.values.items() if not path.startswith("options.")}
    fill(request, {**{path.rpartition(".")[2]: value for path, value in asked.items()}, "verb": wish.verb})
    return request


def pixels_message(facts, width: int, height: int, blob: str, icc: bytes) -> raster_pb2.Raster:
    """Pixels of a document with `facts`."""
    return raster_pb2.Raster(
        width=width,
        height=height,
        order=f"CHANNEL_ORDER_{facts.order}",
        sample_type=f"SAMPLE_TYPE_{facts.depth}",
        white_level=facts.white_level,
        profile=facts.profile,
        icc=icc,
        blob=blob,
    )


def mask_message(width: int, height: int, blob: str) -> raster_pb2.Raster:
    """A selection's samples, as Krita keeps them."""
    order, kind = raster_pb2.CHANNEL_ORDER_Y, raster_pb2.SAMPLE_TYPE_U8
    return raster_pb2.Raster(width=width, height=height, order=order, sample_type=kind, white_level=255.0, blob=blob)


def recipe_message(wish: Wish, facts, window: Rect, mask: Mask, mask_blob: str) -> recipe_pb2.Recipe:
    """The recipe of a wish for a mask in a document with `facts`; its pixels are named once they are read."""
    recipe = recipe_pb2.Recipe()
    recipe.canvas.document.CopyFrom(raster_pb2.Size(width=facts.width, height=facts.height))
    recipe.canvas.window.CopyFrom(rect_message(window))
    recipe.where.region.CopyFrom(rect_message(mask.region))
    recipe.where.mask.CopyFrom(mask_message(mask.region.width, mask.region.height, mask_blob))
    fill(recipe, {**wish.values, "verb": wish.verb})
    return recipe


def fill(message, values: dict) -> None:
    """Fills in fields of a message by their paths; those that it does not have are left out."""
    for path, value in values.items():
        _set(message, path, value)


def _set(message, path: str, value) -> None:
    room, _, rest = path.partition(".")
    if rest and room in message.DESCRIPTOR.fields_by_name:
        if room == "options":
            kind = "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
            setattr(message.options[rest], kind, value)
        elif room != "inputs":
            _set(getattr(message, room), rest, value)
        return
    leaf = message.DESCRIPTOR.fields_by_name.get(rest or room)
    if leaf is not None:
        is_whole = leaf.cpp_type not in (
            leaf.CPPTYPE_DOUBLE,
            leaf.CPPTYPE_FLOAT,
            leaf.CPPTYPE_STRING,
            leaf.CPPTYPE_BOOL,
        )
        setattr(message, leaf.name, round(value) if is_whole else value)
