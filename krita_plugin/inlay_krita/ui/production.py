"""Dialogs for many edits at once: other open documents, and a table of variations; what became of each stands in its cell."""

from typing import Any

from .. import production
from ..client.follow import persist
from ..client.messages import production_pb2
from ..client.tasks import Task
from ..client.trouble import Trouble
from ..host import identity
from ..host.capture import rect_of
from ..host.facts import CannotEdit, facts_of
from ..qt import Qt, QtWidgets
from ..words import say
from . import fields, parts

WIDTH_PX, ROWS_PX = 460, 96
MARKS = {"waiting": "·", "working": "…", "done": "✓", "flagged": "?", "failed": "!", "cancelled": "–"}


class _Many(QtWidgets.QDialog):
    """Runs a `production.Work`, and shows how it goes. Closing it while it runs takes back what is not made yet."""

    def __init__(self, panel, document, deed: str):
        super().__init__(panel.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self.document = panel.session, document
        group = self.session.result_of(document)
        self.setWindowTitle(f"Inlay: {say(f'action.{deed}.title')}")
        self.work: Any = None
        self.table = QtWidgets.QTableWidget()
        self.table.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.NoSelection)
        self.told = parts.words()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.go = QtWidgets.QPushButton(say("action.run.title"))
        self.close_it = QtWidgets.QPushButton(say("many.close"))
        self.close_it.setAutoDefault(False)
        self.go.clicked.connect(self.run)
        self.close_it.clicked.connect(self.reject)
        first = parts.words(say(f"many.{deed}", name=group.name()))
        inner = parts.column(first, *self._asked(), self.table, self.told, parts.row(self.go, self.close_it))
        inner.setStretchFactor(self.table, 1)
        self.setLayout(inner)
        inner.setContentsMargins(9, 9, 9, 9)
        self.resize(WIDTH_PX, self.sizeHint().height())
        self._ready()

    def _asked(self) -> "list[QtWidgets.QWidget]":
        """What is asked before it begins."""
        return []

    def _work(self) -> production.Work:
        """What is to be done. Raises CannotEdit, Trouble."""
        raise NotImplementedError

    def _ready(self) -> None:
        """Whether there is anything to do."""
        raise NotImplementedError

    def _item(self, cell: production.Cell) -> QtWidgets.QTableWidgetItem:
        """Where a cell's state is shown."""
        raise NotImplementedError

    def run(self) -> None:
        self.told.setText("")
        try:
            self.work = self._work()
        except (CannotEdit, Trouble) as trouble:
            self.told.setText(str(trouble))
            return
        self._arrange()
        self.work.changed.connect(self._show)
        self.work.start().add_done_callback(lambda _: self._show())
        self._show()

    def _arrange(self) -> None:
        """Makes the table one of this work."""

    def _show(self) -> None:
        is_running = not self.work.is_over
        self.go.setEnabled(not is_running)
        self.close_it.setText(say("many.stop" if is_running else "many.close"))
        said: dict[str, list[str]] = {}
        for cell in self.work.cells:
            item = self._item(cell)
            item.setText(f"{MARKS[cell.state]} {say(f'many.state.{cell.state}')}")
            item.setToolTip(cell.said)
            if cell.said:
                said.setdefault(cell.said, []).append(self._name(cell))
        self.told.setText("\n".join(f"{'; '.join(names)}: {why}" for why, names in said.items()))

    def _name(self, cell: production.Cell) -> str:
        return cell.row

    def reject(self) -> None:
        """Stops what runs; closes where nothing does."""
        if self.work is not None and not self.work.is_over:
            self.work.cancel()
        else:
            super().reject()


