"""What the panel says then, and what is left where it was."""

from inlay_bridge import result
from inlay_bridge.inside import panel, settle, tree
from inlay_bridge.scene import other_window

from krita import Krita, Selection

shown_panel = panel()
form = shown_panel.form
made = Krita.instance().activeDocument()
settle(made)
result["said"] = shown_panel.trouble.text()
result["said in another window"] = other_window.trouble.text()
other_window.close()
other_window.deleteLater()
form.verb.setCurrentText("Fill")
result["surroundings"] = form.fields["words.surroundings"].get()
result["prompt"] = form.fields["words.prompt"].get()
result["tree"] = tree(made)
selection = made.selection()
result["selected"] = [selection.x(), selection.y(), selection.width(), selection.height()]
other = Selection()
other.select(10, 10, 40, 30, 255)
made.setSelection(other)
shown_panel.look()
result["said while something else is selected"] = shown_panel.trouble.text()
