"""IPTC's digital source types: which one an edit is, and which of several speaks for a whole file.

Source: cv.iptc.org/newscodes/digitalsourcetype; the terms and their order are data, in source_types.toml.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("inlay.provenance") / "source_types.toml").read_text("utf-8"))


def term_of(verb: str, *, is_trained: bool, is_whole: bool = False) -> str:
    """The term for one edit; empty where the verb changes no picture.

    is_trained: a network that learned from pictures took part. is_whole: nothing of the picture before is left.
    """
    table = _table()
    if verb in table["unchanged"]:
        return ""
    if is_trained:
        return table["whole_picture" if is_whole else "trained"]
    return table["verbs"].get(verb, table["by_hand"])


def is_untrained(engine: str) -> bool:
    """Whether an engine of that name works without any trained network."""
    return engine in _table()["untrained"]


def address_of(term: str) -> str:
    """The term's URI, as files carry it."""
    return _table()["base"] + term


def named(address: str) -> str:
    """The term that a URI names, whichever scheme and whatever stands around it; also one that IPTC does not know."""
    return address.strip().rstrip("/").rpartition("/")[2]


def is_term(term: str) -> bool:
    """Whether IPTC has, or had, such a term."""
    return term in _table()["strength"]


def strongest(terms: Iterable[str]) -> str:
    """The term that speaks for a file in which all of these are true; of equals the first. Empty where there is none."""
    strength = _table()["strength"]
    return max((term for term in terms if term), key=lambda term: strength.get(term, 0), default="")
