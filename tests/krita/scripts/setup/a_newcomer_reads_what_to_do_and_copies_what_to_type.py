"""A newcomer reads what to do and copies what to type."""

from inlay_bridge import result
from inlay_bridge.scene import settings
from PyQt5 import QtCore, QtWidgets

page = settings.setup.page
result["said"] = page.toPlainText()
page.anchorClicked.emit(QtCore.QUrl("1"))
result["copied"] = QtWidgets.QApplication.clipboard().text()
settings.reject()
