"""Which engines are here, and which of them paints a recipe. Knowing is cheap; loading happens inside a worker.

The classic engine is always here; the user's models come from `models.toml`. Models that understand prompts are preferred
where there is one; erasers with weights only paint what names them.
"""

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from inlay.capabilities import REMOTE, Capabilities, Kind
from inlay.engines.classic.facts import CLASSIC
from inlay.engines.eyes import Eyes
from inlay.engines.finder.facts import FINDER
from inlay.engines.interface import Engine
from inlay.engines.lettering.facts import LETTERING
from inlay.engines.models.catalog import Catalog, ModelEntry
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.models.facts import facts_of, lacking, terms_for
from inlay.engines.models.families import FAMILIES, family_named
from inlay.engines.models.offline import go_offline
from inlay.engines.models.tiers import worn
from inlay.engines.models.video_families import BY_DIFFUSERS
from inlay.engines.pasted import PASTED
from inlay.engines.selecting.facts import SELECTING
from inlay.engines.structure.facts import STRUCTURE
from inlay.engines.upscale.facts import LANCZOS
from inlay.engines.wording import told
from inlay.errors import InlayError, InvalidInput, NotFound, Unsupported
from inlay.recipe import (
    CONTROL,
    MARKS,
    PALETTE,
    REGION,
    Option,
    Recipe,
    Resolved,
    Style,
    Told,
    Verb,
    Words,
)
from inlay.structure import structure_of

if TYPE_CHECKING:
    from inlay.engines.models.cache import ModelCache

WORDLESS = frozenset({Verb.ERASE, Verb.RECOLOR, Verb.UPSCALE, Verb.SEPARATE, Verb.MATCH})
"""Nothing is to appear, so a prompt is no reason to prefer a model."""

SENDS_NOTHING = "this server was started with --no-remote and asks no other server"


class BuiltIn(NamedTuple):
    """An engine that is always here. engine: `module:class`. looks: the class takes `Eyes`, the small networks that there are."""

    capabilities: Capabilities
    engine: str
    looks: bool = False


_BUILT_IN = {
    row.capabilities.name: row
    for row in (
        BuiltIn(CLASSIC, "inlay.engines.classic.engine:ClassicEngine"),
        BuiltIn(SELECTING, "inlay.engines.selecting.engine:Selecting", looks=True),
        BuiltIn(LANCZOS, "inlay.engines.upscale.lanczos:LanczosEngine"),
        BuiltIn(PASTED, "inlay.engines.pasted:PastedEngine"),
        BuiltIn(LETTERING, "inlay.engines.lettering.engine:LetteringEngine", looks=True),
        BuiltIn(STRUCTURE, "inlay.engines.structure.engine:StructureEngine"),
        BuiltIn(FINDER, "inlay.engines.finder.engine:FinderEngine", looks=True),
    )
}


