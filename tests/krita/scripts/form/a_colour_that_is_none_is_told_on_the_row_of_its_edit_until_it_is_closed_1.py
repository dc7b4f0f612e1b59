"""A colour that is none is told on the row of its edit until it is closed, 1 of 3."""

from inlay_bridge.inside import field, pump_until
from inlay_bridge.scene import form, shown_panel

form.verb.setCurrentText("Recolor")
field.target_color.line.setText("brand green")
pump_until(lambda: shown_panel.go.isEnabled())
shown_panel.run()
