"""What an edit is for, as far as it decides which differences to the original are wanted."""

from __future__ import annotations

import enum


class Intent(enum.Enum):
    """What the retoucher wants of the pixels inside the mask."""

    ERASE = enum.auto()
    """What the original shows there is to go, however faint it is: nothing of it may come back."""
    FILL = enum.auto()
    """New content, which may repeat the old one."""
    EDIT = enum.auto()
    """The old content with a wanted change of colour, light or detail, which may be small."""
