"""Whether the retoucher's hands are free: nothing is read or placed while a button, a pen or a stroke is down.

Krita ends a stroke that is being painted as soon as a layer joins the picture, and while a script waits for a picture, the
stroke cannot go on.
"""

from ..client.tasks import sleep
from ..qt import QObject, Qt, QtCore, QtWidgets
from . import composite, identity
from .facts import CannotEdit

LOOK_S = 0.05
"""How often hands that were busy are looked at again."""

_CANVASES = ("KisOpenGLCanvas2", "KisQPainterCanvas")


class _Pen(QObject):
    """Knows whether a pen touches a canvas: Qt counts mouse buttons only, and the tablet's are none where Krita takes them."""

    def __init__(self):
        super().__init__()
        self.is_down = False
        self._watched = []

    def watch(self) -> None:
        """Listens to the canvases that are open now."""
        for widget in QtWidgets.QApplication.allWidgets():
            if widget.metaObject().className() in _CANVASES and widget not in self._watched:
                self._watched.append(widget)
                widget.installEventFilter(self)
                widget.destroyed.connect(lambda _=None, widget=widget: self._watched.remove(widget))

    def eventFilter(self, _watched, event):
        kinds = QtCore.QEvent.Type
        if event.type() in (kinds.TabletPress, kinds.TabletRelease):
            self.is_down = event.type() == kinds.TabletPress
        return False


_pen = _Pen()


def are_free(document) -> bool:
    """Whether no button and no pen is pressed, and Krita neither paints in the document nor composites it."""
    pressed = QtWidgets.QApplication.mouseButtons() != Qt.MouseButton.NoButton or _pen.is_down
    return not pressed and composite.is_idle(document)


async def free(document) -> None:
    """Waits until they are, without holding anybody. Raises CannotEdit where the document is closed meanwhile.

    What follows up to the next `await` is done before the retoucher can press anything.
    """
    _pen.watch()
    while True:
        await composite.settled()
        if not identity.is_open(document):
            raise CannotEdit("The document was closed meanwhile.")
        if are_free(document):
            return
        await sleep(LOOK_S)
