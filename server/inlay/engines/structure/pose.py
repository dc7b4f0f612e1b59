"""How people hold themselves, drawn as ControlNets for poses were trained to see it: coloured bones, white points on black.

The drawing's conventions: OpenPose with bodies, hands and faces (arXiv 1812.08008, as DWPose draws them).
"""

import colorsys
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inlay.engines.eyes import Eyes, bodies
from inlay.engines.eyes.bodies import LEAST_SEEN, Bodies, Body
from inlay.engines.eyes.faces import LEFT_EYE, OVAL, RIGHT_EYE, Face, Faces
from inlay.engines.eyes.hands import FINGERS, Hand, Hands
from inlay.engines.eyes.here import lacking
from inlay.errors import Unsupported
from inlay.variation import Bone, Joint, Point, Skeleton

_BONES = [bone for finger in FINGERS for bone in pairwise(finger)]
_JOINT, _WHITE = "#0000FF", "#FFFFFF"
_LINE = 1 / 256
"""Of the shorter side: how wide a bone of a hand is."""

_LIMB, _LIMB_JOINT = 4 * _LINE, 2 * _LINE
"""A body's bone, and the radius of its joints."""

_NECK = -1
"""Between the shoulders: MediaPipe has no point for it."""

_BODY = (
    bodies.NOSE, _NECK, bodies.RIGHT_SHOULDER, bodies.RIGHT_ELBOW, bodies.RIGHT_WRIST, bodies.LEFT_SHOULDER, bodies.LEFT_ELBOW,
    bodies.LEFT_WRIST, bodies.RIGHT_HIP, bodies.RIGHT_KNEE, bodies.RIGHT_ANKLE, bodies.LEFT_HIP, bodies.LEFT_KNEE,
    bodies.LEFT_ANKLE, bodies.RIGHT_EYE, bodies.LEFT_EYE, bodies.RIGHT_EAR, bodies.LEFT_EAR,
)  # fmt: skip
"""OpenPose's 18 joints, in its order."""

_LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (14, 16),
    (0, 15), (15, 17),
)  # fmt: skip
"""Its bones, by joints. A joint and the bone of the same number have one hue, the bone at 0.6 of its light."""

_HUES = (
    "#FF0000", "#FF5500", "#FFAA00", "#FFFF00", "#AAFF00", "#55FF00", "#00FF00", "#00FF55", "#00FFAA", "#00FFFF", "#00AAFF",
    "#0055FF", "#0000FF", "#5500FF", "#AA00FF", "#FF00FF", "#FF00AA", "#FF0055",
)  # fmt: skip
_BONE_LIGHT = 0.6


def pose_of(pixels: NDArray[np.float32], eyes: Eyes) -> Skeleton:
    """The bodies, hands and faces in a picture, in its pixels: height x width x 3, float32 0..1, sRGB-encoded.

    Raises Unsupported where no network of them is here, or none finds anything.
    """
    names = [name for name in (bodies.NAME, "hands", "faces") if eyes.has(name)]
    if not names:
        raise Unsupported(lacking(bodies.NAME), field="options.structure")
    seen = np.clip(pixels, 0, 1)
    hands = Hands(eyes.place("hands")).find(seen) if "hands" in names else []
    faces = Faces(eyes.place("faces")).find(seen) if "faces" in names else []
    stand = Bodies(eyes.place(bodies.NAME)).find(seen, faces) if bodies.NAME in names else []
    if not stand and not hands and not faces:
        limit = "nobody was found there, and no hand; draw the pose on a layer of its own and name it, or keep something else"
        raise Unsupported(limit, field="options.structure")
    return skeleton_of(hands, faces, min(pixels.shape[:2]), stand)


def skeleton_of(hands: Sequence[Hand], faces: Sequence[Face], side_px: int, stand: Sequence[Body] = ()) -> Skeleton:
    """Their joints and bones. side_px: the picture's shorter side."""
    thick = max(1, round(side_px * _LINE))
    joints: list[Joint] = []
    bones: list[Bone] = []
    for body in stand:
        _add_body(body, side_px, joints, bones)
    for hand in hands:
        first = len(joints)
        joints += [_joint(point, _JOINT, thick + 1) for point in hand.points]
        for number, (one, other) in enumerate(_BONES):
            bones.append(Bone(first + one, first + other, _hue(number / len(_BONES)), thick))
    for face in faces:
        joints += [_joint(face.points[at], _WHITE, thick) for at in (*OVAL[::2], *RIGHT_EYE[::2], *LEFT_EYE[::2])]
    return Skeleton(tuple(joints), tuple(bones))


def drawn(skeleton: Skeleton, height: int, width: int) -> NDArray[np.float32]:
    """Its map, of that size: height x width x 3, float32 0..1. No edge is smooth: in between lie other bones' colours."""
    made = np.zeros((height, width, 3), np.uint8)
    for bone in skeleton.bones:
        one, other = (_at(skeleton.joints[number].at) for number in (bone.one, bone.other))
        cv2.line(made, one, other, _rgb(bone.color), max(1, round(bone.width_px)))
    for joint in skeleton.joints:
        cv2.circle(made, _at(joint.at), round(joint.radius_px), _rgb(joint.color), -1)
    return made.astype(np.float32) / np.float32(255)


def _add_body(body: Body, side_px: int, joints: list[Joint], bones: list[Bone]) -> None:
    """Of its points those in sight, and the bones between two of them."""
    shoulders = [bodies.LEFT_SHOULDER, bodies.RIGHT_SHOULDER]
    points = np.vstack([body.points, body.points[shoulders].mean(axis=0)])  # the neck is the last one
    seen = np.append(body.seen, body.seen[shoulders].min())
    numbers: dict[int, int] = {}
    for joint, at in enumerate(_BODY):
        if seen[at] >= LEAST_SEEN:
            numbers[joint] = len(joints)
            joints.append(_joint(points[at], _HUES[joint], max(2, round(side_px * _LIMB_JOINT))))
    for number, (one, other) in enumerate(_LIMBS):
        if one in numbers and other in numbers:
            color = "#" + "".join(f"{int(_BONE_LIGHT * value):02X}" for value in _rgb(_HUES[number]))
            bones.append(Bone(numbers[one], numbers[other], color, max(2, round(side_px * _LIMB))))


def _joint(point: NDArray[np.float32], color: str, radius_px: int) -> Joint:
    return Joint(Point(float(point[0]), float(point[1])), color, radius_px)


def _hue(hue: float) -> str:
    return "#" + "".join(f"{round(255 * value):02X}" for value in colorsys.hsv_to_rgb(hue, 1, 1))


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue


def _at(point: Point) -> tuple[int, int]:
    return round(point.x), round(point.y)
