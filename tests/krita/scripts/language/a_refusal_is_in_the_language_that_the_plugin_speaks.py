"""A refusal is in the language that the plugin speaks."""

from inlay_bridge import result
from inlay_bridge.inside import pump_until

from inlay_krita import api
from inlay_krita.client.connect import Wire
from inlay_krita.client.connection import Connection
from inlay_krita.client.messages import inlay_pb2
from inlay_krita.client.trouble import Trouble

pump_until(lambda: api.session().connection.is_ready, 15)
address = api.session().connection.line.address
for locale in ("de-DE", "en-GB"):
    connection = Connection(address._replace(locale=locale))
    wire = Wire(connection.line.address)
    try:
        wire.call(inlay_pb2.CancelJobRequest(job_id="no id"))
    except Trouble as trouble:
        result[locale] = str(trouble)
    wire.close()
    connection.stop()
