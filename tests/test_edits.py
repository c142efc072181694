"""Space is brought into order only where nothing else is done to the text."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.edits import Shift, Stretches
from dedup.spacing import _untouched

STRETCHES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted), max_size=8)


@given(STRETCHES, STRETCHES)
def test_a_stretch_is_free_where_no_character_of_it_is_edited(edits: list[list[int]], asked: list[list[int]]) -> None:
    edited = {at for start, end in edits for at in range(start, max(end, start + 1))}
    looked_at = [range(start, end) if start < end else range(start - 1, start + 1) for start, end in asked]
    start, end = np.array(asked, np.int64).reshape(-1, 2).T
    done = Shift.behind([Stretches(*zip(*edits, strict=True), map(str, edits))], np.zeros(1, np.int64))
    found = _untouched(done, start, end)
    assert found.tolist() == [edited.isdisjoint(places) for places in looked_at]
