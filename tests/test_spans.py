"""Where matches stand, for all of them at once, is where `Corpus.characters` puts each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.api import find_passages, read_sources
from dedup.corpus import Corpus, build
from dedup.model import Source
from dedup.spans import characters, spans

SEEDS = Path(__file__).parent.parent / "seeds"


def agree(corpus: Corpus, ranges: list[tuple[int, int]]) -> None:
    first, last = (np.array(column, np.int64) for column in zip(*ranges, strict=True))
    source = (np.searchsorted(corpus.folded.starts, first, side="right") - 1).astype(np.int32)
    start, end = characters(corpus, source, first, last)
    assert list(zip(start.tolist(), end.tolist(), strict=True)) == [corpus.characters(a, b) for a, b in ranges]


marks = st.text(alphabet="甲乙丙a（《“”》）。，\n ", min_size=1, max_size=40)


@given(st.lists(marks, min_size=1, max_size=3), st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_columns_of_ranges_stand_where_single_ranges_do(texts: list[str], data: st.DataObject) -> None:
    corpus = build([Source(f"{n}.txt", text) for n, text in enumerate(texts)])
    ranges = []
    for base, stop in zip(corpus.folded.starts[:-1].tolist(), corpus.folded.starts[1:].tolist(), strict=True):
        for _ in range(3):
            if base < stop:
                first = data.draw(st.integers(base, stop - 1))
                ranges.append((first, data.draw(st.integers(first + 1, stop))))
    if ranges:
        agree(corpus, ranges)


def test_every_match_of_the_seeds_stands_where_the_api_says() -> None:
    found = find_passages(read_sources([SEEDS]))
    corpus = found.scan.corpus
    matches = found.scan.matches.told(corpus)
    a = spans(corpus, matches.source_a, matches.a_start, matches.a_end)
    assert [(m.a.start, m.a.end) for m in found] == list(zip(a.start.tolist(), a.end.tolist(), strict=True))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_positions_count_newlines_as_the_file_has_them(newline: str) -> None:
    corpus = build([Source("a.txt", "甲乙。\n\n丙丁\n", newline=newline)])  # type: ignore[arg-type]
    found = spans(corpus, np.zeros(2, np.int32), np.array([0, 2]), np.array([4, 4]))
    step = len(newline)
    assert found.start.tolist() == [0, 3 + 2 * step]
    assert found.end.tolist() == [5 + 2 * step] * 2
    assert (found.line.tolist(), found.last_line.tolist()) == ([1, 3], [3, 3])


def test_no_match_is_no_span() -> None:
    none = np.zeros(0, np.int64)
    assert len(spans(build([Source("a.txt", "甲")]), none.astype(np.int32), none, none).start) == 0
