"""A layer that goes along is asked about, as large as it is on the canvas; a palette, and what counts nothing, not."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, select
from PyQt5.QtCore import QByteArray

from inlay_krita.client.messages import verbs_pb2
from inlay_krita.host.memories import id_of
from inlay_krita.ui.planning import request_for
from inlay_krita.wish import Wish

made = document(320, 240, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
layer = made.createNode("look", "paintlayer")
made.rootNode().addChildNode(layer, None)
layer.setPixelData(QByteArray(b"\x40\x80\xc0\xff" * 30 * 20), 300, 10, 30, 20)
made.refreshProjection()
reference = verbs_pb2.Field(path="inputs.references", kind=verbs_pb2.FIELD_KIND_REFERENCES)
form = verbs_pb2.VerbForm(id="fill", needs=verbs_pb2.NEEDS_SELECTION, fields=[reference])
for what, role, weight in (("chosen", "style", 0.5), ("palette", "palette", 1.0), ("nothing", "style", 0.0)):
    chosen = [{"picture": id_of(layer), "role": role, "weight": weight}]
    asked = request_for(made, Wish(form, {"inputs.references": chosen})).references
    result[what] = [[one.width, one.height] for one in asked]
