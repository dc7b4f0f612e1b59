"""Whatever a retoucher can be refused with is said in their language: every error that the code raises has its translation."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import inlay
from inlay import errors
from inlay.errors import InlayError
from inlay.forms import catalogues
from inlay.forms.catalogue import Catalogue, places
from support.syntax import parsed

PACKAGE = Path(inlay.__file__).parent
ROOMS = (
    "color",
    "edit",
    "engines/classic",
    "engines/eraser",
    "engines/remote",
    "forms",
    "jobs",
    "region",
    "review",
    "rpc",
)
MODULES = (
    "anchor",
    "blobs/store",
    "engines/models/catalog",
    "engines/models/style_loras",
    "engines/registry",
    "hindrances",
    "job",
    "memory",
    "plain",
    "recipe",
    "studio/people",
    "styles/book",
)

NOT_FOR_RETOUCHERS = {
    "engines/remote/comfy_check.py": "ends `inlay models add`",
    "engines/remote/comfy_graph.py": "ends `inlay models add`",
    "engines/remote/comfy_graph_file.py": "ends `inlay models add`",
    "jobs/backup.py": "ends `inlay backup`, in a terminal",
    "jobs/rescue.py": "ends `inlay serve` or `inlay backup`, in a terminal",
    "jobs/restore.py": "ends `inlay restore`, in a terminal",
    "jobs/schema.py": "ends `inlay serve`",
    "jobs/tables.py": "ends `inlay serve`",
    "rpc/certificate.py": "ends `inlay serve`",
    "rpc/joining.py": "ends `inlay join`",
    "rpc/server.py": "ends `inlay serve`",
    "rpc/grpc_door.py": "is about a port, or bytes that are no message",
}
ONLY = {
    "blobs/store.py": {"QuotaExceeded", "BlobMissing"},
    "engines/models/catalog.py": {"FilesChanged", "NotFound"},
    "engines/eraser/engine.py": {"Unsupported"},
    "rpc/proxy.py": {"Forbidden"},
    "rpc/security.py": {"Unauthenticated"},
    "studio/people.py": {"Unauthenticated"},
    "styles/book.py": {"NotFound", "StyleConflict"},
}
"""Kinds beyond which the rest is about a client's chunks, about models.toml or styles.toml, or told by `inlay people`."""

LANGUAGES = catalogues()
ENGLISH = LANGUAGES.speaking("en")
OTHERS = [LANGUAGES.speaking(locale) for locale in LANGUAGES.locales if locale != "en"]

KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, InlayError)}


class Raised(NamedTuple):
    """One error as the code makes it, with a number in its places, and what of it the code says in words."""

    where: str
    message: str
    said: frozenset[str]


def raised_in_code() -> Iterator[Raised]:
    files = [path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")]
    files += [PACKAGE / f"{module}.py" for module in MODULES]
    for path in sorted(set(files)):
        name = path.relative_to(PACKAGE).as_posix()
        if name in NOT_FOR_RETOUCHERS:
            continue
        tree = parsed(path.read_text("utf-8"))
        reader = _Reader(_assigned(tree), _returned(tree))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ONLY.get(name, KINDS):
                yield reader.raised(f"{name}:{call.lineno}", call)


def _assigned(tree: ast.AST) -> Mapping[str, ast.expr]:
    return {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant | ast.JoinedStr | ast.IfExp)
    }


def _returned(tree: ast.AST) -> Mapping[str, ast.expr]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {
        one.name: one.body[-1].value
        for one in functions
        if isinstance(one.body[-1], ast.Return) and isinstance(one.body[-1].value, ast.JoinedStr | ast.Constant)
    }


