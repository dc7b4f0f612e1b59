"""A token that is wanted and wrong is named."""

from inlay_bridge import given, result
from inlay_bridge.inside import pump_until, use_server

from inlay_krita import api

url = given["url"]

for token in ("", "wrong", "correct horse"):
    use_server(url, token)
    connection = api.session().connection
    pump_until(lambda: connection.is_ready or connection.trouble is not None, 15)
    result[token] = "ready" if connection.is_ready else str(connection.trouble)
