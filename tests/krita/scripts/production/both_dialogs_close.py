"""Both dialogs are closed again, and the plugin speaks as it did."""

from inlay_bridge import result
from inlay_bridge.inside import fresh_panels, pump_until
from inlay_bridge.scene import apply_dialog, session, table_dialog, told
from PyQt5.QtCore import Qt

for row in range(apply_dialog.table.rowCount()):
    apply_dialog.table.item(row, 0).setCheckState(Qt.Unchecked)
result["without others"] = not apply_dialog.go.isEnabled()
apply_dialog.reject()
table_dialog.reject()
told.clear()
session.connection.use(session.connection.line.address._replace(locale="en-GB"))
pump_until(lambda: bool(told) and session.connection.is_ready)
fresh_panels()
