"""Folded streams -> anchors: maximal exact runs of letters that stand in two places of the stream.

A seed begins at every letter and runs until it weighs `SEED_WEIGHT`: six sinographs or fifteen Latin letters carry
about the same information (script.py). Equal seeds are brought together by sorting; seeds of few places are
paired all with all, seeds of many places only along a line (so that a passage in a thousand documents costs a
thousand links, not half a million), and every pair grows into the maximal exact run around it. Seed, chain and
align are the terms of Li, "Minimap2", Bioinformatics 34 (2018), section 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup import scratch
from dedup.kernel import inner, kernel
from dedup.script import weigh

SEED_WEIGHT = 30
"""Weight of a seed (script.weigh): 6 letters of a dense script, 15 of an alphabetic one."""

MANY = 16
"""Seeds that stand in more places than this are linked along a line, not all with all."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_PART = 1 << 21  # seeds that are brought together at a time, about, by their hash
_STRIDE = 1 << 22  # letters whose seeds are hashed at a time
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
    places = scratch.column(len(letters), np.int32)
    at, keys, bounds = _dealt(letters, starts, skip)
    order = scratch.column(len(at), np.int64, letters=len(letters))
    count = 0
    for first, last in pairwise(bounds.tolist()):
        own, places[at[first:last]] = grouped(keys[first:last])
        order[count : count + len(own)] = at[first:last][own]
        count += len(own)
        scratch.let_go()
    del at, keys  # as wide as all that follows
    return link(letters, starts, order[:count], places, many=many)


def _dealt(
    letters: NDArray[np.uint32], starts: NDArray[np.int64], skip: NDArray[np.bool_] | None
) -> tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.int64]]:
    """The seeds, dealt out into parts by their hash: where each begins, its hash, and where each part begins.

    All equal seeds are in one part, and each part is in order of place.
    """
    parts = -(-len(letters) // _PART)
    counts = np.zeros(parts, np.int64)
    for _, keys in _hashed(letters, starts, skip):
        _count(keys, counts)
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    size = int(bounds[-1])
    at, dealt = (scratch.column(size, kind, letters=len(letters)) for kind in (np.uint32, np.uint64))
    ends = bounds[:-1].copy()
    for first, keys in _hashed(letters, starts, skip):
        _deal(keys, first, ends, at, dealt)
        scratch.let_go()
    return at, dealt, bounds


def _hashed(
    letters: NDArray[np.uint32], starts: NDArray[np.int64], skip: NDArray[np.bool_] | None
) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    """Stretches of whole sources: the first letter of each, and what `seeds` gives for it, without those to skip."""
    ends = np.searchsorted(starts, np.arange(_STRIDE, len(letters) + _STRIDE, _STRIDE), side="right") - 1
    for a, b in pairwise(sorted({0, len(starts) - 1, *ends.tolist()})):
        first = int(starts[a])
        keys = seeds(letters[first : starts[b]], starts[a : b + 1] - first)
        for source in () if skip is None else (a + np.flatnonzero(skip[a:b])).tolist():
            keys[starts[source] - first : starts[source + 1] - first] = 0
        yield first, keys


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


@kernel("u4[:], u1[:], i8[:], i8")
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


@kernel("u8[:], i8[:]")
def _count(keys, counts):  # type: ignore[no-untyped-def]
    """Add how many hashes fall into each of as many equal ranges as there are counts."""
    for key in keys:
        if key != 0:
            counts[_part(key, len(counts))] += 1


@kernel("u8[:], i8, i8[:], u4[:], u8[:]")
def _deal(keys, first, ends, at, dealt):  # type: ignore[no-untyped-def]
    """Add each hash, and its place, to the end of its part."""
    for i in range(len(keys)):
        if keys[i] != 0:
            part = _part(keys[i], len(ends))
            at[ends[part]] = first + i
            dealt[ends[part]] = keys[i]
            ends[part] += 1


@inner
def _part(key, parts):  # type: ignore[no-untyped-def]
    return (key >> _HALF) * np.uint64(parts) >> _HALF


@inner
def _inverse(odd):  # type: ignore[no-untyped-def]
    x = odd
    for _ in range(6):  # Newton: each round doubles the correct low bits
        x = x * (np.uint64(2) - odd * x)
    return x


@inner
def _mixed(h):  # type: ignore[no-untyped-def]
    """splitmix64's finaliser (Steele, Lea, Flood 2014), kept off 0."""
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    h = h ^ (h >> np.uint64(31))
    return h if h != 0 else np.uint64(1)


@inner
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


@kernel("u8[:]")
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


@kernel("u8[:], u8[:]")
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
