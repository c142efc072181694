"""Chains -> aligned rows: gaps closed, edges extended until they stop paying, weak stretches cut out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.anchor import Anchors
from dedup.chain import Chains
from dedup.corpus import Corpus
from dedup.kept import is_inside, keep, nodes
from dedup.kernel import inner, kernel

EQUAL, OTHER, GAP = 2, -3, -2
"""What a letter's weight is multiplied by: standing equal, standing against another letter, against nothing."""

STEP = 60
"""A gap that loses no more than this never parts a passage: 6 missing sinographs or 15 Latin letters."""

CUT = 160
"""A gap that loses more than this (16 sinographs, 40 Latin letters) parts a passage, and so does a smaller one
that loses more than the text on either side of it scores; only beside ten times its loss it is crossed."""

DROP = 120
"""Extension stops when the score has fallen this far below its best."""

END = 20
"""Letters that stand equal at the very end of a source, or one letter before it, may cost the extension as much: a
title or a last word that an addition parts from the passage (the end bonus of minimap2)."""

NOT_THERE = -(1 << 40)
"""What it costs to come upon a letter 0 on the way, of which nothing but the place is known: no other score comes near.
What is matched has none; a look-up in an index (index/letters.py) has no other letters than it turns out to need."""

_STRIDE = 1 << 22  # letters of a gone over at a time
_BAND = 24  # letters that an extension may wander off its diagonal
_WIDTH = 2 * _BAND + 1
_ONE = 1 << 29  # what the score of a cell counts in (`_extend`)
_REST = _ONE - 1  # what else it tells
_MET = 1
_LOW = -(1 << 62)


def align(corpus: Corpus, found: Anchors, chained: Chains) -> NDArray[np.int64]:
    """Align the two sides of every chain.

    int64[n, 8]: a_start, a_end, b_start, b_end, equal, score, anchors, anchored. The first four are letters of the
    stream, half-open; `equal` counts the letters that stand equal, `score` weighs them (EQUAL), `anchors` and
    `anchored` count the anchors in a row and the letters in them. Rows of one chain follow each other.
    """
    if len(chained.score) == 0:
        return np.zeros((0, 8), np.int64)
    folded = corpus.folded
    heads = chained.members[chained.bounds[:-1]]
    source_a, source_b = found.source_a[heads], found.source_b[heads]
    stride = folded.starts[source_a] // _STRIDE  # so that what is looked at lies together
    by_pair = np.lexsort((heads, -chained.score, source_a, source_b, stride))
    longest = int(np.diff(folded.starts).max(initial=0))
    rows = np.empty((len(chained.members), 8), np.int64)
    count = _verify(
        folded.letters,
        corpus.weights,
        folded.starts,
        found.a,
        found.b,
        found.length,
        found.source_a,
        found.source_b,
        chained.members,
        chained.bounds,
        by_pair,
        rows,
        np.empty((2, longest + 1), np.int64),
        np.empty(_WIDTH, np.int64),
        np.zeros(longest, np.int32),
        nodes(longest),
        np.empty(len(rows), np.int64),
    )
    return rows[:count]


