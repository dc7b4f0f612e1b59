"""Chooses the server at `url` and asks it to be let in."""

from inlay_bridge import given, result
from inlay_bridge.scene import settings

servers = settings.nearby.servers
at = servers.findData(given["url"])
result["shown"] = servers.itemText(at)
servers.setCurrentIndex(at)
servers.activated.emit(at)
result["entered"] = settings.address().url
settings.nearby.name.setText("Anna")
settings.nearby.ask.click()
