"""Words and anchors -> boxes: pairs of stretches that share rare words, whatever the order of the words.

A rare word that stands in two sources is a point (word of the one, word of the other), and so is the head of an
anchor. Points that lie near each other on both sides make a box. The points of one source are made and swept at a
time, so memory is that of one source's points; most of them have no neighbour, and are dropped before boxes grow. How
many places a rare word may have follows from the corpus: as many as leave the number of points linear in its words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup import scratch
from dedup.anchor import Anchors
from dedup.corpus import Corpus
from dedup.kernel import inner, kernel
from dedup.words import Words, parts, rare

REACH = 250
"""Points of a box lie no farther apart on either side (weight): 50 sinographs, 25 words of an alphabet."""

SPAN = 2500
"""No box is longer: a longer passage makes several, side by side."""

POINTS = 3
"""A box of fewer points is chance. A point of a dense script counts half, since its words overlap."""

_BLOCK = 256  # words
_CELLS = 4096  # some that share one do no harm
_OPEN = 64  # boxes that may grow at a time, for one pair of sources


def boxes(corpus: Corpus, words: Words, found: Anchors) -> NDArray[np.int64]:
    """The boxes between different sources, a before b.

    int64[n, 4], words: a_first, a_last, b_first, b_last, half-open.
    """
    if len(corpus.sources) < 2:
        return np.zeros((0, 4), np.int64)
    heads_a, heads_b = _heads(words, found)
    paired = scratch.column(len(words), np.bool_, letters=len(corpus.folded.letters))
    _pair(words.at, words.bounds, rare(words.places), paired)
    found_boxes = [np.zeros((0, 4), np.int64)]
    for part in parts(words.starts):
        found_boxes.append(
            _sweep(
                part,
                words.starts,
                words.number,
                paired,
                words.at,
                words.bounds,
                words.rank,
                words.share,
                words.position,
                heads_a,
                heads_b,
                np.searchsorted(heads_a, words.starts[part[0]]),
            )
        )
        scratch.let_go()
    return np.concatenate(found_boxes)


def _heads(words: Words, found: Anchors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The words at the heads of anchors between different sources, in order of a: int64[n] both."""
    between = np.flatnonzero(found.source_a != found.source_b)
    between = between[np.argsort(found.a[between], kind="stable")]
    heads_a, heads_b = words.at_letters(found.a[between]), words.at_letters(found.b[between])
    inside = heads_a < words.starts[found.source_a[between] + 1]
    inside &= heads_b < words.starts[found.source_b[between] + 1]
    return heads_a[inside], heads_b[inside]


@kernel("i4[:], i8[:], i8, b1[:]")
def _pair(at, bounds, rare, paired):  # type: ignore[no-untyped-def]
    """Mark the rare words that stand in a later place too: bool[w]."""
    for n in range(len(bounds) - 1):
        if bounds[n + 1] - bounds[n] <= rare:
            for k in range(bounds[n], bounds[n + 1] - 1):
                paired[at[k]] = True


