"""What an election asks of the letters is what looking at each of them says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.plan.election import _NEIGHBOURHOOD, WHOLE, _density, counted, tallied

quick = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@quick
@given(st.lists(st.booleans(), min_size=1, max_size=300), st.data())
def test_marked_letters_of_a_range_are_counted_as_one_by_one(marks: list[bool], data: st.DataObject) -> None:
    inside = st.integers(0, len(marks))
    ranges = data.draw(st.lists(st.tuples(inside, inside).map(sorted), max_size=8))
    first, last = np.array(ranges, np.int64).reshape(-1, 2).T.copy()
    marked = np.array(marks, np.bool_)
    assert counted(marked, tallied(marked), first, last).tolist() == [sum(marks[low:high]) for low, high in ranges]


def density(passages: list[list[tuple[int, int, int]]], starts: list[int], gone: list[bool]) -> list[float]:
    """How densely shared text stands in what is left of each source, letter by letter."""
    left = [[at for at in range(*of) if not gone[at]] for of in pairwise(starts)]
    shared = set()
    for places in passages:
        if len({source for source, _, _ in places}) > 1:
            for source, first, last in places:
                if last - first < WHOLE * len(left[source]):
                    shared.update(range(first, last))
    densities = []
    for letters in left:
        there = [at in shared for at in letters]
        around = [there[max(0, at - _NEIGHBOURHOOD) : at + _NEIGHBOURHOOD] for at in range(len(there)) if there[at]]
        densities.append(sum(sum(of) / len(of) for of in around) / len(around) if around else 0.0)
    return densities


@quick
@given(st.lists(st.integers(0, 900), min_size=1, max_size=3), st.data())
def test_the_density_of_shared_text_is_that_around_each_letter(sizes: list[int], data: st.DataObject) -> None:
    starts = [0, *np.cumsum(sizes).tolist()]
    numbers = [source for source, size in enumerate(sizes) if size]
    gone = [False] * starts[-1]
    for _ in range(data.draw(st.integers(0, 3))):
        low, high = sorted(data.draw(st.tuples(*[st.integers(0, starts[-1])] * 2)))
        gone[low:high] = [True] * (high - low)
    passages = []
    for _ in range(data.draw(st.integers(0, 6)) if numbers else 0):
        places = []
        for source in sorted(data.draw(st.lists(st.sampled_from(numbers), min_size=2, max_size=3))):
            ends = st.integers(starts[source], starts[source + 1])
            first, last = sorted(data.draw(st.lists(ends, min_size=2, max_size=2, unique=True)))
            if 2 * sum(gone[first:last]) < last - first:
                places.append((source, first, last))
        passages.append(places)
    rows = [place for places in passages for place in places]
    source, first, last = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    bounds = np.array([0, *np.cumsum(list(map(len, passages)))], np.int64)
    marked = np.array(gone, np.bool_)
    found = _density(
        np.ones(len(rows), np.bool_), bounds, source, first, last, np.argsort(first, kind="stable"),
        np.array(starts, np.int64), marked, tallied(marked),
    )  # fmt: skip
    assert found.tolist() == pytest.approx(density(passages, starts, gone))
