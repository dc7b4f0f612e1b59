"""The compiled core of the classic engine: search for the most similar source patch, and vote with what was found.

Method: Barnes et al., "PatchMatch" (2009) for the search; Wexler, Shechtman and Irani, "Space-Time Completion of
Video" (2007) and Newson et al., "Video Inpainting of Complex Scenes" (2014) for the vote and the onion-peel start.

Shared shapes: `feat` is height x width x features, float32, C-contiguous. A patch is named by its centre as a flat
index y * width + x. `field` is height x width, int32: for each target centre the source centre found for it, -1 where
there is nothing to find. `valid` is height x width, uint8: 1 where a centre's whole patch is source.

Every random number is a hash of the seed and the place it is used at, and a strip reads its neighbours from the field as
it was before the sweep: so the result depends on the seed, never on how many threads ran.
"""

import numpy as np

from inlay.engines.classic.compiled import kernel

# numba infers the types of what it compiles; the docstrings say them.
# pyright: basic


@kernel
def _mixed(state):
    """The next random state (splitmix64's finaliser over a Weyl step); uint64 to uint64."""
    z = state + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def _unit(state):
    """A float in 0..1 from a random state."""
    return np.float32(state >> np.uint64(40)) * np.float32(1.0 / (1 << 24))


@kernel
def _distance(flat, row_stride, channels, target, source, radius, limit):
    """Sum of squared differences of two whole patches; stops early once it reaches `limit`."""
    length = (2 * radius + 1) * channels
    a = (target - radius) * channels - radius * row_stride
    b = (source - radius) * channels - radius * row_stride
    total = np.float32(0.0)
    for _ in range(2 * radius + 1):
        u = flat[a : a + length]
        v = flat[b : b + length]
        row = np.float32(0.0)
        for k in range(length):
            d = u[k] - v[k]
            row += d * d
        total += row
        if total >= limit:
            return total
        a += row_stride
        b += row_stride
    return total


