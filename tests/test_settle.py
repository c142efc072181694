"""What merging a result again would take out is told in letters of the sources; and what would make more of it."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import merge_texts

from dedup.edits import Shift
from dedup.settle import _trace

quick = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@quick
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.text("xy", max_size=3)), max_size=6),
    st.integers(0, 4),
    st.randoms(use_true_random=False),
)
def test_a_letter_of_the_result_comes_from_where_a_walk_over_the_edits_finds_it(
    steps: list[tuple[int, int, str]], behind: int, random: Random
) -> None:
    came: list[int] = []  # for each character of the result
    edits, done = [], 0
    for keep, out, put in steps:
        came += range(done, done + keep)
        edits.append((done + keep, done + keep + out, put))
        came += [done + keep] * len(put)
        done += keep + out
    came += range(done, done + behind)
    offsets = [at for at in range(done + behind) if random.random() < 0.7]
    at = [place for place in range(len(came)) if random.random() < 0.7]
    shift, found = Shift(edits), np.zeros(len(at), np.int64)
    start, put_there = np.ascontiguousarray(shift.start), np.ascontiguousarray(shift.put)
    _trace(np.array(at, np.int32), np.array(offsets, np.int32), start, put_there, shift.moved, found)
    assert found.tolist() == [min(bisect_left(offsets, came[place]), len(offsets) - 1) for place in at]


def test_a_break_that_layout_put_into_a_paragraph_does_not_stand_because_others_mean_one(tmp_path: Path) -> None:
    """It would part the paragraph, and a part of it may be what another text has."""
    lines = [
        "補史記莊王即位三年不出號令日夜為樂令國中",
        "曰有敢諫者死無赦伍舉入諫莊王左抱鄭姬右抱",
        "越女坐鐘鼔之間伍舉曰願有進隱曰有鳥在於阜",
        "三年不蜚不鳴是何鳥也莊王曰三年不蜚蜚將冲",
        "天三年不鳴鳴將驚人舉退矣吾知之矣居數月淫",
    ]
    parted = f"{lines[0][1:]}\n\n{''.join(lines[1:4])}\n\n另有他事無關於此者也\n"
    result = merge_texts({"wrapped.txt": "\n".join([*lines, ""]), "parted.txt": parted}, tmp_path).merged
    assert result.texts == {"wrapped.txt": "".join([*lines, "\n"]), "parted.txt": "另有他事無關於此者也\n"}
