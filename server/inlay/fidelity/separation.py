"""Layers that are said to make up a picture, corrected until they do: the stack equals the source bit for bit in every host.

What a decomposer returns lies a little: tints, soft edges, shadows that no layer has. First each layer takes the smooth part of the
error where it alone is seen, and carries it behind what covers it; edges move to where they explain most of it; the rest is shared
out by how much each layer shows; then what no colour can reach is reached by alphas; last, whole code values are searched for on
which all hosts' arithmetic agrees.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inlay.fidelity.host_rules import Codes, shows, unrounded
from inlay.fidelity.light import pull_push
from inlay.fidelity.raster import F32, Flags, blur, extremes, grow, resize, thrice

Samples = NDArray[Any]

ALONE = 0.9
"""A layer that shows at least so much of a pixel is seen there alone."""
CLEAR_PX = 3
"""And only so far from where it is not: at contours alphas lie, too."""
FEWEST_PX = 200
"""With fewer such pixels the layer is judged by what shows of it at all."""
EDGE_PX = 2
"""So far an edge may lie from where it is said to: an alpha becomes none that is not found within this of it."""
EDGE_ROUNDS = 2
LEAST_EDGE, LEAST_ERROR = 0.25, 0.02
"""Of alpha within EDGE_PX, and of the picture (encoded): less is grain."""
COLOR_ERROR = 0.3
"""Of colours (encoded), which speaks against moving an edge: with half of it edges move more and come no nearer to the truth."""
SMOOTH_ROUNDS = 2
SMOOTH_SIGMA_PX = 24.0
"""Tints are slow; what a layer has lost of its detail is not, and would be carried behind what covers it."""
LEAST_TRUST = 0.03
LARGEST_TINT = 0.5
"""Errors of this size (encoded) count half for a tint, larger ones hardly."""
SHARE_ROUNDS = 4
LEAST_SHARE = 5e-3
"""Added to what an error is divided by: a layer that hardly shows is not to be turned over for it."""
REACH_ROUNDS = 12
REACHED_CODES = 0.3
SEEN = 0.1
"""Layers that show less are left alone where others have no room left."""
ALPHA_ROUNDS = 3
SPARE_CODES = 1.5
"""So much further than needed an alpha goes, for whole code values to have a choice."""
THINNER = (0.75, 0.5, 0.25, 0.0)
AIM_CODES = 0.2
"""Above the wanted value: hosts that cut off find it, hosts that round do not mind."""
CODE_STEPS = (0, 1, -1, 2, -2, 5, -5, 12, -12)
SMALL_STEPS = 2


class Stack(NamedTuple):
    """Straight layers back to front: colors K x 3 x ... and alphas K x ..., float32 0..1; the first is opaque.

    Channels come before pixels: NumPy takes several times as long where the innermost axis has but three.
    """

    colors: F32
    alphas: F32

    def flat(self) -> F32:
        below = self.colors[0].copy()
        for color, alpha in zip(self.colors[1:], self.alphas[1:], strict=True):
            above = color - below
            above *= alpha
            below += above
        return below

    def shares(self) -> F32:
        """How much of each layer is seen, K x ..., together 1."""
        shares = np.empty_like(self.alphas)
        left = np.ones_like(self.alphas[0])
        for index in reversed(range(len(self.alphas))):
            shares[index] = self.alphas[index] * left
            left = left * (1 - self.alphas[index])
        return shares

    def at(self, where: Flags) -> Stack:
        return Stack(self.colors[:, :, where], self.alphas[:, where])


def reconcile(source: Samples, layers: list[F32], *, white: int = 0, sure_edges: bool = False) -> list[Samples]:
    """Layers whose stack, blended normally, is `source`, bit for bit by every rule of `host_rules` that rounds.

    source: HxWx3 uint8 or uint16; layers: back to front, HxWx4 float32, straight alpha, encoded as the source, 0..1; white: the
    sample that means 1, such as 32768 in Photoshop's 16 bit; 0: the type's largest. sure_edges: the alphas are somebody's wish,
    such as a selection, and change only where no colour reaches the picture.
    Returns as many HxWx4 arrays of the source's type, the first opaque. Raises `ValueError` without layers or where a size differs.
    """
    if not layers or any(layer.shape != (*source.shape[:2], 4) for layer in layers):
        raise ValueError(f"layers of {[layer.shape for layer in layers]} are none for a source of {source.shape}")
    white = white or int(np.iinfo(source.dtype).max)
    wanted = np.ascontiguousarray(source.transpose(2, 0, 1), np.float32) / np.float32(white)
    said = np.nan_to_num([layer.transpose(2, 0, 1).astype(np.float32) for layer in layers]).clip(0, 1)
    alphas = (np.rint(said[:, 3] * white) / white).astype(np.float32)
    alphas[0] = 1
    stack = Stack(np.ascontiguousarray(said[:, :3]), alphas)
    _take_tints(stack, wanted)
    if not sure_edges:
        _move_edges(stack, wanted, white)
    mixed = stack.shares().max(0) < 1
    part, target = stack.at(mixed), wanted[:, mixed]
    _share_out(part, target, white)
    _reach(part, target, white)
    return _in_codes(stack, part, mixed, source, white)


def _take_tints(stack: Stack, wanted: F32) -> None:
    shares = stack.shares()
    alone = [_where_alone(share) for share in shares]
    for _ in range(SMOOTH_ROUNDS):
        error = wanted - stack.flat()
        trust = 1 / (1 + (np.abs(error).max(0) / LARGEST_TINT) ** 4)
        seen = np.ascontiguousarray(error.transpose(1, 2, 0))
        for color, weight in zip(stack.colors, alone, strict=True):
            color += _smooth(seen, weight * trust).transpose(2, 0, 1)
            np.clip(color, 0, 1, out=color)


def _smooth(error: F32, weight: F32) -> F32:
    """The smooth part of HxWx3 `error` where HxW `weight` is, carried on to where it is not; found at half size."""
    height, width = weight.shape
    half = ((height + 1) // 2, (width + 1) // 2)
    support = resize(weight, *half)
    means = resize(error * thrice(weight), *half) / thrice(np.maximum(support, np.float32(1e-6)))
    return resize(blur(pull_push(means, support, LEAST_TRUST), SMOOTH_SIGMA_PX / 2), height, width)


def _where_alone(share: F32) -> F32:
    clear = ~grow(share <= ALONE, CLEAR_PX)
    if clear.sum() >= FEWEST_PX:
        return clear.astype(np.float32)
    return share * share


def _move_edges(stack: Stack, wanted: F32, white: int) -> None:
    """Alphas that change nearby, to what explains most of the error there: else each edge is drawn into what it covers."""
    for index in reversed(range(1, len(stack.alphas))):
        least, most = extremes(stack.alphas[index], EDGE_PX)
        here = (most - least > LEAST_EDGE) & (np.abs(wanted - stack.flat()).max(0) > LEAST_ERROR)
        if not here.any():
            continue
        part, target, least, most = stack.at(here), wanted[:, here], least[here], most[here]
        _, through = _above(part, index)
        freedom = np.square(COLOR_ERROR / (most - least))
        for _ in range(EDGE_ROUNDS):
            way = through * (part.colors[index] - Stack(part.colors[:index], part.alphas[:index]).flat())
            step = ((target - part.flat()) * way).sum(0) / ((way * way).sum(0) + freedom)
            part.alphas[index] = np.clip(part.alphas[index] + step, least, most)
        stack.alphas[index, here] = np.rint(part.alphas[index] * white) / np.float32(white)


def _share_out(stack: Stack, wanted: F32, white: int) -> None:
    shares = stack.shares()
    squares = shares * shares
    weights = squares / ((squares * shares).sum(0) + LEAST_SHARE)
    _share_once(stack, wanted, weights)
    left = _missed(stack, wanted, white)
    part, target, weights = stack.at(left), wanted[:, left], weights[:, left]
    for _ in range(SHARE_ROUNDS - 1):
        _share_once(part, target, weights)
    stack.colors[:, :, left] = part.colors


def _share_once(stack: Stack, wanted: F32, weights: F32) -> None:
    error = wanted - stack.flat()
    for color, weight in zip(stack.colors, weights, strict=True):
        color += error * weight
        np.clip(color, 0, 1, out=color)


def _room(colors: F32, error: F32) -> Flags:
    return ((error > 0) & (colors < 1)) | ((error < 0) & (colors > 0))


def _reach(stack: Stack, wanted: F32, white: int) -> None:
    """What is left where colours are at their ends: first by the other layers that are seen, then by alphas."""
    left = _missed(stack, wanted, white)
    if not left.any():
        return
    part, target = stack.at(left), wanted[:, left]
    shares = part.shares()[:, None]
    for _ in range(REACH_ROUNDS):
        error = target - part.flat()
        weights = shares * (_room(part.colors, error) & (shares > SEEN))
        part.colors[:] = (part.colors + error * weights / np.maximum((weights * shares).sum(0), 1e-6)).clip(0, 1)
    stack.colors[:, :, left] = part.colors
    for _ in range(ALPHA_ROUNDS):
        left = _missed(stack, wanted, white)
        if not left.any():
            return
        part, target = stack.at(left), wanted[:, left]
        strongest = part.shares().argmax(0)
        for index in range(1, len(part.alphas)):
            _cover_more(part, target, index, strongest == index, white)
        _thin_what_lies_on_the_back(part, target, strongest == 0, white)
        stack.colors[:, :, left], stack.alphas[:, left] = part


def _missed(stack: Stack, wanted: F32, white: int) -> Flags:
    return np.abs(wanted - stack.flat()).max(0) > REACHED_CODES / white


def _above(stack: Stack, index: int) -> tuple[F32, F32]:
    """What the layers over `index` show by themselves (3 x N), and how much they let through (N)."""
    shown, through = np.zeros_like(stack.colors[0]), np.ones_like(stack.alphas[0])
    for color, alpha in zip(stack.colors[index + 1 :], stack.alphas[index + 1 :], strict=True):
        shown = shown * (1 - alpha) + color * alpha
        through = through * (1 - alpha)
    return shown, np.maximum(through, 1e-6)


def _cover_more(stack: Stack, wanted: F32, index: int, here: Flags, white: int) -> None:
    """The layer's alpha, raised to the least with which a colour of it reaches what is wanted."""
    part, target = stack.at(here), wanted[:, here]
    shown, through = _above(part, index)
    aim = (target - shown) / through
    below = Stack(part.colors[:index], part.alphas[:index]).flat()
    spare = SPARE_CODES / white / np.maximum(through, 0.05)
    up, down = (aim + spare - below) / np.maximum(1 - below, 1e-6), (below - aim + spare) / np.maximum(below, 1e-6)
    needed = np.where(aim > below, up, down).max(0)
    alpha = (np.ceil(np.maximum(part.alphas[index], needed) * white - 1e-3) / white).clip(0, 1).astype(np.float32)
    stack.alphas[index, here] = alpha
    stack.colors[index][:, here] = ((aim - below * (1 - alpha)) / np.maximum(alpha, 1e-6)).clip(0, 1)


