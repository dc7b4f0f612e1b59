"""An edit that begins while its server restarts asks for its plan again."""

from inlay_bridge import given
from inlay_bridge.inside import document, select, use_server

from inlay_krita import api

url = given["url"]
pixels = given["pixels"]
mask = given["mask"]

use_server(url)
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
api.session().connection.stop()  # Nobody notices before the edit does.
