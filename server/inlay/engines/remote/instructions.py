"""The words that a model on another server is given for a recipe."""

import tomllib
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from inlay.engines.purposes import told
from inlay.recipe import LOOKED_AT, Recipe


@cache
def _table() -> dict[str, dict[str, str]]:
    text = (resources.files("inlay.engines.remote") / "instructions.toml").read_text("utf-8")
    return tomllib.loads(text)


def instruction(recipe: Recipe, mask: NDArray[np.float32], *, masked: bool, negative_apart: bool = False) -> str:
    """mask: height x width, 0..1, in its frame. masked: the model gets it. negative_apart: what to avoid is said elsewhere.

    The window is image 1; the recipe's pictures follow it in their order, and what each is for is said of it.
    """
    table = _table()
    said = table["masked" if masked else "unmasked"]
    words = recipe.told
    if recipe.words.raw:
        return words.prompt
    prompt = " ".join(words.prompt.split()).rstrip(".") if not masked else words.prompt.strip()
    verb = recipe.verb if recipe.verb in said else "fill"
    key = verb if prompt or f"{verb}_unsaid" not in said else f"{verb}_unsaid"
    roles = [one.role for one in recipe.inputs if one.role in LOOKED_AT and one.weight > 0]
    text = said[key].format(prompt=prompt, area=_area(mask), rest=table["words"]["rest"])
    if words.negative_prompt.strip() and not negative_apart:
        text += table["words"]["negative"].format(negative=words.negative_prompt.strip())
    return told(text, roles, 2)


def _area(mask: NDArray[np.float32]) -> str:
    """The selection's bounds in per cent."""
    rows, columns = np.flatnonzero((mask > 0).any(axis=1)), np.flatnonzero((mask > 0).any(axis=0))
    height, width = mask.shape
    places = {
        "left": 100 * columns[0] // width,
        "right": -(-100 * (columns[-1] + 1) // width),
        "top": 100 * rows[0] // height,
        "bottom": -(-100 * (rows[-1] + 1) // height),
    }
    return _table()["words"]["area"].format(**places)