def _thin_what_lies_on_the_back(stack: Stack, wanted: F32, here: Flags, white: int) -> None:
    """Where the back alone should show and cannot, because something faint lies on black or white: that, made fainter."""
    left = np.flatnonzero(here)
    for share in THINNER:
        thinned = stack.alphas[:, left].copy()
        thinned[1:] = np.floor(thinned[1:] * share * white) / np.float32(white)
        shown, through = _above(Stack(stack.colors[:, :, left], thinned), 0)
        back = (wanted[:, left] - shown) / through
        fits = ((back >= 0) & (back <= 1)).all(0)
        stack.colors[0][:, left[fits]] = back[:, fits]
        stack.alphas[:, left[fits]] = thinned[:, fits]
        left = left[~fits]


def _in_codes(stack: Stack, part: Stack, mixed: Flags, source: Samples, white: int) -> list[Samples]:
    """The stack in the source's samples: `part` of it where several layers are seen (`mixed`), elsewhere the one that is."""
    colors = np.rint(stack.colors * np.float32(white)).astype(source.dtype)
    alphas = np.rint(stack.alphas * np.float32(white)).astype(source.dtype)
    wanted = np.ascontiguousarray(source.transpose(2, 0, 1))
    top = np.where(alphas > 0, np.arange(len(alphas))[:, None, None], 0).max(0)
    for index in range(len(colors)):
        alone = ~mixed & (top == index)
        colors[index][:, alone] = wanted[:, alone]
    shares = part.shares()
    aim = AIM_CODES * shares / (shares * shares).sum(0)
    samples = np.rint((part.colors * white + aim[:, None]).clip(0, white)).astype(np.int64, order="C")
    covers = np.rint(part.alphas * white).astype(np.int64)
    target = wanted[:, mixed]
    flat = samples.reshape(len(samples), -1)
    hopeless = _search(flat, np.tile(covers, 3), target.ravel().astype(np.int64), white).reshape(3, -1).any(0)
    top = np.where(covers > 0, np.arange(len(covers))[:, None], 0).max(0)
    for index in range(len(samples)):
        here = hopeless & (top == index)
        samples[index][:, here], covers[index, here] = target[:, here], white
    colors[:, :, mixed], alphas[:, mixed] = samples, covers
    return [np.dstack([*color, alpha]) for color, alpha in zip(colors, alphas, strict=True)]


