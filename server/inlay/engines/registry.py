"""Which engines are here, and which of them paints a recipe. Knowing is cheap; loading happens inside a worker."""

from importlib import import_module
from typing import NamedTuple

from inlay.engines.interface import Capabilities, Engine
from inlay.errors import NotFound, Unsupported
from inlay.recipe import Verb

CLASSIC = Capabilities(
    name="classic",
    verbs=frozenset({Verb.ERASE, Verb.FILL, Verb.EXPAND, Verb.RECOLOR}),
    understands_prompts=False,
    max_px=8_000_000,
    description="Continues the surroundings with their own pixels. No weights, any CPU.",
)


class _Entry(NamedTuple):
    capabilities: Capabilities
    engine: str  # module:class, imported by `load`


_ENTRIES = (_Entry(CLASSIC, "inlay.engines.classic.engine:ClassicEngine"),)


def available() -> list[Capabilities]:
    """Every engine that is ready, the preferred ones first."""
    return [entry.capabilities for entry in _ENTRIES]


def choose(verb: Verb, model: str = "") -> Capabilities:
    """The engine that paints `verb`: the named one, or the first that can.

    Raises NotFound for a model that is not here, Unsupported where nothing can do the verb.
    """
    ready = available()
    if model:
        named = next((engine for engine in ready if engine.name == model), None)
        if named is None:
            names = ", ".join(engine.name for engine in ready)
            raise NotFound("model", model, field="model", hint=f"ready are: {names}")
        if verb not in named.verbs:
            raise Unsupported(f"model {model!r} cannot {_words(verb)}; it can {_list(named.verbs)}", field="verb")
        return named
    able = next((engine for engine in ready if verb in engine.verbs), None)
    if able is None:
        every = frozenset[Verb]().union(*(engine.verbs for engine in ready))
        raise Unsupported(
            f"nothing installed can {_words(verb)}; it needs a model. Without one: {_list(every)}", field="verb"
        )
    return able


def load(name: str) -> Engine:
    """The engine itself, by the name in its capabilities. Slow the first time; only a worker calls this."""
    for entry in _ENTRIES:
        if entry.capabilities.name == name:
            module, _, attribute = entry.engine.partition(":")
            return getattr(import_module(module), attribute)()
    raise NotFound("model", name, field="model")


def _words(verb: Verb) -> str:
    return verb.value.replace("_", " ")


def _list(verbs: frozenset[Verb]) -> str:
    return ", ".join(sorted(_words(verb) for verb in verbs))
