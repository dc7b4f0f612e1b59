"""A form: what one verb asks of a retoucher, as plain values that a panel can show. Same fields as the contract's messages."""

import enum
from dataclasses import dataclass


class Needs(enum.StrEnum):
    """What has to be there in the document before a verb means something."""

    SELECTION = "selection"
    LAYER = "layer"
    """The one in hand: it comes along as the input `layer`, its bounds are the region, and layers that come of it stand for it."""
    NOTHING = "nothing"


class FieldKind(enum.StrEnum):
    """How a field is entered."""

    TEXT = "text"
    """Some lines."""
    LINE = "line"
    INTEGER = "integer"
    NUMBER = "number"
    FRACTION = "fraction"
    """0..1, shown in %."""
    SEED = "seed"
    """Drawn anew by each run unless it is locked."""
    SWITCH = "switch"
    CHOICE = "choice"
    COLOR = "color"
    LAYER = "layer"
    """A layer of the document, which becomes the input of the role in the path."""
    REFERENCES = "references"
    """Some pictures, each with one of `choices` as its role and with a weight 0..1; they become inputs of these roles."""
    REGIONS = "regions"
    """Places, each with words of its own; they become inputs of the role in the path."""
    MODEL = "model"
    """One of the verb's models, or none."""


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen."""

    value: str
    title: str = ""
    tip: str = ""


@dataclass(frozen=True)
class Syntax:
    """One way of writing in a prompt that means more than its words."""

    written: str
    """An example."""
    tip: str = ""
    before: str = ""
    """What a panel puts around a selected word, in front of it ..."""
    after: str = ""
    """... and behind it."""
    models: tuple[str, ...] = ()
    """Those of the verb's that heed it."""


@dataclass(frozen=True)
class Field:
    """One thing that a form asks for."""

    path: str
    """Where in the recipe it goes: `words.prompt`, `options.NAME`, `inputs.ROLE`."""
    kind: FieldKind
    title: str = ""
    tip: str = ""
    hint: str = ""
    """What stands in an empty field."""
    required: bool = False
    lack: str = ""
    """What to say while a required field is empty."""
    advanced: bool = False
    """Whether it may be folded away."""
    initial: float | str | bool | None = None
    """What it begins with; None: empty, or for a seed one drawn at random."""
    minimum: float = 0.0
    maximum: float = 0.0
    """Equal to `minimum` where there is no limit. For texts, characters."""
    step: float = 0.0
    """By how much one click changes it; 0: the panel's own choice."""
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    is_aside: bool = False
    """Of a layer: it is no part of the picture, which is read without it."""
    syntax: tuple[Syntax, ...] = ()
    """What can be written into a text beside plain words."""


@dataclass(frozen=True)
class VerbForm:
    """What one verb asks for, and who can do it."""

    id: str
    needs: Needs
    fields: tuple[Field, ...]
    inverts: bool = False
    """Whether the retoucher selects what stays: the mask is the complement of the selection."""
    title: str = ""
    tip: str = ""
    models: tuple[str, ...] = ()
    """Who can do it; the first paints where the recipe names none and has no words that it needs not."""
    unable: str = ""
    """Why nothing that is ready can; empty where something can."""


@dataclass(frozen=True)
class Description:
    """All that a panel shows, in one language."""

    locale: str
    verbs: tuple[VerbForm, ...]
    words: dict[str, str]
    """The panel's other words by key; `{name}` in one is a place that the panel fills in."""
