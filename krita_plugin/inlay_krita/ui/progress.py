"""The edits on their way, and those that ended badly or wait to be placed: where each is, and what can be done with it."""

import time

from ..qt import Qt, QtGui, QtWidgets
from ..words import count, say
from . import parts

PREVIEW_PX = 120


class EditRow(QtWidgets.QWidget):
    """One edit."""

    def __init__(self, edit, session):
        super().__init__()
        self.edit = edit
        self._session = session
        self.words = parts.words()
        self._bar = parts.Bar()
        self._picture = QtWidgets.QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._promised = None
        """The seconds that the server named last."""
        self._due_s = 0.0
        """When they are over, on the monotonic clock."""
        self.place = parts.button(say("action.place.title"), "", say("action.place.tip"), edit.place)
        self.close_button = parts.tool("window-close", say("action.close.tip"), self._close)
        line = parts.row(self.words, self.place, self.close_button, wide=self.words)
        self.setLayout(parts.column(line, self._bar, self._picture, spacing=3))
        edit.changed.connect(self.refresh)
        self.refresh()

    def _close(self) -> None:
        if self.edit.has_ended:
            self._session.close(self.edit)
        else:
            self.edit.cancel()

    def refresh(self) -> None:
        edit = self.edit
        if edit.eta_s != self._promised:
            self._promised, self._due_s = edit.eta_s, time.monotonic() + (edit.eta_s or 0.0)
        self.count_down()
        self.place.setVisible(edit.phase == "finished")
        self.close_button.setToolTip(say("action.close.tip" if edit.has_ended else "action.cancel.tip"))
        measured = edit.phase in ("uploading", "painting", "fetching") and edit.fraction > 0
        self._bar.setVisible(not edit.has_ended)
        self._bar.show_fraction(edit.fraction if measured else None)
        self._picture.setVisible(edit.preview is not None and not edit.has_ended)
        if edit.preview is not None:
            aspect, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            shown = QtGui.QPixmap.fromImage(edit.preview)
            self._picture.setPixmap(shown.scaled(PREVIEW_PX, PREVIEW_PX, aspect, smooth))

    def count_down(self) -> None:
        """Says where the edit is, and how long it still takes."""
        left_s = None if self._promised is None else self._due_s - time.monotonic()
        self.words.setText(f"{self.edit.title}: {standing(self.edit, left_s)}")


def standing(edit, left_s) -> str:
    """Where an edit is, in a few words. left_s: seconds until it is done, None or less than none where nobody knows."""
    if edit.message:
        return edit.message
    said = say(f"state.{edit.phase}") if edit.phase != "queued" else ""
    if edit.phase == "queued":
        said = count("state.queued", edit.position) if edit.position else say("state.queued.next")
    if edit.phase in ("queued", "painting") and left_s is not None and left_s > 0:
        said += ", " + say("state.eta", seconds=max(1, round(left_s)))
    return said


class Elsewhere(QtWidgets.QWidget):
    """One line: how many edits of other pictures are on their way, and a way to take them back."""

    def __init__(self):
        super().__init__()
        self._edits = []
        self.words = parts.words()
        self.cancel = parts.button(say("action.cancel.title"), "", "", self._cancel)
        self.setLayout(parts.row(self.words, self.cancel, wide=self.words))

    def show_edits(self, edits) -> None:
        self._edits = edits
        self.words.setText(count("state.elsewhere", len(edits)))
        self.cancel.setText(say("action.cancel_all.title" if len(edits) > 1 else "action.cancel.title"))
        self.cancel.setToolTip(say("action.cancel_all.tip", names=", ".join(edit.title for edit in edits)))
        self.setVisible(bool(edits))

    def _cancel(self) -> None:
        for edit in list(self._edits):
            edit.cancel()


class Progress(QtWidgets.QWidget):
    """Rows for the edits of the picture in front, and a line for those of all others."""

    def __init__(self, session):
        super().__init__()
        self._session = session
        self.rows: dict[str, EditRow] = {}
        """By job id."""
        self.elsewhere = Elsewhere()
        self.setLayout(parts.column(self.elsewhere))

    def count_down(self) -> None:
        """Says anew how long each edit still takes."""
        for row in self.rows.values():
            row.count_down()

    def show_edits(self, document) -> None:
        """Shows what there is to say about the edits of `document`, the picture in front, and of all others."""
        others = self._session.edits_elsewhere(document)
        self.elsewhere.show_edits(others)
        wanted = {edit.job_id: edit for edit in self._session.edits_of(document) + self._session.left_of(document)}
        for job_id in [known for known in self.rows if known not in wanted]:
            gone = self.rows.pop(job_id)
            self.layout().removeWidget(gone)
            gone.deleteLater()
        for job_id, edit in wanted.items():
            if job_id not in self.rows:
                self.rows[job_id] = EditRow(edit, self._session)
                self.layout().addWidget(self.rows[job_id])
        self.setVisible(bool(self.rows or others))
