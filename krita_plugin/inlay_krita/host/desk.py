"""What of Krita's window the panel needs: the active picture, its layers, and Krita's icons."""

from krita import Krita

from ..qt import QtGui

TOLD_MS = 4000


def active_document():
    """The picture in front, or None."""
    return Krita.instance().activeDocument()


def icon(name: str) -> QtGui.QIcon:
    """One of Krita's own icons, in the colours of its theme."""
    return Krita.instance().icon(name)


def layers() -> "list[tuple[str, str]]":
    """The unique ids and names of the layers of the picture in front, top to bottom."""
    document = active_document()
    return list(_layers(document.rootNode())) if document is not None else []


def _layers(parent):
    for node in reversed(parent.childNodes()):
        if not node.type().endswith("mask"):
            yield node.uniqueId().toString(), node.name()
            yield from _layers(node)


def tell(text: str) -> None:
    """Says something over the canvas for a moment; for whoever does not see the panel."""
    window = Krita.instance().activeWindow()
    view = window.activeView() if window else None
    if view is not None:
        view.showFloatingMessage(text, QtGui.QIcon(), TOLD_MS, 1)


def show_ants(shown: bool) -> bool:
    """Shows the selection's marching ants, or hides them; whether that was another way before."""
    action = Krita.instance().action("toggle_display_selection")
    if action is None or action.isChecked() == shown:
        return False
    action.trigger()
    return True
