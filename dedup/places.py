"""The sides of matches -> places: stretches of a source that cover nearly the same letters are one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.kernel import inner, kernel
from dedup.matches import Matches

SAME_PLACE = 0.8
"""Two stretches of a source that share this part of their union are one place."""


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """The places of matches, as columns in order, and which of them the sides of each match are.

    `source`, `first`, `last`: int64[places], letters half-open. `starts`: int64[sources + 1], the first place of each.
    `one`, `other`: int64[matches], places. `exactly`: bool[matches], whether both sides are just these places.
    """

    source: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    starts: NDArray[np.int64]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    exactly: NDArray[np.bool_]


def locate(matches: Matches) -> Located:
    """The places of matches: the sides of the best are, and of the others those that are no place yet."""
    size = len(matches)
    source = np.concatenate((matches.source_a, matches.source_b)).astype(np.int64)
    first = np.concatenate((matches.a_start, matches.b_start))
    last = np.concatenate((matches.a_end, matches.b_end))
    order = np.lexsort((last, first, source))
    fresh = np.ones(2 * size, np.bool_)  # whether a side is another stretch than the one before
    for column in (source, first, last):
        column[:] = column[order]
    fresh[1:] = (np.diff(source) != 0) | (np.diff(first) != 0) | (np.diff(last) != 0)
    side = np.empty(2 * size, np.int64)
    side[order] = np.cumsum(fresh) - 1
    source, first, last = source[fresh], first[fresh], last[fresh]
    starts = np.searchsorted(source, np.arange(source.max(initial=-1) + 2))
    found, is_place = np.empty(2 * size, np.int64), np.zeros(len(source), np.bool_)
    _locate(np.argsort(-matches.score, kind="stable"), side, source, first, last, starts, found, is_place)
    number = np.cumsum(is_place) - 1
    exactly = found == side
    one, other = number[found[:size]], number[found[size:]]
    source, first, last = source[is_place], first[is_place], last[is_place]
    starts = np.searchsorted(source, np.arange(len(starts)))
    return Located(source, first, last, starts, one, other, exactly[:size] & exactly[size:])


@kernel("i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], b1[:]")
def _locate(order, side, source, first, last, starts, found, is_place):  # type: ignore[no-untyped-def]
    """Fill `found`: the place of each side, and `is_place`, by going through matches in `order`.

    `side`: int64[2, matches], which stretch each side is; `source`, `first`, `last`: those stretches in order.
    """
    for row in order:
        for at in (row, len(order) + row):
            this = side[at]
            if is_place[this]:
                found[at] = this
                continue
            low, high = starts[source[this]], starts[source[this] + 1]
            found[at] = _nearest(first, last, is_place, low, high, first[this], last[this])
            if found[at] < 0:
                found[at] = this
                is_place[this] = True


@inner
def _nearest(first, last, is_place, low, high, begin, end):  # type: ignore[no-untyped-def]
    """Which of the stretches `low` to `high` is the place that letters `[begin, end)` are, or -1."""
    reach = (end - begin) * (1 / SAME_PLACE - 1) + 1
    at = _from(first, low, high, int(begin - reach))
    best, best_share = -1, SAME_PLACE
    while at < high and first[at] <= begin + reach:
        if is_place[at]:
            shared = min(end, last[at]) - max(begin, first[at])
            share = shared / (max(end, last[at]) - min(begin, first[at]))
            if share > best_share or (share == best_share and best < 0):
                best, best_share = at, share
        at += 1
    return best


@inner
def _from(first, low, high, letter):  # type: ignore[no-untyped-def]
    """The first of the stretches `low` to `high` that begins at a letter or behind it."""
    while low < high:
        middle = (low + high) // 2
        if first[middle] < letter:
            low = middle + 1
        else:
            high = middle
    return low


def implied(matches: Matches, located: Located) -> NDArray[np.int64]:
    """Places that a longer match lays upon each other: an excerpt in one copy and the same excerpt in the other.

    int64[n, 2], each pair once and in order; some are there both ways.
    """
    given = (
        matches.source_a.astype(np.int64),
        matches.a_start,
        matches.a_end,
        matches.source_b.astype(np.int64),
        matches.b_start,
        matches.b_end,
        located.first,
        located.last,
        np.ones(len(located.first), np.bool_),
        located.starts,
    )
    pairs = np.empty((len(matches), 2), np.int64)
    while (count := _implied(*given, pairs)) > len(pairs):
        pairs = np.empty((count, 2), np.int64)
    return np.unique(pairs[:count], axis=0)


@kernel("i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], b1[:], i8[:], i8[:,:]")
def _implied(source_a, a_start, a_end, source_b, b_start, b_end, first, last, is_place, starts, pairs):  # type: ignore[no-untyped-def]
    """How many pairs there are; `pairs` has the first of them, as many as it can have."""
    size = 0
    for row in range(2 * len(a_start)):
        m = row // 2
        if row % 2 == 0:
            source, begin, end = source_a[m], a_start[m], a_end[m]
            to, to_begin, to_end = source_b[m], b_start[m], b_end[m]
        else:
            source, begin, end = source_b[m], b_start[m], b_end[m]
            to, to_begin, to_end = source_a[m], a_start[m], a_end[m]
        stretch = (to_end - to_begin) / (end - begin)
        high = starts[source + 1]
        at = _from(first, starts[source], high, begin)
        while at < high and first[at] < end:
            letters = last[at] - first[at]
            if last[at] <= end and 2 * letters <= end - begin:
                there = to_begin + int(np.rint((first[at] - begin) * stretch))
                found = _nearest(first, last, is_place, starts[to], starts[to + 1], there, there + letters)
                if found >= 0 and found != at:
                    if size < len(pairs):
                        pairs[size, 0], pairs[size, 1] = at, found
                    size += 1
            at += 1
    return size
