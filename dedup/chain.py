"""Anchors -> chains: runs of anchors that keep their order on both sides, close enough to be one passage.

The score of a chain is the weight of its anchors less half the weight of the longer side of every gap
(the concave gap cost of minimap2, Li 2018, equation 2, made linear: a passage knows no introns). All chains that
weigh enough are kept, so transposed and repeated passages each keep their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.anchor import Anchors
from dedup.kernel import inner, kernel

MAX_GAP = 400
"""Weight (script.weigh) of the longest stretch between two anchors of a chain: 80 sinographs, 200 Latin letters."""

MIN_SCORE = 40
"""Chains that score less are chance: a seed and a little more."""

_LOOK_BACK = 64  # predecessors tried for an anchor
_LONG = 32  # letters: a long anchor has many short ones beside it, so it is looked back to farther
_LONG_BACK = 16  # long predecessors tried


@dataclass(frozen=True, slots=True)
class Chains:
    """Chains of anchors. Chain c holds `members[bounds[c]:bounds[c + 1]]`, indices of anchors in order of place.

    `members`: int64[k], `bounds`: int64[c + 1], `score`: int64[c] (weight). Sorted by first anchor.
    """

    members: NDArray[np.int64]
    bounds: NDArray[np.int64]
    score: NDArray[np.int64]


def chains(anchors: Anchors, cumulated: NDArray[np.signedinteger]) -> Chains:
    """Chain the anchors of every pair of sources.

    `cumulated`: int[letters + 1], the weight of all letters before each.
    """
    if len(anchors.a) == 0:  # a kernel that is not called is not loaded, nor compiled in a first run
        return Chains(np.zeros(0, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64))
    score, before = _best(anchors.a, anchors.b, anchors.length, anchors.source_a, anchors.source_b, cumulated)
    weight = cumulated[anchors.a + anchors.length] - cumulated[anchors.a]
    order = np.lexsort((np.arange(len(score)), -score))
    members, bounds, scores = _collect(score, before, weight, order)
    if len(scores) == 0:
        return Chains(members, bounds, scores)
    by_place = np.argsort(members[bounds[:-1]], kind="stable")
    sizes = np.diff(bounds)[by_place]
    new_bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    gather = np.repeat(bounds[:-1][by_place] - new_bounds[:-1], sizes) + np.arange(len(members))
    return Chains(members[gather], new_bounds, scores[by_place])


@kernel("i8[:], i8[:], i8[:], i4[:], i4[:], i4[:]")
def _best(a, b, length, source_a, source_b, cumulated):  # type: ignore[no-untyped-def]
    """The score of the best chain that ends with each anchor, and the anchor before it there (-1: none)."""
    n = len(a)
    score = np.empty(n, np.int64)
    before = np.full(n, -1, np.int64)
    long = np.empty(_LONG_BACK, np.int64)  # the last long anchors of this pair of sources, a ring
    longs = 0
    reach = np.empty(n, np.int64)  # the farthest end in a of the anchors of this pair of sources so far
    for j in range(n):
        score[j] = cumulated[a[j] + length[j]] - cumulated[a[j]]
        reach[j] = a[j] + length[j]
        if j and (source_a[j - 1] != source_a[j] or source_b[j - 1] != source_b[j]):
            longs = 0
        elif j:
            reach[j] = max(reach[j], reach[j - 1])
        low = max(0, j - _LOOK_BACK)
        for i in range(j - 1, low - 1, -1):
            if source_a[i] != source_a[j] or source_b[i] != source_b[j]:
                break
            if reach[i] < a[j] and cumulated[a[j]] - cumulated[reach[i]] > MAX_GAP:
                break  # it ends too far before, and so do all before it
            _follow(a, b, length, cumulated, score, before, i, j)
        for k in range(max(0, longs - _LONG_BACK), longs):
            if long[k % _LONG_BACK] < low:
                _follow(a, b, length, cumulated, score, before, long[k % _LONG_BACK], j)
        if length[j] >= _LONG:
            long[longs % _LONG_BACK] = j
            longs += 1
    return score, before


@inner
def _follow(a, b, length, cumulated, score, before, i, j):  # type: ignore[no-untyped-def]
    """Let anchor j follow anchor i if that makes its best chain better."""
    end_a = a[i] + length[i]
    end_b = b[i] + length[i]
    overlap = max(0, end_a - a[j], end_b - b[j])
    if overlap >= length[j] or a[i] >= a[j] or b[i] >= b[j]:
        return
    from_a = a[j] + overlap
    from_b = b[j] + overlap
    gap = max(cumulated[from_a] - cumulated[end_a], cumulated[from_b] - cumulated[end_b])
    if gap > MAX_GAP or score[i] <= gap // 2:
        return
    gain = score[i] + cumulated[a[j] + length[j]] - cumulated[from_a] - gap // 2
    if gain > score[j]:
        score[j] = gain
        before[j] = i


@kernel("i8[:], i8[:], i4[:], i8[:]")
def _collect(score, before, weight, order):  # type: ignore[no-untyped-def]
    n = len(score)
    used = np.zeros(n, np.bool_)
    members = np.empty(n, np.int64)
    bounds = np.zeros(n + 1, np.int64)
    scores = np.empty(n, np.int64)
    filled = 0
    count = 0
    for o in range(n):
        last = order[o]
        if used[last]:
            continue
        i = last
        start = filled
        head = last
        while i >= 0 and not used[i]:
            used[i] = True
            members[filled] = i
            filled += 1
            head = i
            i = before[i]
        own = score[last] - score[head] + weight[head]  # a chain that joins another begins anew where it does
        if own < MIN_SCORE:
            filled = start
            continue
        for k in range((filled - start) // 2):  # from the first to the last
            members[start + k], members[filled - 1 - k] = members[filled - 1 - k], members[start + k]
        scores[count] = own
        count += 1
        bounds[count] = filled
    return members[:filled], bounds[: count + 1], scores[:count]
