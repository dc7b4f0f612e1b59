"""Inlay in Krita: re-imagine the selected region; everything outside the selection stays bit-identical."""

from . import entry

entry.register()
