"""Opens the settings and looks which servers are on the network, without waiting for an answer to the dialog."""

from inlay_bridge.inside import panel

from inlay_krita.host import options
from inlay_krita.ui.settings import Settings

before = options.address()
settings = Settings(panel().window())
settings.show()
settings.nearby.find.click()
