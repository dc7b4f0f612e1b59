"""What each verb asks for, as data. Its words are in `words/*.toml`, under the verb's id and the field's path."""

from dataclasses import replace

from inlay.clip import DEFAULT_S, FRAMES, HOLD, LEAST_S, MOST_FRAMES, MOST_S, SECONDS
from inlay.engines.selecting.facts import AS_IT_IS, EDGES, EXCLUDE, INCLUDE, WHAT
from inlay.engines.structure.facts import SHOWN
from inlay.engines.upscale.facts import SCALES
from inlay.form import Choice, Field, FieldKind, Needs, VerbForm
from inlay.recipe import (
    CONTROL,
    MARKS,
    MAX_COUNT,
    MAX_FEATHER_PX,
    MAX_GROW_PX,
    MAX_INPUTS,
    MAX_PROMPT_CHARACTERS,
    MAX_SEED,
    PALETTE,
    PURPOSES,
    REFERENCE,
    REGION,
    Tier,
    Verb,
)
from inlay.structure import FREE, FULL, KIND, STRUCTURES
from inlay.structure import STRENGTH as STRENGTH_OF

PROMPT = Field("words.prompt", FieldKind.TEXT, maximum=MAX_PROMPT_CHARACTERS)
LEAVE_OUT = Field("words.negative_prompt", FieldKind.LINE, advanced=True, maximum=MAX_PROMPT_CHARACTERS)
SURROUNDINGS = Field("words.surroundings", FieldKind.TEXT, advanced=True, maximum=MAX_PROMPT_CHARACTERS)
"""Asked where a model is here that can say it."""
AS_WRITTEN = Field("words.raw", FieldKind.SWITCH, advanced=True, initial=False)
STYLE = Field("sampling.style", FieldKind.CHOICE, initial="")
REFERENCES = Field(
    "inputs.references",
    FieldKind.REFERENCES,
    maximum=MAX_INPUTS,
    choices=tuple(Choice(role) for role in (REFERENCE, *PURPOSES, PALETTE)),
)
STRUCTURE = Field(
    f"options.{KIND}",
    FieldKind.CHOICE,
    initial=FREE,
    advanced=True,
    choices=tuple(Choice(kind) for kind in (FREE, *STRUCTURES)),
)
HOLD_TO = Field(f"options.{STRENGTH_OF}", FieldKind.FRACTION, advanced=True, initial=FULL, maximum=1.0, step=0.05)
MAP = Field(f"inputs.{CONTROL}", FieldKind.LAYER, advanced=True, is_aside=True)
SHOW = Field(f"options.{KIND}", FieldKind.CHOICE, initial=SHOWN[0], choices=tuple(Choice(kind) for kind in SHOWN))
KEPT = (STRUCTURE, HOLD_TO, MAP)
COLOR = Field("words.target_color", FieldKind.COLOR, required=True, initial="#C0392B")
TIER = Field(
    "sampling.tier",
    FieldKind.CHOICE,
    initial=Tier.STANDARD,
    choices=tuple(Choice(tier) for tier in (Tier.DRAFT, Tier.STANDARD, Tier.FINAL)),
)
COUNT = Field("sampling.count", FieldKind.INTEGER, initial=1.0, minimum=1.0, maximum=MAX_COUNT, step=1.0)
MODEL = Field("sampling.model", FieldKind.MODEL, initial="")
STRENGTH = Field("sampling.strength", FieldKind.FRACTION, advanced=True, initial=1.0, maximum=1.0, step=0.05)
SEED = Field("sampling.seed", FieldKind.SEED, advanced=True, maximum=MAX_SEED)
GROW = Field(
    "where.grow_px",
    FieldKind.INTEGER,
    advanced=True,
    initial=0.0,
    minimum=-MAX_GROW_PX,
    maximum=MAX_GROW_PX,
    step=1.0,
    unit="px",
)
FEATHER = Field(
    "where.feather_px", FieldKind.INTEGER, advanced=True, initial=0.0, maximum=MAX_FEATHER_PX, step=1.0, unit="px"
)

