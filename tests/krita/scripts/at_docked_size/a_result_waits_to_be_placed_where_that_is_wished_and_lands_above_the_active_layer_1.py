"""A result waits to be placed where that is wished and lands above the active layer, 1 of 2."""

from inlay_bridge.scene import form, made, shown_panel

curves = made.createNode("curves", "paintlayer")
made.rootNode().addChildNode(curves, None)
made.waitForDone()
form.fields["panel.placing"].put("on_call")
form.fields["panel.lands"].put("above")
shown_panel.run()
