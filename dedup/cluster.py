"""Matches -> passages: which places hold the same text.

Connected components would chain A~B~C into nonsense, so a passage is a star: one place, the medoid, and the places
that were verified to agree with it. Sides of matches that cover nearly the same letters are one place. An excerpt
is a place of its own inside a larger one, so its passage stays apart from the larger passage.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dedup.matches import Matches

SAME_PLACE = 0.8
"""Two stretches of a source that share this part of their union are one place."""


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


Sides = tuple[Place, Place]
"""The two sides of a match."""

Agree = Callable[[Place, Place], bool]
"""Whether two places hold the same text; asked only where no match says so already."""


def cluster(matches: Matches, agree: Agree) -> list[Passage]:
    """Group matches into passages, in order of their first places. Every match ends up in one passage at least."""
    one, other = (
        map(Place, *(column.tolist() for column in columns))
        for columns in (
            (matches.source_a, matches.a_start, matches.a_end),
            (matches.source_b, matches.b_start, matches.b_end),
        )
    )
    sides = list(zip(one, other, strict=True))
    places, ends = _places(sides, matches.score.tolist())
    edges: dict[int, dict[int, list[int]]] = defaultdict(dict)
    weight: dict[int, int] = defaultdict(int)
    for row, ((x, y), score) in enumerate(zip(ends, matches.score.tolist(), strict=True)):
        if x == y:
            continue
        edges[x].setdefault(y, []).append(row)
        edges[y].setdefault(x, []).append(row)
        weight[x] += score
        weight[y] += score
    for x, y in _implied(sides, places, agree):
        edges[x].setdefault(y, [])
        edges[y].setdefault(x, [])
    stars = _Stars(sides, places, edges, agree)
    for place in sorted(edges, key=lambda p: (-weight[p], places[p])):
        stars.add(place)
    stars.join()
    passages = [_passage(places, edges, medoid, members) for medoid, members in stars.stars if len(members) > 1]
    found = (p for p in passages if any(p.rows))  # copies of one longer copy alone say nothing new
    return sorted(found, key=lambda p: (p.places, p.medoid))


def _places(sides: Sequence[Sides], score: Sequence[int]) -> tuple[list[Place], list[tuple[int, int]]]:
    """The distinct places of all matches, and for each match the numbers of its two places."""
    places: list[Place] = []
    known: dict[int, list[tuple[int, int, int]]] = defaultdict(list)  # source: sorted (first, last, place)
    ends: list[tuple[int, int]] = [(-1, -1)] * len(sides)
    for row in sorted(range(len(sides)), key=lambda row: (-score[row], row)):
        numbers = []
        for side in sides[row]:
            source, first, last = side
            found = _known(known[source], first, last)
            if found < 0:
                found = len(places)
                places.append(side)
                bisect.insort(known[source], (first, last, found))
            numbers.append(found)
        ends[row] = numbers[0], numbers[1]
    return places, ends


def _known(known: list[tuple[int, int, int]], first: int, last: int) -> int:
    reach = (last - first) * (1 / SAME_PLACE - 1) + 1
    low = bisect.bisect_left(known, (int(first - reach), -1, -1))
    best, best_share = -1, SAME_PLACE
    for at in range(low, len(known)):
        other_first, other_last, number = known[at]
        if other_first > first + reach:
            break
        shared = min(last, other_last) - max(first, other_first)
        share = shared / (max(last, other_last) - min(first, other_first))
        if share > best_share or (share == best_share and best < 0):
            best, best_share = number, share
    return best


def _implied(sides: Sequence[Sides], places: list[Place], agree: Agree) -> Iterator[tuple[int, int]]:
    """Places that a longer match lays upon each other: an excerpt in one copy and the same excerpt in the other."""
    known: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for number, place in enumerate(places):
        known[place.source].append((place.first, place.last, number))
    for of_source in known.values():
        of_source.sort()
    for one, other in sides:
        for (source, first, last), (to_source, to_first, to_last) in ((one, other), (other, one)):
            inside = known[source]
            stretch = (to_last - to_first) / (last - first)
            for at in range(bisect.bisect_left(inside, (first, -1, -1)), len(inside)):
                start, end, number = inside[at]
                if start >= last:
                    break
                if end > last or 2 * (end - start) > last - first:
                    continue
                begin = to_first + round((start - first) * stretch)
                found = _known(known[to_source], begin, begin + end - start)
                if found >= 0 and found != number and agree(places[number], places[found]):
                    yield number, found


class _Stars:
    """Stars of places while they grow: each place that has a star belongs to one, its first."""

    def __init__(
        self, sides: Sequence[Sides], places: list[Place], edges: dict[int, dict[int, list[int]]], agree: Agree
    ):
        self.sides = sides
        self.places = places
        self.edges = edges
        self.agree = agree
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
        for place in sorted(self.edges, key=self.places.__getitem__):  # a list: pairs are added meanwhile
            for other in sorted(self.edges[place], key=self.places.__getitem__):
                one, two = self.star_of[place], self.star_of[other]
                if one == two or self.places[place] > self.places[other]:
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

    def _pair(self, rows: list[int]) -> None:
        """A star of the two sides of a match, just as they are."""
        for row in rows[:1]:
            ends = []
            for side in self.sides[row]:
                ends.append(len(self.places))
                self.places.append(side)
            for end, other in (ends, reversed(ends)):
                self.edges[end] = {other: [row]}
            self.stars.append((ends[0], set(ends)))
            self.star_of.update(dict.fromkeys(ends, len(self.stars) - 1))

    def _agree(self, place: int, other: int) -> bool:
        x, y = self.places[place], self.places[other]
        both = (x, y) if x <= y else (y, x)
        return any(self.sides[row] == both for row in self.edges[place].get(other, ())) or self.agree(*both)

    def _put(self, place: int, star: int) -> None:
        self.stars[star][1].add(place)
        self.star_of[place] = star


def _passage(places: list[Place], edges: dict[int, dict[int, list[int]]], medoid: int, members: set[int]) -> Passage:
    """A star as a passage. Of members that overlap in one source only the first (the medoid before others) stays."""
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
    rows = tuple(tuple(sorted(r for other, found in edges[m].items() if other in inside for r in found)) for m in kept)
    return Passage(tuple(places[m] for m in kept), kept.index(medoid), rows)
