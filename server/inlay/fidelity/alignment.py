"""Where the original is in a picture that somebody else painted after it: of another size, moved, enlarged, cut; or not at all.

Starts from where it should be and from features that both pictures share (Lowe, "Distinctive image features from
scale-invariant keypoints", IJCV 2004), refines by correlation (Evangelidis and Psarakis, "Parametric image alignment using
enhanced correlation coefficient maximization", PAMI 2008), and believes what protected pixels then show alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np

from inlay.fidelity.raster import F32, Flags, blur, distance_px, luma, resize

SIDE_PX = 384
"""Both pictures are compared at this longer side."""
BAND_SIGMA_PX = (1.0, 5.0)
"""Structure between these two Gaussians is compared, at that size."""
COARSE_SIGMA_PX = (3.0, 16.0)
"""And between these first: it is found from further away, and where there is nothing finer."""
LEAST_LIKENESS = 0.6
"""Correlation of both bands over protected pixels, below which it is another picture."""
GOOD_LIKENESS = 0.8
"""Above it no other place is tried."""
LEAST_GAIN = 0.75
"""What another place must leave of what is unlike at the first: plain streaks are as alike a little further along."""
LEAST_STRUCTURE = 1.0 / 255
"""Bands that vary less (standard deviation, encoded) show nothing that could be found again."""
FEWEST_PIXELS = 400
"""Protected ones, at the size of comparison; with fewer only the shape can be judged."""
UNMOVED_PX = 0.02
"""So little is no movement: the answer's pixels stay as they are."""
LARGEST_STRETCH = 1.06
"""Ratio of both scales: models change it by percents."""
LARGEST_ZOOM = 1.3
LARGEST_TURN = 0.06
"""Sine of the rotation or shear."""
LARGEST_PLAIN_DIFFERENCE = 0.2
"""Mean difference of the low-passed colours, encoded, where there is no structure to go by."""


class Found(NamedTuple):
    """matrix: 2x3, from the original's pixels to the answer's. likeness: -1..1; None where nothing could be compared."""

    matrix: F32
    likeness: float | None


class NotFound(NamedTuple):
    """why: what is wrong with the answer, as the end of a sentence."""

    why: str


def find(original: F32, answer: F32, share: F32, known: Flags, frame: tuple[int, ...]) -> Found | NotFound:
    """Look for the original in the answer.

    original: HxWx3 float32, encoded. answer: hxwx3 float32, encoded, of any size. share: HxW, the mask 0..1; 0 is protected.
    known: HxW, where the original shows something. frame: width and height of the picture that was asked for, and x, y, width
    and height of the original in it.
    """
    height, width = share.shape
    expected = _expected(answer.shape[1], answer.shape[0], width, height, frame)
    inside = (share <= 0) & known
    shrink = min(1.0, SIDE_PX / max(width, height))
    small = max(8, round(width * shrink)), max(8, round(height * shrink))
    protected = resize(inside.astype(np.float32), small[1], small[0]) > 0.999
    protected &= distance_px(np.pad(protected, 1))[1:-1, 1:-1] > 2.0
    o = resize(original, small[1], small[0])
    to_small = np.diag([width / small[0], height / small[1], 1.0])
    # The answer is shrunk by its own scale, so that a step between small pixels is one in both.
    step = float(np.sqrt(abs(np.linalg.det(expected[:2, :2])) * (width / small[0]) * (height / small[1])))
    shape = max(8, round(answer.shape[1] / max(step, 1e-6))), max(8, round(answer.shape[0] / max(step, 1e-6)))
    a = resize(answer, shape[1], shape[0])
    from_small = np.diag([answer.shape[1] / shape[0], answer.shape[0] / shape[1], 1.0])
    start = np.linalg.inv(from_small) @ expected @ to_small
    if protected.sum() < FEWEST_PIXELS:
        return _by_shape(expected)
    target = _band(luma(o))
    if target[protected].std() < LEAST_STRUCTURE:
        return _by_color(expected, o, a, start, protected)
    best, likeness = _best(luma(o), luma(a), start, protected)
    if likeness < LEAST_LIKENESS:
        return NotFound(f"it shows another picture (likeness {likeness:.2f}, at least {LEAST_LIKENESS:g} is needed)")
    matrix = from_small @ best @ np.linalg.inv(to_small)
    return Found(matrix[:2].astype(np.float32), round(likeness, 3))


