"""The docker that Krita lists under Settings › Dockers."""

from krita import DockWidget, DockWidgetFactory, DockWidgetFactoryBase, Krita

from .. import api
from ..ui.panel import Panel

ID = "inlay"
TITLE = "Inlay"


class InlayDocker(DockWidget):
    """Holds the panel. Each of Krita's windows has one."""

    def __init__(self):
        super().__init__()
        self.setWindowTitle(TITLE)
        self.panel = Panel(api.session())
        self.setWidget(self.panel)

    def canvasChanged(self, canvas):
        self.panel.look()
        self.panel.refresh()


def dockers() -> list:
    """The dockers of all windows."""
    return [docker for docker in Krita.instance().dockers() if isinstance(docker, InlayDocker)]


def panels() -> list:
    """Their panels."""
    return [docker.panel for docker in dockers()]


def register() -> None:
    Krita.instance().addDockWidgetFactory(DockWidgetFactory(ID, DockWidgetFactoryBase.DockPosition.DockRight, InlayDocker))
