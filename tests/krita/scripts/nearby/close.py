"""Leaves everything as it was."""

from inlay_bridge.scene import before, settings

from inlay_krita.host import options

settings.reject()
options.set_address(before)
