"""Running again without the servers copy sends the same pixels."""

from inlay_bridge import given, result
from inlay_bridge.inside import group_of, settle, use_server
from inlay_bridge.scene import made

from inlay_krita import api

other = given["other"]

job = api.edit(seed=3)
api.wait(job)
api.place(job)
settle(made)
use_server(other)
assert api.connect()
made.setActiveNode(group_of(made))
settle(made)
again = api.edit_again()
api.wait(again)
result["same"] = again.candidates[0].pixels == job.candidates[0].pixels
result["sent"] = [job.uploaded_bytes, again.uploaded_bytes]
result["notes"] = again.notes
