"""While an edit runs its picture is copied, and another one is begun in the picture."""

from inlay_bridge import result
from inlay_bridge.inside import app, pump_until, settle, show, use_server
from inlay_bridge.scene import made

from inlay_krita import api
from inlay_krita.host import identity, place
from krita import Selection

session = api.session()
first = api.edit(seed=4)
app.action("create_copy").trigger()
pump_until(lambda: app.activeDocument() != made)
copy = app.activeDocument()
settle(copy)
both = (made, copy)
openings = [identity.opening_of(one) for one in both]
result["on their way"] = [len(session.edits_of(one)) for one in both]
show(made)
elsewhere = Selection()
elsewhere.select(20, 20, 40, 40, 255)
made.setSelection(elsewhere)
jobs = [first, api.edit(seed=5)]
for job in jobs:
    api.place(api.wait(job))
result["phases"] = [job.phase for job in jobs]
result["results"] = [len(place.results_of(one)) for one in both]
session.offers.clear()
use_server(session.connection.line.address.url)
