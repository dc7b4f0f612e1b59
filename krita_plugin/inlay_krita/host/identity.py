"""Which document is which: an id that a .kra keeps, and for every other file the place where it lies."""

import hashlib
import json
import os
import uuid

from krita import Krita

from ..qt import QtCore
from ..words import say
from .facts import CannotEdit

ID_KEY = "inlay-document-id"
LABELS_KEY = "inlay-job-labels"
FORM_KEY = "inlay-form"
READ_KEY = "inlay-read-"
MAX_NAME = 100


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
    """The document's id, or an empty string where it never had an edit."""
    return bytes(document.annotation(ID_KEY)).decode("ascii", "replace")


def id_of(document) -> str:
    """The document's id; made on first use. A copy that was opened beside its original gets one of its own."""
    known = known_id(document)
    twins = [other for other in documents() if other != document and known_id(other) == known]
    if known and not twins:
        return known
    made = str(uuid.uuid4())
    _keep(document, ID_KEY, "Inlay: the name under which jobs of this document run", made)
    return made


def opening_of(document) -> str:
    """What tells this opening of a document from the one before, though it is the same file."""
    return document.rootNode().uniqueId().toString()


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
