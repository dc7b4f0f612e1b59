"""Opens the photograph with a closed probe."""

from inlay_bridge import given
from inlay_bridge.inside import Wish, app, panel, show, show_wish

photo = given["photo"]

shown_panel = panel()
form, probe = shown_panel.form, shown_panel.probe
show_wish(Wish("recolor", target_color="#C0392B"))
show_wish(Wish())
probe.section.set_open(False)
made = app.openDocument(photo)
show(made)


def words():
    return probe.values.text()
