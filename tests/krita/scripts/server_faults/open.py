"""Opens a picture beside a server of the test's own, with something selected."""

from inlay_bridge import given
from inlay_bridge.inside import document, select, use_server

from inlay_krita import api

use_server(given["url"])
assert api.connect(60), str(api.session().connection.trouble)
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
