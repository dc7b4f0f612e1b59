"""An absent server is named with a cure."""

from inlay_bridge import result
from inlay_bridge.inside import panel, pump_until, use_server

from inlay_krita import api

shown_panel = panel()
use_server("http://127.0.0.1:9")
pump_until(lambda: api.session().connection.trouble is not None, 15)
result["trouble"] = str(api.session().connection.trouble)
pump_until(lambda: shown_panel.first_run.isVisible(), 15)
result["command"] = shown_panel.first_run.command.text()
result["reason"] = shown_panel.first_run.reason.text()
