"""The probe says that the server is gone and measures when it is back."""

from inlay_bridge import given, result
from inlay_bridge.inside import pump_until, select, use_server
from inlay_bridge.scene import made, probe

from inlay_krita import api

mask = given["mask"]
url = given["url"]

select(made, mask)
use_server("http://127.0.0.1:9")
pump_until(lambda: api.session().connection.trouble is not None, 20)
probe.section.set_open(True)
pump_until(lambda: "Nobody answers" in probe.trouble.text(), 10)
result["gone"] = [probe.reading is None, probe.values.isVisible(), probe.trouble.text()]
use_server(url)
pump_until(lambda: probe.reading is not None, 20)
result["back"] = [probe.values.isVisible(), probe.trouble.isVisible()]
