"""An edit that is cancelled too late is not offered."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, pump_until
from inlay_bridge.scene import picture

from inlay_krita import api
from inlay_krita.client.tasks import Task
from inlay_krita.host import identity

made = picture()
session = api.session()
job = session.run(Wish(verb="erase"))
pump_until(lambda: job.phase in ("fetching", "placing") or job.has_ended)
job.cancel()
asked = Task(session._ask_for(made, identity.opening_of(made)))
pump_until(lambda: asked.done())
result["phase"], result["offers"] = job.phase, len(session.offers_of(made))
