"""History: everything that this picture's edits made, found again by its words; a click places one again, lossless."""

from ..client.messages import history_pb2, job_pb2
from ..client.tasks import Task, sleep
from ..client.trouble import Trouble
from ..host import identity
from ..qt import Qt, QtCore, QtGui, QtWidgets
from ..words import say
from . import parts

DELAY_S = 0.25
"""Words that are being typed are waited for."""

SIDE_PX = 52
LIMIT = 20
_JUDGED = {job_pb2.RATING_KEPT: "kept", job_pb2.RATING_REJECTED: "discarded"}


class History(QtWidgets.QWidget):
    """What the server has of the picture in front; asked for while it is open."""

    def __init__(self, session):
        super().__init__()
        self._session = session
        self._document = self._task = None
        self._opening = ""
        self._next: dict[str, str] = {}
        """Where the list goes on, by the label of the jobs."""
        self.entries: list = []
        """The contract's HistoryEntry, newest first."""
        self.search = QtWidgets.QLineEdit()
        self.search.setPlaceholderText(say("history.search"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(say("history.search"))
        self.search.textChanged.connect(lambda _: self.load())
        self.said = parts.words(quiet=True)
        self.list = QtWidgets.QListWidget()
        self.list.setIconSize(QtCore.QSize(SIDE_PX, SIDE_PX))
        self.list.setAccessibleName(say("history.title"))
        for bars in (self.list.setHorizontalScrollBarPolicy, self.list.setVerticalScrollBarPolicy):
            bars(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # The panel scrolls.
        self.list.itemClicked.connect(lambda item: self._place(self.list.row(item)))
        self.older = parts.button(say("history.older"), "", "", lambda: self._ask(self._next))
        self.section = parts.Section(say("history.title"), parts.column(self.search, self.said, self.list, self.older))
        self.section.turned.connect(lambda _: self.load())
        self.setLayout(parts.column(self.section))
        session.told.connect(self.load)
        self._show()

    def look(self, document) -> None:
        """Asks anew where another picture is in front."""
        self._document = document
        opening = identity.opening_of(document) if document is not None else ""
        if opening != self._opening:
            self._opening = opening
            self.load()

    def open(self) -> None:
        """Opens it, with the cursor in its search."""
        self.section.set_open(True)
        self.search.setFocus()

    def load(self) -> None:
        """Asks for the newest, while it is open."""
        labels = identity.labels_of(self._document) if self._document and identity.is_open(self._document) else []
        if self.section.is_open:
            self._ask(dict.fromkeys(labels, ""))

    def _ask(self, cursors: "dict[str, str]") -> None:
        if self._task:
            self._task.cancel()
        self._task = Task(self._asked(dict(cursors)))

    async def _asked(self, cursors: "dict[str, str]") -> None:
        """Asks for what follows, for each label; empty cursors begin anew."""
        search, said = self.search.text().strip(), ""
        entries, self._next = [*self.entries] if any(cursors.values()) else [], {}
        try:
            await sleep(DELAY_S)
            for label, cursor in cursors.items():
                request = history_pb2.ListHistoryRequest(label=label, search=search, cursor=cursor, limit=LIMIT)
                answer = await self._session.connection.line.call(request)
                entries += answer.entries
                if answer.next:
                    self._next[label] = answer.next
        except Trouble as trouble:
            said = str(trouble)
        self.entries = sorted(entries, key=lambda one: -one.submitted_unix_ms)
        self._show(said or ("" if entries else say("history.none_found" if search else "history.empty")))

    def _show(self, said: str = "") -> None:
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.older.setVisible(bool(self._next))
        self.list.clear()
        ratio = self.devicePixelRatioF()
        for entry in self.entries:
            item = QtWidgets.QListWidgetItem(f"{entry.title}\n{described(entry)}")
            picture = QtGui.QPixmap()
            if picture.loadFromData(entry.thumbnail):
                side, aspect = round(SIDE_PX * ratio), Qt.AspectRatioMode.KeepAspectRatio
                picture = picture.scaled(side, side, aspect, Qt.TransformationMode.SmoothTransformation)
                picture.setDevicePixelRatio(ratio)
                item.setIcon(QtGui.QIcon(picture))
            told = (entry.prompt, entry.target_color, entry.model, say("history.place_tip"))
            item.setToolTip("\n".join(filter(None, told)))
            item.setSizeHint(QtCore.QSize(1, SIDE_PX + 6))
            self.list.addItem(item)
        self.list.setVisible(bool(self.entries))
        self.list.setFixedHeight(len(self.entries) * (SIDE_PX + 6) + 2 * self.list.frameWidth())

    def _place(self, row: int) -> None:
        entry = self.entries[row]
        if self._document is not None and identity.is_open(self._document):
            self._session.adopt(self._document, entry.title, entry.job_id, entry.variation)


def described(entry) -> str:
    """Seed, seconds and judgement of an entry in one line."""
    seconds = say("history.seconds", seconds=max(1, round(entry.seconds))) if entry.HasField("seconds") else ""
    told = (say("history.seed", seed=entry.seed), seconds, say(f"history.{_JUDGED.get(entry.rating, 'not_kept')}"))
    return ", ".join(filter(None, told))
