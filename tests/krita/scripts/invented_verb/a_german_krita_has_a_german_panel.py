"""A german krita has a german panel."""

import os

from inlay_bridge import given, result
from inlay_bridge.inside import fresh_panels, panel, use_server

from inlay_krita import api

url = given["url"]

connection = api.session().connection
os.environ["LANGUAGE"] = "de_AT"
use_server(url)
try:
    assert api.connect(60), str(connection.trouble)
    fresh_panels()
    form = panel().form
    form.verb.put("weather")
    result["verbs"] = [form.verb.itemText(n) for n in range(form.verb.count())]
    result["run"] = panel().go.text()
    result["thunder"] = form.fields["options.thunder"].text()
finally:
    os.environ["LANGUAGE"] = "en"
    use_server(url)
    assert api.connect(60)
    fresh_panels()
