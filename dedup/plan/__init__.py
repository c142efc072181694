"""Passages -> what leaves the corpus: a home for each passage, and the units of text that stand elsewhere.

Each passage has a home (election.py). A unit leaves when its letters stand, to the share `cover`, in passages whose
home is elsewhere: in one neighbourhood there, or in passages long and alike enough to speak for themselves. A
paragraph that shares a phrase with this text and a phrase with that one is no duplicate of either. Since what left
can no longer hold anything, the election is repeated over what stayed until nothing more leaves: so merging the
result again removes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedup.batch import heads_of
from dedup.cluster import Passage
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.kernel import inner, kernel
from dedup.plan.election import WHOLE, Election, Places, columns, counted, elect, tallied
from dedup.script import DENSE_WEIGHT
from dedup.sentence import prose, sentences_of

_ALIKE = 0.9  # similarity from which a copy may stand for part of a unit
_LONG = 60 * DENSE_WEIGHT  # ... and weight from which it may do so wherever its home is
_OWN_WORDS = 0.95  # similarity from which a source's repetition of itself is one
_WINDOW = 2  # a neighbourhood is so many times as long as the unit that it may stand for
_TITLE = 64 * DENSE_WEIGHT  # a passage lighter than this takes no heading with it


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The pieces in which text leaves the corpus, as columns in reading order.

    `source`: int32[u]. `start`, `end`: int64[u], characters. `first`, `last`: int64[u], letters.
    `prose`: bool[u], whether there is a full stop in it.
    """

    source: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    prose: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """`home[p]`: which place of passage p is its home. `units`, and which of them leave: `leaves`: bool[u].
    `gone`: bool[letters], the letters that leave."""

    home: tuple[int, ...]
    units: Units
    leaves: NDArray[np.bool_]
    gone: NDArray[np.bool_]

    def without(self, gone: NDArray[np.bool_]) -> Plan:
        """The plan by which these letters leave as well."""
        gone = self.gone | gone
        size = self.units.last - self.units.first
        whole = (size > 0) & (counted(gone, tallied(gone), self.units.first, self.units.last) == size)
        return Plan(self.home, self.units, self.leaves | whole, gone)

    def left(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of which places most leaves: bool[places]. `first`, `last`: int64[places], letters."""
        most: NDArray[np.bool_] = 2 * counted(self.gone, tallied(self.gone), first, last) > last - first
        return most


def plan(
    corpus: Corpus,
    passages: Sequence[Passage],
    alike: NDArray[np.float64],
    settings: Settings,
    *,
    frozen: NDArray[np.bool_] | None = None,
) -> Plan:
    """Decide what leaves. `passages` are those whose witnesses may be removed; `alike`: float64[places], how much the
    letters of each of their places are like those of the base of its passage. No unit leaves that has a letter in
    `frozen`: bool[letters]."""
    size = len(corpus.folded.letters)
    units = _units(corpus, settings)
    whole = corpus.original != np.arange(len(corpus.sources))
    weight = np.diff(corpus.cumulated[corpus.folded.starts])
    whole &= weight >= DENSE_WEIGHT * settings.min_length
    if frozen is None:
        frozen = np.zeros(size, np.bool_)
    kept = tallied(frozen)
    stays = counted(frozen, kept, units.first, units.last) > 0
    leaves = whole[units.source] & ~stays
    gone = np.repeat(whole, np.diff(corpus.folded.starts))
    _mark(gone, units.first[stays], units.last[stays], False)
    places = columns(passages, units.first, units.last)
    fixed = 2 * counted(frozen, kept, places.first, places.last) > places.last - places.first
    damage = np.full(len(places.first), np.nan)
    home = places.medoid.copy()
    pinned, elsewhere = np.zeros(size, np.int32), np.zeros(size, np.bool_)
    while True:
        election = elect(corpus, places, damage, gone, fixed, pinned, elsewhere)
        home = np.where(election.home >= 0, election.home, home)
        movable = _movable(election.copied, places.first, places.last, pinned, frozen, gone)
        if settings.unit == "passage":
            done = not movable.any()
            gone |= movable
        else:
            copies = _copies(corpus, places, election, alike)
            leaving = _leaving(corpus, units, movable, copies, settings) & ~leaves & ~stays
            leaves |= leaving
            done = not leaving.any()
            _leave(gone, units.first[leaving], units.last[leaving], pinned)
        if done:
            return Plan(tuple((home - places.bounds[:-1]).tolist()), units, leaves, gone).without(gone)


@kernel("b1[:], i8[:], i8[:], i4[:], b1[:], b1[:]")
def _movable(copied, first, last, pinned, frozen, gone):  # type: ignore[no-untyped-def]
    """The letters of copies that are at nobody's home, may leave, and did not yet: bool[letters]."""
    movable = np.zeros(len(gone), np.bool_)
    for n in range(len(copied)):
        if copied[n]:
            for letter in range(first[n], last[n]):
                movable[letter] = pinned[letter] == 0 and not frozen[letter] and not gone[letter]
    return movable


@kernel("b1[:], i8[:], i8[:], i4[:]")
def _leave(gone, first, last, pinned):  # type: ignore[no-untyped-def]
    """Let the letters of ranges go that are at nobody's home."""
    for u in range(len(first)):
        for letter in range(first[u], last[u]):
            gone[letter] |= pinned[letter] == 0


@kernel("b1[:], i8[:], i8[:], b1")
def _mark(marked, first, last, value):  # type: ignore[no-untyped-def]
    """Give the letters of ranges a value. `marked`: bool[letters]."""
    for u in range(len(first)):
        for letter in range(first[u], last[u]):
            marked[letter] = value


def _units(corpus: Corpus, settings: Settings) -> Units:
    paragraphs = corpus.paragraphs
    source, start, end = paragraphs.source, paragraphs.start, paragraphs.end
    first, last = paragraphs.first, paragraphs.last
    if settings.unit == "sentence":
        rows = [
            (number, x, y)
            for number, a, b in zip(source.tolist(), start.tolist(), end.tolist(), strict=True)
            for x, y in sentences_of(corpus.sources[number].text, a, b)
        ]
        numbers, start, end = np.array(rows, np.int64).reshape(-1, 3).T.copy()
        source, first, last = numbers.astype(np.int32), start.copy(), end.copy()
    heads = heads_of(source, len(corpus.sources)).tolist()
    with_stop = np.zeros(len(source), np.bool_)
    for number, (of, (head, tail)) in enumerate(zip(corpus.sources, pairwise(heads), strict=True)):
        own = slice(head, tail)
        if settings.unit == "sentence":
            base, stop = corpus.folded.starts[number : number + 2].tolist()
            offsets = corpus.folded.offsets[base:stop]
            for at, letter in ((start, first), (end, last)):
                letter[own] = base + offsets.searchsorted(at[own].astype(offsets.dtype))
        with_stop[own] = prose(of.text, start[own], end[own])
    return Units(source, start, end, first, last, with_stop)


@dataclass(frozen=True, slots=True, eq=False)
class _Copies:
    """Places whose text stands at a home, as columns by place, then by home.

    `source`, `first`, `last`: int64[c], the place. `home_source`, `home_first`, `home_last`: int64[c], the home.
    `alike`: float64[c], the similarity of the two. `weight`: int64[c], of the place's letters. `inner`: bool[c],
    whether a source repeats itself here. `carries`: bool[c], whether a copy is long enough to take headings with it.
    """

    source: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    home_source: NDArray[np.int64]
    home_first: NDArray[np.int64]
    home_last: NDArray[np.int64]
    alike: NDArray[np.float64]
    weight: NDArray[np.int64]
    inner: NDArray[np.bool_]
    carries: NDArray[np.bool_]


def _copies(corpus: Corpus, places: Places, election: Election, alike: NDArray[np.float64]) -> _Copies:
    """The copies of an election. `alike`: float64[places], how much each is like the base of its passage."""
    place = np.flatnonzero(election.copied)
    home = np.repeat(election.home, np.diff(places.bounds))[place]
    source, first, last = places.source, places.first, places.last
    order = np.lexsort((last[home], first[home], last[place], first[place]))
    place, home = place[order], home[order]
    size = np.diff(corpus.folded.starts)[source[place]]
    weight = (corpus.cumulated[last[place]] - corpus.cumulated[first[place]]).astype(np.int64)
    return _Copies(
        source[place],
        first[place],
        last[place],
        source[home],
        first[home],
        last[home],
        np.minimum(alike[place], alike[home]),
        weight,
        source[place] == source[home],
        (weight >= _TITLE) | (last[place] - first[place] >= WHOLE * size),
    )


def _leaving(
    corpus: Corpus, units: Units, movable: NDArray[np.bool_], copies: _Copies, settings: Settings
) -> NDArray[np.bool_]:
    """Which units stand elsewhere, to the share `cover`: bool[u].

    One copy stands for the whole unit, or several that are nearly exact do. A source that repeats itself in other
    words means to; so there nearly exact is not enough. What is no prose is a heading, a date, a title, the name of
    a speaker, and belongs to the text it stands with. That another text has the same heading is no reason to take
    it from this one: it leaves with a longer passage only, or with its whole source.
    """
    leaving: NDArray[np.bool_] = _stand_elsewhere(
        units.first,
        units.last,
        units.prose,
        movable,
        copies.first,
        copies.last,
        copies.home_source,
        copies.home_first,
        copies.home_last,
        copies.alike,
        copies.weight,
        copies.inner,
        copies.carries,
        settings.cover,
    )
    return leaving


@kernel("i8[:], i8[:], b1[:], b1[:], i8[:], i8[:], i8[:], i8[:], i8[:], f8[:], i8[:], b1[:], b1[:], f8")
def _stand_elsewhere(  # type: ignore[no-untyped-def]
    unit_first,
    unit_last,
    prose,
    movable,
    copy_first,
    copy_last,
    home_source,
    home_first,
    home_last,
    alike,
    weight,
    inner,
    carries,
    cover,
):
    """See `_leaving`. Units and copies are in order."""
    leaving = np.zeros(len(unit_first), np.bool_)
    size = 0
    for u in range(len(unit_first)):
        size = max(size, unit_last[u] - unit_first[u])
    over = np.empty(len(copy_first), np.int64)
    solid, marked = np.empty(size, np.bool_), np.empty(size, np.bool_)
    low, high = 0, 0  # the copies that may have letters of the unit
    for u in range(len(unit_first)):
        first, last = unit_first[u], unit_last[u]
        while high < len(copy_first) and copy_first[high] < last:
            high += 1
        while low < high and copy_last[low] <= first:
            low += 1
        if low == high:
            continue
        need = cover * (last - first)
        covered = 0
        for letter in range(first, last):
            covered += movable[letter]
        if covered == 0 or covered < need:
            continue
        count = 0
        for copy in range(low, high):
            if copy_last[copy] <= first or (inner[copy] and alike[copy] < _OWN_WORDS):
                continue
            if not prose[u] and (inner[copy] or not carries[copy]):
                continue
            if min(last, copy_last[copy]) - max(first, copy_first[copy]) >= need:
                leaving[u] = True
                break
            if alike[copy] < _ALIKE:
                continue
            at = count  # they are kept in the order of their homes
            while at > 0:
                other = over[at - 1]
                if home_first[other] < home_first[copy]:
                    break
                if home_first[other] == home_first[copy] and home_last[other] <= home_last[copy]:
                    break
                over[at] = other
                at -= 1
            over[at] = copy
            count += 1
        if not leaving[u] and count:
            together = _together(
                first,
                last,
                movable,
                over[:count],
                copy_first,
                copy_last,
                home_source,
                home_first,
                home_last,
                weight,
                solid,
                marked,
            )
            leaving[u] = together >= need
    return leaving


@inner
def _together(  # type: ignore[no-untyped-def]
    first, last, movable, over, copy_first, copy_last, home_source, home_first, home_last, weight, solid, marked
):
    """How many letters of a unit stand elsewhere in one neighbourhood or in solid passages.

    `over`: the copies to go by, in the order of their homes. `solid`, `marked`: bool[unit's letters], to write to.
    """
    size = last - first
    for letter in range(size):
        solid[letter] = False
    for copy in over:
        if weight[copy] >= _LONG:
            for letter in range(max(first, copy_first[copy]), min(last, copy_last[copy])):
                solid[letter - first] = True
    best = 0
    for letter in range(size):
        best += solid[letter] and movable[first + letter]
    for number in range(len(over)):
        head = over[number]
        if number and home_first[over[number - 1]] == home_first[head]:
            continue
        for letter in range(size):
            marked[letter] = solid[letter]
        for copy in over[number:]:
            if home_source[copy] != home_source[head] or home_last[copy] > home_first[head] + _WINDOW * size:
                break
            for letter in range(max(first, copy_first[copy]), min(last, copy_last[copy])):
                marked[letter - first] = True
        count = 0
        for letter in range(size):
            count += marked[letter] and movable[first + letter]
        best = max(best, count)
    return best
