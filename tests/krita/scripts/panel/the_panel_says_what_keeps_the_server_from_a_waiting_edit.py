"""The panel says what keeps the server from a waiting edit."""

from inlay_bridge import result

from inlay_krita import api
from inlay_krita.client.messages import job_pb2
from inlay_krita.edit import Edit
from inlay_krita.ui.progress import standing

edit = Edit(api.session().connection, "Erase", True)
said = result["said"] = []
for why in ("the disk is full", ""):
    edit.heard(job_pb2.Event(queued=job_pb2.Queued(position=2, why=why)))
    said.append(standing(edit, None))
