"""Where the original is in a picture that somebody else painted after it: of another size, moved, enlarged, cut; or not at all.

Starts from where it should be, from a shift that most pixels agree on and from features that both pictures share (Lowe, IJCV 2004),
refines by affine Lucas-Kanade with a prior on how far models move pictures (Baker and Matthews, "Lucas-Kanade 20 years on", IJCV
2004), and believes what protected pixels then show alike.
What is painted inside the mask has no say: in both pictures all low-passes leave it out (Knutsson and Westin, "Normalized and
differential convolution", CVPR 1993).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np

from inlay.fidelity import evidence
from inlay.fidelity.raster import F32, Flags, blur, distance_px, luma, resize
from inlay.fidelity.shared_features import place_by_features

SIDE_PX = 384
"""Both pictures are compared at this longer side."""
LEVELS = (3, 1)
"""Shrink factors on top of that: the first is found from further away, and where there is nothing finer."""
BAND_SIGMA_PX = (1.0, 5.0)
"""Structure between these two Gaussians is compared, at each level."""
TELLS_PX = 12.0
"""Pixels of such a band that tell one thing: the area of its finer Gaussian, squared, 4 pi sigma^2."""
ITERATIONS = 12
TUKEY_SPREADS = 4.5
LEAST_NOISE = 0.5 / 255
USUAL_SHIFT, USUAL_ZOOM, USUAL_ELSE = 0.06, 0.015, 0.003
"""Of the longer side: how far models move a picture, and its border by zooming, and by stretching, turning and shearing."""
LEAST_LIKENESS = 0.6
"""Correlation of both bands over protected pixels, below which it is another picture."""
GOOD_LIKENESS = 0.95
"""Above it no other place is tried."""
LEAST_GAIN = 0.75
"""What a place further off must leave of what is unlike at a nearer one: plain streaks are as alike a little further along."""
SAME_PLACE_PX = 4.0
"""At the size of comparison; what is so much further from where it should be is another place."""
LEAST_DIP = 0.8
"""Of the likeness, between two places: where there is less, they are two."""
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
LARGEST_PLAIN_UNEVENNESS = 0.05
"""Standard deviation of that difference."""
LARGEST_PLAIN_STRUCTURE = 3.0 / 255
"""Standard deviation of the answer's bands there."""


class Found(NamedTuple):
    """matrix: 2x3, from the original's pixels to the answer's. likeness: -1..1; None where nothing could be compared."""

    matrix: F32
    likeness: float | None


class NotFound(NamedTuple):
    """why: what is wrong with the answer, as the end of a sentence."""

    why: str


class _Pair(NamedTuple):
    """What is compared at one level. original: HxW luma; answer: hxw; protected: HxW, what has a say, and its two low-passes."""

    original: F32
    answer: F32
    protected: Flags
    support: tuple[F32, F32]
    band: F32


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
    to_small = _enlarging(width / small[0], height / small[1])
    # The answer is shrunk by its own scale, so that a step between small pixels is one in both.
    step = float(np.sqrt(abs(np.linalg.det(expected[:2, :2])) * (width / small[0]) * (height / small[1])))
    shape = max(8, round(answer.shape[1] / max(step, 1e-6))), max(8, round(answer.shape[0] / max(step, 1e-6)))
    a = resize(answer, shape[1], shape[0])
    from_small = _enlarging(answer.shape[1] / shape[0], answer.shape[0] / shape[1])
    start = np.linalg.inv(from_small) @ expected @ to_small
    if protected.sum() < FEWEST_PIXELS:
        return _by_shape(expected)
    pairs = [_pair(luma(o), luma(a), protected, level) for level in LEVELS]
    if _is_plain(pairs[-1]):
        return _by_color(expected, o, a, start, pairs)
    best, likeness = _best(pairs, start)
    if likeness < LEAST_LIKENESS and _spread(pairs[-1].band, protected) < LEAST_STRUCTURE:
        return _by_color(expected, o, a, start, pairs)
    if likeness < LEAST_LIKENESS:
        return NotFound(f"it shows another picture (likeness {likeness:.2f}, at least {LEAST_LIKENESS:g} is needed)")
    if _reach_px(pairs[-1], best, start) > SAME_PLACE_PX and _is_elsewhere_too(pairs[-1], best, likeness):
        return NotFound("it was moved, and fits in several places that look alike")
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


