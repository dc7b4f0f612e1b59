"""Opens it again."""

from inlay_bridge.inside import app, pump_until

from inlay_krita import api


def offered(path):
    opened = app.openDocument(path)
    app.activeWindow().addView(opened)
    pump_until(lambda: api.session().offers_of(opened), 60)
    (edit,) = api.session().accept(opened)
    pump_until(lambda: edit.has_ended)
    assert edit.phase == "placed", edit.message
    return opened
