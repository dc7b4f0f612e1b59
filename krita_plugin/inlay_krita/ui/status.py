"""The panel's first line: whether a server is there, and what to do where none is."""

from ..qt import QtWidgets, Signal
from . import parts


class Status(QtWidgets.QWidget):
    """Shows a Connection. `settings_wanted`: the retoucher asked for the settings."""

    settings_wanted = Signal()

    def __init__(self, connection):
        super().__init__()
        self._connection = connection
        self._dot = parts.Dot()
        self._name = QtWidgets.QLabel()
        self._name.setMinimumWidth(1)
        settings = parts.tool("settings-button", "Server and settings", self.settings_wanted.emit)
        self._reason = parts.words()
        self._again = parts.button("Try again", "reload-preset", "Asks the server now", connection.check)
        line = parts.row(self._dot, self._name, settings)
        line.setStretchFactor(self._name, 1)
        self.setLayout(parts.column(line, self._reason, self._again))
        connection.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        connection = self._connection
        trouble = connection.trouble
        if connection.is_ready:
            self._dot.show_state("good")
            self._name.setText(f"Ready on {connection.info.name}")
            self.setToolTip(f"Inlay {connection.info.version} at {connection.line.address.url}")
        elif trouble:
            self._dot.show_state("bad")
            self._name.setText("No server")
            self._reason.setText(str(trouble))
        else:
            self._dot.show_state("busy")
            self._name.setText("Connecting…")
        self._reason.setVisible(trouble is not None)
        self._again.setVisible(trouble is not None)
