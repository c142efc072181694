"""Passages -> a home for each: the one of its places that keeps the text.

A home is chosen passage by passage, the longest first. It is a place that must stay; else the place that is the home
of a longer passage already; else the one in the source where the shared text stands among most text of its own (a
digest yields to the text it digests); among equals the one in the cleanest print, then the one in the longest unit,
then the first in its source, of different sources the first by its letters. All this is asked of the text as merging
leaves it: a break that merging heals does not count, nor does what has left; else a second merge would choose anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.cluster import Passage
from dedup.corpus import Corpus
from dedup.kernel import inner, kernel
from dedup.quality import damage as damage_of

_MUCH_LARGER = 4  # a home in a passage so many times longer keeps what that passage holds
_NEIGHBOURHOOD = 256  # letters on each side in which the density of shared text is taken
_STEPS = 8  # densities that differ by less than a step are equal
WHOLE = 0.9
"""A passage that fills a source to this share says nothing about the text around it."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places of all passages as columns, one passage behind the other.

    `bounds`: int64[passages + 1], those of passage p are rows `bounds[p]` to `bounds[p + 1]`. `source`, `first`,
    `last`: int64[places], letters half-open. `medoid`: int64[passages], rows. `order`: int64[passages], the longest
    passages first. `begin`, `stop`: int64[places], the letters of the paragraphs that a place touches.
    """

    bounds: NDArray[np.int64]
    source: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    medoid: NDArray[np.int64]
    order: NDArray[np.int64]
    begin: NDArray[np.int64]
    stop: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Election:
    """`home`: int64[passages], rows of `Places`, -1 for a passage of which less than two places are left. `copied`:
    bool[places], which places stand at the home of their passage as well. `pinned`, `elsewhere`: bool[letters], those
    of homes, and those of copies."""

    home: NDArray[np.int64]
    copied: NDArray[np.bool_]
    pinned: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]


def columns(passages: Sequence[Passage], unit_first: NDArray[np.int64], unit_last: NDArray[np.int64]) -> Places:
    """The places of passages. `unit_first`, `unit_last`: int64[u], the letters of all paragraphs."""
    bounds = np.zeros(len(passages) + 1, np.int64)
    np.cumsum([len(passage.places) for passage in passages], out=bounds[1:])
    rows = [(place.source, place.first, place.last) for passage in passages for place in passage.places]
    source, first, last = np.ascontiguousarray(np.array(rows, np.int64).reshape(-1, 3).T)
    medoid = bounds[:-1] + np.array([passage.medoid for passage in passages], np.int64)
    order = sorted(range(len(passages)), key=lambda p: (-passages[p].letters, passages[p].places))
    head = np.searchsorted(unit_last, first, side="right")
    tail = np.searchsorted(unit_first, last, side="left") - 1
    begin, stop = (unit_first[head], unit_last[tail]) if len(first) else (first, last)
    return Places(bounds, source, first, last, medoid, np.array(order, np.int64), begin, stop)


def elect(
    corpus: Corpus, places: Places, damage: NDArray[np.float64], gone: NDArray[np.bool_], frozen: NDArray[np.bool_]
) -> Election:
    """Choose the homes among the places that are not `gone`: bool[letters]. No copy is in `frozen`: bool[letters].

    `damage`: float64[places], what is known of the damage (quality.py) in the text of each, NaN where nothing is; what
    has to be known of others is filled in.
    """
    starts = corpus.folded.starts
    alive = _alive(places.bounds, places.first, places.last, gone)
    density = _density(alive, places.bounds, places.source, places.first, places.last, starts, gone)
    steps = np.rint(_STEPS * density).astype(np.int64)[places.source]
    left = np.concatenate((np.zeros(1, np.int64), np.cumsum(~gone, dtype=np.int64)))
    reach = left[places.stop] - left[places.begin]
    while True:
        home = np.full(len(places.medoid), -1, np.int64)
        copied, asked = np.zeros((2, len(places.first)), np.bool_)
        pinned = np.zeros(starts[-1], np.int32)
        elsewhere = np.zeros(starts[-1], np.bool_)
        _elect(
            places.order,
            places.bounds,
            places.source,
            places.first,
            places.last,
            steps,
            damage,
            reach,
            corpus.folded.letters,
            alive,
            frozen,
            home,
            copied,
            pinned,
            elsewhere,
            asked,
        )
        if not asked.any():
            return Election(home, copied, pinned > 0, elsewhere)
        for n in np.flatnonzero(asked).tolist():
            start, end = corpus.folded.offsets[[places.first[n], places.last[n] - 1]].tolist()
            damage[n] = damage_of(corpus.sources[places.source[n]].text[start : end + 1])


@kernel("i8[:], i8[:], i8[:], b1[:]")
def _alive(bounds, first, last, gone):  # type: ignore[no-untyped-def]
    """Which places are still there, where two or more of their passage are: bool[places]."""
    alive = np.zeros(len(first), np.bool_)
    for p in range(len(bounds) - 1):
        there = 0
        for n in range(bounds[p], bounds[p + 1]):
            left = 0
            for letter in range(first[n], last[n]):
                left += gone[letter]
            alive[n] = 2 * left < last[n] - first[n]
            there += alive[n]
        if there < 2:
            for n in range(bounds[p], bounds[p + 1]):
                alive[n] = False
    return alive


@kernel("b1[:], i8[:], i8[:], i8[:], i8[:], i8[:], b1[:]")
def _density(alive, bounds, source, first, last, starts, gone):  # type: ignore[no-untyped-def]
    """How densely the text that it shares with others stands in what is left of each source: float64[sources]."""
    left = np.zeros(len(starts) - 1, np.int64)
    for s in range(len(starts) - 1):
        for letter in range(starts[s], starts[s + 1]):
            left[s] += not gone[letter]
    shared = np.zeros(starts[-1], np.bool_)
    for p in range(len(bounds) - 1):
        lowest, highest = len(starts), -1
        for n in range(bounds[p], bounds[p + 1]):
            if alive[n]:
                lowest, highest = min(lowest, source[n]), max(highest, source[n])
        if lowest >= highest:
            continue
        for n in range(bounds[p], bounds[p + 1]):
            if alive[n] and last[n] - first[n] < WHOLE * left[source[n]]:
                for letter in range(first[n], last[n]):
                    shared[letter] = True
    density = np.zeros(len(left))
    there = np.empty(starts[-1], np.bool_)  # of the letters that are left, whether each is shared
    for s in range(len(left)):
        size = 0
        for letter in range(starts[s], starts[s + 1]):
            if not gone[letter]:
                there[size] = shared[letter]
                size += 1
        low, high = 0, 0  # the window, and how much of it is shared
        within = 0
        total = 0.0
        marked = 0
        for at in range(size):
            while high < min(at + _NEIGHBOURHOOD, size):
                within += there[high]
                high += 1
            while low < at - _NEIGHBOURHOOD:
                within -= there[low]
                low += 1
            if there[at]:
                total += within / (high - low)
                marked += 1
        if marked:
            density[s] = total / marked
    return density


@kernel(
    "i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], f8[:], i8[:], u4[:], b1[:], b1[:], i8[:], b1[:], i4[:], b1[:], b1[:]"
)
def _elect(  # type: ignore[no-untyped-def]
    order,
    bounds,
    source,
    first,
    last,
    density,
    damage,
    reach,
    letters,
    alive,
    frozen,
    home,
    copied,
    pinned,
    elsewhere,
    asked,
):
    """Fill `home`, `copied`, `pinned` (int32[letters], the letters of the longest passage whose home holds a letter)
    and `elsewhere`; and `asked` (bool[places]) where a damage that decides is not known."""
    for p in order:
        best = -1
        best_claim = 0
        for n in range(bounds[p], bounds[p + 1]):
            if not alive[n]:
                continue
            size = last[n] - first[n]
            held = 0
            copies = 0
            must = 0
            for letter in range(first[n], last[n]):
                held += pinned[letter] >= _MUCH_LARGER * size
                copies += elsewhere[letter]
                must += frozen[letter]
            claim = density[n]
            if 2 * must <= size:
                claim += 1 << 42
            if 2 * held <= size:
                claim += 1 << 41
            if 2 * copies > size:
                claim += 1 << 40
            if best >= 0 and claim == best_claim:
                better = False
                if np.isnan(damage[n]) or np.isnan(damage[best]):
                    asked[n] = np.isnan(damage[n])
                    asked[best] |= np.isnan(damage[best])
                elif damage[n] != damage[best]:
                    better = damage[n] < damage[best]
                elif reach[n] != reach[best]:
                    better = reach[n] > reach[best]
                elif source[n] != source[best]:
                    better = _before(letters, first[n], last[n], first[best], last[best])
            else:
                better = best < 0 or claim < best_claim
            if better:
                best, best_claim = n, claim
        if best < 0:
            continue
        home[p] = best
        size = last[best] - first[best]
        copies = 0
        for letter in range(first[best], last[best]):
            copies += elsewhere[letter]
        if 2 * copies > size:  # all of it stands inside copies of longer passages
            continue
        for letter in range(first[best], last[best]):
            pinned[letter] = max(pinned[letter], size)
        for n in range(bounds[p], bounds[p + 1]):
            if not alive[n] or n == best:
                continue
            must = 0
            for letter in range(first[n], last[n]):
                must += frozen[letter]
            if 2 * must <= last[n] - first[n]:
                copied[n] = True
                for letter in range(first[n], last[n]):
                    elsewhere[letter] = True


@inner
def _before(letters, first, last, other, end):  # type: ignore[no-untyped-def]
    """Whether some letters come before others in the order of code points."""
    for at in range(min(last - first, end - other)):
        if letters[first + at] != letters[other + at]:
            return letters[first + at] < letters[other + at]
    return last - first < end - other