@kernel("UniTuple(i8, 2), i8[:], i4[:], b1[:], i4[:], i8[:], i4[:], f4[:], i4[:], i8[:], i8[:], i8")
def _sweep(part, starts, number, paired, at, bounds, rank, share, position, heads_a, heads_b, head):  # type: ignore[no-untyped-def]
    out = np.empty((1024, 4), np.int64)
    n = np.int64(0)
    block = np.empty(starts[-1] // _BLOCK + 1, np.int32)  # the source in which each block of words begins
    t = np.int64(0)
    for k in range(len(block)):
        while t < len(starts) - 2 and starts[t + 1] <= k * _BLOCK:
            t += 1
        block[k] = t
    room = np.int64(0)
    next_head = head
    for s in range(part[0], part[1]):
        own = np.int64(0)
        for i in range(starts[s], starts[s + 1]):
            while next_head < len(heads_a) and heads_a[next_head] == i:
                next_head += 1
                own += 1
            if paired[i]:
                own += bounds[number[i] + 1] - 1 - rank[i]
        room = max(room, own)
    a, b, of = np.empty((3, room), np.int32)  # points: word of this source, word of the other, run
    size, end = np.empty((2, room), np.int64)  # runs: their points, 0 where these make no box, and where they end
    other = np.empty(len(starts) - 1, np.int64)  # the other sources that have points
    latest = np.full((3, len(starts) - 1), -1, np.int64)  # of each other source the latest run, its last word and size
    said = np.empty(len(starts) - 1, np.float64)  # ... and what its points count
    near = np.zeros(_CELLS, np.int32)
    box = np.empty((_OPEN, 4), np.int64)
    points = np.empty(_OPEN, np.float64)
    for s in range(part[0], part[1]):
        total = np.int64(0)
        for i in range(starts[s], starts[s + 1]):
            while head < len(heads_a) and heads_a[head] == i:
                a[total] = i
                b[total] = heads_b[head]
                total += 1
                head += 1
            if paired[i]:
                for k in range(bounds[number[i] + 1] - 1, rank[i], -1):
                    a[total] = i
                    b[total] = at[k]
                    total += 1
        runs = _runs(a, b, of, total, starts, s + 1, block, share, position, latest, said, other, size)
        filled = np.int64(0)
        for run in range(runs):
            end[run] = filled
            filled += size[run]
        x, y = np.empty((2, filled), np.int64)
        for p in range(total):
            run = of[p]
            if run >= 0 and size[run]:
                x[end[run]] = a[p]
                y[end[run]] = b[p]
                end[run] += 1
        if n + filled > len(out):
            more = np.empty((2 * (n + filled), 4), np.int64)
            for q in range(n):
                _put(more, q, out[q, 0], out[q, 1], out[q, 2], out[q, 3])
            out = more
        for run in range(runs):
            if size[run]:
                begin = end[run] - size[run]
                kept = begin + _facing(x[begin : end[run]], y[begin : end[run]], position, near)
                n = _grow(x[begin:kept], y[begin:kept], share, position, box, points, out, n)
    return out[:n]


@inner
def _runs(a, b, of, total, starts, later, block, share, position, latest, said, other, size):  # type: ignore[no-untyped-def]
    """Say `of` each point of a source in which run it is: none of a run lies farther than REACH from the one before, on
    the side of that source, and all have the same other source, one of the `later`. How many runs there are.

    `latest`: -1 in front, and again at the end.
    """
    runs = np.int64(0)
    others = np.int64(0)
    for p in range(total):
        i = a[p]
        if b[p] < starts[later]:
            of[p] = -1
            continue
        t = block[b[p] // _BLOCK]
        while starts[t + 1] <= b[p]:
            t += 1
        run = latest[0, t]
        if run < 0 or position[i] - position[latest[1, t]] > REACH:
            if run < 0:
                other[others] = t
                others += 1
            else:
                size[run] = latest[2, t] if said[t] >= POINTS else 0
            run = runs
            runs += 1
            latest[0, t] = run
            latest[1, t] = -1
            latest[2, t] = 0
            said[t] = 0
        if latest[1, t] != i:  # a word counts once, however often it stands on the other side
            latest[1, t] = i
            said[t] += share[i]
        latest[2, t] += 1
        of[p] = run
    for o in range(others):
        t = other[o]
        size[latest[0, t]] = latest[2, t] if said[t] >= POINTS else 0
        latest[0, t] = -1
    return runs


@inner
def _facing(x, y, position, near):  # type: ignore[no-untyped-def]
    """Keep the points of a run, in order, that may have a neighbour on the other side too; how many they are.

    `near`: int32[_CELLS] zeros, scratch: how many points there are in each cell of the width of REACH.
    """
    for p in range(len(y)):
        near[(position[y[p]] // REACH) % _CELLS] += 1
    kept = 0
    for p in range(len(y)):
        cell = position[y[p]] // REACH
        if near[(cell - 1) % _CELLS] + near[cell % _CELLS] + near[(cell + 1) % _CELLS] > 1:
            x[kept] = x[p]
            y[kept] = y[p]
            kept += 1
        else:
            near[cell % _CELLS] = 0
    for p in range(kept):
        near[(position[y[p]] // REACH) % _CELLS] = 0
    return kept


@inner
def _grow(px, py, share, position, box, points, out, n):  # type: ignore[no-untyped-def]
    """Boxes of the points of one run, in order of a; the new number of boxes.

    `box`: first and last of a, first and last of b of those that may grow, and their `points`, scratch.
    """
    size = np.int64(0)
    for p in range(len(px)):
        x = px[p]
        y = py[p]
        nearest = np.int64(-1)
        least = np.int64(REACH + 1)
        k = np.int64(0)
        while k < size:
            if position[x] - position[box[k, 1]] > REACH:
                n = _close(box, points, k, out, n)
                size -= 1
                _put(box, k, box[size, 0], box[size, 1], box[size, 2], box[size, 3])
                points[k] = points[size]
                continue
            low = min(box[k, 2], y)
            high = max(box[k, 3], y)
            away = max(0, position[box[k, 2]] - position[y], position[y] - position[box[k, 3]])
            if away < least and position[x] - position[box[k, 0]] <= SPAN and position[high] - position[low] <= SPAN:
                least = away
                nearest = k
            k += 1
        if nearest < 0:
            if size == _OPEN:  # the one that has waited longest
                oldest = np.int64(0)
                for q in range(1, _OPEN):
                    if box[q, 1] < box[oldest, 1]:
                        oldest = np.int64(q)
                n = _close(box, points, oldest, out, n)
                size -= 1
                _put(box, oldest, box[size, 0], box[size, 1], box[size, 2], box[size, 3])
                points[oldest] = points[size]
            _put(box, size, x, x, y, y)
            points[size] = 0
            nearest = size
            size += 1
        if (
            points[nearest] == 0 or box[nearest, 1] != x
        ):  # a word counts once, however often it stands on the other side
            points[nearest] += share[x]
        box[nearest, 1] = x
        box[nearest, 2] = min(box[nearest, 2], y)
        box[nearest, 3] = max(box[nearest, 3], y)
    for q in range(size):
        n = _close(box, points, q, out, n)
    return n


@inner
def _close(box, points, k, out, n):  # type: ignore[no-untyped-def]
    if points[k] < POINTS:
        return n
    _put(out, n, box[k, 0], box[k, 1] + 1, box[k, 2], box[k, 3] + 1)
    return n + 1


@inner
def _put(rows, k, a_first, a_last, b_first, b_last):  # type: ignore[no-untyped-def]
    """`rows[k] = (...)`, which takes seconds to compile."""
    rows[k, 0] = a_first
    rows[k, 1] = a_last
    rows[k, 2] = b_first
    rows[k, 3] = b_last
