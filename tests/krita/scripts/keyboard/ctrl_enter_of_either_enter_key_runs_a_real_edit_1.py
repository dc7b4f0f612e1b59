"""Ctrl enter of either enter key runs a real edit, 1 of 2."""

from inlay_bridge.inside import field, type_into
from inlay_bridge.scene import form

type_into(field.prompt or form.verb)
