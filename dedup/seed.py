"""Folded streams -> seeds: short runs of letters by their hash, the equal ones side by side.

A seed begins at every letter and runs until it weighs `SEED_WEIGHT`: six sinographs or fifteen Latin letters carry
about the same information (script.py). Equal seeds are brought together by sorting, a part of all hashes at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedup import scratch
from dedup.kernel import inner, kernel
from dedup.script import weigh

SEED_WEIGHT = 30
"""Weight of a seed (script.weigh): 6 letters of a dense script, 15 of an alphabetic one."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_PART = 1 << 21  # seeds that are brought together at a time, about, by their hash
_STRIDE = 1 << 22  # letters whose seeds are hashed at a time
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def equal_seeds(
    letters: NDArray[np.uint32], starts: NDArray[np.int64], skip: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The letters at which seeds begin that stand in several places, equal ones side by side, each in order of place:
    int64[k]; and in how many places the seed at each letter stands: int32[letters], 0 where none fits.

    `letters`: uint32[n]; `starts`: int64[m + 1]; `skip`: bool[m], the sources that have none. Time n log n.
    """
    places = scratch.column(len(letters), np.int32)
    at, keys, bounds = _dealt(letters, starts, skip, places)
    order = scratch.column(len(at), np.int64, letters=len(letters))
    count = 0
    for first, last in pairwise(bounds.tolist()):
        own, places[at[first:last]] = grouped(keys[first:last])
        order[count : count + len(own)] = at[first:last][own]
        count += len(own)
        scratch.let_go()
    return order[:count], places


def _dealt(
    letters: NDArray[np.uint32], starts: NDArray[np.int64], skip: NDArray[np.bool_] | None, places: NDArray[np.int32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.int64]]:
    """The seeds that may have an equal, dealt out into parts by their hash: where each begins, its hash, and where
    each part begins. `places` is made 1 where any seed begins.

    All equal seeds are in one part, and each part is in order of place.
    """
    size = len(letters)
    met = np.zeros(1 << max(0, size // 16 - 1).bit_length(), np.uint64)
    for first, keys in _hashed(letters, starts, skip):
        _meet(keys, met, places[first : first + len(keys)])
    counts = np.zeros(-(-size // _PART), np.int64)
    strides = []
    for first, keys in _hashed(letters, starts, skip):
        count = _kept(keys, met)
        own = tuple(scratch.column(count, kind, letters=size) for kind in (np.uint32, np.uint64))
        _list(keys, first, *own, counts)
        strides.append(own)
        scratch.let_go()
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    at, dealt = (scratch.column(int(bounds[-1]), kind, letters=size) for kind in (np.uint32, np.uint64))
    ends = bounds[:-1].copy()
    while strides:
        _deal(*strides.pop(0), ends, at, dealt)
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
    """Bring equal seeds together: their order and places (see `equal_seeds`), from what `seeds` gives.

    Seeds that stand in one place only are not in the order. Raises `ValueError` for 2**32 letters and more.
    """
    if len(keys) >= 1 << 32:
        raise ValueError("more than 2**32 - 1 letters in one call")
    # The place fills the low half of what is sorted: numpy sorts plain integers ten times as fast as it finds the
    # order of some. That the high half of a hash is shared by chance costs nothing, the groups are parted by all of it.
    packed = _packed(keys)
    packed.sort()
    return _grouped(packed, keys)  # type: ignore[no-any-return]


@kernel("u4[:], u1[:], i8[:], i8")
def _seeds(letters, weights, starts, seed_weight):  # type: ignore[no-untyped-def]
    """The hash of the seed at each letter; 0 where none fits or where it repeats itself (period 1 to 3).

    A seed has at least four letters.
    """
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
            letter = letters[i]
            comes_again = letter == letters[i + 1] or letter == letters[i + 2] or letter == letters[i + 3]
            if not (comes_again and _repeats(letters, i, end)):
                keys[i] = _mixed(value)
            power = power * inverse
            value = value - (np.uint64(letter) + np.uint64(1)) * power
            weight -= weights[i]
    return keys


@kernel("u8[:], u8[:], i4[:]")
def _meet(keys, met, places):  # type: ignore[no-untyped-def]
    """Count each hash, up to two, in a slot that few others share, and a place for its seed.

    `met`: 32 slots of two bits each, a power of 2 of these, two to four slots a letter. Most seeds stand alone, and
    those that are alone in their slots need not be sorted to see it.
    """
    for i in range(len(keys)):
        if keys[i] != 0:
            places[i] = 1
            slots, once = _slot(keys[i], len(met))
            met[slots] |= once | ((met[slots] & once) << np.uint64(1))


@inner
def _slot(key, size):  # type: ignore[no-untyped-def]
    """Which of so many words the slot of a hash is in, and its lower bit there."""
    return (key >> np.uint64(5)) & np.uint64(size - 1), np.uint64(1) << ((key & np.uint64(31)) << np.uint64(1))


@kernel("u8[:], u8[:]")
def _kept(keys, met):  # type: ignore[no-untyped-def]
    """Make each hash 0 that has no equal; how many may have one. Without a branch, which nobody could foresee."""
    count = 0
    for i in range(len(keys)):
        slots, once = _slot(keys[i], len(met))
        keys[i] *= (met[slots] & (once << np.uint64(1))) != 0
        count += keys[i] != 0
    return count


@kernel("u8[:], i8, u4[:], u8[:], i8[:]")
def _list(keys, first, at, listed, counts):  # type: ignore[no-untyped-def]
    """List each hash and its place, and count how many fall into each of as many equal ranges as there are counts."""
    n = 0
    for i in range(len(keys)):
        if keys[i] != 0:
            at[n] = first + i
            listed[n] = keys[i]
            counts[_part(keys[i], len(counts))] += 1
            n += 1


@kernel("u4[:], u8[:], i8[:], u4[:], u8[:]")
def _deal(places, keys, ends, at, dealt):  # type: ignore[no-untyped-def]
    """Add each hash, and its place, to the end of its part."""
    for i in range(len(keys)):
        part = _part(keys[i], len(ends))
        at[ends[part]] = places[i]
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
