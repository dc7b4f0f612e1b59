"""From nothing to a first picture: what the server's machine has to paint with, and what there is to get."""

from html import escape

from ..client.messages import setup_pb2
from ..client.tasks import Task
from ..client.trouble import Trouble
from ..qt import QtWidgets
from ..words import say
from . import parts

TIMEOUT_S = 60.0
"""The server looks through other programs' folders."""

HEIGHT_PX = 320


class Setup(QtWidgets.QWidget):
    """Asks the server each time it is opened. `line`: gives the line to the server that is entered."""

    def __init__(self, line):
        super().__init__()
        self._line = line
        self._commands: list = []
        self.page = QtWidgets.QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.setFixedHeight(HEIGHT_PX)
        self.page.setAccessibleName(say("action.setup.tip"))
        self.page.anchorClicked.connect(lambda link: self.copy(int(link.toString())))
        self.section = parts.Section(say("action.setup.title"), parts.column(self.page))
        self.section.setToolTip(say("action.setup.tip"))
        self.section.turned.connect(lambda is_open: is_open and Task(self._show()))
        self.setLayout(parts.column(self.section))

    @property
    def commands(self) -> "list[str]":
        """What there is to type, from top to bottom."""
        return self._commands

    def copy(self, number: int) -> None:
        QtWidgets.QApplication.clipboard().setText(self._commands[number])

    async def _show(self) -> None:
        self.page.setPlainText("…")
        try:
            answer = await self._line().call(setup_pb2.DescribeSetupRequest(), TIMEOUT_S)
        except Trouble as trouble:
            self.page.setPlainText(str(trouble))
            return
        self._commands = [line.command for section in answer.sections for line in section.lines if line.command]
        number = iter(range(len(self._commands)))
        self.page.setHtml("".join(_step(section, number) for section in answer.sections))


def _step(section, number) -> str:
    return f"<p><b>{escape(section.title)}</b></p>" + "".join(_said(line, number) for line in section.lines)


def _said(line, number) -> str:
    if not line.command:
        return f"<p>{escape(line.text)}</p>"
    copy = escape(say("action.copy.title"))
    return (
        f'<p>{escape(line.text)}:<br><code>{escape(line.command)}</code>&nbsp; <a href="{next(number)}">{copy}</a></p>'
    )
