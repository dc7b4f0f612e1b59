"""The run button says what is sent to whom before it is, 3 of 3."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, pump_until, show_wish
from inlay_bridge.scene import shown_panel

shown_panel.form.fields["sampling.model"].put("")
pump_until(lambda: shown_panel.planning.plan and shown_panel.planning.plan.model != "abroad")
result["said"] = shown_panel.go.text()
show_wish(Wish())
