"""Which servers are on this network, and how this machine is let in by one of them."""

import contextlib
import getpass
import os
import platform
import urllib.parse
from pathlib import Path

from ..client import local
from ..client.messages import introduction, nearby
from ..client.tasks import Task, in_thread
from ..host import options
from ..qt import QtCore, QtWidgets, Signal
from ..words import say
from . import parts

WAIT_MS = 2_000
"""So long one question waits; a dialog that was closed asks no other."""


class Nearby(QtWidgets.QWidget):
    """Lists servers, and asks the one that is entered for a token. `url`: gives its address."""

    chosen = Signal(str)
    """An address of the list."""
    let_in = Signal(str, str)
    """The token, and the path of the certificate to trust."""

    def __init__(self, url):
        super().__init__()
        self._url = url
        self._is_left = False
        self.servers = QtWidgets.QComboBox()
        self.servers.setAccessibleName(say("action.find.title"))
        self.servers.setVisible(False)
        self.servers.activated.connect(lambda at: self.chosen.emit(self.servers.itemData(at)))
        self.find = QtWidgets.QPushButton(say("action.find.title"))
        self.find.setToolTip(say("action.find.tip"))
        self.find.clicked.connect(lambda: Task(self._find()))
        self.name = QtWidgets.QLineEdit(_user())
        self.name.setAccessibleName(say("pairing.name"))
        self.name.setPlaceholderText(say("pairing.name"))
        self.ask = QtWidgets.QPushButton(say("action.pair.title"))
        self.ask.setToolTip(say("action.pair.tip"))
        self.ask.clicked.connect(lambda: Task(self._ask()))
        for button in (self.find, self.ask):
            button.setAutoDefault(False)
        self.told = parts.words()
        self.told.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.told.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setLayout(parts.column(parts.row(self.find, self.servers), parts.row(self.name, self.ask), self.told))

    def leave(self) -> None:
        """Nobody waits for an answer any more."""
        self._is_left = True

    async def _find(self) -> None:
        self.find.setEnabled(False)
        self.told.setText(say("pairing.looking"))
        found = await in_thread(nearby.find)
        if self._is_left:
            return
        self.find.setEnabled(True)
        self.told.setText("" if found else say("pairing.none"))
        self.servers.clear()
        for one in found:
            self.servers.addItem(f"{one.name}  {one.url}", one.url)
        self.servers.setVisible(bool(found))
        if found:
            self.chosen.emit(found[0].url)

    async def _ask(self) -> None:
        parts_of = urllib.parse.urlsplit(self._url())
        if parts_of.scheme != "https" or not parts_of.hostname:
            self.told.setText(say("pairing.needs_tls"))
            return
        self.ask.setEnabled(False)
        try:
            await self._wait(parts_of.hostname, parts_of.port or 443)
        except (introduction.NotLetIn, OSError) as error:
            self._tell(str(error))
        finally:
            if not self._is_left:
                self.ask.setEnabled(True)

    async def _wait(self, host: str, port: int) -> None:
        asking = introduction.Introduction(host, port, self.name.text().strip(), platform.node(), options.locale())
        words = await in_thread(asking.begin)
        self._tell(f"{say('pairing.read', words=words)}\n{say('pairing.differ')}\n{say('pairing.waiting')}")
        token = ""
        while not token and not self._is_left:
            token = await in_thread(lambda: asking.wait(WAIT_MS))
        if self._is_left:
            return
        path = pinned(host, port, asking.pem)
        self._tell(say("pairing.done"))
        self.let_in.emit(token, str(path))

    def _tell(self, text: str) -> None:
        if not self._is_left:
            self.told.setText(text)


def pinned(host: str, port: int, pem: str) -> Path:
    """The file in the user's data folder that holds the certificate of a server that let this machine in."""
    folder = local.data_folder() / "paired"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{host.replace(':', '_')}_{port}.pem"
    partial = path.with_suffix(".new")
    partial.write_text(pem, encoding="ascii")
    os.replace(partial, path)
    return path


def _user() -> str:
    with contextlib.suppress(Exception):  # where the system knows no name
        return getpass.getuser()
    return ""
