"""What of a form is the studio's own: the menu of its styles, and the help for writing prompts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from inlay.capabilities import Capabilities
from inlay.engines.models.diffusion_families import DIFFUSION
from inlay.engines.wording.syntax import WAYS
from inlay.errors import InvalidInput
from inlay.form import Choice, Field, Syntax
from inlay.forms.catalogue import Catalogue
from inlay.recipe import Style


class Styles(Protocol):
    """What of `inlay.styles.StyleBook` a menu depends on."""

    def styles(self) -> Sequence[Style]: ...


def menu_of(styles: Styles | None, words: Catalogue) -> tuple[Choice, ...]:
    """No style, then the studio's; empty where it has none. Where its file cannot be read: no style alone, with the reason."""
    none = Choice("", words.say("field.sampling.style.none.title"), words.say("field.sampling.style.none.tip"))
    try:
        found = styles.styles() if styles else ()
    except InvalidInput as wrong:
        return (
            replace(none, title=words.say("field.sampling.style.broken.title"), tip=words.translated(wrong.message)),
        )
    return (none, *(Choice(one.id, one.title or one.id, _tip(one)) for one in found)) if found else ()


def _tip(style: Style) -> str:
    """Its words around a prompt, and the names of its colours."""
    words = f"{style.prompt_before} … {style.prompt_after}".strip() if style.prompt_before or style.prompt_after else ""
    return "; ".join(part for part in (words, ", ".join(one.name for one in style.colors)) if part)


def helped(field: Field, words: Catalogue, able: Sequence[Capabilities]) -> Field:
    """A prompt's field with the ways of writing that some of the verb's models heed."""
    if field.path not in ("words.prompt", "words.negative_prompt"):
        return field
    heed = tuple(
        one.name for one in able if one.facts.family in DIFFUSION and DIFFUSION[one.facts.family].prompt_weighting
    )
    if not heed:
        return field
    ways = (Syntax(way.written, words.say(f"field.syntax.{way.id}"), way.before, way.after, heed) for way in WAYS)
    return replace(field, syntax=tuple(ways))
