"""A model that is added or whose folder goes away shows in the panel without a new connection."""

from inlay_bridge import given
from inlay_bridge.inside import document, field, panel, select

pixels = given["pixels"]
mask = given["mask"]
prompt = given["prompt"]

shown_panel = panel()
form = shown_panel.form
made = document(320, 240, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", pixels)
select(made, mask)
form.verb.setCurrentText("Fill")
field.prompt.setPlainText(prompt)
