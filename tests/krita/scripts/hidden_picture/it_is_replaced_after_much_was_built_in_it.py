"""It is replaced after much was built in it."""

from inlay_bridge import result
from inlay_bridge.inside import app, tree
from inlay_bridge.scene import edit, made

from inlay_krita.host import scratch

edit(1)
(first,) = [other for other in app.documents() if other != made]
limit, scratch.MAX_BUILT_BYTES = scratch.MAX_BUILT_BYTES, 1
edit(2)
scratch.MAX_BUILT_BYTES = limit
result["documents"] = len(app.documents())
result["replaced"] = first not in app.documents()
result["tree"] = tree(made)
