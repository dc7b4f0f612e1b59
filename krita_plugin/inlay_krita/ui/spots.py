"""Small pictures of where pins are set, as the document looks there now; a pin's number is its mark, in the middle."""

from ..host.capture import Rect, canvas_of
from ..qt import Qt, QtCore, QtGui, QtWidgets
from ..review import spot_of
from ..words import say

SIDE_PX = 48
MARK_PX, EDGE_PX = 16, 1
"""Across the mark, and how wide its two rings are: a white one and a black one, so that it is seen on any picture."""

DIGITS_PX = (10, 10, 9, 7)
"""The height of the number by how many digits it has."""

INK, PAPER, EDGE = QtGui.QColor("#1f1f1f"), QtGui.QColor("#ffffff"), QtGui.QColor("#000000")
"""As the reviewers' page has its marks."""


class Spot(QtWidgets.QLabel):
    """The picture of one pin: hidden until it is read, and where there is nothing to read."""

    def __init__(self, review, pin, number: int, pressed):
        super().__init__()
        self.pin_id, self.number = pin.pin_id, number
        self._review, self._pin, self._pressed = review, pin, pressed
        self.seen = None
        """What the picture was made of; None while there is none."""
        self.was_read = False
        self.setFixedSize(SIDE_PX, SIDE_PX)
        self.setToolTip(say("review.pin_tip"))
        self.setAccessibleName(str(number))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def inherit(self, former: "Spot") -> None:
        """Takes over the picture of the same pin in the list before."""
        self.seen, self.was_read = former.seen, former.was_read
        if former.seen is not None:
            self.setPixmap(former.pixmap())
            self.show()

    def look(self, document) -> None:
        """Reads the square around the pin, and draws it where it is another than before; nothing of the document changes."""
        self.was_read = True
        box = spot_of(document, self._review, self._pin)
        part = box.intersection(canvas_of(document)) if box else None
        ratio = self.devicePixelRatioF()
        seen = (box, part, ratio, hash(bytes(document.pixelData(*part)))) if box and part else None
        if seen == self.seen:
            return
        self.seen = seen
        if box and part:
            self.setPixmap(drawn(document.projection(*part), part, box, self.number, ratio))
        self.setVisible(seen is not None)

    def mouseReleaseEvent(self, event):
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed()


class Spots:
    """The pictures of a list. Each look reads those that were never read, or else one, in turn: few pixels, however many pins."""

    def __init__(self):
        self._all: list[Spot] = []
        self._next = 0
        self._document = None

    def turn_to(self, spots: "list[Spot]") -> None:
        """The list is another; the pictures of pins that stay in it are kept."""
        former = {spot.pin_id: spot for spot in self._all}
        for spot in spots:
            if spot.pin_id in former:
                spot.inherit(former[spot.pin_id])
        self._all = spots

    def look(self, document) -> None:
        """Holds them against the document; against another one than before, all of them."""
        if document != self._document:
            self._document = document
            for spot in self._all:
                spot.was_read = False
        due = [spot for spot in self._all if not spot.was_read]
        if not due and self._all:
            self._next = (self._next + 1) % len(self._all)
            due = [self._all[self._next]]
        for spot in due:
            spot.look(document)


def drawn(image: QtGui.QImage, part: Rect, box: Rect, number: int, ratio: float) -> QtGui.QPixmap:
    """The image of `part` in its place in the square `box`, clear where that reaches further, with the mark in its middle."""
    side = round(SIDE_PX * ratio)
    scale = side / box.width
    picture = QtGui.QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(picture)
    left, top, right, bottom = (
        round(edge * scale)
        for edge in (
            part.x - box.x,
            part.y - box.y,
            part.x + part.width - box.x,
            part.y + part.height - box.y,
        )
    )
    ignored, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    painter.drawImage(left, top, image.scaled(right - left, bottom - top, ignored, smooth))
    _mark(painter, side, number, ratio)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def _mark(painter: QtGui.QPainter, side: int, number: int, ratio: float) -> None:
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    middle = QtCore.QPointF(side / 2, side / 2)
    for ring, color in enumerate((EDGE, PAPER, INK)):
        radius = (MARK_PX / 2 - ring * EDGE_PX) * ratio
        painter.setBrush(color)
        painter.drawEllipse(middle, radius, radius)
    font, told = painter.font(), str(number)
    font.setBold(True)
    font.setPixelSize(round(DIGITS_PX[min(len(told), len(DIGITS_PX) - 1)] * ratio))
    painter.setFont(font)
    painter.setPen(PAPER)
    painter.drawText(QtCore.QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, told)
