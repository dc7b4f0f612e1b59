"""Writes the small pictures beside the pins as files, and says whose they are and where they stand."""

from inlay_bridge import given, result
from inlay_bridge.scene import made, review
from PyQt5 import QtWidgets

from krita import Krita

found = []
for tick in review._list.findChildren(QtWidgets.QCheckBox):
    line = tick.parentWidget()
    for picture in line.findChildren(QtWidgets.QLabel):
        if picture.isVisible() and not picture.text():
            name = f"{given['folder']}/{len(found)}.png"
            picture.pixmap().save(name)
            found.append([tick.accessibleName().split(": ", 1)[1], picture.accessibleName(), name])
result["pictures"] = found
result["document"] = made.pixelData(0, 0, made.width(), made.height()).data().hex()
result["size"] = [made.width(), made.height()]
result["modified"] = made.modified()
result["selection"] = made.selection() is not None
result["undo"] = Krita.instance().action("edit_undo").text()
