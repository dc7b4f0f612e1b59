"""Which document is which: an id that a .kra keeps, and for every other file the place where it lies."""

import hashlib
import json
import os
import uuid
from typing import Any

from krita import Krita

from ..qt import QtCore
from ..words import say
from .facts import CannotEdit

ID_KEY = "inlay-document-id"
LABELS_KEY = "inlay-job-labels"
FORM_KEY = "inlay-form"
READ_KEY = "inlay-read-"
MAX_NAME = 100

_openings: "list[tuple[Any, str]]" = []
"""Documents that are open, each with what this opening of it is called."""

_holders: "dict[str, str]" = {}
"""By a document's id: the opening in which it was used."""

_copies: "set[str]" = set()
"""Openings of documents that were there beside the one whose id they carry along, until they have one of their own."""


def documents() -> list:
    """The open documents."""
    return list(Krita.instance().documents())


def is_open(document) -> bool:
    """Whether it still is; a closed one must not be touched."""
    return any(document == opened for opened in documents())


def must_be_open(document):
    """The document. Raises CannotEdit where it was closed."""
    if not is_open(document):
        raise CannotEdit(say("plan.closed"))
    return document


def known_id(document) -> str:
    """The document's id, or an empty string where it never had an edit; what a copy brought along of its original is none."""
    carried, opening = _carried_id(document), opening_of(document)
    if carried and _holder_of(carried) not in (None, opening):
        _copies.add(opening)
    return "" if opening in _copies else carried


def id_of(document) -> str:
    """The document's id; made on first use. A copy that was opened beside its original gets one of its own."""
    known, opening = known_id(document), opening_of(document)
    if not known or (_holder_of(known) is None and _has_twin(document, known)):
        known = str(uuid.uuid4())
        _keep(document, ID_KEY, "Inlay: the name under which jobs of this document run", known)
        _copies.discard(opening)
    _holders[known] = opening
    return known


def is_in_use(document_id: str) -> bool:
    """Whether the opening in which an id was used goes on; a document that is opened anew begins another."""
    return _holder_of(document_id) is not None


def _carried_id(document) -> str:
    return bytes(document.annotation(ID_KEY)).decode("ascii", "replace")


def _has_twin(document, known: str) -> bool:
    return any(_carried_id(other) == known for other in documents() if other != document)


def _holder_of(document_id: str) -> "str | None":
    """The opening in which an id was used, as long as that goes on."""
    holder = _holders.get(document_id)
    return holder if any(holder == opening for _, opening in _open_now()) else None


def opening_of(document) -> str:
    """What tells this opening of a document from the one before, though it is the same file, and from a copy's.

    Krita copies a document with everything that it remembers, the unique ids of its layers included.
    """
    opened = next((one for one in documents() if one == document), None)
    if opened is None:
        return document.rootNode().uniqueId().toString()
    for known, opening in _open_now():
        if known == opened:
            return opening
    _openings.append((opened, str(uuid.uuid4())))  # Not `document`: a script's own one may keep it in memory.
    return _openings[-1][1]


def _open_now() -> "list[tuple[Any, str]]":
    is_there = documents()
    _openings[:] = [one for one in _openings if one[0] in is_there]
    return _openings


def caption_of(document) -> str:
    """What a document is called, as on its tab: by its file, or as it was named. Krita names all that is new alike."""
    return os.path.basename(document.fileName()) or document.name()


def captions_of(several: list) -> "list[str]":
    """What documents are called beside each other: those of one name by their folders, and by numbers where that is not enough."""
    names = [caption_of(one) for one in several]
    folders = [os.path.basename(os.path.dirname(one.fileName())) for one in several]
    told = [
        f"{name} ({folder})" if folder and names.count(name) > 1 else name
        for name, folder in zip(names, folders, strict=True)
    ]
    return [f"{name} {told[: at + 1].count(name)}" if told.count(name) > 1 else name for at, name in enumerate(told)]


def label_of(document) -> str:
    """The label of the document's jobs: by its file, so that one which keeps no id is found again; by its id until it has one."""
    label = _label_of_file(document) or id_of(document)
    kept = _kept_labels(document)
    if label not in kept:
        _keep(document, LABELS_KEY, "Inlay: labels of this document's jobs", "\n".join([*kept, label]))
    return label


def own_labels(document) -> "list[str]":
    """Labels that the document itself knows its jobs by, whatever became of its file."""
    return [label for label in [known_id(document), *_kept_labels(document)] if label]


def labels_of(document) -> "list[str]":
    """All labels that its jobs may have."""
    of_file = _label_of_file(document)
    return list(dict.fromkeys([*own_labels(document), *([of_file] if of_file else [])]))


def _kept_labels(document) -> "list[str]":
    return bytes(document.annotation(LABELS_KEY)).decode("utf-8", "replace").splitlines()


def _label_of_file(document) -> str:
    """The file's name for people, and a hash of where it lies, which is nobody's business."""
    path = document.fileName()
    if not path:
        return ""
    place = os.path.normcase(os.path.realpath(path))
    return f"{os.path.basename(path)[:MAX_NAME]} {hashlib.sha256(place.encode()).hexdigest()[:32]}"


def keep_read_by(document, job_id: str, layer_id: str) -> None:
    """Keeps above which layer a job read nothing; empty: it read everything."""
    if layer_id:
        _keep(document, READ_KEY + job_id, "Inlay: what a job read of this document", layer_id)


def read_by(document, job_id: str) -> str:
    """The layer above which a job read nothing; empty where it read everything."""
    return bytes(document.annotation(READ_KEY + job_id)).decode()


def _keep(document, key: str, what: str, text: str) -> None:
    document.setAnnotation(key, what, QtCore.QByteArray(text.encode()))


def find(document_id: str):
    """The open document with this id, or None."""
    return next((document for document in documents() if known_id(document) == document_id), None)


def keep_form(document, state: dict) -> None:
    """Keeps what was asked for last in the document."""
    _keep(document, FORM_KEY, "Inlay: what was asked for last", json.dumps(state))


def form_of(document) -> "dict | None":
    """What was asked for last in a document; None where nothing was, or it cannot be read."""
    try:
        return json.loads(bytes(document.annotation(FORM_KEY)) or b"null")
    except ValueError:
        return None
