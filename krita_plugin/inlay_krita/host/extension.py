"""Inlay's actions: each thing the panel does, so that it can have a shortcut. Their texts are in inlay_krita.action too."""

from krita import Extension, Krita

from .. import api
from ..ui.panel import Panel
from . import docker

MENU = "tools/scripts"

ACTIONS = {
    "inlay_panel": ("Show Inlay panel", lambda _panel: show_panel()),
    "inlay_run": ("Run Inlay edit", Panel.run),
    "inlay_erase": ("Inlay: Erase selection", lambda panel: panel.run("erase")),
    "inlay_cancel": ("Cancel Inlay edit", Panel.cancel),
    "inlay_next": ("Next Inlay variation", lambda panel: panel.flip(1)),
    "inlay_previous": ("Previous Inlay variation", lambda panel: panel.flip(-1)),
    "inlay_before": ("Compare Inlay result with before", Panel.compare),
    "inlay_more": ("More Inlay variations", Panel.more),
    "inlay_keep": ("Keep Inlay variation", Panel.keep),
    "inlay_discard": ("Discard Inlay result", Panel.discard),
    "inlay_again": ("Repeat Inlay result", Panel.run_again),
    "inlay_finish": ("Finish Inlay draft", Panel.finish),
    "inlay_new_seed": ("New Inlay seed", Panel.draw_seed),
    "inlay_probe": ("Measure the colour of the selection", Panel.measure),
    "inlay_history": ("Inlay history", Panel.show_history),
    "inlay_offers": ("Place waiting Inlay results", Panel.accept),
    "inlay_settings": ("Inlay settings", Panel.open_settings),
}
"""Title and what is done with the panel, by the action's name."""


class InlayExtension(Extension):
    """Registers the actions in every window."""

    def setup(self):
        """Krita calls this once at start; the session begins with the first panel."""

    def createActions(self, window):
        for name, (title, does) in ACTIONS.items():
            action = window.createAction(name, title, MENU)
            action.triggered.connect(lambda _checked=False, does=does: does(_panel()))


def _panel() -> Panel:
    """The panel of the window in front."""
    window = Krita.instance().activeWindow()
    panels = [docker_.panel for docker_ in docker.dockers()]
    return next((panel for panel in panels if window is not None and panel.window() == window.qwindow()), panels[0])


def show_panel() -> None:
    """Shows the docker and puts the cursor into the words."""
    panel = _panel()
    dock = next(dock for dock in docker.dockers() if dock.panel is panel)
    dock.show()
    dock.raise_()
    if panel.form is not None:
        panel.form.fields.get("words.prompt", panel.form.verb).setFocus()


def register() -> None:
    krita = Krita.instance()
    krita.addExtension(InlayExtension(krita))
    krita.notifier().setActive(True)
    krita.notifier().imageSaved.connect(lambda path: api.session().saved(path))
    krita.notifier().applicationClosing.connect(lambda: api.session().stop())
