"""Qt as Krita brings it: PyQt5 in Krita 5, PyQt6 in Krita 6. Everything else imports Qt from here.

Enumerations are spelled in full (`Qt.ItemDataRole.UserRole`), which PyQt6 demands and PyQt5 5.11 and newer accept.
"""

try:
    from PyQt5 import QtCore, QtGui, QtWidgets
except ImportError:  # Krita 6 refuses PyQt5 with ModuleNotFoundError.
    from PyQt6 import QtCore, QtGui, QtWidgets

__all__ = ["QObject", "QTimer", "Qt", "QtCore", "QtGui", "QtWidgets", "Signal"]

QObject = QtCore.QObject
QTimer = QtCore.QTimer
Qt = QtCore.Qt
Signal = QtCore.pyqtSignal
