"""Where an edit stands, for whoever watches it: from its own steps, and from the events of its job."""

from typing import Any

from .qt import QObject, QtGui, Signal
from .words import say

ENDED = frozenset({"finished", "waiting", "placed", "failed", "cancelled"})


class Standing(QObject):
    """The changing part of an edit; `changed` is emitted whenever something below is another than before."""

    changed = Signal()

    def __init__(self):
        super().__init__()
        self.phase = "capturing"
        """capturing, uploading, queued, painting, fetching, finished, placing, placed, waiting, failed or cancelled."""
        self.message = ""
        """For people: why it failed, what it waits for, or what the server noted."""
        self.fraction = 0.0
        """0 .. 1 of the painting, the upload or the fetching."""
        self.position = None
        """Jobs before this one, while it is queued."""
        self.eta_s = None
        self.preview = None
        """QImage of an early look, or None."""
        self.variations: list[Any] = []
        """Those that the server has finished."""

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDED

    def turn(self, phase: str, message: str = "") -> None:
        """The next step begins, or the last one has ended."""
        self.phase, self.message, self.fraction = phase, message, 0.0
        self.changed.emit()

    def tell(self, message: str) -> None:
        self.message = message
        self.changed.emit()

    def progress(self, done: int, total: int) -> None:
        self.fraction, self.message = done / total if total else 1.0, ""
        self.changed.emit()

    def heard(self, event) -> None:
        """Something happened to the job."""
        kind = event.WhichOneof("happening")
        happening = getattr(event, kind)
        self.message = ""
        if kind in ("queued", "step"):
            self.eta_s = happening.eta_s if happening.HasField("eta_s") else None
        if kind == "queued":
            self.phase, self.position = "queued", happening.position
            self.message = say("state.hindered", why=happening.why) if happening.why else ""
        elif kind == "loading":
            self.phase, self.message = "painting", say("state.loading", what=happening.what)
        elif kind == "step":
            self.phase, self.fraction = "painting", happening.index / max(1, happening.total)
        elif kind == "preview":
            self.preview = _image(happening)
        elif kind == "variation" and happening.variation.index not in [one.index for one in self.variations]:
            self.variations.append(happening.variation)
        elif kind == "failed":
            self.turn("failed", happening.message)
        self.changed.emit()


def _image(preview) -> QtGui.QImage:
    width, height = preview.size.width, preview.size.height
    image = QtGui.QImage(preview.rgb, width, height, 3 * width, QtGui.QImage.Format.Format_RGB888)
    return image.copy()  # Owns its bytes.
