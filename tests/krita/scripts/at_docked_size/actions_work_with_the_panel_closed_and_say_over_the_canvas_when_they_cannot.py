"""Actions work with the panel closed and say over the canvas when they cannot."""

from inlay_bridge import given, result
from inlay_bridge.inside import app, group_of, pump_until, settle, use_server
from inlay_bridge.scene import made

from inlay_krita import api, entry
from inlay_krita.host import desk, place

url = given["url"]

told, tell = [], desk.tell
desk.tell = told.append
entry.dockers[0].hide()
settle(made)
try:
    app.action("inlay_keep").trigger()
    result["without a result"] = list(told)
    use_server(url)
    result["still connecting"] = not api.session().connection.is_ready
    app.action("inlay_run").trigger()
    pump_until(lambda: place.results_of(made) and not api.session().edits, 60)
    result["ran"] = len(place.results_of(made))
    before = place.shown(made, group_of(made))
    app.action("inlay_next").trigger()
    result["flipped"] = place.shown(made, group_of(made)) != before
    app.action("inlay_before").trigger()
    result["hidden"] = not group_of(made).visible()
    app.action("inlay_before").trigger()
    made.setSelection(None)
    del told[:]
    app.action("inlay_run").trigger()
    result["nothing selected"] = list(told)
finally:
    desk.tell = tell
    entry.dockers[0].show()
