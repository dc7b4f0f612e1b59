"""The forms of a server: as a panel shows them, in one language and with the models that are ready; and what they allow."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from inlay.capabilities import Capabilities
from inlay.form import Choice, Description, Field, FieldKind, VerbForm
from inlay.forms.catalogue import Catalogue, Catalogues, catalogues
from inlay.forms.options import check_options, completed
from inlay.forms.steering import Styles, helped, menu_of
from inlay.forms.verbs import AS_WRITTEN, LEAVE_OUT, STYLE, SURROUNDINGS, TIMED, VERBS
from inlay.recipe import PALETTE, Option, Recipe, Verb
from inlay.structure import FREE, KIND, STRENGTH

INPUTS = "inputs."
KEPT_BY = (f"options.{KIND}", f"options.{STRENGTH}")
"""What is asked only where a model can be held to something."""


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

    def describe(
        self, engines: Engines, locale: str = "", styles: Styles | None = None, *, has_timeline: bool = True
    ) -> Description:
        """Everything that a panel shows. locale: a BCP 47 tag; English where it is empty or not spoken here. styles: to choose.

        has_timeline: the panel's host can place frames; else no verb is offered that gives them.
        """
        words, ready = self.words.speaking(locale), engines.available()
        menu = menu_of(styles, words)
        offered = (
            form
            for form in self.verbs
            if (form.id != Verb.DESCRIBE or _describes(ready)) and (form.id not in TIMED or has_timeline)
        )
        described = tuple(self._described(form, words, ready, engines, menu) for form in offered)
        return Description(words.locale, described, words.panel)

    def verbs_titled(self, word: str, words: Catalogue) -> tuple[str, ...]:
        """The verbs whose titles have `word` in them, which is case folded."""
        return tuple(form.id for form in self.verbs if word in words.find(f"verb.{form.id}.title").casefold())

    def completed(self, recipe: Recipe) -> Recipe:
        """The recipe with all its options, where its verb has a form. Raises InvalidInput for what the form does not allow."""
        form = self._form(recipe.verb)
        return completed(form, recipe) if form else recipe

    def check_options(self, verb: str, options: Mapping[str, Option]) -> None:
        """Raise InvalidInput for options that the verb's form does not allow, where it has one."""
        if form := self._form(verb):
            check_options(form, options)

    def _form(self, verb: str) -> VerbForm | None:
        return next((form for form in self.verbs if form.id == verb), None)

    def _described(
        self, form: VerbForm, words: Catalogue, ready: Sequence[Capabilities], engines: Engines, menu: Sequence[Choice]
    ) -> VerbForm:
        able = [engine for engine in ready if form.id in engine.verbs]
        if any(engine.is_free for engine in able):
            default = engines.choose(form.id, prompted=_needs_words(form)).name
            able.sort(key=lambda engine: engine.name != default)
        reads = any(engine.understands_prompts for engine in able)
        asked = (field for field in form.fields if _is_asked(field, able, reads and _describes(ready), reads, menu))
        offered = (_offering(_offered_by(field, able), menu) for field in asked)
        fields = (helped(_worded(field, form.id, words, able, reads), words, able) for field in offered)
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


def _describes(ready: Sequence[Capabilities]) -> bool:
    """Whether a model is here that says what lies around a selection: one that the user added."""
    return any(Verb.DESCRIBE in engine.verbs for engine in ready)


def _is_asked(field: Field, able: Sequence[Capabilities], described: bool, reads: bool, menu: Sequence[Choice]) -> bool:
    """Only what can change the result, and only where there is a choice."""
    if field.path == SURROUNDINGS.path:
        return described
    if field.path == STYLE.path:
        return bool(menu)
    if field.kind is FieldKind.MODEL:
        return len(able) > 1 or any(not engine.is_free for engine in able)
    if field.kind is FieldKind.REFERENCES:
        return any(choice.value in engine.accepts for engine in able for choice in field.choices)
    if field.path in KEPT_BY:
        return any(engine.structures for engine in able)
    if field.path.startswith(INPUTS):
        return any(field.path.removeprefix(INPUTS) in engine.accepts for engine in able)
    return reads or field.path not in (LEAVE_OUT.path, AS_WRITTEN.path)


def _offered_by(field: Field, able: Sequence[Capabilities]) -> Field:
    """The field with what at least one of the models takes."""
    if field.path == KEPT_BY[0]:
        kinds = frozenset[str]().union({FREE}, *(engine.structures for engine in able))
        return replace(field, choices=tuple(choice for choice in field.choices if choice.value in kinds))
    if field.kind is not FieldKind.REFERENCES:
        return field
    accepted = frozenset[str]().union(*(engine.accepts for engine in able))
    most = max((engine.references for engine in able), default=0) + (PALETTE in accepted)
    choices = tuple(choice for choice in field.choices if choice.value in accepted)
    return replace(field, choices=choices, maximum=min(most, field.maximum))


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


def _offering(field: Field, menu: Sequence[Choice]) -> Field:
    return replace(field, choices=tuple(menu)) if field.path == STYLE.path else field


def _worded(field: Field, verb: str, words: Catalogue, able: Sequence[Capabilities], reads: bool) -> Field:
    def find(part: str) -> str:
        """What the verb says of the field, or else what is said of it everywhere."""
        return words.find(f"verb.{verb}.{field.path}.{part}", f"field.{field.path}.{part}")

    choices = tuple(
        choice if choice.title else Choice(choice.value, find(f"{choice.value}.title"), find(f"{choice.value}.tip"))
        for choice in field.choices
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
