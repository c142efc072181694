"""Folded streams -> anchors: maximal exact runs of letters that stand in two places of the stream.

Equal seeds (seed.py) of few places are paired all with all, those of many places only along a line (so that a passage
in a thousand documents costs a thousand links, not half a million), and every pair grows into the maximal exact run
around it. Seed, chain and align are the terms of Li, "Minimap2", Bioinformatics 34 (2018), section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup import scratch
from dedup.kernel import inner, kernel
from dedup.seed import equal_seeds

MANY = 16
"""Seeds that stand in more places than this are linked along a line, not all with all."""

_PART = 1 << 21  # seeds that are paired at a time, about
_BLOCK_BITS = 8  # letters of which the source of the first is known (a power of 2)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Anchors:
    """Maximal exact runs, sorted by (source of a, source of b, a, b); `a[i] < b[i]`.

    `a`, `b`: int64[n], positions of the folded stream. `length`: int64[n], letters.
    `source_a`, `source_b`: int32[n]. `places`: int32[letters], in how many places the seed at each letter stands
    (0: no seed fits there).
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    length: NDArray[np.int64]
    source_a: NDArray[np.int32]
    source_b: NDArray[np.int32]
    places: NDArray[np.int32]

    def __getitem__(self, rows: NDArray[Any]) -> Anchors:
        """Some of the anchors, by their rows."""
        return Anchors(
            self.a[rows],
            self.b[rows],
            self.length[rows],
            self.source_a[rows],
            self.source_b[rows],
            self.places,
        )


def anchors(
    letters: NDArray[np.uint32],
    starts: NDArray[np.int64],
    *,
    skip: NDArray[np.bool_] | None = None,
    many: int = MANY,
) -> Anchors:
    """Find the anchors of a folded stream, between its sources and inside each, but not in those to `skip`.

    `letters`: uint32[n]; `starts`: int64[m + 1]. Time n log n in letters, memory linear in letters and anchors.
    """
    order, places = equal_seeds(letters, starts, skip)
    return link(letters, starts, order, places, many=many)


def link(
    letters: NDArray[np.uint32],
    starts: NDArray[np.int64],
    order: NDArray[np.int64],
    places: NDArray[np.int32],
    *,
    only: NDArray[np.bool_] | None = None,
    many: int = MANY,
) -> Anchors:
    """Pair the letters at which equal seeds begin and grow each pair into an anchor.

    `order`: int64[k], those letters, equal seeds side by side, each in order of place; it may leave out what stands
    in one place only. `places`: int32[n], in how many places the seed at each letter stands. `only`: bool[m], the
    sources of which each anchor must touch one.
    """
    blocks = _sources(starts, np.arange(0, len(letters), 1 << _BLOCK_BITS))
    parts, done = [np.zeros(0, np.uint64)], 0
    while done < len(order):
        part, done = _pairs(letters, blocks, starts, order, places, many, done, done + _PART)
        parts.append(part)
        scratch.let_go()
    pairs = np.concatenate(parts)
    del parts
    if only is not None:
        first = (pairs & _LOW).astype(np.int64)
        second = first + (pairs >> _HALF).astype(np.int64)
        pairs = pairs[only[_sources(starts, first)] | only[_sources(starts, second)]]
    pairs.sort()
    a, b, length = _runs(letters, blocks, starts, pairs)
    del pairs
    source_a, source_b = _sources(starts, a), _sources(starts, b)
    order = np.lexsort((b, a, source_b, source_a))

    def ordered(values: NDArray[Any]) -> NDArray[Any]:
        column = scratch.column(len(order), values.dtype, letters=len(letters))
        return np.take(values, order, out=column, mode="clip")  # other modes go by way of a copy

    return Anchors(ordered(a), ordered(b), ordered(length), ordered(source_a), ordered(source_b), places)


