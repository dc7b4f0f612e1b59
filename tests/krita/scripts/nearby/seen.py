"""What the settings hold once this machine was let in, and the first call with it."""

from inlay_bridge import result
from inlay_bridge.scene import settings

from inlay_krita.client.connect import Line
from inlay_krita.client.messages import inlay_pb2
from inlay_krita.client.tasks import Task
from inlay_krita.host import options

result["said"] = settings.nearby.told.text()
result["token"], result["certificate"] = settings.address().token, settings.address().certificate
result["kept"] = options.address().token
first_call = Task(Line(settings.address()).call(inlay_pb2.GetServerInfoRequest()))