EDGE = Field("options.edge", FieldKind.CHOICE, initial=EDGES[0], choices=tuple(Choice(edge) for edge in EDGES))
HAIR = Field(
    "options.hair_px",
    FieldKind.INTEGER,
    advanced=True,
    initial=20.0,
    minimum=8.0,
    maximum=256.0,
    step=4.0,
    unit="px",
)
SELECTED = (
    Field("options.what", FieldKind.CHOICE, initial=WHAT[0], choices=tuple(Choice(what) for what in WHAT)),
    EDGE,
    Field(f"inputs.{INCLUDE}", FieldKind.LAYER, advanced=True, is_aside=True),
    Field(f"inputs.{EXCLUDE}", FieldKind.LAYER, advanced=True, is_aside=True),
    Field("options.points", FieldKind.LINE, advanced=True, initial="", maximum=MAX_PROMPT_CHARACTERS),
    HAIR,
)
SCALE = Field("options.scale", FieldKind.CHOICE, initial=SCALES[0], choices=tuple(Choice(scale) for scale in SCALES))
APART = Field(
    "options.apart",
    FieldKind.CHOICE,
    initial="whole",
    choices=tuple(Choice(what) for what in ("whole", "pieces", "faces", "hands", "text")),
)
LETTERING = Field(
    "options.lettering",
    FieldKind.CHOICE,
    initial="retype",
    choices=(Choice("retype"), Choice("clean"), Choice("find")),
)
PART = Field(
    "options.fix",
    FieldKind.CHOICE,
    initial="hands",
    choices=(Choice("hands"), Choice("faces"), Choice("eyes")),
)
MENDED = replace(STRENGTH, advanced=False, initial=0.6)
CANDIDATES = replace(COUNT, initial=4.0)
LENGTH = Field(
    f"options.{SECONDS}", FieldKind.NUMBER, initial=DEFAULT_S, minimum=LEAST_S, maximum=MOST_S, step=0.25, unit="s"
)
PICTURES = Field(
    f"options.{FRAMES}", FieldKind.INTEGER, advanced=True, initial=0.0, maximum=float(MOST_FRAMES), step=4.0
)
"""0: as many as the seconds make."""
STEADY = Field(f"options.{HOLD}", FieldKind.FRACTION, advanced=True, initial=1.0, maximum=1.0, step=0.05)
WORDS = Field("options.words", FieldKind.TEXT, maximum=MAX_PROMPT_CHARACTERS)

DRAWN = Field(f"inputs.{MARKS}", FieldKind.LAYER, required=True, initial="Inlay marks", is_aside=True)
"""Its initial value is the name of the layer that is taken where the retoucher chose none."""
REGIONS = Field(f"inputs.{REGION}", FieldKind.REGIONS, maximum=MAX_INPUTS)
MARKED = Field("options.then", FieldKind.CHOICE, initial="paint", choices=(Choice("paint"), Choice("select")))

AMOUNTS = tuple(
    Field(f"options.{name}", FieldKind.FRACTION, initial=1.0, maximum=1.0, step=0.05)
    for name in ("light", "color", "sharpness", "grain", "fringe")
)
SELECTION = (GROW, FEATHER)
PAINTED = (TIER, COUNT, STYLE, MODEL, STRENGTH, SEED, *SELECTION)
THOUGHTS = (LEAVE_OUT, SURROUNDINGS, AS_WRITTEN, REFERENCES, *KEPT)
WORDED = (PROMPT, *THOUGHTS, *PAINTED)

TIMED = frozenset({Verb.ANIMATE})
"""Verbs that give frames, which mean something only to a host with a timeline."""

VERBS: tuple[VerbForm, ...] = (
    VerbForm(Verb.ERASE, Needs.SELECTION, PAINTED),
    VerbForm(Verb.FILL, Needs.SELECTION, WORDED),
    VerbForm(Verb.GENERATE, Needs.SELECTION, (replace(PROMPT, required=True), *THOUGHTS, *PAINTED)),
    VerbForm(
        Verb.REFINE,
        Needs.SELECTION,
        (PROMPT, *THOUGHTS, replace(STRENGTH, advanced=False), TIER, COUNT, STYLE, MODEL, SEED, *SELECTION),
    ),
    VerbForm(Verb.INSTRUCT, Needs.SELECTION, (replace(PROMPT, required=True), *THOUGHTS, *PAINTED)),
    VerbForm(Verb.RECOLOR, Needs.SELECTION, (COLOR, STYLE, MODEL, *SELECTION)),
    VerbForm(Verb.REPLACE_BACKGROUND, Needs.SELECTION, WORDED, inverts=True),
    VerbForm(Verb.EXPAND, Needs.SELECTION, WORDED),
    VerbForm(Verb.SELECT, Needs.NOTHING, SELECTED),
    VerbForm(Verb.SEPARATE, Needs.SELECTION, (APART, replace(EDGE, initial=AS_IT_IS), TIER, MODEL, *SELECTION, HAIR)),
    VerbForm(Verb.STRUCTURE, Needs.NOTHING, (SHOW,)),
    VerbForm(Verb.DESCRIBE, Needs.SELECTION, (MODEL,)),
    VerbForm(Verb.MATCH, Needs.LAYER, (*AMOUNTS, SEED)),
    VerbForm(Verb.UPSCALE, Needs.NOTHING, (SCALE, TIER, MODEL)),
    VerbForm(Verb.TEXT, Needs.SELECTION, (LETTERING, WORDS, STYLE)),
    VerbForm(
        Verb.MARKS,
        Needs.NOTHING,
        (DRAWN, MARKED, REGIONS, PROMPT, LEAVE_OUT, AS_WRITTEN, TIER, COUNT, STYLE, MODEL, STRENGTH, SEED),
    ),
    VerbForm(
        Verb.FIX, Needs.SELECTION, (PART, PROMPT, LEAVE_OUT, AS_WRITTEN, MENDED, TIER, CANDIDATES, STYLE, MODEL, SEED)
    ),
    VerbForm(
        Verb.ANIMATE,
        Needs.NOTHING,
        (PROMPT, LEAVE_OUT, AS_WRITTEN, LENGTH, PICTURES, TIER, STYLE, MODEL, STEADY, SEED, *SELECTION),
    ),
)
"""In the order in which a panel lists them."""
