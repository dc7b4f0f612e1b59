"""The words of a language, by key, from its one file in `words/`. A language without a file speaks English."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

ENGLISH = "en"
AT_HOME = ("verb", "field", "server")
"""Tables that are worked into forms and sentences here; every other key travels to the panel as it is."""


class Catalogue:
    """One language. Its keys are the file's tables joined with dots: `verb.erase.title`."""

    def __init__(self, locale: str, words: Mapping[str, str]) -> None:
        self.locale = locale
        self.words = words

    def find(self, *keys: str) -> str:
        """The words of the first key that there is; empty where there is none."""
        return next((self.words[key] for key in keys if key in self.words), "")

    def say(self, key: str, **values: object) -> str:
        """The sentence of `key` with its places filled in. Raises KeyError for a key that is not there."""
        return self.words[key].format(**values)

    @property
    def panel(self) -> dict[str, str]:
        """What a panel has to know beside the forms."""
        return {key: text for key, text in self.words.items() if key.partition(".")[0] not in AT_HOME}


def spoken() -> tuple[str, ...]:
    """The languages that have a file, as BCP 47 primary subtags."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.name.endswith(".toml")))


def catalogue_for(locale: str) -> Catalogue:
    """The catalogue for a BCP 47 tag such as `de-AT` (RFC 5646; `de_AT` as Qt and POSIX write it is understood, too)."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return _read(language if language in spoken() else ENGLISH)


@cache
def _read(language: str) -> Catalogue:
    tables = tomllib.loads((_folder() / f"{language}.toml").read_text("utf-8"))
    return Catalogue(language, _flat(tables))


def _folder() -> Any:
    return resources.files("inlay.forms") / "words"


def _flat(tables: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tables.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
