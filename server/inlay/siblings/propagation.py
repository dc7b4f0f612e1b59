"""Carries a mask from one picture to a sibling: another crop, light, lens or camera, another colour or place of the object.

The whole scene's plane says where the object may be, its own points say it again, and the pixels under the mask decide: a mask is
believed only where what lies under it there looks like what lies under it here. Counting matched points would not do: most of them
lie in the background. What is gone, or only its double, or hidden by something that cannot be told apart, is left to a person.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from inlay.siblings.agreement import agreement
from inlay.siblings.correspondence import pairs_of, plane, points_of, similarities
from inlay.siblings.frame import Frame, frame_of, is_plausible, moved_by, scale_of
from inlay.siblings.occlusion import covered
from inlay.siblings.pixels import F32, U8, Matrix, at, grid, resized, widened
from inlay.siblings.placing import Placed, placed

WORKING_PX = 1024
"""The longer side at which pictures are compared."""
CANDIDATES = 3
"""Places that the object's own points may speak for."""
SURE = 0.88
"""So alike, no other place is looked at."""
ACCEPTED = 0.62
"""So alike, the object is believed to be there. What is gone reached .39 on the benchmark, doubles .46."""
DOUBLE = 0.15
"""What stood there before must be less like what is found than the object is, by this."""
HIDDEN = 0.04
"""Share of the object behind something else from which that is cut out of the mask."""
REST = 0.93
"""So alike must the rest be for what differs to be something in front."""
UNCLEAR = 0.15
"""Share that may differ where it cannot be told what it is."""
UNSURE = 0.49
LEAST_SURE = 0.5
"""Below it a person must look."""
STRIP_PX = 1 << 20
"""Of the sibling, carried at a time: what it takes of memory does not grow with the picture."""


def propagate(master: U8, mask: U8, sibling: U8, size: tuple[int, int] | None = None) -> tuple[U8 | None, float]:
    """The mask on the sibling, and how sure that is, 0..1: below .5 a person must look.

    master: H x W x 3 uint8, sRGB; mask: uint8, 255 inside, of all of the master, which may be shown smaller than it is;
    sibling: h x w x 3 uint8, sRGB; size: the height and width that it has, None: those it is shown in.
    Returns a uint8 of that size, None where nothing was found.
    """
    size = size or (sibling.shape[0], sibling.shape[1])
    here, there = _working(master), _working(sibling)
    small = resized(mask, here.shape[:2])
    frame = frame_of(here, small)
    best = None if frame is None else _best(frame, here, small, there)
    if frame is None or best is None:
        return None, 0.0
    over = covered(best, frame)
    rest = best.agreement.over(best.visible * (1 - widened(over, 5)))
    share = float((over * best.visible).sum() / max(float(best.visible.sum()), 1.0))
    is_hidden = share > HIDDEN and rest > REST
    sure = rest if is_hidden else best.alike
    if sure < ACCEPTED or (share > UNCLEAR and not is_hidden):
        sure = min(sure, UNSURE)
    seen = 1 - over if is_hidden else np.ones_like(over)
    return _carried(best, frame, mask, seen, size, here.shape[:2], there.shape[:2]), sure


def _working(picture: U8) -> U8:
    shrink = min(1.0, WORKING_PX / max(picture.shape[:2]))
    height, width = picture.shape[:2]
    return resized(picture, (max(1, round(height * shrink)), max(1, round(width * shrink)))) if shrink < 1 else picture


def _best(frame: Frame, here: U8, mask: U8, there: U8) -> Placed | None:
    """The place most like the object, doubles left out; None where there is none."""
    best: Placed | None = None
    scene: Matrix | None = None
    for matrix, is_scene in _candidates(frame, here, mask, there):
        found = placed(frame, there, matrix)
        if is_scene:
            scene = matrix
        elif scene is not None and _stood_there(found, scene, frame, here) > found.alike - DOUBLE:
            continue
        if best is None or found.alike > best.alike:
            best = found
        if best.alike > SURE:
            break
    return best


def _candidates(frame: Frame, here: U8, mask: U8, there: U8) -> Iterator[tuple[Matrix, bool]]:
    """Where the object may be, master to sibling; and whether the whole scene says so."""
    mine, theirs = (points_of(_grey(picture)) for picture in (here, there))
    scene = plane(pairs_of(mine, theirs))
    if scene is not None and is_plausible(scene, frame.center):
        yield scene, True
    own = pairs_of(mine.under(widened(mask, 5)), theirs)
    size = frame.size_px * scale_of(frame.matrix)
    for matrix in similarities(own, size, frame.center, CANDIDATES):
        yield matrix, False


def _grey(picture: U8) -> U8:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _stood_there(found: Placed, scene: Matrix, frame: Frame, here: U8) -> float:
    """How alike what was found is to what stood at that place of the scene in the master, 0..1; 0 where that is the object."""
    back = np.linalg.inv(scene) @ found.matrix
    apart = np.linalg.norm(moved_by(back, frame.center[None])[0] - frame.center)
    if apart < frame.size_px * scale_of(frame.matrix) / 2 or not is_plausible(back, frame.center):
        return 0.0
    return agreement(frame.see(here, back), found.seen, frame.size_px).over(found.visible)


def _carried(
    found: Placed,
    frame: Frame,
    mask: U8,
    seen: F32,
    size: tuple[int, int],
    here: tuple[int, int],
    there: tuple[int, int],
) -> U8:
    """The mask where it is `seen` (in the frame, 0..1), at the sibling's own size; here, there: the working sizes."""
    height, width = size
    to_working = np.diag([there[1] / width, there[0] / height, 1.0])
    back = np.linalg.inv(found.matrix @ frame.matrix) @ to_working
    grow = np.array([mask.shape[1] / here[1], mask.shape[0] / here[0]])
    scale, corner = frame.matrix[0, 0] * grow, frame.matrix[:2, 2] * grow
    carried = np.zeros(size, np.uint8)
    rows = max(1, STRIP_PX // width)
    for top in range(0, height, rows):
        places = grid(min(rows, height - top), width)
        places[..., 1] += top
        lifted = np.dstack([places, np.ones(places.shape[:2])]) @ back.T
        goal = (lifted[..., :2] / lifted[..., 2:]).astype(np.float32)
        inside = goal
        for _ in range(3):  # inside + flow(inside) = goal
            inside = goal - at(found.flow, inside)
        strip = at(mask, (inside * scale + corner).astype(np.float32), cv2.BORDER_CONSTANT)
        carried[top : top + rows] = np.where(lifted[..., 2] > 1e-6, strip * at(seen, inside) + 0.5, 0)
    return carried
