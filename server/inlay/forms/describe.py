"""The forms as a panel shows them: in one language, and with the models that are ready here."""

from collections.abc import Sequence
from dataclasses import replace

from inlay.capabilities import Capabilities
from inlay.engines.registry import available, choose
from inlay.errors import Unsupported
from inlay.form import Choice, Description, Field, FieldKind, VerbForm
from inlay.forms import verbs
from inlay.forms.catalogue import Catalogue, catalogue_for


def describe(locale: str = "") -> Description:
    """Everything that a panel shows. locale: a BCP 47 tag; English where it is empty or not spoken here."""
    words = catalogue_for(locale)
    ready = available()
    described = tuple(_described(form, words, ready) for form in verbs.FORMS)
    return Description(words.locale, described, words.panel)


def _described(form: VerbForm, words: Catalogue, ready: Sequence[Capabilities]) -> VerbForm:
    able = [engine for engine in ready if form.id in engine.verbs]
    unable = ""
    try:
        default = choose(
            form.id, prompted=any(field.path == "words.prompt" and field.required for field in form.fields)
        )
        able.sort(key=lambda engine: engine.name != default.name)
    except Unsupported as error:
        unable = f"{error.message[0].upper()}{error.message[1:].rstrip('.')}."
    reads = any(engine.understands_prompts for engine in able)
    fields = (_worded(field, form.id, words, able, reads) for field in form.fields if _is_asked(field, able, reads))
    return replace(
        form,
        title=words.say(f"verb.{form.id}.title"),
        tip=words.say(f"verb.{form.id}.tip"),
        fields=tuple(fields),
        models=tuple(engine.name for engine in able),
        unable=unable,
    )


def _is_asked(field: Field, able: Sequence[Capabilities], reads: bool) -> bool:
    """Only what can change the result, and only where there is a choice."""
    if field.kind is FieldKind.MODEL:
        return len(able) > 1
    return reads or field.path != "words.negative_prompt"


def _worded(field: Field, verb: str, words: Catalogue, able: Sequence[Capabilities], reads: bool) -> Field:
    def find(part: str) -> str:
        """What the verb says of the field, or else what is said of it everywhere."""
        return words.find(f"verb.{verb}.{field.path}.{part}", f"field.{field.path}.{part}")

    choices = tuple(
        Choice(choice.value, find(f"{choice.value}.title"), find(f"{choice.value}.tip")) for choice in field.choices
    )
    if field.kind is FieldKind.MODEL:
        automatic = Choice("", find("automatic.title"), find("automatic.tip"))
        choices = (automatic, *(Choice(engine.name, engine.name, engine.description) for engine in able))
    unread = field.path == "words.prompt" and bool(able) and not reads
    return replace(
        field,
        title=find("title"),
        tip=find("tip"),
        hint=find("unread") if unread else find("hint"),
        lack=find("lack") if field.required else "",
        choices=choices,
    )
