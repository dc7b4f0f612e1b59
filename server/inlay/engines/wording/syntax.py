"""Weights in prompts, as compel writes them and as A1111 does: read, rewritten, left out.

compel: `(word)1.3`, `word++`, `word--`, `("a", "b").blend(1, 0.5)`, `("a", "b").and()`
(https://github.com/damian0815/compel/blob/main/doc/syntax.md). A1111: `(word:1.3)`
(https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/Features#attentionemphasis).
"""

import re
from typing import NamedTuple

_NUMBER = r"\d+(?:\.\d+)?|\.\d+"
_WEIGHT = re.compile(rf"\(([^()]*)\)(?:{_NUMBER}|\++|-+)|(\w)(?:\+{{1,8}}|-{{2,8}})(?=\s|,|$)")
_JOINED = re.compile(r"\)\s*\.\s*(?:blend|and|swap)\s*\(")
_COLON = re.compile(rf"(?<!\\)\(((?:[^():]|\([^()]*\))*):\s*({_NUMBER})\s*\)")
_NESTED = 8
"""So many parentheses inside each other are read."""


class Way(NamedTuple):
    """One way of writing. id: of its words in the catalogue. before, after: what a panel puts around a selected word."""

    id: str
    written: str
    before: str
    after: str


WAYS = (
    Way("weight", "(word:1.3)", "(", ":1.3)"),
    Way("more", "(word)++", "(", ")++"),
    Way("less", "(word)--", "(", ")--"),
    Way("blend", '("one", "other").blend(1, 0.5)', '("', '", "").blend(1, 0.5)'),
)
"""What is worth a retoucher's while, the most used first."""


def weighs(text: str) -> bool:
    """Whether a prompt uses either syntax."""
    return bool(_COLON.search(text) or _WEIGHT.search(text) or _JOINED.search(text))


def as_compel(text: str) -> str:
    """`(word:1.3)` as `(word)1.3`; everything else as it is."""
    return _repeated(_COLON, r"(\1)\2", text)


def without_weights(text: str) -> str:
    """The words alone."""
    return _WEIGHT.sub(lambda found: found[1] if found[1] is not None else found[2], _repeated(_COLON, r"\1", text))


def _repeated(pattern: re.Pattern[str], by: str, text: str) -> str:
    """Weights of A1111 may stand inside each other: the innermost first."""
    for _ in range(_NESTED):
        text, count = pattern.subn(by, text)
        if not count:
            break
    return text
