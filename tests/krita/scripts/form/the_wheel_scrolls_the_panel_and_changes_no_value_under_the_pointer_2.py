"""The wheel scrolls the panel and changes no value under the pointer, 2 of 3."""

from inlay_bridge import result
from inlay_bridge.inside import field, focused, type_into
from inlay_bridge.scene import form, held, said

result["same"] = form.wish() == said
result["keyboard stayed"] = focused() is held
type_into(field.count)
