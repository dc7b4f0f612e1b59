"""Which document is which: an id that is saved inside the .kra and found again after reopening."""

import uuid

from krita import Krita

from ..qt import QtCore, to_bytes

ID_KEY = "inlay-document-id"


def documents() -> list:
    """The open documents."""
    return list(Krita.instance().documents())


def is_open(document) -> bool:
    """Whether it still is; a closed one must not be touched."""
    return any(document == opened for opened in documents())


def known_id(document) -> str:
    """The document's id, or an empty string where it never had an edit."""
    return to_bytes(document.annotation(ID_KEY)).decode("ascii", "replace")


def id_of(document) -> str:
    """The document's id; made on first use. A copy that was opened beside its original gets one of its own."""
    known = known_id(document)
    twins = [other for other in documents() if other != document and known_id(other) == known]
    if known and not twins:
        return known
    made = str(uuid.uuid4())
    document.setAnnotation(
        ID_KEY, "Inlay: the name under which jobs of this document run", QtCore.QByteArray(made.encode())
    )
    return made


def find(document_id: str):
    """The open document with this id, or None."""
    return next((document for document in documents() if known_id(document) == document_id), None)
