"""Which engines are here, and which of them paints a recipe. Knowing is cheap; loading happens inside a worker.

The classic engine is always here; the user's models come from `models.toml`, where one was named with `set_up`. Models that
understand prompts are preferred where there is one; erasers with weights only paint what names them.
"""

import importlib.util
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inlay.capabilities import Capabilities
from inlay.engines.interface import Engine
from inlay.engines.models.catalog import Catalog, ModelEntry
from inlay.engines.models.families import FAMILIES, family_named
from inlay.engines.models.offline import go_offline
from inlay.errors import InlayError, InvalidInput, NotFound, Unsupported
from inlay.recipe import Verb

if TYPE_CHECKING:
    from inlay.engines.models.cache import ModelCache

CLASSIC = Capabilities(
    name="classic",
    verbs=frozenset({Verb.ERASE, Verb.FILL, Verb.EXPAND, Verb.RECOLOR}),
    understands_prompts=False,
    max_px=8_000_000,
    description="Continues the surroundings with their own pixels. No weights, any CPU.",
)

_CLASSIC_ENGINE = "inlay.engines.classic.engine:ClassicEngine"
WORDLESS = frozenset({Verb.ERASE, Verb.RECOLOR})
"""Nothing is to appear, so a prompt is no reason to prefer a model."""


class _Setting:
    """Where this process finds models, and what it paints on."""

    catalog: Catalog | None = None
    device: str = "cpu"
    models: "ModelCache | None" = None


def set_up(models: Path | None, device: str = "cpu") -> None:
    """Name the `models.toml` of this process, and the device (cpu, cuda, mps) on which it paints.

    Once per process: a server or a worker starts with it. Without it only the classic engine is here.
    """
    _Setting.catalog = Catalog(models) if models else None
    _Setting.device = device
    _Setting.models = None


def available() -> list[Capabilities]:
    """Every engine that is ready: the user's models in the order of their file, then the classic one, then their erasers.

    A file that cannot be read hides the models, never the classic engine; `choose` and `inlay models` say what is wrong.
    """
    try:
        entries = _Setting.catalog.entries() if _Setting.catalog else ()
    except InlayError:
        entries = ()
    ready = [entry for entry in entries if not why_not(entry)]
    paints, erases = (
        [capabilities_of(entry) for entry in ready if FAMILIES[entry.family].kind == kind]
        for kind in ("paints", "erases")
    )
    return [*paints, CLASSIC, *erases]


def missing(verb: str) -> tuple[str, ...]:
    """Why the user's models that could paint `verb` from words do not: one sentence each, with the cure; those of the
    others not.
    """
    try:
        entries = _Setting.catalog.entries() if _Setting.catalog else ()
    except InlayError as error:
        return (error.message,)
    return tuple(f"{entry.id}: {reason}" for entry in entries if (reason := why_not(entry)) and _could(entry, verb))


def _could(entry: ModelEntry, verb: str) -> bool:
    try:
        able = capabilities_of(entry)
    except InvalidInput:
        return True  # Nobody knows what it is; its reason says so.
    return able.understands_prompts and verb in able.verbs


def compiled() -> tuple[str, ...]:
    """The models that are ready and want to be compiled, in the order of their file."""
    try:
        entries = _Setting.catalog.entries() if _Setting.catalog else ()
    except InlayError:
        return ()
    return tuple(entry.id for entry in entries if entry.compile and not why_not(entry))


def choose(verb: str, model: str = "", prompted: bool = False) -> Capabilities:
    """The engine that paints `verb`: the named one; else, with a prompt, the first that understands prompts; else the
    first that needs none, which for erase, fill, expand and recolor is the classic engine; else whoever can.

    Raises NotFound for a model that is not here, Unsupported where nothing can do the verb.
    """
    ready = available()
    if model:
        return _named(model, verb, ready)
    able = [engine for engine in ready if verb in engine.verbs]
    if not able:
        every = frozenset[str]().union(*(engine.verbs for engine in ready))
        raise Unsupported(
            f"nothing that is ready can {_words(verb)}; it needs a model. {_instead(verb, every)}", field="verb"
        )
    wants_words = prompted and verb not in WORDLESS
    return next((engine for engine in able if engine.understands_prompts == wants_words), able[0])


def load(name: str) -> Engine:
    """The engine itself, by the name in its capabilities. Slow the first time; only a worker calls this."""
    if name == CLASSIC.name:
        return _imported(_CLASSIC_ENGINE)()
    if _Setting.catalog is None:
        raise NotFound("model", name, field="model")
    entry = _Setting.catalog.entry(name)
    _check_ready(entry)
    go_offline()
    if _Setting.models is None:
        from inlay.engines.models.cache import ModelCache

        _Setting.models = ModelCache(_Setting.device)
    return _imported(FAMILIES[entry.family].engine)(entry, _Setting.models)


def identity(name: str) -> object:
    """What tells an engine from one of the same name that was set up otherwise: models are edited while workers live."""
    if name == CLASSIC.name or _Setting.catalog is None:
        return name
    return _Setting.catalog.entry(name)


def capabilities_of(entry: ModelEntry) -> Capabilities:
    """What a model can do, from its family. Raises InvalidInput for a family that is not known, or a key that it has not."""
    family = family_named(entry.family, f"models.{entry.id}.family")
    family.check(entry)
    return family.capabilities(entry.id, entry.compile)


def why_not(entry: ModelEntry) -> str:
    """What keeps a model from being ready, with the cure; empty where nothing does."""
    family = FAMILIES.get(entry.family)
    if family and (missing := missing_libraries(family.libraries)):
        return f"{', '.join(missing)} not installed; run in Inlay's folder: pip install {family.install}"
    if not entry.location.exists():
        return f"{entry.path} is not there; bring it back, or run: inlay models remove {entry.id}"
    try:
        capabilities_of(entry)
    except InvalidInput as error:
        return error.message
    return ""


@cache
def missing_libraries(needed: tuple[str, ...]) -> tuple[str, ...]:
    """What of `needed` is not installed. Nothing is imported for it."""
    return tuple(name for name in needed if importlib.util.find_spec(name) is None)


def _named(model: str, verb: str, ready: list[Capabilities]) -> Capabilities:
    named = next((engine for engine in ready if engine.name == model), None)
    if named is None:
        if _Setting.catalog and any(entry.id == model for entry in _Setting.catalog.entries()):
            _check_ready(_Setting.catalog.entry(model))
        names = ", ".join(engine.name for engine in ready)
        raise NotFound("model", model, field="model", hint=f"ready are: {names}")
    if verb not in named.verbs:
        raise Unsupported(f"model {model!r} cannot {_words(verb)}; it can {_list(named.verbs)}", field="verb")
    return named


def _check_ready(entry: ModelEntry) -> None:
    if reason := why_not(entry):
        raise Unsupported(f"model {entry.id!r} is not ready: {reason}", field="model")


def _imported(dotted: str) -> Any:
    module, _, attribute = dotted.partition(":")
    return getattr(import_module(module), attribute)


def _instead(verb: str, able: frozenset[str]) -> str:
    """What is wrong with the models that could; where there are none, what goes without."""
    return "; ".join(missing(verb)) or f"Without one: {_list(able)}"


def _words(verb: str) -> str:
    return verb.replace("_", " ")


def _list(verbs: frozenset[str]) -> str:
    return ", ".join(sorted(_words(verb) for verb in verbs))
