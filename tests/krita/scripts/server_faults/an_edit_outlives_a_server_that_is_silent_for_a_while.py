"""An edit outlives a server that is silent for a while."""

from inlay_bridge import given
from inlay_bridge.inside import document, select, use_server

from inlay_krita import api

url = given["url"]
pixels = given["pixels"]
mask = given["mask"]

use_server(url)
connection = api.session().connection
assert api.connect(60)
made = document(300, 200, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
