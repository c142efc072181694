"""Chains: anchors that keep their order, the best first, and none lost that is worth a match by itself."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import prose

from dedup.anchor import Anchors, anchors
from dedup.chain import MAX_GAP, MIN_SCORE, Chains, chains
from dedup.fold import fold
from dedup.script import DENSE_WEIGHT, weigh

quick = settings(max_examples=60, deadline=None, derandomize=True, database=None)

SENTENCES = [sentence for number in range(6) for paragraph in prose("han", 700 + number) for sentence in paragraph]


def find(*texts: str) -> tuple[Anchors, Chains]:
    folded = fold(texts)
    found = anchors(folded.letters, folded.starts)
    return found, chains(found, cumulated(folded.letters))


def cumulated(letters: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(weigh(letters), dtype=np.int64)))


def of_rows(*rows: tuple[int, int, int]) -> tuple[Anchors, Chains]:
    """Chains of anchors (a, b, length) between two sources of 10,000 sinographs."""
    a, b, length = np.array(sorted(rows), np.int64).reshape(-1, 3).T
    b = b + 10_000
    zero, one = np.zeros(len(a), np.int32), np.ones(len(a), np.int32)
    found = Anchors(a, b, length, zero, one, np.zeros(20_000, np.int32))
    return found, chains(found, DENSE_WEIGHT * np.arange(20_001, dtype=np.int64))


def members(chained: Chains) -> list[list[int]]:
    return [
        chained.members[low:high].tolist()
        for low, high in zip(chained.bounds[:-1].tolist(), chained.bounds[1:].tolist(), strict=True)
    ]


def test_anchors_in_order_are_one_chain() -> None:
    _, chained = of_rows((0, 0, 20), (25, 24, 20), (50, 50, 20))
    assert members(chained) == [[0, 1, 2]]
    assert chained.score.tolist() == [3 * 100 - (25 // 2) - (30 // 2)]


def test_a_gap_too_wide_parts_a_chain() -> None:
    wide = MAX_GAP // DENSE_WEIGHT + 1
    _, chained = of_rows((0, 0, 500), (500 + wide, 500 + wide, 500))
    assert members(chained) == [[0], [1]]
    _, chained = of_rows((0, 0, 500), (499 + wide, 499 + wide, 500))
    assert members(chained) == [[0, 1]]


def test_passages_that_changed_places_are_two_chains() -> None:
    _, chained = of_rows((0, 300, 40), (60, 360, 40), (200, 0, 40), (260, 60, 40))
    assert members(chained) == [[0, 1], [2, 3]]


def test_a_seed_alone_is_no_chain() -> None:
    assert members(of_rows((0, 0, 6))[1]) == []
    assert members(of_rows((0, 0, MIN_SCORE // DENSE_WEIGHT))[1]) == [[0]]


def test_an_anchor_after_a_chain_that_ended_is_kept() -> None:
    """Three sentences of one text side by side in the other: each is worth a match, also where the gaps cost more."""
    _, chained = of_rows((27, 0, 31), (118, 31, 32), (214, 63, 22))
    assert sorted(m for chain in members(chained) for m in chain) == [0, 1, 2]


def test_every_sentence_of_an_excerpt_is_found() -> None:
    whole = "".join(SENTENCES)
    for step in (2, 3, 4):
        chosen = SENTENCES[1::step]
        found, chained = find(whole, "".join(chosen))
        letters = np.zeros(len(fold([whole]).letters), np.bool_)
        for m in chained.members:
            letters[found.a[m] : found.a[m] + found.length[m]] = True
        assert letters.sum() >= 0.95 * len(fold(["".join(chosen)]).letters)


rows = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(6, 40)), max_size=30)


@quick
@given(rows)
def test_a_chain_keeps_its_order_on_both_sides(anchored: list[tuple[int, int, int]]) -> None:
    found, chained = of_rows(*set(anchored))
    taken = chained.members.tolist()
    assert len(set(taken)) == len(taken)
    for chain in members(chained):
        for i, j in pairwise(chain):
            assert found.a[i] < found.a[j]
            assert found.b[i] < found.b[j]
            assert found.a[i] + found.length[i] < found.a[j] + found.length[j]
            assert found.b[i] + found.length[i] < found.b[j] + found.length[j]
    assert all(score >= MIN_SCORE for score in chained.score.tolist())
    heads = [chain[0] for chain in members(chained)]
    assert heads == sorted(heads)


@quick
@given(rows)
def test_an_anchor_that_is_worth_a_chain_is_in_one_or_beside_a_better(anchored: list[tuple[int, int, int]]) -> None:
    """Anchors that cross no other are never lost."""
    found, chained = of_rows(*set(anchored))
    taken = set(chained.members.tolist())
    for j in range(len(found.a)):
        if found.length[j] * DENSE_WEIGHT < MIN_SCORE:
            continue
        apart = all(
            i == j or found.a[i] + found.length[i] <= found.a[j] or found.a[j] + found.length[j] <= found.a[i]
            for i in range(len(found.a))
        ) and all(
            i == j or found.b[i] + found.length[i] <= found.b[j] or found.b[j] + found.length[j] <= found.b[i]
            for i in range(len(found.a))
        )
        if apart:
            assert j in taken


def test_nothing_has_no_chains() -> None:
    assert members(of_rows()[1]) == []
