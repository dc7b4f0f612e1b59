"""Skeletons that stay editable: joints and bones as shapes of a vector layer, and the map that is drawn of where they are now.

A shape's name says what it is; a joint can be moved by any of Krita's tools, and its bones follow when the layer is used. The map
is drawn here: what Krita shows of a layer is in the document's colours, and a ControlNet knows a bone by its own.
"""

import math
from typing import NamedTuple

from ..client.messages import recipe_pb2
from ..qt import Qt, QtCore, QtGui
from .capture import Rect
from .facts import Facts

JOINT, BONE = "inlay-joint", "inlay-bone"
MOVED_PX = 0.05
"""What counts as moved: Krita keeps places in points, rounded."""

POINTS_PER_INCH = 72.0


class Found(NamedTuple):
    """A layer's skeleton as it is now. is_moved: a joint is not where its bones end."""

    skeleton: recipe_pb2.Skeleton
    is_moved: bool


def svg_of(skeleton, width: int, height: int) -> str:
    """A picture of its shapes, in the document's pixels. width, height: the document's."""
    shapes = []
    for bone in skeleton.bones:
        one, other = (skeleton.joints[number].at for number in (bone.one, bone.other))
        name = f"{BONE}_{bone.one}_{bone.other}_{bone.color[1:]}_{bone.width_px:.2f}"
        ends = f'x1="{one.x + 0.5:.3f}" y1="{one.y + 0.5:.3f}" x2="{other.x + 0.5:.3f}" y2="{other.y + 0.5:.3f}"'
        line = f'stroke="{bone.color}" stroke-width="{bone.width_px:.2f}" stroke-linecap="round" fill="none"'
        shapes.append(f'<line id="{name}" {ends} {line}/>')
    for number, joint in enumerate(skeleton.joints):
        x, y = joint.at.x + 0.5, joint.at.y + 0.5
        name = f"{JOINT}_{number}_{joint.color[1:]}_{joint.radius_px:.2f}_{x:.2f}_{y:.2f}"
        disc = f'cx="{x:.3f}" cy="{y:.3f}" r="{joint.radius_px + 0.5:.3f}" fill="{joint.color}" stroke="none"'
        shapes.append(f'<circle id="{name}" {disc}/>')
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(shapes)}</svg>'


def found_in(document, layer) -> "Found | None":
    """The skeleton on a layer; None where it has none. A bone whose joint was taken away is gone with it."""
    if layer.type() != "vectorlayer":
        return None
    scale, joints, bones, moved = float(document.resolution()) / POINTS_PER_INCH, {}, [], False
    for shape in layer.shapes():
        kind, *said = shape.name().split("_")
        if not said or not said[0].isdigit():
            continue
        if kind == JOINT and len(said) == 5:
            middle = shape.boundingBox().center()
            x, y = middle.x() * scale, middle.y() * scale
            moved = moved or math.hypot(x - float(said[3]), y - float(said[4])) > MOVED_PX
            joints[int(said[0])] = recipe_pb2.Joint(
                at=recipe_pb2.Point(x=x - 0.5, y=y - 0.5), color=f"#{said[1]}", radius_px=float(said[2])
            )
        elif kind == BONE and len(said) == 4:
            bones.append((int(said[0]), int(said[1]), f"#{said[2]}", float(said[3])))
    if not joints:
        return None
    numbers = {old: new for new, old in enumerate(joints)}
    kept = [
        recipe_pb2.Bone(one=numbers[one], other=numbers[other], color=color, width_px=width)
        for one, other, color, width in bones
        if one in numbers and other in numbers
    ]
    is_moved = moved or len(kept) < len(bones)
    return Found(recipe_pb2.Skeleton(joints=list(joints.values()), bones=kept), is_moved)


def map_in(document, layer, window: Rect) -> "tuple[Facts, bytes] | None":
    """What a ControlNet is to see of a layer's skeleton in a window, whose bones follow; None where it has none."""
    found = found_in(document, layer)
    if found is None:
        return None
    if found.is_moved:
        draw_again(document, layer, found.skeleton)
    return map_of(found.skeleton, window)


def draw_again(document, layer, skeleton) -> None:
    """Has the bones of a layer end where its joints are."""
    for shape in layer.shapes():
        if shape.name().startswith((JOINT, BONE)):
            shape.remove()
    layer.addShapesFromSvg(svg_of(skeleton, document.width(), document.height()))
    for shape in layer.shapes():
        shape.update()


def map_of(skeleton, window: Rect) -> "tuple[Facts, bytes]":
    """What a ControlNet is to see of a skeleton in a window: bones and joints in exactly their colours, on black, edges and all."""
    image = QtGui.QImage(window.width, window.height, QtGui.QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QtGui.QPainter(image)
    painter.translate(0.5 - window.x, 0.5 - window.y)
    places = [QtCore.QPointF(joint.at.x, joint.at.y) for joint in skeleton.joints]
    for bone in skeleton.bones:
        pen = QtGui.QPen(QtGui.QColor(bone.color), bone.width_px)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(places[bone.one], places[bone.other])
    painter.setPen(Qt.PenStyle.NoPen)
    for joint, at in zip(skeleton.joints, places, strict=True):
        painter.setBrush(QtGui.QColor(joint.color))
        painter.drawEllipse(at, joint.radius_px + 0.5, joint.radius_px + 0.5)
    painter.end()
    pixels = image.bits().asstring(image.sizeInBytes())
    return Facts(window.width, window.height, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"), pixels
