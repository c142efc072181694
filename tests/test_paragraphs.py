"""Paragraphs are told in columns as each would be alone."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from texts import Heap, heaps, lay, pipeline, run, scratch

from dedup.encode import paragraph_line, paragraph_lines
from dedup.narrow import wide
from dedup.paragraphs import _bare, _homes

BOUNDS = st.lists(st.integers(0, 30), min_size=2, max_size=12).map(sorted)
RANGES = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted)


def column(values: list[int]) -> np.ndarray:
    return np.array(values, np.int64)


@given(BOUNDS, st.lists(RANGES, max_size=6))
def test_a_paragraph_belongs_to_the_first_home_that_covers_more_than_half_of_it(
    bounds: list[int], ranges: list[list[int]]
) -> None:
    paragraphs = [(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False) if a < b]
    homes = [(x, y, number) for number, (x, y) in enumerate(ranges) if x < y]
    expected = [
        next((number for x, y, number in homes if 2 * (min(y, b) - max(x, a)) > b - a), -1) for a, b in paragraphs
    ]
    start, end = column([a for a, _ in paragraphs]), column([b for _, b in paragraphs])
    assert _homes(start, end, sorted(homes)).tolist() == expected


@given(st.text(" \n\t\u3000\x85\x1f一a\ud800"), st.data())
@example("", None)
@example("\u3000一", None)
def test_space_around_a_stretch_is_what_python_strips(text: str, data: st.DataObject | None) -> None:
    places = st.integers(0, len(text))
    stretches = data.draw(st.lists(st.tuples(places, places), max_size=6)) if data else [(0, len(text))]
    first, last = column([a for a, _ in stretches]), column([b for _, b in stretches])
    for a, b, x, y in zip(first, last, *_bare(f"{text}\n", first, last), strict=True):
        assert text[x:y] == text[a:b].strip()
        assert (a, b) == (x, y) or x >= y or (text[a:x] + text[y:b]).isspace()


@settings(pipeline, max_examples=10)
@given(heaps())
def test_paragraphs_are_told_together_as_each_is_alone(heap: Heap) -> None:
    with scratch() as tmp:
        paragraphs = run(lay(tmp / "in", heap), tmp / "out").merged.paragraphs
    assert [*map(wide, paragraph_lines(paragraphs))] == [*map(paragraph_line, paragraphs)]
