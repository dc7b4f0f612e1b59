"""Asks from the panel for what lies around the selection; whatever was in the field before."""

from inlay_bridge import given
from inlay_bridge.inside import document, field, panel, select

from inlay_krita import api

other_window = type(panel())(api.session())
other_window.show()
shown_panel = panel()
form = shown_panel.form
made = document(320, 240, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
form.verb.setCurrentText("Fill")
field.prompt.setPlainText(given["prompt"])
form.fields["words.surroundings"].put("an empty room")
form.verb.setCurrentText("Describe surroundings")
shown_panel.run()