@kernel(
    "u4[:], u1[:], i8[:], i8[:], i8[:], i8[:], i4[:], i4[:], i8[:], i8[:], i8[:],"
    "i8[:,:], i8[:,:], i8[:], i4[:], i8[:], i8[:]"
)
def _verify(  # type: ignore[no-untyped-def]
    letters,
    weights,
    starts,
    a,
    b,
    length,
    source_a,
    source_b,
    members,
    bounds,
    order,
    rows,
    gaps,
    cells,
    met,
    last,
    before,
):
    """Write the rows of `align`, return their number. `gaps`, `cells`: scratch for `_gap` and `_extend`.

    `met`: int32[letters of the longest source] zeros, scratch: the last pair of sources that has a row at a letter of
    a. Most chains lie where there is none, and so on none. `last`, `before`: scratch for `keep` and `is_inside`.
    """
    n = np.int64(0)
    pair_first = np.int64(0)
    forth = np.int64(1)
    back = np.int64(-1)
    pair = 0
    pair_a = -1
    pair_b = -1
    for o in range(len(order)):
        c = order[o]
        m = members[bounds[c]]
        if source_a[m] != pair_a or source_b[m] != pair_b:
            pair_first = n
            pair += 1
            pair_a = source_a[m]
            pair_b = source_b[m]
        first = n
        x_low = starts[source_a[m]]
        start = bounds[c]
        while start < bounds[c + 1] and (
            met[a[members[start]] - x_low] == pair
            and is_inside(rows, pair_first, x_low, last, before, a[members[start]], b[members[start]], _BAND)
        ):
            start += 1
        if start == bounds[c + 1]:
            continue
        m = members[start]
        x_high = starts[source_a[m] + 1]
        y_low = starts[source_b[m]]
        y_high = starts[source_b[m] + 1]
        # fragments: runs of anchors whose gaps lose little
        n = _put(rows, n, a[m], b[m], length[m], EQUAL * _weight(weights, a[m], a[m] + length[m]))
        for k in range(start + 1, bounds[c + 1]):
            m = members[k]
            if met[a[m] - x_low] == pair and is_inside(rows, pair_first, x_low, last, before, a[m], b[m], _BAND):
                continue
            overlap = max(0, rows[n - 1, 1] - a[m], rows[n - 1, 3] - b[m])
            if overlap >= length[m]:
                continue
            x = a[m] + overlap
            y = b[m] + overlap
            run = length[m] - overlap
            gain = EQUAL * _weight(weights, x, x + run)
            gap, equal = _gap(letters, weights, rows[n - 1, 1], x, rows[n - 1, 3], y, gaps)
            n = _put(rows, n, x, y, run, gain)
            if gap >= -STEP:
                n = _join(rows, n, gap, equal)
        n = _bridge(letters, weights, rows, first, n, gaps)
        # edges
        for r in range(first, n):
            stop_x = x_high if r + 1 == n else rows[r + 1, 0]
            stop_y = y_high if r + 1 == n else rows[r + 1, 2]
            if source_a[m] == source_b[m]:
                stop_x = min(stop_x, rows[r, 2])
            dx, dy, score, equal = _extend(
                letters, weights, rows[r, 1], rows[r, 3], forth, stop_x, stop_y, r + 1 == n, cells, gaps
            )
            rows[r, 1] += dx
            rows[r, 3] += dy
            rows[r, 4] += equal
            rows[r, 5] += score
            stop_x = x_low if r == first else rows[r - 1, 1]
            stop_y = y_low if r == first else rows[r - 1, 3]
            if r > first and rows[r, 0] == stop_x and rows[r, 2] > stop_y:  # what the other side says twice
                stop_x = rows[r - 1, 0]
            elif r > first and rows[r, 2] == stop_y and rows[r, 0] > stop_x:
                stop_y = rows[r - 1, 2]
            if source_a[m] == source_b[m]:
                stop_y = max(stop_y, rows[r, 1])
            dx, dy, score, equal = _extend(
                letters, weights, rows[r, 0] - 1, rows[r, 2] - 1, back, stop_x - 1, stop_y - 1, r == first, cells, gaps
            )
            rows[r, 0] -= dx
            rows[r, 2] -= dy
            rows[r, 4] += equal
            rows[r, 5] += score
        for r in range(first, n):
            keep(rows, r, x_low, last, before)
            for x in range(rows[r, 0], rows[r, 1]):
                met[x - x_low] = pair
    return n


@inner
def _put(rows, n, x, y, run, gain):  # type: ignore[no-untyped-def]
    """Make a run of equal letters row `n`; the new number of rows. A row that is assigned takes seconds to compile."""
    rows[n, 0] = x
    rows[n, 1] = x + run
    rows[n, 2] = y
    rows[n, 3] = y + run
    rows[n, 4] = run
    rows[n, 5] = gain
    rows[n, 6] = 1
    rows[n, 7] = run
    return n + 1


@inner
def _join(rows, n, gap, equal):  # type: ignore[no-untyped-def]
    """Make one row of the last two, whose gap scores `gap`; the new number of rows."""
    rows[n - 2, 1] = rows[n - 1, 1]
    rows[n - 2, 3] = rows[n - 1, 3]
    rows[n - 2, 4] += equal + rows[n - 1, 4]
    rows[n - 2, 5] += gap + rows[n - 1, 5]
    rows[n - 2, 6] += rows[n - 1, 6]
    rows[n - 2, 7] += rows[n - 1, 7]
    return n - 1


