"""The copy is a picture of its own, in which something can be painted."""

from inlay_bridge import result
from inlay_bridge.inside import show
from inlay_bridge.scene import both, copy

from inlay_krita import api
from inlay_krita.host import place

show(copy)
api.place(api.wait(api.edit(seed=6)))
result["results"] = [len(place.results_of(one)) for one in both]
