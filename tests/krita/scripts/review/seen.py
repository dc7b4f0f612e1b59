"""What the panel says of reviews, and what of it is cut off."""

from inlay_bridge import result
from inlay_bridge.scene import made, review, shown_panel
from PyQt5 import QtCore, QtWidgets

shown_panel.look()
texts = [label.text() for label in review._list.findChildren(QtWidgets.QLabel) if label.text()]
result["texts"] = texts
result["said"] = shown_panel.trouble.text()
result["clipboard"] = QtWidgets.QApplication.clipboard().text()
code = shown_panel.variations.share.code
buffer = QtCore.QBuffer()
if code.isVisible():
    code.pixmap().save(buffer, "PNG")
result["code"] = bytes(buffer.data()).hex()
result["code is called"] = code.accessibleName()
result["least width"] = shown_panel.variations.minimumSizeHint().width()
selection = made.selection()
result["selected"] = selection and [selection.x(), selection.y(), selection.width(), selection.height()]
ours = [shown_panel.variations, review]
buttons = [one for part in ours for one in part.findChildren(QtWidgets.QAbstractButton) if one.isVisible()]
result["cut"] = [
    one.text() or one.toolTip()
    for one in buttons
    if one.width() < one.fontMetrics().horizontalAdvance(one.text()) + 4
    or one.mapTo(shown_panel, one.rect().topRight()).x() > shown_panel.width()
]
