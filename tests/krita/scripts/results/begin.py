"""Begins an edit of the photograph."""

from pathlib import Path

from inlay_bridge import given
from inlay_bridge.inside import document, select

folder = given["folder"]
pixels = given["pixels"]
mask = given["mask"]

at = Path(folder)
made = document(300, 220, "RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
