"""Matches -> passages: which places hold the same text.

Connected components would chain A~B~C into nonsense, so a passage is a star: one place, the medoid, and the places
that were verified to agree with it. Sides of matches that cover nearly the same letters are one place. An excerpt
is a place of its own inside a larger one, so its passage stays apart from the larger passage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.matches import Matches
from dedup.places import Located, implied, locate


class Place(NamedTuple):
    """Letters `[first, last)` of the folded stream; `source` is the number of the source they belong to."""

    source: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Passage:
    """The places that hold one text, in order, and which of them is the medoid.

    `rows[i]`: the matches (row numbers) that put place i here, in order. `aligned`: whether their letters line up;
    those of passages found by their words do not, so they have no readings.
    """

    places: tuple[Place, ...]
    medoid: int
    rows: tuple[tuple[int, ...], ...]
    aligned: bool = True

    @property
    def letters(self) -> int:
        """The letters of the medoid."""
        return self.places[self.medoid].last - self.places[self.medoid].first

    def renumbered(self, rows: Sequence[int]) -> Passage:
        """The same where the matches are called otherwise: `rows[r]` what row r is called."""
        called = tuple([tuple([rows[row] for row in of]) for of in self.rows])
        return Passage(self.places, self.medoid, called, self.aligned)


def places_of(passages: Sequence[Passage]) -> tuple[NDArray[np.int64], ...]:
    """The places of passages as columns, one passage behind the other: where each begins among them, and the end,
    int64[passages + 1]; source, first and last letter of each place, int64[places]."""
    bounds = np.zeros(len(passages) + 1, np.int64)
    np.cumsum([len(passage.places) for passage in passages], out=bounds[1:])
    rows = chain.from_iterable(chain.from_iterable(passage.places for passage in passages))
    return bounds, *np.ascontiguousarray(np.fromiter(rows, np.int64, 3 * bounds[-1]).reshape(-1, 3).T)


Agree = Callable[[Place, Place], bool]
"""Whether two places hold the same text; asked only where no match says so already."""


def cluster(matches: Matches, rows: NDArray[np.int64], agree: Agree, *, aligned: bool = True) -> list[Passage]:
    """Group some rows of matches into passages, in order of their first places. Every one ends up in one at least."""
    of_these = matches[rows]
    located = locate(of_these)
    edges = _edges(of_these, located, agree)
    alone = _alone(located, edges)
    found = [*_pairs(located, edges, rows, alone, aligned=aligned)]
    rest = np.flatnonzero(~alone)
    if len(rest):
        weight = np.zeros(len(located.first), np.int64)
        apart = located.one != located.other
        for ends in (located.one, located.other):
            np.add.at(weight, ends[apart], of_these.score[apart])
        stars = _Stars(of_these, located, edges, rest, agree)
        places = np.unique(np.concatenate((edges.low[rest], edges.high[rest])))
        for place in places[np.argsort(-weight[places], kind="stable")].tolist():
            stars.add(place)
        stars.join()
        passages = (stars.passage(*star, rows, aligned=aligned) for star in stars.stars if len(star[1]) > 1)
        found += [p for p in passages if any(p.rows)]  # copies of one longer copy alone say nothing new
    return sorted(found, key=lambda p: (p.places, p.medoid))


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Pairs of places that hold the same text, as columns in order: `low` before `high`, int64[edges].

    `matches`: the matches that say so, those of edge e from `bounds[e]` to `bounds[e + 1]`; an edge that only a longer
    match implies has none. `exactly`: bool[edges], whether the places are just the sides of one of them.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    matches: NDArray[np.int64]
    bounds: NDArray[np.int64]
    exactly: NDArray[np.bool_]

    def of(self, edge: int) -> list[int]:
        """The matches of an edge."""
        of_edge: list[int] = self.matches[self.bounds[edge] : self.bounds[edge + 1]].tolist()
        return of_edge


def _edges(matches: Matches, located: Located, agree: Agree) -> _Edges:
    apart = np.flatnonzero(located.one != located.other)
    told = np.stack((located.one[apart], located.other[apart]), axis=1)
    pairs = implied(matches, located)
    agreeing = [agree(_place(located, x), _place(located, y)) for x, y in pairs.tolist()]
    ends = np.sort(np.concatenate((told, pairs[np.array(agreeing, np.bool_)])), axis=1)
    match = np.concatenate((apart, np.full(len(ends) - len(apart), -1)))
    order = np.lexsort((match, ends[:, 1], ends[:, 0]))
    ends, match = ends[order], match[order]
    head = np.ones(len(ends), np.bool_)
    head[1:] = (np.diff(ends, axis=0) != 0).any(axis=1)
    edge = np.cumsum(head) - 1
    real = match >= 0
    counts = np.bincount(edge[real], minlength=int(head.sum()))
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    in_order = located.one < located.other  # as a match that stands for its places has them
    exactly = np.zeros(len(counts), np.bool_)
    exactly[edge[real][(located.exactly & in_order)[match[real]]]] = True
    return _Edges(ends[head, 0], ends[head, 1], match[real], bounds, exactly)


def _place(located: Located, place: int) -> Place:
    return Place(int(located.source[place]), int(located.first[place]), int(located.last[place]))


def _alone(located: Located, edges: _Edges) -> NDArray[np.bool_]:
    """Which edges join two places that have no other edge, and just as a match has them: bool[edges]."""
    degree = np.bincount(np.concatenate((edges.low, edges.high)), minlength=len(located.first))
    alone: NDArray[np.bool_] = edges.exactly & (degree[edges.low] == 1) & (degree[edges.high] == 1)
    return alone


def _pairs(
    located: Located, edges: _Edges, rows: NDArray[np.int64], alone: NDArray[np.bool_], *, aligned: bool
) -> Iterator[Passage]:
    """The passages of edges that are `alone`, which most are: what `_Stars` would make of them."""
    low, high = edges.low, edges.high
    crossing = (located.source[low] == located.source[high]) & (located.first[high] < located.last[low])
    wanted = alone & ~crossing
    sides = (
        map(Place, *(column[ends[wanted]].tolist() for column in (located.source, located.first, located.last)))
        for ends in (low, high)
    )
    numbers = rows[edges.matches].tolist()
    bounds = (edges.bounds[:-1][wanted].tolist(), edges.bounds[1:][wanted].tolist())
    for one, other, head, tail in zip(*sides, *bounds, strict=True):
        of_both = tuple(numbers[head:tail])
        yield Passage((one, other), 0, (of_both, of_both), aligned)


class _Stars:
    """Stars of places while they grow: each place that has a star belongs to one, its first.

    Places are numbers in order; behind them are those of pairs that were no places before.
    """

    def __init__(self, matches: Matches, located: Located, edges: _Edges, of: NDArray[np.int64], agree: Agree):
        self.matches = matches
        self.agree = agree
        self.places = [*map(Place, located.source.tolist(), located.first.tolist(), located.last.tolist())]
        self.edges: dict[int, dict[int, list[int]]] = defaultdict(dict)
        self.agreed: dict[tuple[int, int], bool] = {}
        columns = (edges.low[of].tolist(), edges.high[of].tolist(), edges.exactly[of].tolist())
        for edge, low, high, exactly in zip(of.tolist(), *columns, strict=True):
            self.edges[low][high] = self.edges[high][low] = edges.of(edge)
            if exactly:
                self.agreed[low, high] = True
        self.stars: list[tuple[int, set[int]]] = []
        self.star_of: dict[int, int] = {}

    def add(self, place: int) -> None:
        """Let a place join the star of a neighbour whose medoid it agrees with, or begin a star with its neighbours."""
        if place in self.star_of:
            return
        free = [n for n in self.edges[place] if n not in self.star_of and self._agree(n, place)]
        if not free:
            for star in sorted({self.star_of[n] for n in self.edges[place] if n in self.star_of}):
                if self._agree(place, self.stars[star][0]):
                    self._put(place, star)
                    return
        self.stars.append((place, {place}))
        for member in (place, *free):
            self._put(member, len(self.stars) - 1)

    def join(self) -> None:
        """Settle the matches between stars: stars whose medoids agree become one, else the two places make a star."""
        for place in sorted(self.edges):  # a list: pairs are added meanwhile
            for other in sorted(self.edges[place]):
                one, two = self.star_of[place], self.star_of[other]
                if one == two or place > other:
                    continue
                if other in self.stars[one][1] or place in self.stars[two][1]:
                    continue
                medoid = self.stars[two][0]
                if self._agree(medoid, self.stars[one][0]):
                    for member in self.stars[two][1]:
                        self._put(member, one)
                    self.stars[two] = (medoid, set())
                else:
                    self._pair(self.edges[place][other])

    def _pair(self, matches: list[int]) -> None:
        """A star of the two sides of a match, just as they are."""
        for match in matches[:1]:
            ends = []
            for side in self.matches.sides(match):
                ends.append(len(self.places))
                self.places.append(Place(*side))
            for end, other in (ends, reversed(ends)):
                self.edges[end] = {other: [match]}
            self.stars.append((ends[0], set(ends)))
            self.star_of.update(dict.fromkeys(ends, len(self.stars) - 1))

    def _agree(self, place: int, other: int) -> bool:
        both = (place, other) if place < other else (other, place)
        if both not in self.agreed:
            self.agreed[both] = self.agree(*(self.places[end] for end in both))
        return self.agreed[both]

    def _put(self, place: int, star: int) -> None:
        self.stars[star][1].add(place)
        self.star_of[place] = star

    def passage(self, medoid: int, members: set[int], rows: NDArray[np.int64], *, aligned: bool) -> Passage:
        """A star as a passage. Of members that overlap in one source only the first (the medoid before others) stays.

        `rows`: what the matches are called.
        """
        places, edges = self.places, self.edges
        kept: list[int] = []
        for member in sorted(members, key=lambda m: (m != medoid, places[m])):
            place = places[member]
            if all(
                places[k].source != place.source or places[k].last <= place.first or place.last <= places[k].first
                for k in kept
            ):
                kept.append(member)
        kept.sort(key=places.__getitem__)
        inside = set(kept)
        found = (sorted(r for other, of in edges[m].items() if other in inside for r in of) for m in kept)
        named = tuple(tuple(rows[of].tolist()) for of in found)
        return Passage(tuple(places[m] for m in kept), kept.index(medoid), named, aligned)