def _sources(starts: NDArray[np.int64], letters: NDArray[np.int64]) -> NDArray[np.int32]:
    """The source in which each of some letters stands."""
    return (np.searchsorted(starts, letters, side="right") - 1).astype(np.int32)


@inner
def _source(blocks, starts, letter):  # type: ignore[no-untyped-def]
    """The source in which a letter stands, from that of the first letter of its block."""
    source = blocks[letter >> _BLOCK_BITS]
    while starts[source + 1] <= letter:
        source += 1
    return source


@kernel("u4[:], i4[:], i8[:], i8[:], i4[:], i8, i8, i8")
def _pairs(letters, blocks, starts, order, places, many, i, stop):  # type: ignore[no-untyped-def]
    """Pairs of letters at which equal seeds begin, of the groups in `order` from `i` on until one ends behind `stop`.

    How far apart they are over the first of them, and where the next group begins. A pair that only prolongs the pair
    before it is left out.
    """
    pairs = np.empty(1024, np.uint64)
    n = 0
    while i < min(stop, len(order)):
        size = max(1, places[order[i]])
        if n + size * max(2, many) > len(pairs):
            larger = np.empty(2 * (n + size * max(2, many)), np.uint64)
            for k in range(n):
                larger[k] = pairs[k]
            pairs = larger
        if 2 <= size <= many:
            for g in range(i, i + size - 1):
                for h in range(g + 1, i + size):
                    x = order[g]
                    y = order[h]
                    if (
                        x > 0
                        and letters[x - 1] == letters[y - 1]
                        and 2 <= places[x - 1] <= many
                        and x > starts[_source(blocks, starts, x)]
                        and y > starts[_source(blocks, starts, y)]
                    ):
                        continue
                    pairs[n] = _pair(x, y)
                    n += 1
        elif size > many:
            for g in range(i + 1, i + size):
                y = order[g]
                before = order[g - 1]
                pairs[n] = _pair(before, y)
                n += 1
                if before != order[i] and _source(blocks, starts, before) != _source(blocks, starts, y):
                    pairs[n] = _pair(order[i], y)
                    n += 1
        i += size
    return pairs[:n], i


@inner
def _pair(x, y):  # type: ignore[no-untyped-def]
    return np.uint64(y - x) << _HALF | np.uint64(x)


@inner
def _letters(pair):  # type: ignore[no-untyped-def]
    x = np.int64(pair & _LOW)
    return x, x + np.int64(pair >> _HALF)


@kernel("u4[:], i4[:], i8[:], u8[:]")
def _runs(letters, blocks, starts, pairs):  # type: ignore[no-untyped-def]
    """Grow pairs, sorted by diagonal and place, into maximal exact runs, each once."""
    a = np.empty(len(pairs), np.int64)
    b = np.empty(len(pairs), np.int64)
    length = np.empty(len(pairs), np.int64)
    n = 0
    for p in range(len(pairs)):
        x, y = _letters(pairs[p])
        if n and b[n - 1] - a[n - 1] == y - x and x < a[n - 1] + length[n - 1]:
            continue
        source_x = _source(blocks, starts, x)
        source_y = _source(blocks, starts, y)
        x_low = starts[source_x]
        y_low = starts[source_y]
        left = 0
        while x - left > x_low and y - left > y_low and letters[x - left - 1] == letters[y - left - 1]:
            left += 1
        x_high = starts[source_x + 1]
        y_high = starts[source_y + 1]
        if source_x == source_y:  # a run must not overlap its own copy
            left = min(left, max(0, y - x - 1))
            x_high = min(x_high, y)
        right = 0
        while x + right < x_high and y + right < y_high and letters[x + right] == letters[y + right]:
            right += 1
        if right == 0:
            continue
        if source_x == source_y and left + right > y - x:
            left = y - x - right
        a[n] = x - left
        b[n] = y - left
        length[n] = left + right
        n += 1
    return a[:n], b[:n], length[:n]
