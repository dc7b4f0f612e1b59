"""The panel beside both pictures in turn, and once the retoucher has read it; and what is floated where there is no panel."""

from inlay_bridge import result
from inlay_bridge.inside import pump_until, show
from inlay_bridge.scene import again, made, other, shown_panel

from inlay_krita import api, entry
from inlay_krita.host import desk


def beside(picture):
    show(picture)
    shown_panel.look()
    return shown_panel.trouble.text()


result["phase"], result["said"] = again.phase, again.said
result["beside"] = [beside(one) for one in (other, made, other, made)]
shown_panel.close_trouble.click()
result["closed"] = [beside(one) for one in (other, made)]

show(other)
made.setName("the portrait")
entry.dockers[0].hide()
floated, tell = [], desk.tell
desk.tell = floated.append
try:
    job = api.session().run_again(made)
    pump_until(lambda: job.has_ended and floated)
finally:
    desk.tell = tell
    entry.dockers[0].show()
result["floated"] = floated