def misses(matrix: F32, size: tuple[int, int], share: F32) -> bool:
    """Whether the answer, of width and height `size`, does not show all of what is selected."""
    ys, xs = np.nonzero(share > 0)
    if not xs.size:
        return False
    corners = np.array([[x, y, 1.0] for x in (xs.min(), xs.max()) for y in (ys.min(), ys.max())])
    there = corners @ matrix.T
    slack = 1.5
    return bool((there < -slack).any() or (there > np.array(size) - 1 + slack).any())


def laid(original: F32, answer: F32, matrix: F32) -> F32:
    """The answer where the original is, HxWx3; the original itself beyond the answer's borders."""
    height, width = original.shape[:2]
    corners = np.array([[x, y, 1.0] for x in (0, width - 1) for y in (0, height - 1)])
    if answer.shape == original.shape and np.abs(corners @ matrix.T - corners[:, :2]).max() < UNMOVED_PX:
        return answer
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    source = blur(answer, 0.45 * np.sqrt(scale**2 - 1)) if scale > 1.05 else answer
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    put: Any = cv2.warpAffine(source, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    covered: Any = cv2.warpAffine(
        np.ones(answer.shape[:2], np.float32), matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    out = np.where((covered > 0.5)[..., None], put, original)
    return np.ascontiguousarray(out, np.float32)


def _expected(answered_width: int, answered_height: int, width: int, height: int, frame: tuple[int, ...]) -> Any:
    """3x3 from the original's pixels to the answer's, where the answer is the frame at another size. Pixel centres are at +0.5."""
    asked_width, asked_height, x, y, w, h = frame
    sx, sy = w / width * answered_width / asked_width, h / height * answered_height / asked_height
    ox, oy = x * answered_width / asked_width, y * answered_height / asked_height
    return np.array([[sx, 0, ox + 0.5 * sx - 0.5], [0, sy, oy + 0.5 * sy - 0.5], [0, 0, 1.0]])


def _by_shape(expected: Any) -> Found | NotFound:
    stretch = max(expected[0, 0], expected[1, 1]) / min(expected[0, 0], expected[1, 1])
    if stretch > LARGEST_STRETCH:
        return NotFound("it has another shape, and the selection leaves nothing to place it by")
    return Found(expected[:2].astype(np.float32), None)


def _by_color(expected: Any, o: F32, a: F32, start: Any, protected: Flags) -> Found | NotFound:
    """Plain surroundings: the answer must be as plain, and of about the same colour."""
    put = _moved(a, start, protected.shape)
    away = float(np.abs(blur(put, 5.0) - blur(o, 5.0))[protected].mean())
    rough = float(_band(luma(put))[protected].std())
    if away > LARGEST_PLAIN_DIFFERENCE or rough > 12 * LEAST_STRUCTURE:
        return NotFound(f"its surroundings are not those of the picture ({away:.2f} off in colour, {rough:.2f} rough)")
    return _by_shape(expected)


def _best(o: F32, a: F32, start: Any, protected: Flags) -> tuple[Any, float]:
    best, likeness = start, -1.0
    coarse = _band(o, COARSE_SIGMA_PX), _band(a, COARSE_SIGMA_PX)
    target, band = _band(o), _band(a)
    for first in _starts(o, a, start, protected):
        near = _refined(*coarse, first, protected)
        for matrix in (first, _refined(target, band, first, protected), _refined(target, band, near, protected)):
            if not _is_modest(matrix, start):
                continue
            like = _likeness(target, _moved(band, matrix, target.shape), protected, matrix, band.shape)
            if 1 - like < (1 - likeness) * LEAST_GAIN:
                best, likeness = matrix, like
        if likeness > GOOD_LIKENESS:
            break
    return best, likeness


def _starts(o: F32, a: F32, start: Any, protected: Flags) -> Iterator[Any]:
    """Where it should be; there with one scale for both sides, against each border; where features say."""
    yield start
    sx, sy = start[0, 0], start[1, 1]
    if max(sx, sy) / min(sx, sy) > 1.01:
        for scale in (max(sx, sy), min(sx, sy)):
            left_x, left_y = a.shape[1] - scale * o.shape[1], a.shape[0] - scale * o.shape[0]
            for share in (0.0, 0.5, 1.0):
                yield np.array([[scale, 0, share * left_x], [0, scale, share * left_y], [0, 0, 1.0]])
    found = _by_features(o, a, protected)
    if found is not None:
        yield found


def _by_features(o: F32, a: F32, protected: Flags) -> Any:
    sift: Any = cv2.SIFT_create(1500, contrastThreshold=0.01)  # pyright: ignore[reportAttributeAccessIssue]
    first = sift.detectAndCompute(_gray(o), protected.astype(np.uint8))
    second = sift.detectAndCompute(_gray(a), None)
    if first[1] is None or second[1] is None or len(first[1]) < 6 or len(second[1]) < 6:
        return None
    pairs: Any = cv2.BFMatcher(cv2.NORM_L2).knnMatch(first[1], second[1], k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance]
    if len(good) < 6:
        return None
    there = np.array([first[0][match.queryIdx].pt for match in good], np.float32)
    here = np.array([second[0][match.trainIdx].pt for match in good], np.float32)
    cv2.setRNGSeed(1)  # the same answer is placed the same way every time
    matrix, inliers = _robust(there, here)
    if int(np.sum(inliers)) < 6 or not np.isfinite(matrix).all():
        return None
    return np.vstack([matrix, [0, 0, 1.0]])


def _robust(there: F32, here: F32) -> tuple[Any, Any]:
    """The affine map that most pairs agree on, and which do; all zero where there is none."""
    found: tuple[Any, Any] = cv2.estimateAffine2D(there, here, method=cv2.RANSAC, ransacReprojThreshold=2.0)
    return (np.zeros((2, 3)), np.zeros(1)) if found[0] is None else found


def _gray(y: F32) -> Any:
    return (np.clip(y, 0, 1) * 255 + 0.5).astype(np.uint8)


def _refined(target: F32, band: F32, first: Any, protected: Flags) -> Any:
    """`first` moved to the nearest maximum of correlation; as it is where there is none."""
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5)
    back: Any = np.linalg.inv(first)[:2].astype(np.float32)  # OpenCV's mask is for what is moved, so the original is
    try:
        _, back = cv2.findTransformECC(band, target, back, cv2.MOTION_AFFINE, criteria, protected.astype(np.uint8), 3)
        return np.linalg.inv(np.vstack([back, [0, 0, 1.0]]))
    except (cv2.error, np.linalg.LinAlgError):
        return first


def _moved(image: F32, matrix: Any, shape: tuple[int, ...]) -> F32:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved: Any = cv2.warpAffine(image, matrix[:2], (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return moved


def _likeness(target: F32, moved: F32, protected: Flags, matrix: Any, size: tuple[int, ...]) -> float:
    ys, xs = np.nonzero(protected)
    there = np.stack([xs, ys, np.ones_like(xs)], 1) @ matrix[:2].T
    within = ((there > -1) & (there < np.array([size[1], size[0]]))).all(axis=1)
    if within.sum() < max(FEWEST_PIXELS, 0.3 * within.size):
        return -1.0
    x, y = target[ys[within], xs[within]], moved[ys[within], xs[within]]
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / max(float(np.sqrt((x * x).sum() * (y * y).sum())), 1e-12))


def _is_modest(matrix: Any, start: Any) -> bool:
    """Whether it is what models do to a picture: enlarged, stretched and turned within the limits."""
    linear = matrix[:2, :2] / np.sqrt(abs(np.linalg.det(start[:2, :2])))
    sx, sy = float(np.linalg.norm(linear[:, 0])), float(np.linalg.norm(linear[:, 1]))
    turn = max(abs(float(linear[1, 0])) / max(sx, 1e-6), abs(float(linear[0, 1])) / max(sy, 1e-6))
    stretched = max(sx, sy) / max(min(sx, sy), 1e-6) > LARGEST_STRETCH
    return not stretched and turn <= LARGEST_TURN and 1 / LARGEST_ZOOM < np.sqrt(sx * sy) < LARGEST_ZOOM


def _band(y: F32, sigma_px: tuple[float, float] = BAND_SIGMA_PX) -> F32:
    return blur(y, sigma_px[0]) - blur(y, sigma_px[1])
