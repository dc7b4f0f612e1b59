"""What a retoucher asks for, a verb's form filled in, and the contract's messages that are made of it."""

from dataclasses import dataclass, field

from .client.messages import inlay_pb2, memory_pb2, recipe_pb2, verbs_pb2
from .host.capture import Mask, Rect
from .host.facts import CannotEdit, Facts
from .words import say

Kind = verbs_pb2.FieldKind

DRAFT = "draft"
"""The role of what a recipe finishes."""

_SAID = (
    ("words", ("prompt", "negative_prompt", "target_color", "raw", "surroundings")),
    ("sampling", ("seed", "count", "tier", "model", "style")),
    ("where", ("grow_px", "feather_px")),
)
"""What of a recipe a plan goes by."""


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
    like: "recipe_pb2.Recipe | None" = None
    """A recipe that is done again in another place: what the values do not say is as it has it."""

    @property
    def verb(self) -> str:
        return self.form.id

    @property
    def lack(self) -> str:
        """What must be said, or done, before it can be run; empty where nothing is missing."""
        lacks = (asked.lack for asked in self.form.fields if self._needs(asked) and not self.get(asked.path))
        return next(lacks, self.form.unable)

    def _needs(self, asked: verbs_pb2.Field) -> bool:
        """Whether it means nothing without this field: regions say where, as a layer does that is drawn on."""
        return asked.required and not (asked.is_aside and self.regions())

    def get(self, path: str):
        """What was filled in."""
        value = self.values.get(path, "")
        return value.strip() if isinstance(value, str) else value

    def references(self) -> "list[dict]":
        """Pictures that go along: the key of each (`host.pictures`), its role and weight."""
        return self._listed(Kind.FIELD_KIND_REFERENCES)

    def regions(self) -> "list[dict]":
        """Places that are edits of their own: the key of each (`host.regions`), and its words."""
        return self._listed(Kind.FIELD_KIND_REGIONS)

    def _listed(self, kind) -> "list[dict]":
        asked = [one.path for one in self.form.fields if one.kind == kind]
        return [one for path in asked for one in self.values.get(path) or []]

    def layers(self) -> "dict[str, str]":
        """The unique ids of layers that are inputs, by role."""
        layers = [one for one in self.form.fields if one.kind == Kind.FIELD_KIND_LAYER]
        asked = [one.path for one in layers if self._needs(one) or not one.required]
        return {path.partition(".")[2]: self.get(path) for path in asked if self.get(path)}


def initial(asked: verbs_pb2.Field):
    """What a field begins with."""
    kind = asked.initial.WhichOneof("kind")
    return getattr(asked.initial, kind) if kind else None


def plan_request(
    wish: Wish, facts: Facts, region: Rect, sizes: "tuple[tuple[int, int], ...]" = ()
) -> inlay_pb2.PlanEditRequest:
    """What to ask about a wish for a region of a document with `facts`, before anything is captured. sizes: width and height of
    the pictures that go along.
    """
    request = inlay_pb2.PlanEditRequest(document=facts.size, region=region.message)
    for width, height in sizes:
        request.references.add(width=width, height=height)
    asked = {
        path.rpartition(".")[2]: value
        for path, value in wish.values.items()
        if not path.startswith(("options.", "inputs."))
    }
    fill(request, {**asked, "verb": wish.verb, "prompted": bool(wish.get("words.prompt"))})
    request.words.SetInParent()
    fill(request, {path: value for path, value in wish.values.items() if path.startswith("words.")})
    return request


def recipe_message(wish: Wish, facts: Facts, window: Rect, mask: Mask, mask_blob: str) -> recipe_pb2.Recipe:
    """The recipe of a wish for a mask in a document with `facts`; its pixels are named once they are read."""
    recipe = recipe_pb2.Recipe()
    if wish.like is not None:
        recipe.CopyFrom(wish.like)
    recipe.canvas.document.CopyFrom(facts.size)
    recipe.canvas.window.CopyFrom(window.message)
    recipe.where.region.CopyFrom(mask.region.message)
    recipe.where.mask.CopyFrom(mask.raster(mask_blob))
    fill(recipe, {**wish.values, "verb": wish.verb})
    return recipe


def alone(memory: memory_pb2.ResultMemory) -> recipe_pb2.Recipe:
    """The recipe of one variation with its own seed, by the model that painted it; all else is to be resolved anew."""
    recipe = recipe_pb2.Recipe()
    recipe.CopyFrom(memory.recipe)
    sampling = recipe.sampling
    sampling.seed, sampling.count = (sampling.seed + memory.variation) % 2**32, 1
    sampling.model = sampling.resolved.model
    sampling.ClearField("resolved")
    return recipe


def elsewhere(form: verbs_pb2.VerbForm, recipe: recipe_pb2.Recipe, moved: "tuple[int, int] | None" = None) -> Wish:
    """The wish to do what a recipe does in another document. Raises CannotEdit where it is held to something of its own.

    moved: the other one is the same picture, which lies so much further right and down there. A draft that was finished is none
    of another place.
    """
    like = recipe_pb2.Recipe()
    like.CopyFrom(recipe)
    inputs = [one for one in recipe.inputs if one.role != DRAFT]
    del like.inputs[:]
    for one in inputs:
        like.inputs.add().CopyFrom(one)
    for one in (one for one in like.inputs if one.HasField("place")):
        if moved is None:
            raise CannotEdit(say("many.own_layers"))
        one.place.x, one.place.y = one.place.x + moved[0], one.place.y + moved[1]
    values = {f"{part}.{name}": getattr(getattr(recipe, part), name) for part, names in _SAID for name in names}
    return Wish(form, values, like=like)


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
        is_whole = type(getattr(message, leaf.name)) is int
        setattr(message, leaf.name, round(value) if is_whole else value)
