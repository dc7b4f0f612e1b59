"""The wheel scrolls the panel and changes no value under the pointer, 3 of 3."""

from inlay_bridge import result
from inlay_bridge.scene import form

result["verb"] = form.verb.currentText()
