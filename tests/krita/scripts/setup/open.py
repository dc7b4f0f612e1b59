"""Opens the setup page of the settings, without waiting for an answer to the dialog."""

from inlay_bridge.inside import panel

from inlay_krita.ui.settings import Settings

settings = Settings(panel().window())
settings.show()
settings.setup.section.set_open(True)
