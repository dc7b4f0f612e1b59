"""The edits on their way: where each is, an early look, and a way to take it back."""

import time

from ..qt import Qt, QtGui, QtWidgets
from . import parts

PREVIEW_PX = 160


class EditRow(QtWidgets.QWidget):
    """One edit."""

    def __init__(self, edit):
        super().__init__()
        self.edit = edit
        self._words = parts.words()
        self._bar = parts.Bar()
        self._picture = QtWidgets.QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._promised = None
        """The seconds that the server named last."""
        self._due_s = 0.0
        """When they are over, on the monotonic clock."""
        cancel = parts.tool("process-stop", "Take this edit back", edit.cancel)
        self.setLayout(parts.column(parts.row(self._words, cancel), self._bar, self._picture, spacing=3))
        edit.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        edit = self.edit
        if edit.eta_s != self._promised:
            self._promised, self._due_s = edit.eta_s, time.monotonic() + (edit.eta_s or 0.0)
        self.count_down()
        measured = edit.phase in ("uploading", "painting", "fetching") and edit.fraction > 0
        self._bar.show_fraction(edit.fraction if measured else None)
        self._picture.setVisible(edit.preview is not None)
        if edit.preview is not None:
            shown = QtGui.QPixmap.fromImage(edit.preview)
            aspect = Qt.AspectRatioMode.KeepAspectRatio
            self._picture.setPixmap(
                shown.scaled(PREVIEW_PX, PREVIEW_PX, aspect, Qt.TransformationMode.SmoothTransformation)
            )

    def count_down(self) -> None:
        """Says where the edit is, and how long it still takes."""
        left_s = None if self._promised is None else self._due_s - time.monotonic()
        self._words.setText(f"{self.edit.wish.name}: {standing(self.edit, left_s)}")


def standing(edit, left_s) -> str:
    """Where an edit is, in a few words. left_s: seconds until it is done, None or less than none where nobody knows."""
    if edit.message:
        return edit.message
    if edit.phase == "queued":
        before = f"{edit.position} before it" if edit.position else "next in line"
        return f"waiting, {before}{_remaining(left_s)}"
    if edit.phase == "painting":
        return f"painting{_remaining(left_s)}"
    names = {"capturing": "reading…", "uploading": "sending…", "fetching": "fetching…", "placing": "placing…"}
    return names.get(edit.phase, edit.phase)


def _remaining(left_s) -> str:
    return f", about {max(1, round(left_s))} s" if left_s is not None and left_s > 0 else "…"


class Elsewhere(QtWidgets.QWidget):
    """One line: how many edits of other pictures are on their way, and a way to take them back."""

    def __init__(self):
        super().__init__()
        self._edits = []
        self.words = parts.words()
        self.cancel = parts.button("Cancel", "", "", self._cancel)
        line = parts.row(self.words, self.cancel)
        line.setStretchFactor(self.words, 1)
        self.setLayout(line)

    def show_edits(self, edits) -> None:
        self._edits = edits
        several = len(edits) > 1
        self.words.setText(
            f"{len(edits)} edits of other pictures are running" if several else "1 edit of another picture is running"
        )
        self.cancel.setText("Cancel all" if several else "Cancel")
        self.cancel.setToolTip("Takes back: " + ", ".join(edit.wish.name for edit in edits))
        self.setVisible(bool(edits))

    def _cancel(self) -> None:
        for edit in list(self._edits):
            edit.cancel()


class Progress(QtWidgets.QWidget):
    """Rows for the edits of the picture in front, and a line for those of all others."""

    def __init__(self):
        super().__init__()
        self._rows = {}
        self.elsewhere = Elsewhere()
        self.setLayout(parts.column(self.elsewhere))

    def count_down(self) -> None:
        """Says anew how long each edit still takes."""
        for row in self._rows.values():
            row.count_down()

    def show_edits(self, edits, others) -> None:
        """edits: those of the picture in front; others: those of all others."""
        self.elsewhere.show_edits(others)
        wanted = {edit.job_id: edit for edit in edits if not edit.has_ended}
        for job_id in [known for known in self._rows if known not in wanted]:
            gone = self._rows.pop(job_id)
            self.layout().removeWidget(gone)
            gone.deleteLater()
        for job_id, edit in wanted.items():
            if job_id not in self._rows:
                self._rows[job_id] = EditRow(edit)
                self.layout().addWidget(self._rows[job_id])
        self.setVisible(bool(self._rows or others))
