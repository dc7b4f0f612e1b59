"""The words of a language, by key, from its files in `words/`. A language without a file speaks English."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

ENGLISH = "en"
SAID_IN_ENGLISH = ("note", "error")
"""Tables of sentences that the code says itself, in English: `translated` finds them by their words."""

AT_HOME = ("verb", "field", "server", "setup", *SAID_IN_ENGLISH)
"""Tables that are worked into forms and sentences here; every other key travels to the panel as it is."""

SHIPPED = Path(str(resources.files("inlay.forms"))) / "words"

_PLACE = re.compile(r"\{(\w+)\}")

_NARROW = {"field": r"[a-z][\w.\[\]-]*", "value": r".+?", "count": r"\d+", "low": r"\S+", "high": r"\S+"}
"""What can stand in a place of that name; in others anything can."""


class _Sentence(NamedTuple):
    """A sentence that the code says in English, as a pattern whose groups are the places in it."""

    key: str
    pattern: re.Pattern[str]
    fixed: int
    """Characters outside of places."""


class Catalogue:
    """One language. Its keys are the file's tables joined with dots: `verb.erase.title`."""

    def __init__(self, locale: str, words: Mapping[str, str], english: Mapping[str, str]) -> None:
        self.locale = locale
        self.words = words
        said = (_sentence(key, text) for key, text in english.items() if key.partition(".")[0] in SAID_IN_ENGLISH)
        self._said = sorted(said, key=lambda sentence: -sentence.fixed) if locale != ENGLISH else []

    def find(self, *keys: str) -> str:
        """The words of the first key that there is; empty where there is none."""
        return next((self.words[key] for key in keys if key in self.words), "")

    def say(self, key: str, **values: object) -> str:
        """The sentence of `key` with its places filled in. Raises KeyError for a key that is not there."""
        return self.words[key].format(**values)

    def count(self, key: str, count: int, **values: object) -> str:
        """The sentence of `key` for so many: `key.one` or `key.other`."""
        return self.say(f"{key}.{'one' if count == 1 else 'other'}", count=count, **values)

    def translated(self, sentence: str) -> str:
        """What the code said in English, a note or an error, in this language: found by its words, as gettext does.

        What stands in its places is translated where it is such a sentence itself, a field of a form, or verbs. Whatever is
        not known stays as it is.
        """
        for said in self._said:
            if found := said.pattern.fullmatch(sentence):
                return self.say(
                    said.key, **{name: self._placed(name, value) for name, value in found.groupdict().items()}
                )
        return sentence

    def _placed(self, name: str, value: str) -> str:
        match name:
            case "field":
                return self.find(f"field.{value}.title") or value
            case "verb" | "verbs":
                return ", ".join(self.find(f"verb.{one.replace(' ', '_')}.title") or one for one in value.split(", "))
            case _:
                return self.translated(value)

    @property
    def translates(self) -> bool:
        """Whether `translated` changes anything."""
        return bool(self._said)

    @property
    def panel(self) -> dict[str, str]:
        """What a panel has to know beside the forms."""
        return {key: text for key, text in self.words.items() if key.partition(".")[0] not in AT_HOME}


class Catalogues:
    """Every language that has a file."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        self._words = words
        self._made: dict[str, Catalogue] = {}

    @property
    def locales(self) -> tuple[str, ...]:
        """As BCP 47 primary subtags."""
        return tuple(sorted(self._words))

    def speaking(self, locale: str) -> Catalogue:
        """The catalogue for a BCP 47 tag such as `de-AT` (RFC 5646), also as Qt and POSIX write it: `de_AT`."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        language = language if language in self._words else ENGLISH
        if language not in self._made:
            self._made[language] = Catalogue(language, self._words[language], self._words[ENGLISH])
        return self._made[language]


def catalogues(folders: Iterable[Path] = (SHIPPED,)) -> Catalogues:
    """The files of these folders and of those in them, `en.toml` and so on; what a later folder says of a key goes before."""
    words: dict[str, dict[str, str]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.toml")):
            words.setdefault(path.stem, {}).update(_flat(tomllib.loads(path.read_text("utf-8"))))
    return Catalogues(words)


def places(text: str) -> frozenset[str]:
    """The names of the places in a sentence."""
    return frozenset(_PLACE.findall(text))


def _sentence(key: str, text: str) -> _Sentence:
    fixed = _PLACE.split(text)[::2]
    names = iter(_PLACE.findall(text))
    pattern = "".join(
        re.escape(part) + (f"(?P<{name}>{_NARROW.get(name, '.+')})" if (name := next(names, "")) else "")
        for part in fixed
    )
    return _Sentence(key, re.compile(pattern, re.DOTALL), sum(map(len, fixed)))


def _flat(tables: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tables.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