@inner
def _bridge(letters, weights, rows, first, n, gaps):  # type: ignore[no-untyped-def]
    """Join rows `first` .. `n` of a chain where the text on both sides is worth the gap; the new number of rows."""
    again = True
    while again:
        again = False
        end = first + 1
        for r in range(first + 1, n):
            for column in range(8):
                rows[end, column] = rows[r, column]
            end += 1
            flank = min(rows[end - 2, 5], rows[end - 1, 5])
            gap, equal = _gap(
                letters, weights, rows[end - 2, 1], rows[end - 1, 0], rows[end - 2, 3], rows[end - 1, 2], gaps
            )
            if -gap <= max(min(CUT, flank), flank // 10):
                end = _join(rows, end, gap, equal)
                again = True
        n = end
    return n


@inner
def _weight(weights, start, end):  # type: ignore[no-untyped-def]
    total = 0
    for i in range(start, end):
        total += weights[i]
    return total


@inner
def _gap(letters, weights, x0, x1, y0, y1, gaps):  # type: ignore[no-untyped-def]
    """Best global alignment of two short stretches: (score, letters that stand equal)."""
    n = x1 - x0
    m = y1 - y0
    if n == 0 or m == 0:
        return GAP * (_weight(weights, x0, x1) + _weight(weights, y0, y1)), 0
    row = gaps[0]
    same = gaps[1]
    row[0] = 0
    same[0] = 0
    for j in range(m):
        row[j + 1] = row[j] + GAP * weights[y0 + j]
        same[j + 1] = 0
    for i in range(n):
        wx = np.int64(weights[x0 + i])
        corner = row[0]
        corner_same = same[0]
        row[0] += GAP * wx
        for j in range(m):
            wy = np.int64(weights[y0 + j])
            if letters[x0 + i] == letters[y0 + j]:
                best = corner + EQUAL * wx
                best_same = corner_same + 1
            else:
                best = corner + OTHER * max(wx, wy)
                best_same = corner_same
            up = row[j + 1] + GAP * wx
            if up > best:
                best = up
                best_same = same[j + 1]
            left = row[j] + GAP * wy
            if left > best:
                best = left
                best_same = same[j]
            corner = row[j + 1]
            corner_same = same[j + 1]
            row[j + 1] = best
            same[j + 1] = best_same
    return row[m], same[m]


@inner
def _extend(letters, weights, x, y, step, stop_x, stop_y, to_end, cells, side):  # type: ignore[no-untyped-def]
    """Extend an alignment from (x, y) while it pays: (letters of x, letters of y, score, equal letters).

    `to_end`: whether it stops at the ends of sources (END). `cells`, `side`: scratch for a row, and for letters of y.

    Banded; row i pairs the first i letters of x with i - band .. i + band letters of y. A cell is one number, so that
    many are seen to at a time: its score times _ONE, twice the letters that stand equal, and _MET if the last two do.
    Source: X-drop extension, Zhang, Schwartz, Wagner, Miller, J. Comput. Biol. 7 (2000).
    """
    other = side[0]
    heavy = side[1]  # weights times _ONE
    room_x = min((stop_x - x) * step, _REST >> 1)  # a cell counts no more
    room_y = (stop_y - y) * step
    best = np.int64(0)
    best_score = np.int64(0)
    best_x = 0
    best_y = 0
    best_same = np.int64(0)
    cells[_BAND] = 0
    known = max(0, min(_BAND, room_y))  # letters of y
    for j in range(known):
        other[j] = letters[y + j * step]
        heavy[j] = weights[y + j * step] * _ONE
        if other[j] == 0:
            return 0, 0, NOT_THERE, np.int64(0)
        cells[_BAND + j + 1] = cells[_BAND + j] + GAP * heavy[j]
    i = 0
    while i < room_x:
        i += 1
        letter = np.int64(letters[x + (i - 1) * step])
        wx = weights[x + (i - 1) * step] * _ONE
        if known < min(i + _BAND, room_y):
            other[known] = letters[y + known * step]
            heavy[known] = weights[y + known * step] * _ONE
            known += 1
        if letter == 0 or (known and other[known - 1] == 0):
            return 0, 0, NOT_THERE, np.int64(0)
        # column c of this row stands for j = i - _BAND + c letters of y; of the row before, for j - 1
        first = max(0, _BAND - i)
        last = min(_WIDTH, room_y - i + _BAND + 1)
        peak = left = np.int64(_LOW)
        if i <= _BAND and first < last:  # no letters of y
            cells[first] = peak = left = (cells[first + 1] & ~_MET) + GAP * wx
            first += 1
        done = i - _BAND + first - 1  # letters of y before the first column
        # two passes: what comes from the row before is many cells at a time
        if first < last:
            _from_row_before(cells[first:], other[done:], heavy[done:], last - first, letter, wx)
        for c in range(first, last):
            cell = cells[c]
            from_left = left + GAP * heavy[done + c - first]
            better = from_left > cell | _REST
            left = from_left if better else cell & ~_MET
            cell = from_left if better else cell
            cells[c] = cell
            peak = max(peak, cell)
        score = peak // _ONE
        if to_end and (room_x - i <= 1 or room_y - (done + last - first) <= 1):
            for c in range(first, last):
                j = done + 1 + c - first
                value = cells[c] // _ONE
                bonus = END if cells[c] & _MET and (room_x - i <= 1 or room_y - j <= 1) else 0
                if value + bonus > best:
                    best = value + bonus
                    best_score = value
                    best_x = i
                    best_y = j
                    best_same = (cells[c] & _REST) >> 1
        elif score > best:
            c = first
            while cells[c] // _ONE < score:
                c += 1
            best = best_score = score
            best_x = i
            best_y = done + 1 + c - first
            best_same = (cells[c] & _REST) >> 1
        if score < best - DROP:
            break
    return best_x, best_y, best_score, best_same


@inner
def _from_row_before(cells, other, heavy, size, letter, wx):  # type: ignore[no-untyped-def]
    """Make `size` cells of a row of those of the row before: with a letter of `other` each, or with none."""
    inside = min(size, len(cells) - 1)
    for c in range(inside):
        pair = (cells[c] & ~_MET) + (EQUAL * wx + 2 + _MET if letter == other[c] else OTHER * max(wx, heavy[c]))
        alone = (cells[c + 1] & ~_MET) + GAP * wx
        cells[c] = alone if alone > pair | _REST else pair
    for c in range(inside, size):  # the last column
        cells[c] = (cells[c] & ~_MET) + (EQUAL * wx + 2 + _MET if letter == other[c] else OTHER * max(wx, heavy[c]))
