"""Some things are gone over at a time, and nobody can tell from the result how many."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import Heap, heaps, lay, pipeline, run, scratch, tree

from dedup.batch import batches, heads_of

ROOMS = ("segment", "spacing", "paragraphs", "draft", "collate.changes", "encode", "tell")


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 20))
def test_batches_hold_all_in_order_and_none_is_too_large(sizes: list[int], limit: int) -> None:
    found = batches(sizes, limit)
    assert [number for some in found for number in range(len(sizes))[some]] == list(range(len(sizes)))
    for some in found:
        assert len(sizes[some]) > 0
        assert sum(sizes[some]) < limit + max(sizes[some])
    assert len(found) <= sum(sizes) // limit + 1


@given(st.lists(st.integers(0, 5)).map(sorted))
def test_heads_are_where_the_rows_of_each_source_begin(source: list[int]) -> None:
    heads = heads_of(np.array(source, np.int32), 6).tolist()
    assert [source[a:b] for a, b in pairwise(heads)] == [[n] * source.count(n) for n in range(6)]


@settings(pipeline, max_examples=15)
@given(heaps())
def test_how_many_are_gone_over_at_once_changes_no_byte(heap: Heap) -> None:
    with scratch() as tmp, ExitStack() as alone:
        folder = lay(tmp / "in", heap)
        together = tree(run(folder, tmp / "together").out)
        for room in ROOMS:
            alone.enter_context(patch(f"dedup.{room}.batches", lambda sizes, _: batches([1] * len(sizes), 1)))
        alone.enter_context(patch("dedup.tell._TOGETHER", 1))
        assert tree(run(folder, tmp / "alone").out) == together
