"""The sides of matches are brought to places as a walk over the matches would bring them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import cluster
from dedup.cluster import Passage, Place
from dedup.matches import Matches
from dedup.places import SAME_PLACE, implied, locate

quick = settings(max_examples=200, deadline=None, derandomize=True, database=None)

SIZE = 60  # letters of each source
stretches = st.one_of(
    st.tuples(st.integers(0, SIZE - 1), st.integers(1, SIZE)),
    st.tuples(st.sampled_from((5, 6, 7, 30)), st.sampled_from((10, 20, 21, 24))),  # many that are nearly the same
)
sides = st.tuples(st.integers(0, 2), stretches).map(
    lambda side: Place(side[0], side[0] * SIZE + side[1][0], side[0] * SIZE + min(sum(side[1]), SIZE))
)
pairs = st.tuples(sides, sides).map(sorted).filter(lambda pair: pair[0] != pair[1])
heaps = st.lists(st.tuples(pairs, st.integers(1, 5)), min_size=1, max_size=12)
Heap = list[tuple[list[Place], int]]

KINDS = {"source_a": np.int32, "source_b": np.int32, "lsh": np.bool_, "part": np.bool_, "relation": np.int8}


def matches_of(heap: Heap) -> Matches:
    columns = {field.name: np.zeros(len(heap), KINDS.get(field.name, np.int64)) for field in fields(Matches)}
    for row, ((one, other), score) in enumerate(heap):
        columns["score"][row] = score
        for place, source, start, end in (
            (one, "source_a", "a_start", "a_end"),
            (other, "source_b", "b_start", "b_end"),
        ):
            columns[source][row], columns[start][row], columns[end][row] = place
    return Matches(**columns)


def share(one: Place, other: Place) -> float:
    """Which part of their union two stretches share."""
    shared = min(one.last, other.last) - max(one.first, other.first)
    return shared / (max(one.last, other.last) - min(one.first, other.first))


def nearest(places: list[Place], stretch: Place) -> Place | None:
    """The place that a stretch is."""
    of_source = sorted(place for place in places if place.source == stretch.source)
    near = [place for place in of_source if share(place, stretch) >= SAME_PLACE]
    return max(near, key=lambda place: share(place, stretch)) if near else None


def walked(heap: Heap) -> tuple[list[Place], list[tuple[Place, Place]]]:
    """The places of matches in order, and those of each match."""
    places: list[Place] = []
    of_match: dict[int, list[Place]] = {}
    for row in sorted(range(len(heap)), key=lambda row: (-heap[row][1], row)):
        of_match[row] = []
        for side in heap[row][0]:
            found = nearest(places, side) or side
            of_match[row].append(found)
            places += [found] if found not in places else []
    return sorted(places), [(of_match[row][0], of_match[row][1]) for row in range(len(heap))]


@quick
@given(heaps)
def test_the_places_of_matches_are_the_sides_of_the_best(heap: Heap) -> None:
    located = locate(matches_of(heap))
    places, of_match = walked(heap)
    found = [*map(Place, located.source.tolist(), located.first.tolist(), located.last.tolist())]
    assert found == places
    assert [(found[x], found[y]) for x, y in zip(located.one, located.other, strict=True)] == of_match
    assert located.exactly.tolist() == [tuple(two) == ends for (two, _), ends in zip(heap, of_match, strict=True)]


@quick
@given(heaps)
def test_a_match_lays_the_places_inside_it_upon_each_other(heap: Heap) -> None:
    matches = matches_of(heap)
    places, _ = walked(heap)
    laid = set()
    for (one, other), _ in heap:
        for side, to in ((one, other), (other, one)):
            for number, (source, first, last) in enumerate(places):
                if source != side.source or first < side.first or last > side.last:
                    continue
                begin = to.first + round((first - side.first) * ((to.last - to.first) / (side.last - side.first)))
                found = nearest(places, Place(to.source, begin, begin + last - first))
                if 2 * (last - first) <= side.last - side.first and found and found != places[number]:
                    laid.add((number, places.index(found)))
    assert implied(matches, locate(matches)).tolist() == [list(pair) for pair in sorted(laid)]


@quick
@given(heaps, st.integers(1, 5))
def test_pairs_that_stand_alone_become_what_stars_would_make_of_them(heap: Heap, odd: int) -> None:
    matches, rows = matches_of(heap), np.arange(10, 10 + len(heap))
    named = matches[np.concatenate((np.zeros(10, np.int64), np.arange(len(heap))))]

    def agree(one: Place, other: Place) -> bool:
        return hash((one, other)) % odd != 0

    def passages() -> list[Passage]:
        return cluster.cluster(named, rows, agree)

    found = passages()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "_alone", lambda located, edges: np.zeros(len(edges.low), np.bool_))
        assert found == passages()