class Apply(_Many):
    """The other open documents with check boxes."""

    def __init__(self, panel, document):
        self.others = production.others_of(document)
        super().__init__(panel, document, "apply")
        self.table.setColumnCount(2)
        self.table.setRowCount(len(self.others))
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setColumnWidth(0, WIDTH_PX // 2)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # Versions differ at the end of their names.
        for row, name in enumerate(identity.captions_of(self.others)):
            item = QtWidgets.QTableWidgetItem(name)
            item.setToolTip(self.others[row].fileName() or name)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.table.setItem(row, 0, item)
            self.table.setItem(row, 1, QtWidgets.QTableWidgetItem())
        self.table.itemChanged.connect(lambda _: self._ready())  # Not before each row is there.
        self._ready()
        if not self.others:
            self.told.setText(say("many.no_others"))

    def _chosen(self) -> "list[int]":
        rows = range(self.table.rowCount())
        items = [self.table.item(row, 0) for row in rows]
        return [row for row, item in zip(rows, items, strict=True) if item.checkState() == Qt.CheckState.Checked]

    def _ready(self) -> None:
        is_running = self.work is not None and not self.work.is_over
        self.go.setEnabled(not is_running and self.table.rowCount() > 0 and bool(self._chosen()))

    def _work(self) -> production.Work:
        self._rows = self._chosen()
        return production.Apply(self.session, self.document, [self.others[row] for row in self._rows])

    def _item(self, cell: production.Cell) -> QtWidgets.QTableWidgetItem:
        return self.table.item(self._rows[self.work.cells.index(cell)], 1)


class Table(_Many):
    """Rows of words or colours; columns are this picture and formats."""

    def __init__(self, panel, document):
        super().__init__(panel, document, "table")
        self.table.verticalHeader().setMaximumWidth(
            WIDTH_PX // 2
        )  # A row may be a sentence; how it stands is in the other half.
        self.table.verticalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._offer(production.HERE, say("many.here"), True)
        finding = Task(self._find_formats())
        finding.add_done_callback(lambda task: task.exception())
        self.finished.connect(lambda _: finding.cancel())

    def _asked(self) -> "list[QtWidgets.QWidget]":
        self._titles: dict[str, str] = {}
        self.paths = fields.Menu()
        for path, title in production.paths_of(self.session, self.document):
            self.paths.add(path, title, "")
        self.rows = QtWidgets.QPlainTextEdit()
        self.rows.setPlaceholderText(say("many.rows_hint"))
        self.rows.setAccessibleName(say("many.rows_hint"))
        self.rows.setTabChangesFocus(True)
        self.rows.setMaximumHeight(ROWS_PX)
        self.rows.textChanged.connect(self._ready)
        self.formats = QtWidgets.QListWidget()
        self.formats.setMaximumHeight(ROWS_PX)
        self.formats.setAccessibleName(say("many.formats"))
        self.formats.itemChanged.connect(lambda _: self._ready())
        return [self.paths, self.rows, parts.words(say("many.formats")), self.formats]

    async def _find_formats(self) -> None:
        _, layer, kept = self.session.variation_in_hand(self.document)
        request = production_pb2.FrameFormatsRequest(document=facts_of(self.document).size)
        request.focus.CopyFrom(production.region_of(layer, kept).message)
        for found in (await persist(self.session.connection, request)).formats:
            crop = rect_of(found.crop)
            told = "\n".join([f"{crop.width} × {crop.height} px", *found.flags])
            self._offer(found.name, found.title, False, told)

    def _offer(self, name: str, title: str, chosen: bool, tip: str = "") -> None:
        item = QtWidgets.QListWidgetItem(title, self.formats)
        item.setData(Qt.ItemDataRole.UserRole, name)
        item.setToolTip(tip)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        self._titles[name] = title

    def _values(self) -> "list[str]":
        lines = (line.strip() for line in self.rows.toPlainText().splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def _columns(self) -> "list[str]":
        items = [self.formats.item(row) for row in range(self.formats.count())]
        return [one.data(Qt.ItemDataRole.UserRole) for one in items if one.checkState() == Qt.CheckState.Checked]

    def _ready(self) -> None:
        is_running = self.work is not None and not self.work.is_over
        self.go.setEnabled(not is_running and bool(self._values()) and bool(self._columns()))

    def _work(self) -> production.Work:
        return production.Table(self.session, self.document, self.paths.get(), self._values(), self._columns())

    def _arrange(self) -> None:
        rows, columns = self._values(), self._columns()
        self.table.setRowCount(len(rows))
        self.table.setColumnCount(len(columns))
        self.table.setVerticalHeaderLabels(rows)
        self.table.setHorizontalHeaderLabels([self._titles[name] for name in columns])
        for at, value in enumerate(rows):
            self.table.verticalHeaderItem(at).setToolTip(value)
        for row in range(len(rows)):
            for column in range(len(columns)):
                self.table.setItem(row, column, QtWidgets.QTableWidgetItem())

    def _item(self, cell: production.Cell) -> QtWidgets.QTableWidgetItem:
        column, row = divmod(self.work.cells.index(cell), self.table.rowCount())
        return self.table.item(row, column)

    def _name(self, cell: production.Cell) -> str:
        return f"{cell.row}, {self._titles[cell.column]}"
