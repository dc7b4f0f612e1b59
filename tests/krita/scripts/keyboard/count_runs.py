"""Counts runs from now on, and lets none of them begin."""

from inlay_bridge.inside import app
from inlay_bridge.scene import shown_panel
from PyQt5 import QtWidgets
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication

runs = []


def counted(wish, *more):
    runs.append(wish.verb)


shown_panel.session.run = counted
main = app.activeWindow().qwindow()


def others():
    return [
        type(one).__name__
        for one in QApplication.topLevelWidgets()
        if one.isVisible() and one is not main and one.windowType() not in (Qt.ToolTip, Qt.Drawer)
    ]


def fields():
    kinds = (
        QtWidgets.QComboBox,
        QtWidgets.QDoubleSpinBox,
        QtWidgets.QLineEdit,
        QtWidgets.QPlainTextEdit,
        QtWidgets.QCheckBox,
    )
    return [
        one
        for one in shown_panel.findChildren(QtWidgets.QWidget)
        if isinstance(one, kinds) and one.isVisible() and not isinstance(one.parent(), kinds)
    ]
