"""Krita quits in order while it is open."""

from inlay_bridge import result
from inlay_bridge.inside import app
from inlay_bridge.scene import edit, made
from PyQt5.QtCore import QTimer

edit(1)
result["documents"] = len(app.documents())
made.setModified(False)
QTimer.singleShot(300, app.action("file_quit").trigger)
