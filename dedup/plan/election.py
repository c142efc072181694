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

from dedup.cluster import Passage, places_of
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
    passages first. `begin`, `stop`: int64[places], the letters of the paragraphs that a place touches. `ranked`:
    int64[places], rows by first letter.
    """

    bounds: NDArray[np.int64]
    source: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    medoid: NDArray[np.int64]
    order: NDArray[np.int64]
    begin: NDArray[np.int64]
    stop: NDArray[np.int64]
    ranked: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Election:
    """`home`: int64[passages], rows of `Places`, -1 for a passage of which less than two places are left. `copied`:
    bool[places], which places stand at the home of their passage as well."""

    home: NDArray[np.int64]
    copied: NDArray[np.bool_]


def columns(passages: Sequence[Passage], unit_first: NDArray[np.int64], unit_last: NDArray[np.int64]) -> Places:
    """The places of passages. `unit_first`, `unit_last`: int64[u], the letters of all paragraphs."""
    bounds, source, first, last = places_of(passages)
    medoid = bounds[:-1] + np.fromiter((passage.medoid for passage in passages), np.int64, len(passages))
    by_place = np.array(sorted(range(len(passages)), key=lambda p: passages[p].places), np.int64)
    order = by_place[np.argsort((first - last)[medoid[by_place]], kind="stable")]
    head = np.searchsorted(unit_last, first, side="right")
    tail = np.searchsorted(unit_first, last, side="left") - 1
    begin, stop = (unit_first[head], unit_last[tail]) if len(first) else (first, last)
    return Places(bounds, source, first, last, medoid, order, begin, stop, np.argsort(first, kind="stable"))


def elect(
    corpus: Corpus,
    places: Places,
    damage: NDArray[np.float64],
    gone: NDArray[np.bool_],
    fixed: NDArray[np.bool_],
    pinned: NDArray[np.int32],
    elsewhere: NDArray[np.bool_],
) -> Election:
    """Choose the homes among the places that are not `gone`: bool[letters]. None that is `fixed`, bool[places], is a
    copy.

    `damage`: float64[places], what is known of the damage (quality.py) in the text of each, NaN where nothing is; what
    has to be known of others is filled in. `pinned`, `elsewhere`: int32 and bool[letters], which letters are held by
    homes (the letters of the longest passage, else 0) and which are those of copies; they are written anew.
    """
    starts, offsets = corpus.folded.starts, corpus.folded.offsets
    tally = tallied(gone)
    alive = _alive(places.bounds, places.first, places.last, gone, tally)
    density = _density(
        alive, places.bounds, places.source, places.first, places.last, places.ranked, starts, gone, tally
    )
    steps = np.rint(_STEPS * density).astype(np.int64)[places.source]
    reach = places.stop - places.begin - counted(gone, tally, places.begin, places.stop)
    while True:
        home = np.full(len(places.medoid), -1, np.int64)
        copied, asked = np.zeros((2, len(places.first)), np.bool_)
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
            fixed,
            home,
            copied,
            pinned,
            elsewhere,
            asked,
        )
        rows = np.flatnonzero(asked)
        if not len(rows):
            return Election(home, copied)
        ends = (places.source[rows], offsets[places.first[rows]], offsets[places.last[rows] - 1])
        texts = zip(*(column.tolist() for column in ends), strict=True)
        damage[rows] = [damage_of(corpus.sources[source].text[start : end + 1]) for source, start, end in texts]


_BLOCK = 64  # letters


@kernel("b1[:]")
def tallied(marked):  # type: ignore[no-untyped-def]
    """How many letters are marked before each block of letters: int64[blocks]. `marked`: bool[letters]."""
    tally = np.zeros(len(marked) // _BLOCK + 1, np.int64)
    for block in range(1, len(tally)):
        count = 0
        for mark in marked[(block - 1) * _BLOCK : block * _BLOCK]:
            count += mark
        tally[block] = tally[block - 1] + count
    return tally


@inner
def _marked_before(marked, tally, letter):  # type: ignore[no-untyped-def]
    block = letter // _BLOCK
    count = tally[block]
    for at in range(block * _BLOCK, letter):
        count += marked[at]
    return count


@kernel("b1[:], i8[:], i8[:], i8[:]")
def counted(marked, tally, first, last):  # type: ignore[no-untyped-def]
    """How many letters of each range are marked: int64[ranges]. `marked`: bool[letters], `tally`: see `tallied`."""
    counts = np.empty(len(first), np.int64)
    for n in range(len(first)):
        counts[n] = _marked_before(marked, tally, last[n]) - _marked_before(marked, tally, first[n])
    return counts


@kernel("i8[:], i8[:], i8[:], b1[:], i8[:]")
def _alive(bounds, first, last, gone, tally):  # type: ignore[no-untyped-def]
    """Which places are still there, where two or more of their passage are: bool[places]."""
    alive = np.zeros(len(first), np.bool_)
    for p in range(len(bounds) - 1):
        there = 0
        for n in range(bounds[p], bounds[p + 1]):
            left = _marked_before(gone, tally, last[n]) - _marked_before(gone, tally, first[n])
            alive[n] = 2 * left < last[n] - first[n]
            there += alive[n]
        if there < 2:
            for n in range(bounds[p], bounds[p + 1]):
                alive[n] = False
    return alive


@kernel("b1[:], i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], b1[:], i8[:]")
def _density(alive, bounds, source, first, last, ranked, starts, gone, tally):  # type: ignore[no-untyped-def]
    """How densely the text that it shares with others stands in what is left of each source: float64[sources]."""
    base = starts.copy()  # of each source among the letters that are left
    for s in range(len(starts)):
        base[s] -= _marked_before(gone, tally, starts[s])
    telling = np.zeros(len(first), np.bool_)
    for p in range(len(bounds) - 1):
        lowest, highest = len(starts), -1
        for n in range(bounds[p], bounds[p + 1]):
            if alive[n]:
                lowest, highest = min(lowest, source[n]), max(highest, source[n])
        if lowest >= highest:
            continue
        for n in range(bounds[p], bounds[p + 1]):
            left = base[source[n] + 1] - base[source[n]]
            telling[n] = alive[n] and last[n] - first[n] < WHOLE * left
    begin, end = np.empty((2, len(first)), np.int64)  # the runs of shared letters among those that are left
    runs = np.zeros(len(starts), np.int64)  # of each source the first
    size = 0
    for n in ranked:
        if not telling[n]:
            continue
        x = first[n] - _marked_before(gone, tally, first[n])
        y = last[n] - _marked_before(gone, tally, last[n])
        if size > runs[source[n]] and x <= end[size - 1]:
            end[size - 1] = max(end[size - 1], y)
            continue
        begin[size], end[size] = x, y
        size += 1
        for s in range(source[n] + 1, len(starts)):
            runs[s] = size
    density = np.zeros(len(starts) - 1)
    for s in range(len(starts) - 1):
        if runs[s] < runs[s + 1]:
            density[s] = _shared_around(begin, end, runs[s], runs[s + 1], base[s], base[s + 1])
    return density


@inner
def _shared_around(begin, end, head, tail, first, last):  # type: ignore[no-untyped-def]
    """How much of the neighbourhood of a shared letter is shared, on the average of letters `[first, last)`.

    `begin`, `end`: the runs of shared letters, of which those from `head` to `tail` are theirs.
    """
    ahead, behind = head, head  # the runs where the neighbourhood ends and begins, or the last before that
    before_ahead, before_behind = 0, 0  # the shared letters in the runs before them
    total = 0.0
    count = 0
    for run in range(head, tail):
        for at in range(begin[run], end[run]):
            low, high = max(first, at - _NEIGHBOURHOOD), min(last, at + _NEIGHBOURHOOD)
            while ahead + 1 < tail and begin[ahead + 1] < high:
                before_ahead += end[ahead] - begin[ahead]
                ahead += 1
            while behind + 1 < tail and begin[behind + 1] < low:
                before_behind += end[behind] - begin[behind]
                behind += 1
            within = before_ahead + min(high, end[ahead]) - begin[ahead]
            within -= before_behind + max(0, min(low, end[behind]) - begin[behind])
            total += within / (high - low)
        count += end[run] - begin[run]
    return total / count


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
    fixed,
    home,
    copied,
    pinned,
    elsewhere,
    asked,
):
    """Fill `home`, `copied`, `pinned` and `elsewhere`; and `asked`, bool[places], where a damage that decides is not
    known."""
    for n in range(len(first)):
        pinned[first[n] : last[n]] = 0
        elsewhere[first[n] : last[n]] = False
    for p in order:
        best = -1
        best_claim = 0
        within = False  # whether most of the best stands inside copies of longer passages
        for n in range(bounds[p], bounds[p + 1]):
            if not alive[n]:
                continue
            size = last[n] - first[n]
            held = 0
            for of in pinned[first[n] : last[n]]:
                held += of >= _MUCH_LARGER * size
            copies = 0
            for is_copied in elsewhere[first[n] : last[n]]:
                copies += is_copied
            claim = density[n]
            if not fixed[n]:
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
                best, best_claim, within = n, claim, 2 * copies > size
        if best < 0:
            continue
        home[p] = best
        if within:
            continue
        size = last[best] - first[best]
        for letter in range(first[best], last[best]):
            pinned[letter] = max(pinned[letter], size)
        for n in range(bounds[p], bounds[p + 1]):
            if alive[n] and n != best and not fixed[n]:
                copied[n] = True
                elsewhere[first[n] : last[n]] = True


@inner
def _before(letters, first, last, other, end):  # type: ignore[no-untyped-def]
    """Whether some letters come before others in the order of code points."""
    for at in range(min(last - first, end - other)):
        if letters[first + at] != letters[other + at]:
            return letters[first + at] < letters[other + at]
    return last - first < end - other
