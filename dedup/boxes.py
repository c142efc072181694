"""Words and anchors -> boxes: pairs of stretches that share rare words, whatever the order of the words.

A rare word that stands in two sources is a point (word of the one, word of the other), and so is the head of an
anchor. Points that lie near each other on both sides make a box. The points of one source are made, sorted and swept
at a time, so memory is that of one source's points. How many places a rare word may have follows from the corpus:
as many as leave the number of points linear in its words.
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

_OPEN = 64  # boxes that may grow at a time, for one pair of sources


def boxes(corpus: Corpus, words: Words, found: Anchors) -> NDArray[np.int64]:
    """The boxes between different sources, a before b.

    int64[n, 4], words: a_first, a_last, b_first, b_last, half-open; those of two sources follow each other.
    """
    if len(corpus.sources) < 2:
        return np.zeros((0, 4), np.int64)
    heads_a, heads_b = _heads(words, found)
    most = rare(words.places)
    found_boxes = [np.zeros((0, 4), np.int64)]
    for part in parts(words.starts):
        found_boxes.append(
            _sweep(
                part,
                words.starts,
                words.number,
                words.places,
                words.at,
                words.bounds,
                words.rank,
                words.share,
                words.source,
                words.position,
                heads_a,
                heads_b,
                np.searchsorted(heads_a, words.starts[part[0]]),
                most,
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


@kernel("UniTuple(i8, 2), i8[:], i4[:], i4[:], i4[:], i8[:], i4[:], f4[:], i4[:], i4[:], i8[:], i8[:], i8, i8")
def _sweep(part, starts, number, places, at, bounds, rank, share, source, position, heads_a, heads_b, head, rare):  # type: ignore[no-untyped-def]
    out = np.empty((1024, 4), np.int64)
    box = np.empty((_OPEN, 4), np.int64)
    points = np.empty(_OPEN, np.float64)
    n = np.int64(0)
    sources = len(starts) - 1
    size = np.zeros(sources, np.int64)  # points of this source and each other
    other = np.empty(sources, np.int64)
    for s in range(part[0], part[1]):
        # points of this source, in order of a
        room = 0
        while head + room < len(heads_a) and heads_a[head + room] < starts[s + 1]:
            room += 1
        for i in range(starts[s], starts[s + 1]):
            if places[number[i]] <= rare:
                room += bounds[number[i] + 1] - rank[i] - 1
        of_a = np.empty(room, np.int64)
        of_b = np.empty(room, np.int64)
        total = 0
        for i in range(starts[s], starts[s + 1]):
            while head < len(heads_a) and heads_a[head] == i:
                of_a[total] = i
                of_b[total] = heads_b[head]
                total += 1
                head += 1
            w = number[i]
            if places[w] > rare:
                continue
            k = bounds[w + 1] - 1
            while k > rank[i] and at[k] >= starts[s + 1]:
                of_a[total] = i
                of_b[total] = at[k]
                total += 1
                k -= 1
        # the same by source of b
        others = np.int64(0)
        for p in range(total):
            t = source[of_b[p]]
            if size[t] == 0:
                other[others] = t
                others += 1
            size[t] += 1
        filled = np.int64(0)
        for o in range(others):
            t = other[o]
            filled += size[t]
            size[t] = filled - size[t]
        px = np.empty(total, np.int64)
        py = np.empty(total, np.int64)
        for p in range(total):
            t = source[of_b[p]]
            px[size[t]] = of_a[p]
            py[size[t]] = of_b[p]
            size[t] += 1
        begin = np.int64(0)
        for o in range(others):
            t = other[o]
            end = size[t]
            size[t] = 0
            if end - begin >= POINTS:
                if n + end - begin > len(out):
                    more = np.empty((2 * (n + end - begin), 4), np.int64)
                    for q in range(n):
                        _put(more, q, out[q, 0], out[q, 1], out[q, 2], out[q, 3])
                    out = more
                n = _grow(px[begin:end], py[begin:end], share, position, box, points, out, n)
            begin = end
    return out[:n]


@inner
def _grow(px, py, share, position, box, points, out, n):  # type: ignore[no-untyped-def]
    """Boxes of the points of one pair of sources, in order of a; the new number of boxes.

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
