"""Inlay's actions: each thing the panel does, so that it can have a shortcut. Their texts are in inlay_krita.action too."""

from krita import Extension, Krita

from .. import api
from . import docker

MENU = "tools/scripts"


class InlayExtension(Extension):
    """Registers the actions in every window."""

    def setup(self):
        """Krita calls this once at start; the session begins with the first panel."""

    def createActions(self, window):
        actions = {
            "inlay_panel": ("Show Inlay panel", show_panel),
            "inlay_run": ("Run Inlay edit", lambda: _panel().run()),
            "inlay_erase": ("Inlay: Erase selection", _erase),
            "inlay_cancel": ("Cancel Inlay edit", lambda: _panel().cancel()),
            "inlay_next": ("Next Inlay variation", lambda: _panel().flip(1)),
            "inlay_previous": ("Previous Inlay variation", lambda: _panel().flip(-1)),
            "inlay_keep": ("Keep Inlay variation", lambda: _panel().keep()),
            "inlay_again": ("Re-run Inlay result", lambda: _panel().run_again()),
            "inlay_finish": ("Finish Inlay draft", lambda: _panel().finish()),
            "inlay_new_seed": ("New Inlay seed", lambda: _panel().form.draw_seed()),
            "inlay_probe": ("Measure the colour of the selection", lambda: _panel().measure()),
            "inlay_offers": ("Place waiting Inlay results", lambda: _panel().accept()),
            "inlay_settings": ("Inlay settings", lambda: _panel().open_settings()),
        }
        for name, (title, does) in actions.items():
            action = window.createAction(name, title, MENU)
            action.triggered.connect(lambda _checked=False, does=does: does())


def _panel():
    """The panel of the window in front."""
    front = Krita.instance().activeWindow().qwindow()
    panels = docker.panels()
    return next((panel for panel in panels if panel.window() is front), panels[0])


def show_panel() -> None:
    """Shows the docker and puts the cursor into the prompt."""
    panel = _panel()
    dock = next(dock for dock in docker.dockers() if dock.panel is panel)
    dock.show()
    dock.raise_()
    panel.form.prompt.setFocus()


def _erase() -> None:
    panel = _panel()
    panel.form.verb.setCurrentIndex(panel.form.verb.findData("erase"))
    panel.run()


def register() -> None:
    krita = Krita.instance()
    krita.addExtension(InlayExtension(krita))
    krita.notifier().setActive(True)
    krita.notifier().imageSaved.connect(lambda path: api.session().saved(path))
    krita.notifier().applicationClosing.connect(lambda: api.session().stop())
