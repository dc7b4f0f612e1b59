"""Where Krita begins: the docker under Settings › Dockers, and an action for each thing the panel does, for shortcuts.

The actions' texts are in inlay_krita.action too.
"""

from krita import DockWidget, DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from . import api
from .ui.panel import Panel

ID = "inlay"
TITLE = "Inlay"
MENU = "tools/scripts"

dockers: "list[InlayDocker]" = []
"""Those of all windows. Krita hands out its own list of dockers with their Python halves stripped off."""

ACTIONS = {
    "inlay_panel": ("Show Inlay panel", lambda _panel: show_panel()),
    "inlay_run": ("Run Inlay edit", Panel.run),
    "inlay_erase": ("Inlay: Erase selection", lambda panel: panel.run("erase")),
    "inlay_cancel": ("Cancel Inlay edit", Panel.cancel),
    "inlay_next": ("Next Inlay variation", lambda panel: panel.flip(1)),
    "inlay_previous": ("Previous Inlay variation", lambda panel: panel.flip(-1)),
    "inlay_before": ("Compare Inlay result with before", "compare"),
    "inlay_more": ("More Inlay variations", "more"),
    "inlay_keep": ("Keep Inlay variation", "keep"),
    "inlay_discard": ("Discard Inlay result", "discard"),
    "inlay_again": ("Repeat Inlay result", "run_again"),
    "inlay_finish": ("Finish Inlay draft", "finish"),
    "inlay_apply": ("Apply Inlay result to other documents", "apply"),
    "inlay_table": ("Inlay variations table", "table"),
    "inlay_new_seed": ("New Inlay seed", Panel.draw_seed),
    "inlay_probe": ("Measure the colour of the selection", "measure"),
    "inlay_history": ("Inlay history", "history"),
    "inlay_offers": ("Place waiting Inlay results", "accept"),
    "inlay_settings": ("Inlay settings", Panel.open_settings),
}
"""Title and what is done, one of the panel's DEEDS or with the panel, by the action's name."""


class InlayDocker(DockWidget):
    """Holds the panel. Each of Krita's windows has one."""

    def __init__(self):
        super().__init__()
        self.setWindowTitle(TITLE)
        self.panel = Panel(api.session())
        self.setWidget(self.panel)
        dockers.append(self)
        self.destroyed.connect(lambda: dockers.remove(self))

    def canvasChanged(self, canvas):
        self.panel.look()
        self.panel.refresh()


class InlayExtension(Extension):
    """Registers the actions in every window."""

    def setup(self):
        """Krita calls this once at start; the session begins with the first panel."""

    def createActions(self, window):
        for name, (title, does) in ACTIONS.items():
            action = window.createAction(name, title, MENU)
            action.triggered.connect(lambda _checked=False, does=does: _do(does))


def _do(what) -> None:
    panel = _panel()
    panel.do(what) if isinstance(what, str) else what(panel)


def _panel() -> Panel:
    """The panel of the window in front."""
    window = Krita.instance().activeWindow()
    panels = [docker.panel for docker in dockers]
    return next((panel for panel in panels if window is not None and panel.window() == window.qwindow()), panels[0])


def show_panel() -> None:
    """Shows the docker and puts the cursor into the words."""
    panel = _panel()
    dock = next(dock for dock in dockers if dock.panel is panel)
    dock.show()
    dock.raise_()
    if panel.form is not None:
        panel.form.fields.get("words.prompt", panel.form.verb).setFocus()


def register() -> None:
    krita = Krita.instance()
    krita.addDockWidgetFactory(DockWidgetFactory(ID, DockWidgetFactoryBase.DockPosition.DockRight, InlayDocker))
    krita.addExtension(InlayExtension(krita))
    krita.notifier().setActive(True)
    krita.notifier().imageSaved.connect(lambda path: api.session().saved(path))
    krita.notifier().applicationClosing.connect(lambda: api.session().stop())
