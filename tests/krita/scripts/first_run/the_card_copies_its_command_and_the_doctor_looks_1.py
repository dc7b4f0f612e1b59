"""The card copies its command and the doctor looks, 1 of 2."""

import os

from inlay_bridge import given, result
from inlay_bridge.inside import panel, pump_until, use_server
from PyQt5 import QtWidgets
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

folder = given["folder"]

shown_panel = panel()
use_server("http://127.0.0.1:9")
pump_until(lambda: shown_panel.first_run.isVisible(), 20)
card = shown_panel.first_run
buttons = {one.text(): one for one in card.findChildren(QtWidgets.QPushButton)}
QtWidgets.QApplication.clipboard().setText("something else")
QTest.mouseClick(buttons["Copy"], Qt.LeftButton)
result["copied"] = QtWidgets.QApplication.clipboard().text()
path = os.environ["PATH"]
os.environ["PATH"] = folder + ":" + path
QTest.mouseClick(buttons["Doctor"], Qt.LeftButton)
os.environ["PATH"] = path
