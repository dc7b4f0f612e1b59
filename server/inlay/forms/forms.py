"""The forms of a server: as a panel shows them, in one language and with the models that are ready; and what they allow."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from inlay.capabilities import Capabilities
from inlay.form import Choice, Description, Field, FieldKind, VerbForm
from inlay.forms.catalogue import Catalogue, Catalogues, catalogues
from inlay.forms.options import completed
from inlay.forms.verbs import VERBS
from inlay.recipe import Recipe

INPUTS = "inputs."


class Engines(Protocol):
    """What of `inlay.engines.registry.Registry` a form depends on."""

    def available(self) -> list[Capabilities]: ...

    def choose(self, verb: str, model: str = "", prompted: bool = False) -> Capabilities: ...

    def missing(self, verb: str) -> tuple[str, ...]: ...


class Forms:
    """What this server offers to be asked for. verbs: in the order in which a panel lists them. words: their languages."""

    def __init__(self, verbs: Sequence[VerbForm] = VERBS, words: Catalogues | None = None) -> None:
        self.verbs = tuple(verbs)
        self.words = words or catalogues()

    def describe(self, engines: Engines, locale: str = "") -> Description:
        """Everything that a panel shows. locale: a BCP 47 tag; English where it is empty or not spoken here."""
        words, ready = self.words.speaking(locale), engines.available()
        described = tuple(self._described(form, words, ready, engines) for form in self.verbs)
        return Description(words.locale, described, words.panel)

    def verbs_titled(self, word: str, words: Catalogue) -> tuple[str, ...]:
        """The verbs whose titles have `word` in them, which is case folded."""
        return tuple(form.id for form in self.verbs if word in words.find(f"verb.{form.id}.title").casefold())

    def completed(self, recipe: Recipe) -> Recipe:
        """The recipe with all its options, where its verb has a form. Raises InvalidInput for what the form does not allow."""
        form = next((form for form in self.verbs if form.id == recipe.verb), None)
        return completed(form, recipe) if form else recipe

    def _described(self, form: VerbForm, words: Catalogue, ready: Sequence[Capabilities], engines: Engines) -> VerbForm:
        able = [engine for engine in ready if form.id in engine.verbs]
        if any(engine.is_free for engine in able):
            default = engines.choose(form.id, prompted=_needs_words(form)).name
            able.sort(key=lambda engine: engine.name != default)
        reads = any(engine.understands_prompts for engine in able)
        fields = (_worded(field, form.id, words, able, reads) for field in form.fields if _is_asked(field, able, reads))
        return replace(
            form,
            title=words.say(f"verb.{form.id}.title"),
            tip=words.say(f"verb.{form.id}.tip"),
            fields=tuple(fields),
            models=tuple(engine.name for engine in able),
            unable="" if able else self._why_unable(form.id, words, ready, engines),
        )

    def _why_unable(self, verb: str, words: Catalogue, ready: Sequence[Capabilities], engines: Engines) -> str:
        if reasons := engines.missing(verb):
            named = (reason.partition(": ") for reason in reasons)
            told = (f"{model}{colon}{words.translated(reason)}" for model, colon, reason in named)
            return words.say("server.unable.missing", reasons="; ".join(told))
        verbs = {verb for engine in ready for verb in engine.verbs}
        titles = (words.say(f"verb.{form.id}.title") for form in self.verbs if form.id in verbs)
        return words.say("server.unable.none", verbs=", ".join(titles))


def _needs_words(form: VerbForm) -> bool:
    return any(field.path == "words.prompt" and field.required for field in form.fields)


def _is_asked(field: Field, able: Sequence[Capabilities], reads: bool) -> bool:
    """Only what can change the result, and only where there is a choice."""
    if field.kind is FieldKind.MODEL:
        return len(able) > 1 or any(not engine.is_free for engine in able)
    if field.path.startswith(INPUTS):
        return any(field.path.removeprefix(INPUTS) in engine.accepts for engine in able)
    return reads or field.path != "words.negative_prompt"


def _offered(engine: Capabilities, words: Catalogue) -> Choice:
    """A model to choose, with what a studio asks first: its licence, whether pixels leave the machine, and whether it fits."""
    leaves = words.say("connection.model_leaves", where=engine.leaves) if engine.leaves else ""
    licence = words.say("connection.licence", licence=engine.licence) if engine.licence else ""
    title = f"{engine.name} → {engine.leaves}" if engine.leaves else engine.name
    facts = engine.facts
    may = words.find(f"model.commercial.{facts.commercial}") if facts.commercial else ""
    fits = words.find(f"model.memory.{facts.memory}") if facts.memory else ""
    told = (f"{part.rstrip('.')}." for part in (engine.description, leaves, licence, may, fits) if part)
    return Choice(engine.name, title, " ".join(told))


def _worded(field: Field, verb: str, words: Catalogue, able: Sequence[Capabilities], reads: bool) -> Field:
    def find(part: str) -> str:
        """What the verb says of the field, or else what is said of it everywhere."""
        return words.find(f"verb.{verb}.{field.path}.{part}", f"field.{field.path}.{part}")

    choices = tuple(
        Choice(choice.value, find(f"{choice.value}.title"), find(f"{choice.value}.tip")) for choice in field.choices
    )
    if field.kind is FieldKind.MODEL:
        must_name = not any(engine.is_free for engine in able)
        unnamed = "named" if must_name else "automatic"
        choices = (
            Choice("", find(f"{unnamed}.title"), find(f"{unnamed}.tip")),
            *(_offered(engine, words) for engine in able),
        )
        field = replace(field, required=must_name)
    unread = field.path == "words.prompt" and bool(able) and not reads
    return replace(
        field,
        title=find("title"),
        tip=find("tip"),
        hint=find("unread") if unread else find("hint"),
        lack=find("lack") if field.required else "",
        choices=choices,
    )
