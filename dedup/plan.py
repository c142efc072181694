"""Passages -> what leaves the corpus: a home for each passage, and the units of text that stand elsewhere.

A home is chosen passage by passage, the longest first. It is the place that is the home of a longer passage
already; else the one in the source where the shared text stands among most text of its own (a digest yields to the
text it digests); among equals the one in the cleanest print; then the first by path and place.

A unit leaves when its letters stand, to the share `cover`, in passages whose home is elsewhere: in one
neighbourhood there, or in passages long and alike enough to speak for themselves. A paragraph that shares a phrase
with this text and a phrase with that one is no duplicate of either. Since what left can no longer hold anything,
the election is repeated over what stayed until nothing more leaves: so merging the result again removes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.cluster import Passage, Place
from dedup.config import Settings
from dedup.corpus import Corpus
from dedup.kernel import kernel
from dedup.quality import quality
from dedup.script import DENSE_WEIGHT
from dedup.segment import prose, sentences_of

_MUCH_LARGER = 4  # a home in a passage so many times longer keeps what that passage holds
_ALIKE = 0.9  # similarity from which a copy may stand for part of a unit
_LONG = 60 * DENSE_WEIGHT  # ... and weight from which it may do so wherever its home is
_OWN_WORDS = 0.95  # similarity from which a source's repetition of itself is one
_WINDOW = 2  # a neighbourhood is so many times as long as the unit that it may stand for
_NEIGHBOURHOOD = 256  # letters on each side in which the density of shared text is taken
_STEPS = 8  # densities that differ by less than a step are equal
_TITLE = 64 * DENSE_WEIGHT  # a passage lighter than this takes no heading with it
_WHOLE = 0.9  # a passage that fills a source to this share says nothing about the text around it


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


@dataclass(frozen=True, slots=True)
class _Copied:
    """A place whose text stands at `home`. `alike`: the similarity of the two; `weight`: of the place's letters."""

    place: Place
    home: Place
    alike: float
    weight: int

    @property
    def inner(self) -> bool:
        """Whether a source repeats itself here."""
        return self.place.source == self.home.source


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
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(gone, dtype=np.int64)))
        size = self.units.last - self.units.first
        whole = (size > 0) & (before[self.units.last] - before[self.units.first] == size)
        return Plan(self.home, self.units, self.leaves | whole, gone)

    def left(self, place: Place) -> bool:
        """Whether most of a place leaves."""
        return 2 * int(np.count_nonzero(self.gone[place.first : place.last])) > place.last - place.first


def plan(
    corpus: Corpus,
    passages: Sequence[Passage],
    similarity: Sequence[Sequence[float]],
    settings: Settings,
    *,
    frozen: NDArray[np.bool_] | None = None,
) -> Plan:
    """Decide what leaves. `passages` are those whose witnesses may be removed, `similarity[p][i]` how much the
    letters of place i are like those of passage p's base. No unit leaves that has
    a letter in `frozen`: bool[letters]."""
    size = len(corpus.folded.letters)
    units = _units(corpus, settings)
    cleanness = _Cleanness(corpus)
    whole = corpus.original != np.arange(len(corpus.sources))
    weight = np.diff(corpus.cumulated[corpus.folded.starts])
    whole &= weight >= DENSE_WEIGHT * settings.min_length
    if frozen is None:
        frozen = np.zeros(size, np.bool_)
    stays = _any(frozen, units)
    leaves = whole[units.source] & ~stays
    gone = np.repeat(whole, np.diff(corpus.folded.starts))
    for u in np.flatnonzero(stays):
        gone[units.first[u] : units.last[u]] = False
    home = [passage.medoid for passage in passages]
    columns = [_columns(passage) for passage in passages]
    order = sorted(range(len(passages)), key=lambda p: (-passages[p].letters, passages[p].places))
    while True:
        alive = [_alive(of[1], of[2], gone).tolist() for of in columns]
        density = _density(corpus, passages, alive)
        pinned = np.zeros(size, np.int64)  # letters of the passage whose home holds a letter
        elsewhere = np.zeros(size, np.bool_)
        copies: list[_Copied] = []
        for p in order:
            if not alive[p]:
                continue
            home[p] = _elect(passages[p], columns[p], alive[p], pinned, elsewhere, density, cleanness, units, frozen)
            held = passages[p].places[home[p]]
            if _mostly(elsewhere, held):  # all of it stands inside copies of longer passages
                continue
            np.maximum(pinned[held.first : held.last], held.last - held.first, out=pinned[held.first : held.last])
            for number in alive[p]:
                place = passages[p].places[number]
                if number != home[p] and not _mostly(frozen, place):
                    alike = min(similarity[p][number], similarity[p][home[p]])
                    copies.append(
                        _Copied(place, held, alike, corpus.cumulated[place.last] - corpus.cumulated[place.first])
                    )
                    elsewhere[place.first : place.last] = True
        movable = elsewhere & (pinned == 0) & ~frozen & ~gone
        if settings.unit == "passage":
            now = movable
        else:
            leaving = _leaving(corpus, units, movable, copies, settings) & ~leaves & ~stays
            leaves |= leaving
            now = np.zeros(size, np.bool_)
            for u in np.flatnonzero(leaving):
                now[units.first[u] : units.last[u]] = True
            now &= pinned == 0
        if not now.any():
            return Plan(tuple(home), units, leaves, gone).without(gone)
        gone |= now


