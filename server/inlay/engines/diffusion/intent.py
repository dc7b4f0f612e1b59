"""What a verb means to a model that paints: its words, where it starts from, and how much of the schedule it walks."""

from collections.abc import Sequence

from inlay.engines.diffusion.families.words import Words
from inlay.engines.purposes import told
from inlay.recipe import Recipe, Verb

STARTS_EMPTY = frozenset({Verb.GENERATE, Verb.FILL, Verb.ERASE, Verb.REPLACE_BACKGROUND, Verb.EXPAND})
"""Verbs that take what is inside the mask away: at full strength they start from a continuation of the surroundings."""

REMOVAL = "empty scene, plain background, seamless continuation of the surroundings"
REMOVED = "object, person, animal, text, logo, watermark"
"""What the families that know no `erase` are told: nothing in particular, and nothing of what people want removed."""


def words_for(recipe: Recipe, edits: bool, skip: int = 0, roles: Sequence[str] = (), first: int = 1) -> Words:
    """The recipe's words, as a painting model or one that `edits` by instruction takes them.

    roles: of the pictures that go along, for a model that is told what they are there for; first: the first one's number.
    """
    words = _words(recipe, edits, skip)
    return words._replace(prompt=told(words.prompt, roles, first))


def _words(recipe: Recipe, edits: bool, skip: int) -> Words:
    prompt, unwanted = recipe.words.prompt.strip(), recipe.words.negative_prompt.strip()
    if edits and recipe.verb != Verb.INSTRUCT:
        return Words(_instruction(recipe.verb, prompt), unwanted, skip)
    if recipe.verb == Verb.ERASE:
        return Words(prompt or REMOVAL, unwanted or REMOVED, skip)
    return Words(prompt, unwanted, skip)


def _instruction(verb: str, prompt: str) -> str:
    match verb:
        case Verb.ERASE:
            return f"Remove {prompt or 'the object in the middle'} and continue the background behind it."
        case Verb.REPLACE_BACKGROUND:
            return f"Keep the subject as it is and change the background to {prompt or 'a plain one'}."
        case Verb.REFINE:
            return prompt or "Improve the details and keep everything as it is."
        case _:
            return f"Add {prompt}." if prompt else "Complete the picture."


def walked_steps(steps: int, strength: float) -> int:
    """How many of `steps` are run, counted from the end of the schedule; at least one."""
    return min(steps, max(1, round(steps * strength)))