class Registry:
    """The engines of one process: what it could paint with, and those that it has loaded for its device.

    catalog: the user's models; None: only what needs no weights. device: cpu, cuda, mps, or remote for models on
    other servers, which are used there and nowhere else. The file
    of the catalog is read anew whenever it has changed.
    """

    def __init__(self, catalog: Catalog | None = None, device: str = "cpu") -> None:
        self.catalog = catalog
        self.device = device
        self.sends_nothing = False
        """No model on another server is used, whatever the file says."""
        self._registered: dict[str, Engine] = {}
        self._loaded: dict[str, tuple[ModelEntry | None, Engine]] = {}
        self._models: ModelCache | None = None

    def register(self, engine: Engine) -> None:
        """Have another engine, in the place of what is built in where that has the same name."""
        self._registered[engine.capabilities().name] = engine

    def available(self) -> list[Capabilities]:
        """Every engine that is ready, in the order of preference: the user's models that paint from words, select, or enlarge on
        any CPU, as their file has them, then what is built in, then the user's other models, which do only what names them.

        A file that cannot be read hides the models, never the classic engine; `choose` and `inlay models` say what is wrong.
        """
        models = [capabilities_of(entry) for entry in self._entries() if not self._why_not(entry)]
        built_in = {name: _able(row.capabilities) for name, row in _BUILT_IN.items()}
        built_in |= {name: _able(engine.capabilities()) for name, engine in self._registered.items()}
        first = [
            model
            for model in models
            if (model.kind is Kind.PAINTS and model.understands_prompts)
            or (model.kind is Kind.SEGMENTS and model.verbs)
            or _enlarges_anywhere(model)
        ]
        return [*first, *built_in.values(), *(model for model in models if model not in first)]

    def choose(
        self, verb: str, model: str = "", prompted: bool = False, roles: frozenset[str] = frozenset()
    ) -> Capabilities:
        """The engine that paints `verb`: the named one; else, with a prompt, the first that understands prompts; else the
        first that needs none, which for erase, fill, expand and recolor is the classic engine; else whoever can. Those that
        read inputs of all the `roles` come before all others. What sends pixels to another machine, or is not for commercial
        use, paints only where it is named.

        Raises NotFound for a model that is not here, Unsupported where nothing can do the verb.
        """
        if model:
            return self._named(model, verb)
        ready = self.available()
        able = [engine for engine in ready if verb in engine.verbs and engine.is_free]
        if not able and (named := [engine.name for engine in ready if verb in engine.verbs]):
            limit = "paints only where it is named: its pixels leave this machine, or it is not for commercial use"
            raise Unsupported(f"what can {_words(verb)} here, {', '.join(named)}, {limit}", field="sampling.model")
        if not able:
            every = frozenset[str]().union(*(engine.verbs for engine in ready))
            instead = "; ".join(self.missing(verb)) or f"Without one: {_list(every)}"
            raise Unsupported(f"nothing that is ready can {_words(verb)}; it needs a model. {instead}", field="verb")
        wants_words = verb in (Verb.FIX, Verb.MARKS) or (prompted and verb not in WORDLESS)
        able = [engine for engine in able if roles <= engine.accepts] or able
        return next((engine for engine in able if engine.understands_prompts == wants_words), able[0])

    def painter_of(self, recipe: Recipe) -> Capabilities:
        """The engine that paints `recipe`: the one that it was resolved with, else as `choose`. Raises as that does."""
        roles = frozenset(one.role for one in recipe.inputs) | ({CONTROL} if structure_of(recipe) else set())
        return self.choose(recipe.verb, recipe.painter, recipe.is_prompted, roles)

    def resolved(self, name: str, recipe: Recipe, device: str) -> Resolved:
        """What decides the pixels of `recipe` with an engine on a kind of device (cpu, cuda, mps; empty: left to whoever
        paints it), but the working size.

        Raises NotFound, FilesChanged where a LoRA is not there.
        """
        if name in _BUILT_IN or name in self._registered:
            return Resolved(name)
        entry = self._entry(name)
        resolves = FAMILIES[entry.family].resolves
        if resolves:
            return _imported(resolves)(entry, recipe, device)
        words = self.told(name, recipe.verb, recipe.words, recipe.styled, recipe.options)
        return Resolved(name, entry.sha256, device=device, told=words)

    def told(
        self,
        name: str,
        verb: str,
        words: Words,
        style: Style | None = None,
        options: Mapping[str, Option] | None = None,
    ) -> Told | None:
        """What an engine is told for a verb; None where it reads no words. Raises NotFound."""
        if name in _BUILT_IN:
            return None
        if name in self._registered:
            return told("", verb, words, style, options) if self._reads(name) else None
        entry = self._entry(name)
        if not capabilities_of(entry).understands_prompts:
            return None
        weighs = entry.family in DIFFUSION and DIFFUSION[entry.family].prompt_weighting
        return told(entry.family, verb, words, style, options, weighs=weighs)

    def wears(self, name: str) -> bool:
        """Whether LoRAs can be put on an engine."""
        built_in = name in _BUILT_IN or name in self._registered
        return not built_in and self._entry(name).family in BY_DIFFUSERS

    def _reads(self, name: str) -> bool:
        return self._registered[name].capabilities().understands_prompts

    def honours(self, resolved: Resolved) -> None:
        """Raise Unsupported or NotFound, naming what is missing, unless the model is here as it was when that was resolved."""
        if resolved.model in _BUILT_IN or resolved.model in self._registered:
            return
        entry = self._entry(resolved.model)
        if entry.sha256 != resolved.model_sha256:
            other = f"model {entry.id!r} has SHA-256 {entry.sha256} here, and the recipe was resolved with"
            again = "bring those files back, or leave `resolved` out"
            raise Unsupported(f"{other} {resolved.model_sha256}; {again}", field="sampling.resolved.model_sha256")
        worn(entry, resolved)

    def missing(self, verb: str) -> tuple[str, ...]:
        """Why the user's models that could paint `verb` from words do not: one sentence each, with the cure; those of the
        others not.
        """
        try:
            entries = self.catalog.entries() if self.catalog else ()
        except InlayError as error:
            return (error.message,)
        reasons = ((entry, self._why_not(entry)) for entry in entries)
        return tuple(f"{entry.id}: {reason}" for entry, reason in reasons if reason and _could(entry, verb))

    def waiting(self) -> tuple[tuple[str, str, str], ...]:
        """The user's models that are not ready: id, family, and why, with the cure. None where the file cannot be read."""
        return tuple((entry.id, entry.family, reason) for entry in self._entries() if (reason := why_not(entry)))

    def compiled(self) -> tuple[str, ...]:
        """The models that are ready and want to be compiled, in the order of their file."""
        return tuple(entry.id for entry in self._entries() if entry.compile and not why_not(entry))

    def engine(self, name: str) -> Engine:
        """The engine itself, by the name in its capabilities. Slow the first time, and again once its model was set up
        otherwise: models are edited while workers live. Only a worker calls this.

        Raises NotFound, Unsupported where it is not ready.
        """
        if name in self._registered:
            return self._registered[name]
        entry = None if name in _BUILT_IN else self._entry(name)
        if name not in self._loaded or self._loaded[name][0] != entry:
            self._loaded[name] = entry, self._load(name, entry)
        return self._loaded[name][1]

    def compute(self) -> None:
        """Have the card compute something where this is one's and PyTorch is here. Raises Unavailable, RuntimeError."""
        if self.device in ("cuda", "mps") and importlib.util.find_spec("torch"):
            from inlay.engines.models.cache import compute

            compute(self.device)

    @property
    def held(self) -> tuple[str, ...]:
        """The models whose weights are in the device's memory, least recently used first."""
        return self._models.held if self._models else ()

    def _load(self, name: str, entry: ModelEntry | None) -> Engine:
        if entry is None:
            row = _BUILT_IN[name]
            return _imported(row.engine)(Eyes(self.catalog)) if row.looks else _imported(row.engine)()
        self._check_ready(entry)
        if entry.remote:
            if self.device != REMOTE:
                raise Unsupported(f"model {name!r} paints on another server, never on {self.device}", field="model")
            return _imported(FAMILIES[entry.family].engine)(entry)
        if "torch" not in FAMILIES[entry.family].libraries:
            return _imported(FAMILIES[entry.family].engine)(entry)
        go_offline()
        if self._models is None:
            from inlay.engines.models.cache import ModelCache

            self._models = ModelCache(self.device)
        more = (Eyes(self.catalog),) if FAMILIES[entry.family].looks else ()
        return _imported(FAMILIES[entry.family].engine)(entry, self._models, *more)

    def _entry(self, name: str) -> ModelEntry:
        if self.catalog is None:
            raise NotFound("model", name, field="model")
        return self.catalog.entry(name)

    def _why_not(self, entry: ModelEntry) -> str:
        return SENDS_NOTHING if entry.remote and self.sends_nothing else why_not(entry)

    def _check_ready(self, entry: ModelEntry) -> None:
        if reason := self._why_not(entry):
            raise Unsupported(f"model {entry.id!r} is not ready: {reason}", field="model")

    def _entries(self) -> tuple[ModelEntry, ...]:
        """Of the user's file; none where it cannot be read."""
        try:
            return self.catalog.entries() if self.catalog else ()
        except InlayError:
            return ()

    def _named(self, model: str, verb: str) -> Capabilities:
        named = self._ready(model)
        if named is None:
            if self.catalog and any(entry.id == model for entry in self.catalog.entries()):
                self._check_ready(self.catalog.entry(model))
            names = ", ".join(engine.name for engine in self.available())
            raise NotFound("model", model, field="model", hint=f"ready are: {names}")
        if verb not in named.verbs:
            raise Unsupported(f"model {model!r} cannot {_words(verb)}; it can {_list(named.verbs)}", field="verb")
        return named

    def _ready(self, name: str) -> Capabilities | None:
        """The engine of that name, if it is ready; nobody looks at the others for it, which a click would feel."""
        if name in self._registered:
            return _able(self._registered[name].capabilities())
        if name in _BUILT_IN:
            return _able(_BUILT_IN[name].capabilities)
        entry = next((entry for entry in self._entries() if entry.id == name), None)
        return capabilities_of(entry) if entry and not self._why_not(entry) else None