def _any(marked: NDArray[np.bool_], units: Units) -> NDArray[np.bool_]:
    """Which units have a marked letter: bool[u]."""
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(marked, dtype=np.int64)))
    return np.asarray(before[units.last] > before[units.first])


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
        for number in range(len(corpus.sources)):
            base, stop = corpus.folded.starts[number : number + 2]
            own = source == number
            offsets = corpus.folded.offsets[base:stop]
            first[own] = base + np.searchsorted(offsets, start[own])
            last[own] = base + np.searchsorted(offsets, end[own])
    with_stop = np.zeros(len(source), np.bool_)
    for number, of in enumerate(corpus.sources):
        own = source == number
        with_stop[own] = prose(of.text, start[own], end[own])
    return Units(source, start, end, first, last, with_stop)


def _columns(passage: Passage) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The source, the first and the last letter of each place of a passage: int64[places] each."""
    rows = np.array([(place.source, place.first, place.last) for place in passage.places], np.int64)
    source, first, last = np.ascontiguousarray(rows.T)
    return source, first, last


@kernel
def _alive(first, last, gone):  # type: ignore[no-untyped-def]
    """The places of a passage that are still there, if there are two or more."""
    there = np.empty(len(first), np.int64)
    n = 0
    for number in range(len(first)):
        left = 0
        for letter in range(first[number], last[number]):
            left += gone[letter]
        if 2 * left < last[number] - first[number]:
            there[n] = number
            n += 1
    return there[: n if n > 1 else 0]


class _Cleanness(dict[int, tuple[float, str]]):
    """For each source, what settles which of two equal claims is the better: the least is.

    How clean a print is, then what it says, never what it is called. It is counted for those that are asked about.
    """

    def __init__(self, corpus: Corpus):
        self.corpus = corpus

    def __missing__(self, source: int) -> tuple[float, str]:
        text = self.corpus.sources[source].text
        self[source] = found = _penalty(text), text
        return found


@lru_cache(maxsize=4096)
def _penalty(text: str) -> float:
    return quality(text).penalty


def _density(corpus: Corpus, passages: Sequence[Passage], alive: Sequence[list[int]]) -> NDArray[np.int64]:
    """How densely the text that it shares stands in each source, in steps: int64[sources]."""
    starts = corpus.folded.starts
    shared = np.zeros(starts[-1], np.bool_)
    for passage, there in zip(passages, alive, strict=True):
        if len({passage.places[number].source for number in there}) < 2:
            continue
        for number in there:
            place = passage.places[number]
            if place.last - place.first < _WHOLE * (starts[place.source + 1] - starts[place.source]):
                shared[place.first : place.last] = True
    densities = []
    for number in range(len(corpus.sources)):
        own = shared[starts[number] : starts[number + 1]]
        before = np.concatenate((np.zeros(1), np.cumsum(own)))
        at = np.flatnonzero(own)
        low, high = np.maximum(at - _NEIGHBOURHOOD, 0), np.minimum(at + _NEIGHBOURHOOD, len(own))
        density = float(np.mean((before[high] - before[low]) / (high - low))) if len(at) else 0.0
        densities.append(round(_STEPS * density))
    return np.array(densities, np.int64)


def _elect(
    passage: Passage,
    columns: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    alive: list[int],
    pinned: NDArray[np.int64],
    elsewhere: NDArray[np.bool_],
    density: NDArray[np.int64],
    cleanness: _Cleanness,
    units: Units,
    frozen: NDArray[np.bool_],
) -> int:
    def finer(number: int) -> tuple[tuple[float, str], int, Place]:
        place = passage.places[number]
        head = int(np.searchsorted(units.last, place.first, side="right"))
        tail = int(np.searchsorted(units.first, place.last, side="left")) - 1
        return cleanness[place.source], -int(units.last[tail] - units.first[head]), place

    source, first, last = columns
    claims = _claims(np.array(alive), first, last, density[source], pinned, elsewhere, frozen)
    best = claims.min()
    equal = [number for number, claim in zip(alive, claims, strict=True) if claim == best]
    return min(equal, key=finer) if len(equal) > 1 else equal[0]


@kernel
def _claims(alive, first, last, density, pinned, elsewhere, frozen):  # type: ignore[no-untyped-def]
    """How well each place that is alive may be a home, the least best: one that must stay, then the home of a much
    longer passage, then one outside the copies of longer passages, then the least density of its source."""
    claims = np.empty(len(alive), np.int64)
    for n in range(len(alive)):
        number = alive[n]
        size = last[number] - first[number]
        held = 0
        copied = 0
        must = 0
        for letter in range(first[number], last[number]):
            held += pinned[letter] >= _MUCH_LARGER * size
            copied += elsewhere[letter]
            must += frozen[letter]
        claims[n] = density[number]
        if 2 * must <= size:
            claims[n] += 1 << 42
        if 2 * held <= size:
            claims[n] += 1 << 41
        if 2 * copied > size:
            claims[n] += 1 << 40
    return claims


def _carries(corpus: Corpus, copy: _Copied) -> bool:
    """Whether a copy is long enough to take headings with it."""
    size = corpus.folded.starts[copy.place.source + 1] - corpus.folded.starts[copy.place.source]
    return copy.weight >= _TITLE or copy.place.last - copy.place.first >= _WHOLE * size


def _mostly(marked: NDArray[np.bool_], place: Place) -> bool:
    return 2 * int(np.count_nonzero(marked[place.first : place.last])) > place.last - place.first


def _leaving(
    corpus: Corpus, units: Units, movable: NDArray[np.bool_], copies: Sequence[_Copied], settings: Settings
) -> NDArray[np.bool_]:
    """Which units stand elsewhere, to the share `cover`: bool[u].

    One copy stands for the whole unit, or several that are nearly exact do. A source that repeats itself in other
    words means to; so there nearly exact is not enough. What is no prose is a heading, a date, a title, the name of
    a speaker, and belongs to the text it stands with. That another text has the same heading is no reason to take
    it from this one: it leaves with a longer passage only, or with its whole source.
    """
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(movable, dtype=np.int64)))
    covered = before[units.last] - before[units.first]
    leaving = (covered > 0) & (covered >= settings.cover * (units.last - units.first))
    by_place = sorted(copies, key=lambda copy: (copy.place, copy.home))
    firsts = np.array([copy.place.first for copy in by_place], np.int64)
    reach = np.maximum.accumulate(np.array([copy.place.last for copy in by_place], np.int64)) if by_place else firsts
    for u in np.flatnonzero(leaving):
        first, last = int(units.first[u]), int(units.last[u])
        low, high = int(np.searchsorted(reach, first, side="right")), int(np.searchsorted(firsts, last))
        over = [copy for copy in by_place[low:high] if copy.place.last > first]
        need = settings.cover * (last - first)
        if not units.prose[u]:
            over = [copy for copy in over if not copy.inner and _carries(corpus, copy)]
        over = [copy for copy in over if not copy.inner or copy.alike >= _OWN_WORDS]
        whole = [copy for copy in over if min(last, copy.place.last) - max(first, copy.place.first) >= need]
        over = [copy for copy in over if copy.alike >= _ALIKE]
        leaving[u] = bool(whole) or _together(over, first, last, movable) >= need
    return leaving


def _together(copies: Sequence[_Copied], first: int, last: int, movable: NDArray[np.bool_]) -> int:
    """How many of the letters `[first, last)` stand elsewhere in one neighbourhood or in solid passages."""
    solid = np.zeros(last - first, np.bool_)
    for copy in copies:
        if copy.weight >= _LONG:
            solid[max(0, copy.place.first - first) : copy.place.last - first] = True
    here = movable[first:last]
    best = int(np.count_nonzero(solid & here))
    window = _WINDOW * (last - first)
    by_home = sorted(copies, key=lambda copy: (copy.home, copy.place))
    for number, head in enumerate(by_home):
        if number and by_home[number - 1].home == head.home:
            continue
        marked = solid.copy()
        for copy in by_home[number:]:
            if copy.home.source != head.home.source or copy.home.last > head.home.first + window:
                break
            marked[max(0, copy.place.first - first) : copy.place.last - first] = True
        best = max(best, int(np.count_nonzero(marked & here)))
    return best
