"""Ctrl enter runs from every field whatever the verb, 1 of 3."""

from inlay_bridge.scene import form

form.details.set_open(True)