def capabilities_of(entry: ModelEntry) -> Capabilities:
    """What a model can do, from its family. Raises InvalidInput for a family that is not known, or a key that it has not."""
    family = family_named(entry.family, f"models.{entry.id}.family")
    family.check(entry)
    can = family.capabilities_of(entry)
    return _able(replace(can, facts=facts_of(entry), licence=can.licence or terms_for(entry).id))


def _able(can: Capabilities) -> Capabilities:
    """With what is made of its verbs. Whoever paints from words can be given a palette (`edit.palette`), and, what is there anew,
    mend parts (`edit.mending`). Whoever fills or erases does it mark by mark too (`edit.marking`), unless on another server.
    """
    if can.kind is Kind.PAINTS and can.understands_prompts and not can.clip:
        mends = {Verb.FIX} if Verb.REFINE in can.verbs else set[str]()
        can = replace(can, verbs=can.verbs | mends, accepts=can.accepts | {PALETTE})
    if can.verbs & {Verb.FILL, Verb.ERASE} and not can.remote:
        can = replace(can, verbs=can.verbs | {Verb.MARKS}, accepts=can.accepts | {MARKS, REGION})
    return can


def why_not(entry: ModelEntry) -> str:
    """What keeps a model from being ready, with the cure; empty where nothing does."""
    family = FAMILIES.get(entry.family)
    if family and (missing := missing_libraries(family.libraries)):
        return f"{', '.join(missing)} not installed; run in Inlay's folder: pip install {family.install}"
    if entry.path and not entry.location.exists():
        return f"{entry.path} is not there; bring it back, or run: inlay models remove {entry.id}"
    try:
        capabilities_of(entry)
    except InvalidInput as error:
        return error.message
    if lacks := lacking(entry):
        return f"it lies alone and lacks {'; '.join(lacks)}; add it again with --part for each, or --base FOLDER"
    return ""


@cache
def missing_libraries(needed: tuple[str, ...]) -> tuple[str, ...]:
    """What of `needed` is not installed. Nothing is imported for it."""
    return tuple(name for name in needed if importlib.util.find_spec(name) is None)


def _enlarges_anywhere(model: Capabilities) -> bool:
    """Better than interpolation in every way, and in seconds: it is asked before that."""
    return model.kind is Kind.UPSCALES and not model.wants_card


def _could(entry: ModelEntry, verb: str) -> bool:
    try:
        able = capabilities_of(entry)
    except InvalidInput:
        return True  # Nobody knows what it is; its reason says so.
    return able.understands_prompts and verb in able.verbs


def _imported(dotted: str) -> Any:
    module, _, attribute = dotted.partition(":")
    return getattr(import_module(module), attribute)


def _words(verb: str) -> str:
    return verb.replace("_", " ")


def _list(verbs: frozenset[str]) -> str:
    return ", ".join(sorted(_words(verb) for verb in verbs))
