"""The docker that Krita lists under Settings › Dockers."""

from krita import DockWidget, DockWidgetFactory, DockWidgetFactoryBase, Krita

from .. import api
from ..ui.panel import Panel

ID = "inlay"
TITLE = "Inlay"

_dockers: "list[InlayDocker]" = []
"""Those of all windows. Krita hands out its own list of dockers with their Python halves stripped off."""


class InlayDocker(DockWidget):
    """Holds the panel. Each of Krita's windows has one."""

    def __init__(self):
        super().__init__()
        self.setWindowTitle(TITLE)
        self.panel = Panel(api.session())
        self.setWidget(self.panel)
        _dockers.append(self)
        self.destroyed.connect(lambda: _dockers.remove(self))

    def canvasChanged(self, canvas):
        self.panel.look()
        self.panel.refresh()


def dockers() -> list:
    """The dockers of all windows."""
    return list(_dockers)


def register() -> None:
    Krita.instance().addDockWidgetFactory(
        DockWidgetFactory(ID, DockWidgetFactoryBase.DockPosition.DockRight, InlayDocker)
    )