def _enlarging(x: float, y: float) -> Any:
    """3x3 from a shrunken picture's pixels to the picture's, whose sides are so many times as long. Pixel centres are at +0.5."""
    return np.array([[x, 0, 0.5 * x - 0.5], [0, y, 0.5 * y - 0.5], [0, 0, 1.0]])


def _pair(o: F32, a: F32, protected: Flags, level: int) -> _Pair:
    """Both lumas at a level. What a shift may bring from inside the mask, the coarse level does not look at."""
    if level > 1:
        o, a = (resize(y, max(8, y.shape[0] // level), max(8, y.shape[1] // level)) for y in (o, a))
        protected = resize(protected.astype(np.float32), *o.shape) > 0.999
    weight = protected.astype(np.float32)
    low, lower = (np.maximum(blur(weight, sigma), np.float32(1e-3)) for sigma in BAND_SIGMA_PX)
    pair = _Pair(o, a, protected, (low, lower), o)
    return pair._replace(band=_band(o, pair))


def _band(y: F32, pair: _Pair) -> F32:
    """The band of a picture that lies on the original, HxW, of protected pixels alone."""
    seen = y * pair.protected
    low, lower = (blur(seen, sigma) / support for sigma, support in zip(BAND_SIGMA_PX, pair.support, strict=True))
    return np.asarray(low - lower, np.float32)


def _is_plain(pair: _Pair) -> bool:
    """Whether nothing that is protected could be found again: neither all of it together nor any part, such as a horizon."""
    squares = blur(np.square(pair.band) * pair.protected, BAND_SIGMA_PX[1]) / pair.support[1]
    strongest = float(np.sqrt(np.quantile(squares[pair.protected], 0.99)))
    return _spread(pair.band, pair.protected) < LEAST_STRUCTURE and strongest < 1.5 * LEAST_STRUCTURE


def _spread(band: F32, protected: Flags) -> float:
    return float(band[protected].std()) if protected.any() else 0.0


def _by_color(expected: Any, o: F32, a: F32, start: Any, pairs: list[_Pair]) -> Found | NotFound:
    """Plain surroundings: the answer must be as plain, and of about the same colour, but for what was painted beyond the mask."""
    fine = pairs[-1]
    away = distance_px(fine.protected) > USUAL_SHIFT * max(fine.protected.shape)
    where = away if away.sum() >= FEWEST_PIXELS else fine.protected
    apart = (blur(_moved(a, start, where.shape), 5.0) - blur(o, 5.0))[where]
    off, uneven = float(np.abs(apart).mean()), float(apart.std(axis=0).max())
    rough = max(_spread(_put(pair, _at(start, pairs, pair)) - pair.band, _shrunk(where, pair)) for pair in pairs)
    if off > LARGEST_PLAIN_DIFFERENCE or uneven > LARGEST_PLAIN_UNEVENNESS or rough > LARGEST_PLAIN_STRUCTURE:
        told = f"{off:.2f} off in colour, {uneven:.2f} unevenly, {rough:.3f} rough"
        return NotFound(f"its surroundings are not those of the picture ({told})")
    return _by_shape(expected)


def _shrunk(where: Flags, pair: _Pair) -> Flags:
    return resize(where.astype(np.float32), *pair.protected.shape) > 0.999


def _at(matrix: Any, pairs: list[_Pair], pair: _Pair) -> Any:
    """A matrix of the finest level for the level of `pair`."""
    to = _ratio(pair.original, pairs[-1].original)
    back = _ratio(pair.answer, pairs[-1].answer)
    return np.linalg.inv(back) @ matrix @ to


def _ratio(coarse: F32, fine: F32) -> Any:
    return _enlarging(fine.shape[1] / coarse.shape[1], fine.shape[0] / coarse.shape[0])


def _back(matrix: Any, pairs: list[_Pair], pair: _Pair) -> Any:
    """A matrix of the level of `pair` for the finest one."""
    return _ratio(pair.answer, pairs[-1].answer) @ matrix @ np.linalg.inv(_ratio(pair.original, pairs[-1].original))


def _best(pairs: list[_Pair], start: Any) -> tuple[Any, float]:
    coarse, fine = pairs
    best, likeness = start, -1.0
    for first, centre in _starts(fine, start):
        near = _back(_refined(coarse, _at(first, pairs, coarse), _at(centre, pairs, coarse)), pairs, coarse)
        tried = [first, *(_refined(fine, one, centre) for one in (near, first))]
        for matrix in tried:
            if not _is_modest(matrix, start):
                continue
            like = _likeness(fine, matrix)
            is_further = _reach_px(fine, matrix, start) > _reach_px(fine, best, start) + SAME_PLACE_PX
            if 1 - like < (1 - likeness) * (LEAST_GAIN if matrix is first or is_further else 1.0):
                best, likeness = matrix, like
        if likeness > GOOD_LIKENESS:
            break
    return best, likeness


def _reach_px(pair: _Pair, matrix: Any, start: Any) -> float:
    """How far it puts a corner of the picture from where that should be, at most."""
    height, width = pair.original.shape
    corners = np.array([[x, y, 1.0] for x in (0, width) for y in (0, height)])
    return float(np.hypot(*((matrix - start) @ corners.T)[:2]).max())


def _starts(pair: _Pair, start: Any) -> Iterator[tuple[Any, Any]]:
    """Where it should be; there with one scale for both sides, against each border; where a shift or features say; and around
    which place the movement is expected.
    """
    yield start, start
    o, a = pair.original, pair.answer
    sx, sy = start[0, 0], start[1, 1]
    if max(sx, sy) / min(sx, sy) > 1.01:
        for scale in (max(sx, sy), min(sx, sy)):
            left_x, left_y = a.shape[1] - scale * o.shape[1], a.shape[0] - scale * o.shape[0]
            for share in (0.0, 0.5, 1.0):
                there = np.array([[scale, 0, share * left_x], [0, scale, share * left_y], [0, 0, 1.0]])
                yield there, there
    yield start @ _by_shift(pair, start), start
    found = place_by_features(o, a, pair.protected)
    if found is not None:
        yield found, start


def _by_shift(pair: _Pair, start: Any) -> Any:
    """The shift, 3x3, within what is usual, at which protected pixels agree most."""
    agree, shifts = _agreement(pair, start)
    y, x = np.unravel_index(int(agree.argmax()), agree.shape)
    return _shifted(shifts[x], shifts[y])


def _agreement(pair: _Pair, matrix: Any) -> tuple[Any, Any]:
    """How much protected pixels agree, KxK, at K shifts down and across, within what is usual; and those shifts."""
    put = _put(pair, matrix)
    height, width = put.shape
    size = cv2.getOptimalDFTSize(height), cv2.getOptimalDFTSize(width)
    one, other = (np.fft.rfft2(band * pair.protected, size) for band in (pair.band, put))
    agree = np.fft.irfft2(np.conj(one) * other, size)
    reach = round(2 * USUAL_SHIFT * max(height, width))
    shifts = np.arange(-reach, reach + 1)
    return agree[np.ix_(shifts, shifts)], shifts


def _shifted(x: float, y: float) -> Any:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def _is_elsewhere_too(pair: _Pair, matrix: Any, likeness: float) -> bool:
    """Whether it is as alike somewhere else, and not in between: tiles are, by a whole one; along a horizon it is all the way."""
    agree, shifts = _agreement(pair, matrix)
    near = np.abs(shifts) <= 2 * SAME_PLACE_PX
    agree[np.ix_(near, near)] = -np.inf
    y, x = np.unravel_index(int(agree.argmax()), agree.shape)
    like, between = (_likeness(pair, matrix @ _shifted(part * shifts[x], part * shifts[y])) for part in (1.0, 0.5))
    return 1 - like < (1 - likeness) / LEAST_GAIN and between < LEAST_DIP * like


def _refined(pair: _Pair, first: Any, centre: Any) -> Any:
    """`first` moved to where both bands differ least, as far as they show; what they do not show stays as at `centre`."""
    height, width = pair.original.shape
    ys, xs = np.nonzero(pair.protected)
    if xs.size < FEWEST_PIXELS / 9:
        return first
    places = evidence.places_of(xs.astype(np.float32), ys.astype(np.float32), width, height)
    usual = evidence.usual(*(max(height, width) * share for share in (USUAL_SHIFT, USUAL_ZOOM, USUAL_ELSE)))
    target = pair.band[ys, xs]
    own = theirs = evidence.Slopes(*(slope[ys, xs] for slope in np.gradient(pair.band)[::-1]))
    move = _numbers(np.linalg.inv(centre) @ first, width, height)
    weight = np.zeros_like(target)
    for _ in range(ITERATIONS):
        matrix = centre @ _moving(move, width, height)
        band = _put(pair, matrix)
        covered = _covered(pair, matrix)[ys, xs]
        here = band[ys, xs]
        contrast = np.float32(np.clip((here * target).sum() / max(float((here**2).sum()), 1e-12), 0.5, 2.0))
        residual = contrast * here - target
        noise = max(float(1.4826 * np.median(np.abs(residual))), LEAST_NOISE)
        weight = covered * np.clip(1 - (residual / (TUKEY_SPREADS * noise)) ** 2, 0, None) ** 2
        theirs = evidence.Slopes(*(contrast * slope[ys, xs] for slope in np.gradient(band)[::-1]))
        along_x, along_y = (own.along_x + theirs.along_x) / 2, (own.along_y + theirs.along_y) / 2
        weight = (weight / (noise**2 * TELLS_PX)).astype(np.float32)
        normal, pull = evidence.step(places, evidence.Slopes(along_x, along_y), residual, weight)
        delta = -np.linalg.solve(normal + usual, pull + usual @ move)
        move = move + delta
        if not np.isfinite(move).all():
            return first
        if np.abs(delta).sum() < 0.01:
            break
    move = evidence.shown(move, places, own, theirs, weight, usual)
    return centre @ _moving(move, width, height)


def _moving(move: Any, width: int, height: int) -> Any:
    """3x3 of six numbers, as `evidence.shown` has them."""
    out = np.eye(3)
    for row, (m0, m1, m2) in enumerate((move[:3], move[3:])):
        sx, sy = 2 / width, 2 / height
        out[row] += (m1 * sx, m2 * sy, m0 + m1 * (0.5 * sx - 1) + m2 * (0.5 * sy - 1))
    return out


def _numbers(matrix: Any, width: int, height: int) -> Any:
    """The six numbers of such a matrix."""
    move: list[float] = []
    for row in (matrix - np.eye(3))[:2]:
        m1, m2 = row[0] * width / 2, row[1] * height / 2
        move += [row[2] - m1 * (1 / width - 1) - m2 * (1 / height - 1), m1, m2]
    return np.array(move)


def _put(pair: _Pair, matrix: Any) -> F32:
    """The answer's band where the original is, were that at `matrix`."""
    return _band(_moved(pair.answer, matrix, pair.original.shape), pair)


def _covered(pair: _Pair, matrix: Any) -> Flags:
    ones = np.ones(pair.answer.shape, np.uint8)
    height, width = pair.original.shape
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    covered: Any = cv2.warpAffine(ones, matrix[:2], (width, height), flags=flags)
    return covered > 0


def _moved(image: F32, matrix: Any, shape: tuple[int, ...]) -> F32:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved: Any = cv2.warpAffine(image, matrix[:2], (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return moved


def _likeness(pair: _Pair, matrix: Any) -> float:
    within = pair.protected & _covered(pair, matrix)
    if within.sum() < max(FEWEST_PIXELS, 0.3 * pair.protected.sum()):
        return -1.0
    x, y = pair.band[within], _put(pair, matrix)[within]
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / max(float(np.sqrt((x * x).sum() * (y * y).sum())), 1e-12))


def _is_modest(matrix: Any, start: Any) -> bool:
    """Whether it is what models do to a picture: enlarged, stretched and turned within the limits."""
    linear = matrix[:2, :2] / np.sqrt(abs(np.linalg.det(start[:2, :2])))
    sx, sy = float(np.linalg.norm(linear[:, 0])), float(np.linalg.norm(linear[:, 1]))
    turn = max(abs(float(linear[1, 0])) / max(sx, 1e-6), abs(float(linear[0, 1])) / max(sy, 1e-6))
    stretched = max(sx, sy) / max(min(sx, sy), 1e-6) > LARGEST_STRETCH
    return not stretched and turn <= LARGEST_TURN and 1 / LARGEST_ZOOM < np.sqrt(sx * sy) < LARGEST_ZOOM
