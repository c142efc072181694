"""Folded streams -> anchors: maximal exact runs of letters that stand in two places of the stream.

A seed begins at every letter and runs until it weighs `SEED_WEIGHT`: six sinographs or fifteen Latin letters carry
about the same information (script.py). Equal seeds are brought together by sorting; seeds of few places are
paired all with all, seeds of many places only along a line (so that a passage in a thousand documents costs a
thousand links, not half a million), and every pair grows into the maximal exact run around it. Seed, chain and
align are the terms of Li, "Minimap2", Bioinformatics 34 (2018), section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.script import weigh

SEED_WEIGHT = 30
"""Weight of a seed (script.weigh): 6 letters of a dense script, 15 of an alphabetic one."""

MANY = 16
"""Seeds that stand in more places than this are linked along a line, not all with all."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
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
    keys = seeds(letters, starts)
    if skip is not None and skip.any():
        keys[np.repeat(skip, np.diff(starts))] = 0
    order, places = grouped(keys)
    return link(letters, starts, order, places, many=many)


def seeds(letters: NDArray[np.uint32], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The hash of the seed that begins at each letter: uint64[n], 0 where none fits or where it repeats itself."""
    keys: NDArray[np.uint64] = _seeds(letters, weigh(letters), starts, SEED_WEIGHT)
    return keys


def grouped(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Bring equal seeds together: the `order` and the `places` that `link` takes, from what `seeds` gives.

    Seeds that stand in one place only are not in the order. Raises `ValueError` for 2**32 letters and more.
    """
    if len(keys) >= 1 << 32:
        raise ValueError("more than 2**32 - 1 letters in one call")
    # The place fills the low half of what is sorted: numpy sorts plain integers ten times as fast as it finds the
    # order of some. That the high half of a hash is shared by chance costs nothing, the groups are parted by all of it.
    packed = _packed(keys)
    packed.sort()
    return _grouped(packed, keys)  # type: ignore[no-any-return]


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
    source = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    first, second = _pairs(letters, source, starts, order, places, many)
    if only is not None:
        wanted = only[source[first]] | only[source[second]]
        first, second = first[wanted], second[wanted]
    by_diagonal = ((second - first).astype(np.uint64) << _HALF) | first.astype(np.uint64)
    by_diagonal.sort()
    first = (by_diagonal & _LOW).astype(np.int64)
    a, b, length = _runs(letters, source, starts, first, first + (by_diagonal >> _HALF).astype(np.int64))
    source_a, source_b = (
        source[a] if len(a) else a.astype(np.int32),
        source[b] if len(b) else b.astype(np.int32),
    )
    order = np.lexsort((b, a, source_b, source_a))
    return Anchors(a[order], b[order], length[order], source_a[order], source_b[order], places)


@njit(cache=True, nogil=True)
def _seeds(letters, weights, starts, seed_weight):  # type: ignore[no-untyped-def]
    """The hash of the seed at each letter; 0 where none fits or where it repeats itself (period 1 to 3)."""
    keys = np.zeros(len(letters), np.uint64)
    for s in range(len(starts) - 1):
        end = starts[s]
        weight = 0
        power = np.uint64(1)  # multiplier ** (end - i)
        value = np.uint64(0)  # hash of letters[i:end]
        inverse = _inverse(_MULTIPLIER)
        for i in range(starts[s], starts[s + 1]):
            while weight < seed_weight and end < starts[s + 1]:
                value = value * _MULTIPLIER + np.uint64(letters[end]) + np.uint64(1)
                power = power * _MULTIPLIER
                weight += weights[end]
                end += 1
            if weight < seed_weight:
                break
            if not _repeats(letters, i, end):
                keys[i] = _mixed(value)
            power = power * inverse
            value = value - (np.uint64(letters[i]) + np.uint64(1)) * power
            weight -= weights[i]
    return keys


@njit(cache=True, nogil=True)
def _inverse(odd):  # type: ignore[no-untyped-def]
    x = odd
    for _ in range(6):  # Newton: each round doubles the correct low bits
        x = x * (np.uint64(2) - odd * x)
    return x


@njit(cache=True, nogil=True)
def _mixed(h):  # type: ignore[no-untyped-def]
    """splitmix64's finaliser (Steele, Lea, Flood 2014), kept off 0."""
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    h = h ^ (h >> np.uint64(31))
    return h if h != 0 else np.uint64(1)


@njit(cache=True, nogil=True)
def _repeats(letters, start, end):  # type: ignore[no-untyped-def]
    for period in range(1, 4):
        if end - start < 2 * period:
            return False
        i = start + period
        while i < end and letters[i] == letters[i - period]:
            i += 1
        if i == end:
            return True
    return False


@njit(cache=True, nogil=True)
def _packed(keys):  # type: ignore[no-untyped-def]
    """The high half of every hash that is not 0, over its place."""
    count = 0
    for key in keys:
        count += key != 0
    packed = np.empty(count, np.uint64)
    n = 0
    for i in range(len(keys)):
        if keys[i] != 0:
            packed[n] = (keys[i] & ~_LOW) | np.uint64(i)
            n += 1
    return packed


@njit(cache=True, nogil=True)
def _grouped(packed, keys):  # type: ignore[no-untyped-def]
    places = np.empty(len(keys), np.int32)
    for i in range(len(keys)):
        places[i] = keys[i] != 0
    alike = 0
    for i in range(1, len(packed)):
        alike += (packed[i] ^ packed[i - 1]) <= _LOW
    order = np.empty(2 * alike, np.int64)
    waiting = np.empty(alike + 1, np.int64)
    n = 0
    i = 0
    while i < len(packed):
        end = i + 1
        while end < len(packed) and (packed[end] ^ packed[i]) <= _LOW:
            end += 1
        left = end - i
        if left > 1:
            for g in range(left):
                waiting[g] = packed[i + g] & _LOW
        while left > 1:  # once, unless half a hash stands for several
            key = keys[waiting[0]]
            start = n
            others = 0
            for g in range(left):
                if keys[waiting[g]] == key:
                    order[n] = waiting[g]
                    n += 1
                else:
                    waiting[others] = waiting[g]
                    others += 1
            if n - start == 1:
                n = start
            for g in range(start, n):
                places[order[g]] = n - start
            left = others
        i = end
    return order[:n], places


@njit(cache=True, nogil=True)
def _pairs(letters, source, starts, order, places, many):  # type: ignore[no-untyped-def]
    """Pairs of letters at which equal seeds begin. A pair that only prolongs the pair before it is left out."""
    total = 0
    first = np.empty(0, np.int64)
    second = np.empty(0, np.int64)
    for fill in range(2):
        if fill:
            first = np.empty(total, np.int64)
            second = np.empty(total, np.int64)
        n = 0
        i = 0
        while i < len(order):
            size = places[order[i]]
            if 2 <= size <= many:
                for g in range(i, i + size - 1):
                    for h in range(g + 1, i + size):
                        x = order[g]
                        y = order[h]
                        if (
                            x > starts[source[x]]
                            and y > starts[source[y]]
                            and letters[x - 1] == letters[y - 1]
                            and 2 <= places[x - 1] <= many
                        ):
                            continue
                        if fill:
                            first[n] = x
                            second[n] = y
                        n += 1
            elif size > many:
                for g in range(i + 1, i + size):
                    y = order[g]
                    before = order[g - 1]
                    if fill:
                        first[n] = before
                        second[n] = y
                    n += 1
                    if source[before] != source[y] and before != order[i]:
                        if fill:
                            first[n] = order[i]
                            second[n] = y
                        n += 1
            i += max(size, 1)
        total = n
    return first, second


@njit(cache=True, nogil=True)
def _runs(letters, source, starts, first, second):  # type: ignore[no-untyped-def]
    """Grow pairs, sorted by diagonal and place, into maximal exact runs, each once."""
    a = np.empty(len(first), np.int64)
    b = np.empty(len(first), np.int64)
    length = np.empty(len(first), np.int64)
    n = 0
    for p in range(len(first)):
        x = first[p]
        y = second[p]
        if n and b[n - 1] - a[n - 1] == y - x and x < a[n - 1] + length[n - 1]:
            continue
        x_low = starts[source[x]]
        y_low = starts[source[y]]
        left = 0
        while x - left > x_low and y - left > y_low and letters[x - left - 1] == letters[y - left - 1]:
            left += 1
        x_high = starts[source[x] + 1]
        y_high = starts[source[y] + 1]
        if source[x] == source[y]:  # a run must not overlap its own copy
            left = min(left, max(0, y - x - 1))
            x_high = min(x_high, y)
        right = 0
        while x + right < x_high and y + right < y_high and letters[x + right] == letters[y + right]:
            right += 1
        if right == 0:
            continue
        if source[x] == source[y] and left + right > y - x:
            left = y - x - right
        a[n] = x - left
        b[n] = y - left
        length[n] = left + right
        n += 1
    return a[:n], b[:n], length[:n]
