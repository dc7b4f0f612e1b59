"""Each test finds a panel that nobody touched."""

from inlay_bridge import result
from inlay_bridge.inside import field, panel

form = panel().form
form.verb.put("fill")
result["found"] = [field.seed.lock.isChecked(), form.details.is_open, field.prompt.toPlainText()]
field.seed.lock.setChecked(True)
form.details.set_open(True)
field.prompt.setPlainText("left behind")
