"""The shapes that a master is delivered in, and which part of it each shows."""

from inlay.formats.framing import Format, Framing, framing, parse_focus, presets

__all__ = ["Format", "Framing", "framing", "parse_focus", "presets"]