@kernel
def sweep_strip(
    feat, valid, price, before, field, dist, top, bottom, left, right, radius, forward, rescore, key, reach
):
    """One PatchMatch sweep over the target centres of rows top..bottom-1, columns left..right-1; in place.

    price: height x width, float32, what choosing a source costs on top of the difference. before: `field` as it was before
    this sweep. dist: height x width, float32, sum of squared differences plus price.
    forward: scan direction. rescore: the features changed since `dist` was written. key: uint64, differs per sweep.
    reach: the first radius of the random search in pixels.
    """
    height, width, channels = feat.shape
    flat = feat.reshape(-1)
    stride = width * channels
    step = 1 if forward else -1
    y = top if forward else bottom - 1
    for _ in range(bottom - top):
        x = left if forward else right - 1
        for _ in range(right - left):
            target = y * width + x
            best = field[y, x]
            if best >= 0:
                if rescore:
                    found = _distance(flat, stride, channels, target, best, radius, np.float32(np.inf))
                    found += price[best // width, best % width]
                else:
                    found = dist[y, x]
                for way in range(2):
                    ny = y - step if way == 1 else y
                    nx = x - step if way == 0 else x
                    if nx < left or nx >= right or ny < 0 or ny >= height:
                        continue
                    near = field[ny, nx] if top <= ny < bottom else before[ny, nx]
                    if near < 0:
                        continue
                    sy = near // width + (y - ny)
                    sx = near % width + (x - nx)
                    if sy < 0 or sy >= height or sx < 0 or sx >= width or valid[sy, sx] == 0:
                        continue
                    source = sy * width + sx
                    if source == best:
                        continue
                    cost = price[sy, sx]
                    d = cost + _distance(flat, stride, channels, target, source, radius, found - cost)
                    if d < found:
                        found = d
                        best = source
                state = _mixed(key ^ np.uint64(target))
                span = reach
                while span >= 1:
                    state = _mixed(state)
                    sy = best // width + np.int64((_unit(state) * 2 - 1) * (span + 0.5))
                    state = _mixed(state)
                    sx = best % width + np.int64((_unit(state) * 2 - 1) * (span + 0.5))
                    if 0 <= sy < height and 0 <= sx < width and valid[sy, sx] != 0:
                        source = sy * width + sx
                        cost = price[sy, sx]
                        d = cost + _distance(flat, stride, channels, target, source, radius, found - cost)
                        if d < found:
                            found = d
                            best = source
                    span //= 2
                field[y, x] = best
                dist[y, x] = found
            x += step
        y += step


@kernel
def vote_strip(image, hole, field, dist, trust, voted, copied, top, bottom, radius):
    """Each hole pixel of rows top..bottom-1 becomes the weighted mean of what the patches over it say.

    image: height x width x channels, read at the sources. hole: height x width, uint8. trust: height x width, float32,
    weight of a patch by its centre's distance to known pixels. voted: like `image`, written at hole pixels (left as it is
    where no patch says anything). copied: height x width, int32, receives the source pixel of the best single patch.

    The weight is Newson's exp(-d / 2 s), with s the first quartile of the distances instead of the third: less blur.
    """
    height, width, channels = image.shape
    most = (2 * radius + 1) ** 2
    source = np.empty(most, np.int64)
    d = np.empty(most, np.float32)
    weight = np.empty(most, np.float32)
    ranked = np.empty(most, np.float32)
    for y in range(top, bottom):
        for x in range(width):
            if hole[y, x] == 0:
                continue
            count = 0
            for cy in range(max(0, y - radius), min(height, y + radius + 1)):
                for cx in range(max(0, x - radius), min(width, x + radius + 1)):
                    centre = field[cy, cx]
                    if centre < 0 or not np.isfinite(dist[cy, cx]):
                        continue
                    source[count] = centre + (y - cy) * width + (x - cx)
                    d[count] = dist[cy, cx]
                    weight[count] = trust[cy, cx]
                    at = count
                    while at > 0 and ranked[at - 1] > d[count]:
                        ranked[at] = ranked[at - 1]
                        at -= 1
                    ranked[at] = d[count]
                    count += 1
            if count == 0:
                continue
            scale = np.float32(0.5) / max(ranked[count // 4], np.float32(1e-6))
            low = ranked[0]
            total = np.float32(0.0)
            best = -1
            best_d = np.float32(np.inf)
            for k in range(count):
                w = weight[k] * np.exp((low - d[k]) * scale)
                weight[k] = w
                total += w
                if d[k] < best_d:
                    best_d = d[k]
                    best = source[k]
            copied[y, x] = best
            for c in range(channels):
                value = np.float32(0.0)
                for k in range(count):
                    value += weight[k] * image[source[k] // width, source[k] % width, c]
                voted[y, x, c] = value / total


@kernel
def peel_strip(feat, filled, layer, first, last, sources, price, field, dist, radius, key, tries):
    """Find a source patch for layer[first..last-1] by their filled pixels only, and remember it in `field`.

    feat: features; only pixels with filled == 1 count. layer: int64 target centres. sources: int64, every source centre.
    tries: how many sources to look at; all of them if there are no more. Among nearly equal patches the seed decides.
    """
    _, width, channels = feat.shape
    count = sources.size
    for at in range(first, last):
        target = layer[at]
        ty = target // width
        tx = target % width
        state = _mixed(key ^ np.uint64(target))
        best = np.int64(-1)
        found = np.float32(np.inf)
        share = np.float32(0.0)
        for dy in range(-radius, radius + 1):
            for dx in range(-radius, radius + 1):
                share += filled[ty + dy, tx + dx]
        share /= np.float32((2 * radius + 1) ** 2)
        for k in range(min(count, tries)):
            state = _mixed(state)
            centre = sources[k] if count <= tries else sources[np.int64(state % np.uint64(count))]
            sy = centre // width
            sx = centre % width
            cost = price[sy, sx] * share
            total = cost
            jitter = np.float32(1.0) + np.float32(0.25) * _unit(_mixed(state))
            for dy in range(-radius, radius + 1):
                for dx in range(-radius, radius + 1):
                    if filled[ty + dy, tx + dx] == 0:
                        continue
                    for c in range(channels):
                        e = feat[ty + dy, tx + dx, c] - feat[sy + dy, sx + dx, c]
                        total += e * e
                if total * jitter >= found:
                    break
            if total * jitter < found:
                found = total * jitter
                best = centre
        field[ty, tx] = best
        dist[ty, tx] = found


@kernel
def misfit_strip(feat, known, field, misfit, top, bottom, radius):
    """How badly the source of each target centre of rows top..bottom-1 explains the known pixels of its patch.

    known: height x width, uint8. misfit: height x width, float32, receives the mean squared difference in Lab (the first three
    features) over the known pixels; where there is nothing to find, it is left as it is.
    """
    _, width, _ = feat.shape
    for y in range(top, bottom):
        for x in range(width):
            source = field[y, x]
            if source < 0:
                continue
            sy = source // width
            sx = source % width
            total = np.float32(0.0)
            count = 0
            for dy in range(-radius, radius + 1):
                for dx in range(-radius, radius + 1):
                    if known[y + dy, x + dx] == 0:
                        continue
                    count += 1
                    for c in range(3):
                        e = feat[y + dy, x + dx, c] - feat[sy + dy, sx + dx, c]
                        total += e * e
            misfit[y, x] = total / max(count, 1)


@kernel
def relax(image, gaps, over, rounds):
    """Pull each gap pixel towards the mean of its neighbours, `rounds` times in turning directions; in place.

    image: height x width x channels, float32. gaps: int64 flat indices. over: how far, 1 being the mean itself.
    """
    height, width, channels = image.shape
    for turn in range(rounds):
        for k in range(gaps.size):
            at = gaps[k] if turn % 2 == 0 else gaps[gaps.size - 1 - k]
            y = at // width
            x = at % width
            for c in range(channels):
                total = np.float32(0.0)
                count = np.float32(0.0)
                if y > 0:
                    total += image[y - 1, x, c]
                    count += np.float32(1.0)
                if y < height - 1:
                    total += image[y + 1, x, c]
                    count += np.float32(1.0)
                if x > 0:
                    total += image[y, x - 1, c]
                    count += np.float32(1.0)
                if x < width - 1:
                    total += image[y, x + 1, c]
                    count += np.float32(1.0)
                if count > 0:
                    image[y, x, c] += over * (total / count - image[y, x, c])
