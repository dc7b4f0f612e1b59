"""What of Krita's window the panel needs: the active picture, its layers, and Krita's icons."""

from typing import Any

from krita import Krita

from ..qt import Qt, QtCore, QtGui, QtWidgets
from . import identity

TOLD_MS = 4000

_SETTLES = "processUpdateQueue"
"""A slot of Krita's model of layers, which has no rows where no picture is in front."""

_front: Any = None


def active_document():
    """The picture in front, or None.

    While views come and go Krita has none in front for a moment; then it is the one before, as long as that is open: what the
    panel shows of it stays under the retoucher's pointer.
    """
    global _front
    now = Krita.instance().activeDocument()
    if now is not None or _front is None or not identity.is_open(_front):
        _front = now
    return _front


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


def settle_layer_lists() -> None:
    """Has Krita's layer lists show at once what changed in the pictures in front, which may be closed right after it.

    A list collects changes for 0.1 s. Krita (5.1.5, and later ones) leaves them there when the picture is closed meanwhile, and
    falls over them: `KisNodeModel::processUpdateQueue` asks for what `setDummiesFacade` has just deleted.
    """
    for window in Krita.instance().windows():
        for docker in window.qwindow().findChildren(QtWidgets.QDockWidget, "KisLayerBox"):
            for shown in (tree.model() for tree in docker.findChildren(QtWidgets.QTreeView)):
                layers = shown.sourceModel() if isinstance(shown, QtCore.QAbstractProxyModel) else shown
                if layers and layers.rowCount() and layers.metaObject().indexOfSlot(f"{_SETTLES}()") >= 0:
                    QtCore.QMetaObject.invokeMethod(layers, _SETTLES, Qt.ConnectionType.DirectConnection)
