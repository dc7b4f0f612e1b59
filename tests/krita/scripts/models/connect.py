"""Connects to a server that has a model."""

from pathlib import Path

from inlay_bridge import given
from inlay_bridge.inside import use_server

from inlay_krita import api

folder = given["folder"]
url = given["url"]

at = Path(folder)
use_server(url)
assert api.connect(60), str(api.session().connection.trouble)
