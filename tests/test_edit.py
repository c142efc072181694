"""Two strings of letters are aligned into blocks that stand equal, as many letters as there can be."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq, Levenshtein
from texts import SCRIPTS, noise, prose

from dedup import edit
from dedup.edit import Blocks, equal_blocks
from dedup.fold import code_points

quick = settings(max_examples=150, deadline=None, derandomize=True, database=None)
strings = st.text("天地玄黄ab", max_size=40)
pinned = st.lists(st.sampled_from(["天地玄黄宇宙洪荒日月", "盈昃辰宿列张寒来暑往", "甲", "ab", "ba"]), max_size=14)


def blocks(x: str, y: str) -> Blocks:
    return equal_blocks(code_points(x), code_points(y))


def assert_aligned(x: str, y: str, found: Blocks) -> None:
    done_x = done_y = 0
    before = None
    for a, b, n in found:
        assert n > 0
        assert a >= done_x
        assert b >= done_y
        assert x[a : a + n] == y[b : b + n]
        assert before is None or (a, b) != before  # two blocks that touch on both sides are one
        done_x, done_y = a + n, b + n
        before = (done_x, done_y)
    assert done_x <= len(x)
    assert done_y <= len(y)


@quick
@given(strings, strings)
@example("", "")
@example("天天", "天")
@example("ab", "ba")
def test_blocks_are_equal_and_ascend(x: str, y: str) -> None:
    assert_aligned(x, y, blocks(x, y))


@quick
@given(strings, strings)
def test_blocks_are_those_of_a_shortest_edit(x: str, y: str) -> None:
    equal = sum(n for _, _, n in blocks(x, y))
    shortest = sum(op.src_end - op.src_start for op in Levenshtein.opcodes(x, y) if op.tag == "equal")
    assert shortest - 2 <= equal <= LCSseq.similarity(x, y)


def test_equal_strings_are_one_block() -> None:
    assert blocks("天地玄黄", "天地玄黄") == [(0, 0, 4)]
    assert blocks("", "") == []
    assert blocks("", "天") == []


def test_what_was_put_in_and_left_out_stands_between_blocks() -> None:
    assert blocks("天地玄黄", "天地甲玄黄") == [(0, 0, 2), (2, 3, 2)]
    assert blocks("天地甲玄黄", "天地玄黄") == [(0, 0, 2), (3, 2, 2)]
    assert blocks("天地甲玄黄", "天地乙玄黄") == [(0, 0, 2), (3, 3, 2)]


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name != "odd"])
def test_long_strings_are_aligned_as_well_as_short_ones(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pinned by anchors first: hardly a letter is lost by that."""
    x = "".join(s for paragraph in prose(script, 1, 4, 5) for s in paragraph if s).replace(" ", "")
    y = noise(x, 0.05, 1)
    expected = sum(n for _, _, n in blocks(x, y))
    monkeypatch.setattr(edit, "_SMALL", 2_000)
    found = blocks(x, y)
    assert_aligned(x, y, found)
    assert sum(n for _, _, n in found) >= 0.98 * expected


@pytest.mark.parametrize("moved", [False, True])
def test_very_long_strings_are_aligned_in_time(moved: bool) -> None:
    rng = random.Random(3)
    x = "".join(rng.choices([chr(0x4E00 + n) for n in range(800)], k=100_000))
    y = noise(x, 0.02, 5)
    if moved:
        y = y[60_000:] + y[:60_000]
    found = blocks(x, y)
    assert_aligned(x, y, found)
    assert sum(n for _, _, n in found) >= (0.57 if moved else 0.96) * len(x)


@quick
@given(pinned, pinned)
def test_pinned_blocks_are_equal_and_ascend(x: list[str], y: list[str]) -> None:
    small = edit._SMALL
    edit._SMALL = 30
    try:
        one, two = "".join(x), "".join(y)
        assert_aligned(one, two, blocks(one, two))
    finally:
        edit._SMALL = small


def test_repeats_without_a_pin_do_not_hang() -> None:
    x, y = "天地" * 3_000, "地天天" * 3_000
    assert_aligned(x, y, blocks(x, y))


def test_letters_of_any_plane_are_aligned() -> None:
    assert blocks("𠀋天😀", "𠀋地😀") == [(0, 0, 1), (2, 2, 1)]
    lone = np.array([0xD800, 0x5929], np.uint32)
    assert equal_blocks(lone, lone) == [(0, 0, 2)]
