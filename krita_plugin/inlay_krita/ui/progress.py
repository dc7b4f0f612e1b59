"""The edits on their way: where each is, an early look, and a way to take it back."""

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
        cancel = parts.tool("process-stop", "Take this edit back", edit.cancel)
        self.setLayout(parts.column(parts.row(self._words, cancel), self._bar, self._picture, spacing=3))
        edit.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        edit = self.edit
        self._words.setText(f"{edit.wish.name}: {standing(edit)}")
        measured = edit.phase in ("uploading", "painting", "fetching") and edit.fraction > 0
        self._bar.show_fraction(edit.fraction if measured else None)
        self._picture.setVisible(edit.preview is not None)
        if edit.preview is not None:
            shown = QtGui.QPixmap.fromImage(edit.preview)
            aspect = Qt.AspectRatioMode.KeepAspectRatio
            self._picture.setPixmap(
                shown.scaled(PREVIEW_PX, PREVIEW_PX, aspect, Qt.TransformationMode.SmoothTransformation)
            )


def standing(edit) -> str:
    """Where an edit is, in a few words."""
    if edit.message:
        return edit.message
    if edit.phase == "queued":
        before = f"{edit.position} before it" if edit.position else "next in line"
        return f"waiting, {before}{_remaining(edit)}"
    if edit.phase == "painting":
        return f"painting{_remaining(edit)}"
    names = {"capturing": "reading…", "uploading": "sending…", "fetching": "fetching…", "placing": "placing…"}
    return names.get(edit.phase, edit.phase)


def _remaining(edit) -> str:
    return f", about {max(1, round(edit.eta_s))} s" if edit.eta_s else "…"


class Progress(QtWidgets.QWidget):
    """Rows for the edits of the picture in front."""

    def __init__(self):
        super().__init__()
        self._rows = {}
        self.setLayout(parts.column())

    def show_edits(self, edits) -> None:
        wanted = {edit.job_id: edit for edit in edits if not edit.has_ended}
        for job_id in [known for known in self._rows if known not in wanted]:
            gone = self._rows.pop(job_id)
            self.layout().removeWidget(gone)
            gone.deleteLater()
        for job_id, edit in wanted.items():
            if job_id not in self._rows:
                self._rows[job_id] = EditRow(edit)
                self.layout().addWidget(self._rows[job_id])
        self.setVisible(bool(self._rows))
