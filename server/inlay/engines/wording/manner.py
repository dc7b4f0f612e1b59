"""What a model is told, by its family's row in `families.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from inlay.engines.wording.syntax import as_compel, without_weights
from inlay.recipe import Option, Style, Told, Verb, Words

FIX_PROMPTS = {
    "hands": "a natural human hand with five fingers",
    "faces": "a natural human face",
    "eyes": "natural human eyes, both looking the same way",
}
"""For whoever says nothing about what is to be mended."""

_CLOSES = ",.;:!?)]}'\"-+"
_OPENS = "([{'\""


def told(
    family: str,
    verb: str,
    words: Words,
    style: Style | None = None,
    options: Mapping[str, Option] | None = None,
    *,
    weighs: bool = False,
) -> Told:
    """What a model of `family` is told for a verb. weighs: it heeds weights in prompts, which are left out for all others.

    Of a recipe that says raw: the prompts as they are.
    """
    if words.raw:
        return Told(words.prompt, words.negative_prompt)
    if verb == Verb.FIX:
        part = str((options or {}).get("fix", "hands"))
        verb, words = Verb.REFINE, _with_prompt(words, words.prompt.strip() or FIX_PROMPTS.get(part, ""))
    said = styled_words(verb, words, style)
    written = _manner(family).get(verb, {})
    prompt, unwanted = said.prompt, said.negative_prompt
    if not prompt:
        text = written.get("silent", "")
    elif "said" in written and (verb == Verb.ERASE or len(prompt.split()) <= _table()["few"]):
        text = written["said"].replace("{prompt}", _ended(prompt) if "{prompt}." in written["said"] else prompt)
    else:
        text = prompt
    if (around := words.surroundings.strip()) and "around" in _manner(family):
        ended = f"{text}." if text and text[-1] not in ".!?" else text
        text = f"{ended} {_manner(family)['around'].replace('{surroundings}', around)}".strip()
    if verb == Verb.ERASE and written.get("names_in_negative") and prompt:
        unwanted = joined(prompt, unwanted)
    if not unwanted.strip():
        unwanted = written.get("unwanted", _manner(family).get("unwanted", ""))
    elif "unwanted" in written and not words.negative_prompt.strip():
        unwanted = joined(unwanted, written["unwanted"])
    if family not in families():
        return Told(text, unwanted)  # Another server's, which has a syntax of its own.
    put = as_compel if weighs else without_weights
    return Told(put(text), put(unwanted))


def styled_words(verb: str, words: Words, style: Style | None) -> Words:
    """The words with a style's before, behind and beside them. Of an erase they name what goes, so nothing is added."""
    prompt, unwanted = words.prompt.strip(), words.negative_prompt.strip()
    if style is None or words.raw:
        return words if words.raw else _with_prompt(words, prompt, unwanted)
    if verb != Verb.ERASE:
        prompt = joined(style.prompt_before.strip(), joined(prompt, style.prompt_after.strip()), " ")
    return _with_prompt(words, prompt, joined(unwanted, style.negative_prompt.strip()))


def joined(first: str, second: str, between: str = ", ") -> str:
    """Two parts of a prompt, with what belongs between them: nothing before punctuation or after an opening bracket."""
    if not first or not second:
        return first or second.lstrip(",;: ")
    if second[0] in _CLOSES or first[-1] in _OPENS:
        return first + second
    return first + (" " if first[-1] in ",;" else between) + second


def families() -> Mapping[str, Mapping[str, Any]]:
    """The rows of the table: for each family its manner, and where its makers say so."""
    return _table()["families"]


def _with_prompt(words: Words, prompt: str, unwanted: str | None = None) -> Words:
    negative = words.negative_prompt if unwanted is None else unwanted
    return Words(prompt, negative, words.target_color, words.raw, words.surroundings)


def _ended(prompt: str) -> str:
    """Without a full stop of its own, where one follows."""
    return prompt.rstrip(".")


@cache
def _manner(family: str) -> Mapping[str, Any]:
    """The family's templates by verb: its manner's, and its own instead."""
    row = families().get(family, {})
    return {**_table()["manners"].get(row.get("manner", ""), {}), **row}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("inlay.engines.wording") / "families.toml").read_text("utf-8"))
