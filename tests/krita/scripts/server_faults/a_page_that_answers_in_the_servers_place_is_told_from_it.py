"""A page that answers in the servers place is told from it."""

from inlay_bridge import given, result
from inlay_bridge.inside import pump_until, use_server

from inlay_krita import api
from inlay_krita.client.connect import Address, Wire
from inlay_krita.client.messages import inlay_pb2
from inlay_krita.client.trouble import Trouble

url = given["url"]

use_server(url)
pump_until(lambda: api.session().connection.trouble is not None, 15)
result["told"] = [str(api.session().connection.trouble)]
try:
    Wire(Address(url)).call(inlay_pb2.ReadBlobRequest())
except Trouble as trouble:
    result["told"].append(str(trouble))