def _search(colors: Codes, alphas: Codes, wanted: Codes, white: int) -> Flags:
    """Adds to `colors`, K x N, the smallest steps of the two layers that show most with which all rules agree; says where none do.

    Samples that hosts which cut off would show a code too low are moved as well, where small steps do it.
    """
    exact, gap = shows(colors, alphas, white, wanted), unrounded(colors, alphas, white) - wanted
    open_ = np.flatnonzero(~exact | (gap < 0))
    part, missed = colors[:, open_], np.zeros(wanted.size, bool)
    missed[open_] = _step(part, alphas[:, open_], wanted[open_], white, exact[open_], gap[open_])
    colors[:, open_] = part
    return missed


def _step(colors: Codes, alphas: Codes, wanted: Codes, white: int, exact: Flags, gap: NDArray[np.float64]) -> Flags:
    shares = Stack(np.empty(0, np.float32), (alphas / white).astype(np.float32)).shares()
    first, by_first = shares.argmax(0), shares.max(0)
    others = np.where(np.arange(len(shares))[:, None] == first, np.float32(-1), shares)
    second, by_second = others.argmax(0), np.maximum(others.max(0), 0)
    pairs = sorted(((a, b) for a in CODE_STEPS for b in CODE_STEPS), key=lambda pair: abs(pair[0]) + abs(pair[1]))
    for cut_off in (True, False):
        open_ = np.flatnonzero(~exact | (gap < 0) if cut_off else ~exact)
        for a, b in pairs[1:]:
            if cut_off and abs(a) + abs(b) > SMALL_STEPS:
                break
            low = gap[open_] + a * by_first[open_] + b * by_second[open_]
            likely = np.flatnonzero((low > (0 if cut_off else -0.5)) & (low < 0.5))
            at = open_[likely]
            if not at.size:
                continue
            moved = colors[:, at]
            moved[first[at], np.arange(at.size)] += a
            moved[second[at], np.arange(at.size)] += b
            good = shows(moved, alphas[:, at], white, wanted[at]) & ((moved >= 0) & (moved <= white)).all(0)
            found = at[good]
            colors[:, found] = moved[:, good]
            gap[found] = unrounded(moved[:, good], alphas[:, found], white) - wanted[found]
            exact[found] = True
            open_ = np.delete(open_, likely[good])
    return ~exact
