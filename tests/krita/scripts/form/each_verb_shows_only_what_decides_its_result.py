"""Each verb shows only what decides its result."""

from inlay_bridge import result
from inlay_bridge.inside import Wish, field, settle, show_wish
from inlay_bridge.scene import form, made, shown_panel
from PyQt5 import QtWidgets

form.details.set_open(True)
show_wish(Wish("fill", prompt="wood", tier="draft", strength=0.3, count=3, seed=9))
result["shows"], result["out of sight"], result["nameless"] = {}, {}, []
form.details.set_open(False)
kinds = (
    QtWidgets.QComboBox,
    QtWidgets.QDoubleSpinBox,
    QtWidgets.QLineEdit,
    QtWidgets.QPlainTextEdit,
    QtWidgets.QListWidget,
)
for number in range(form.verb.count()):
    form.verb.setCurrentIndex(number)
    settle(made)
    verb = form.verb.currentData()
    named = {path.rpartition(".")[2]: made for path, made in form.fields.items() if not path.startswith("panel.")}
    result["shows"][verb] = sorted(named)
    result["out of sight"][verb] = sorted(name for name, made in named.items() if not made.isVisible())
    result["nameless"] += [
        [verb, one.toolTip() or type(one).__name__]
        for one in shown_panel.findChildren(QtWidgets.QWidget)
        if isinstance(one, kinds)
        and one.isVisible()
        and not isinstance(one.parent(), kinds)
        and not one.accessibleName()
    ]
form.verb.setCurrentText("Recolor")
result["recolor"] = sorted(form.wish().values)
form.verb.setCurrentText("Fill")
field.strength.setValue(80)
form.verb.setCurrentText("Refine")
field.strength.setValue(40)
form.verb.setCurrentText("Fill")
result["strengths"] = [field.strength.value()]
form.verb.setCurrentText("Refine")
result["strengths"].append(field.strength.value())
result["words went along"] = field.prompt.get()
