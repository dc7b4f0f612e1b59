"""Whether a server is there: a dot, and where none ever was, a card with what to do."""

import shutil
import subprocess

from ..client.tasks import Task, in_thread
from ..qt import QtWidgets, Signal
from ..words import say
from . import parts

DOCTOR_S = 60


_COLORS = {"good": "#5fb35f", "busy": "#d9a441", "bad": "#d35f5f"}


class Dot(QtWidgets.QLabel):
    """How things stand at a glance; the tip says it in words."""

    def __init__(self, connection):
        super().__init__("●")
        self._connection = connection
        connection.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        connection = self._connection
        if connection.is_ready:
            address = connection.line.address.url
            said = say("connection.ready", name=connection.info.name)
            said += "\n" + say("connection.version", version=connection.info.version, url=address)
        else:
            said = str(connection.trouble or say("connection.connecting"))
        state = "good" if connection.is_ready else "bad" if connection.trouble else "busy"
        self.setStyleSheet(f"color: {_COLORS[state]};")
        self.setToolTip(said)
        self.setAccessibleName(said)


class FirstRun(QtWidgets.QFrame):
    """The card that stands there while no server answers: why, the command that starts one, and who looks what is wrong."""

    settings_wanted = Signal()

    def __init__(self, connection):
        super().__init__()
        self._connection = connection
        self.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        title = parts.words(f"<b>{say('first_run.title')}</b>")
        self.reason = parts.words()
        text = parts.words(say("first_run.text"))
        self.command = QtWidgets.QLineEdit(say("first_run.command"))
        self.command.setReadOnly(True)
        self.command.setAccessibleName(say("first_run.title"))
        copy = parts.button(say("action.copy.title"), "edit-copy", "", self._copy)
        again = parts.button(say("action.retry.title"), "", "", connection.check)
        self.doctor = parts.button(say("action.doctor.title"), "", "", lambda: Task(self._examine()))
        settings = parts.tool("settings-button", say("action.settings.title"), self.settings_wanted.emit)
        self.findings = parts.words()
        self.findings.hide()
        layout = parts.column(
            title,
            self.reason,
            parts.row(self.command, copy),
            parts.row(again, self.doctor, settings),
            text,
            self.findings,
        )
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addStretch(1)
        self.setLayout(layout)
        connection.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self.reason.setText(str(self._connection.trouble or say("connection.connecting")))

    def _copy(self) -> None:
        QtWidgets.QApplication.clipboard().setText(self.command.text())

    async def _examine(self) -> None:
        """Has `inlay doctor` look, where this machine has it."""
        program, url = shutil.which("inlay"), self._connection.line.address.url
        command = [program or "inlay", "doctor", "--server", url.partition("://")[2]]
        self.findings.setText(" ".join(["inlay", *command[1:]]))
        self.findings.show()
        if program:
            self.findings.setText(await in_thread(lambda: _answer(command)))


def _answer(command: "list[str]") -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOCTOR_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout + done.stderr).strip()