class _Reader:
    def __init__(self, assigned: Mapping[str, ast.expr], returned: Mapping[str, ast.expr]) -> None:
        self._assigned, self._returned = assigned, returned

    def raised(self, where: str, call: ast.Call) -> Raised:
        said: set[str] = set()
        values = [self._value(part, said) for part in call.args]
        named = {part.arg or "": self._value(part.value, said) for part in call.keywords}
        error = getattr(errors, call.func.id)(*values, **named)  # pyright: ignore[reportAttributeAccessIssue]
        return Raised(where, error.message, frozenset(said))

    def _value(self, node: ast.expr, said: set[str]) -> object:
        match node:
            case ast.Name(id="field" | "name" | "path" | "where") | ast.Attribute(attr="path"):
                return "in.it"
            case ast.FormattedValue(value=ast.Name(id="field")):
                return "in.it"
            case ast.IfExp(body=first):
                return self._value(first, said)
            case ast.List():
                return ["7"]
            case ast.Constant(value=str(text)):
                said.add(text)
                return text
            case ast.JoinedStr(values=parts):
                return "".join(str(self._value(part, said)) for part in parts)
            case ast.FormattedValue(value=ast.Name(id=name)) if name in self._assigned:
                return self._value(self._assigned[name], said)
            case ast.Name(id=name) if name in self._assigned:
                return self._value(self._assigned[name], said)
            case ast.Call(func=ast.Name(id=name)) if name in self._returned:
                return self._value(self._returned[name], said)
            case ast.Call(func=ast.Name(id="repr")) | ast.FormattedValue(conversion=114):
                return "'7'"
            case _:
                return "7"


IN_PLACES = {"count": "7", "low": "7", "high": "7", "field": "in.it"}

RAISED = [*raised_in_code()]


def test_there_are_as_many_errors_as_one_thinks():
    assert len(RAISED) > 80


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.locale)
@pytest.mark.parametrize("raised", RAISED, ids=lambda raised: raised.where)
def test_every_error_is_said_in_every_language(other: Catalogue, raised: Raised) -> None:
    translated = other.translated(raised.message)
    left = {text for text in raised.said if len(text.split()) > 1 and text in translated}
    assert translated != raised.message or not any(len(text.split()) > 1 for text in raised.said), raised.message
    assert not left, translated


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("sampling.count is 17; it must be 1 .. 16", "Varianten ist 17; möglich ist 1 .. 16"),
        (
            "where.mask is empty (every sample is 0); select at least one pixel",
            "where.mask ist leer (jeder Wert ist 0); wählen Sie mindestens ein Pixel aus",
        ),
        (
            "model 'dream' cannot replace background; it can erase, fill",
            "das Modell 'dream' kann nicht: Hintergrund ersetzen; es kann: Entfernen, Füllen",
        ),
        (
            "model 'dream' is not ready: torch not installed; run in Inlay's folder: pip install '.[diffusion]'",
            "das Modell 'dream' ist nicht bereit: torch ist nicht installiert; führen Sie in Inlays Ordner aus: "
            "pip install '.[diffusion]'",
        ),
        (
            "the worker for cuda:0 was killed by SIGKILL, most often because the machine ran out of memory; it was the second "
            "that died under this job, which is not tried again",
            "der Prozess, der auf cuda:0 malt, wurde durch SIGKILL beendet, meist weil dem Rechner der Speicher ausging; es "
            "war der zweite, der unter diesem Auftrag endete, darum wird er nicht noch einmal versucht",
        ),
        ("Something is new here; nobody knows it", "Something is new here; nobody knows it"),
    ],
)
def test_an_error_reads_as_a_sentence(english: str, german: str) -> None:
    assert LANGUAGES.speaking("de").translated(english) == german
    assert LANGUAGES.speaking("en").translated(english) == english


def test_no_error_is_taken_for_another():
    """What an English sentence is found by must be its own: each, with words in its places, is found by its own key."""
    german = LANGUAGES.speaking("de")
    for key, text in ENGLISH.words.items():
        if key.startswith("error."):
            filled = {name: IN_PLACES.get(name, "'xy'") for name in places(text)}
            assert german.translated(text.format(**filled)) == german.say(key, **filled), key
