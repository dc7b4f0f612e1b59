"""Connects to a server that has a model."""

from pathlib import Path

from inlay_bridge import given
from inlay_bridge.inside import document, select, shown, use_server

from inlay_krita import api

folder = given["folder"]
url = given["url"]
pixels = given["pixels"]
mask = given["mask"]

at = Path(folder)
use_server(url)
assert api.connect(60), str(api.session().connection.trouble)
made = document(192, 192, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
shown(made, at / "before")
