"""Candidates are the pairs that datasketch's index answers; large buckets are linked along a line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from datasketch import MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import lsh
from dedup.errors import UsageError
from dedup.lsh import MAX_BUCKET, bands, candidates
from dedup.sketch import EMPTY, signatures, to_lean

UNLIMITED = 1 << 40


def pairs(found):
    return list(zip(found.a.tolist(), found.b.tolist(), strict=True))


def oracle(rows, b, r):
    """What MinHashLSH answers for every signature that is not empty."""
    index = MinHashLSH(num_perm=rows.shape[1], params=(b, r))
    filled = [i for i, row in enumerate(rows) if (row != EMPTY).any()]
    for i in filled:
        index.insert(i, to_lean(rows[i]))
    return sorted({(min(i, j), max(i, j)) for i in filled for j in index.query(to_lean(rows[i])) if i != j})


def agreeing(rows, pair, b, r):
    a, c = pair
    return sum(np.array_equal(rows[a, i * r : i * r + r], rows[c, i * r : i * r + r]) for i in range(b))


@st.composite
def random_signatures(draw):
    """Few different values, so that buckets of every size come about; some rows empty, some copies."""
    count, num_perm = draw(st.integers(0, 40)), draw(st.integers(2, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = rng.integers(0, draw(st.integers(1, 6)), (count, num_perm)).astype(np.uint32)
    rows[rng.random(rows.shape) < draw(st.sampled_from([0, 0.1, 0.5]))] = EMPTY
    rows[rng.random(count) < 0.1] = EMPTY
    b = draw(st.integers(2, num_perm))
    return rows, b, draw(st.integers(1, num_perm // b))


@settings(deadline=None)
@given(random_signatures())
def test_candidates_are_those_of_datasketch(drawn):
    rows, b, r = drawn
    found = candidates(rows, b=b, r=r, max_bucket=UNLIMITED)
    assert pairs(found) == oracle(rows, b, r)
    assert found.bands.tolist() == [agreeing(rows, pair, b, r) for pair in pairs(found)]
    assert len(found.large.size) == 0
    assert (found.a.dtype, found.b.dtype, found.bands.dtype) == (np.int64, np.int64, np.int32)


def edited_copies(seed):
    rng = np.random.default_rng(seed)
    alphabet = rng.integers(0x4E00, 0x9FFF, 3000).astype(np.uint32)
    parts = []
    for _ in range(60):
        text = rng.choice(alphabet, 150)
        for _ in range(rng.integers(1, 5)):
            copy = text.copy()
            edited = rng.random(150) < rng.uniform(0, 0.15)
            copy[edited] = rng.choice(alphabet, edited.sum())
            parts.append(copy)
    last = np.cumsum([len(part) for part in parts])
    return signatures(np.concatenate(parts), last - 150, last)


@pytest.mark.parametrize("seed", [1, 2])
def test_candidates_of_edited_texts_are_those_of_datasketch(seed):
    rows = edited_copies(seed)
    b, r = bands(0.5)
    found = candidates(rows, b=b, r=r)
    assert len(found.a) > 20
    assert pairs(found) == oracle(rows, b, r)


@settings(deadline=None)
@given(random_signatures(), st.sampled_from([0, 1, 7]))
def test_a_collision_of_band_hashes_makes_no_candidate(drawn, kept):
    rows, b, r = drawn
    keep_few = lsh._hash_bands

    def collide(signatures, filled, row, r, keys):
        keep_few(signatures, filled, row, r, keys)
        keys &= np.uint64(kept << 32 | 0xFFFFFFFF)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lsh, "_hash_bands", collide)
        found = candidates(rows, b=b, r=r, max_bucket=UNLIMITED)
    assert pairs(found) == oracle(rows, b, r)


@settings(deadline=None)
@given(random_signatures(), st.integers(1, 5))
def test_large_buckets_stay_connected_and_small_ones_whole(drawn, max_bucket):
    rows, b, r = drawn
    expected, large = set(), []
    for band in range(b):
        buckets = {}
        for i, row in enumerate(rows):
            if (row != EMPTY).any():
                buckets.setdefault(row[band * r : band * r + r].tobytes(), []).append(i)
        for members in sorted(buckets.values()):
            if len(members) > max(max_bucket, 1):
                expected.update(pairwise(members))
                large.append((band, members[0], len(members)))
            else:
                expected.update((i, j) for i in members for j in members if i < j)
    found = candidates(rows, b=b, r=r, max_bucket=max_bucket)
    assert pairs(found) == sorted(expected)
    assert found.bands.tolist() == [agreeing(rows, pair, b, r) for pair in pairs(found)]
    told = zip(found.large.band.tolist(), found.large.member.tolist(), found.large.size.tolist(), strict=True)
    assert list(told) == large


def test_a_bucket_of_boilerplate_costs_one_pair_a_member():
    rows = np.tile(np.arange(128, dtype=np.uint32), (5000, 1))
    found = candidates(rows, b=25, r=5)
    assert pairs(found) == [(i, i + 1) for i in range(4999)]
    assert (found.bands == 25).all()
    assert found.large.band.tolist() == list(range(25))
    assert found.large.member.tolist() == [0] * 25
    assert found.large.size.tolist() == [5000] * 25


def test_the_limit_itself_is_still_a_small_bucket():
    rows = np.zeros((MAX_BUCKET + 1, 4), np.uint32)
    assert len(candidates(rows[:-1], b=2, r=2).a) == MAX_BUCKET * (MAX_BUCKET - 1) // 2
    assert len(candidates(rows, b=2, r=2).a) == MAX_BUCKET


def test_pairs_merged_in_many_portions_are_the_same(monkeypatch):
    rows = edited_copies(3)
    whole = candidates(rows, b=25, r=5)
    monkeypatch.setattr(lsh, "_MERGE", 1)
    assert pairs(candidates(rows, b=25, r=5)) == pairs(whole)


def test_empty_paragraphs_are_nobodys_candidates():
    rows = np.full((10, 8), EMPTY, np.uint32)
    rows[3, 0] = rows[7, 0] = 5  # equal to the empty ones in the second band
    assert pairs(candidates(rows, b=2, r=4)) == [(3, 7)]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_paragraphs_have_no_candidates(count):
    found = candidates(np.zeros((count, 8), np.uint32), b=2, r=4)
    assert pairs(found) == []
    assert len(found.bands) == 0


def test_progress_counts_bands():
    said = []
    candidates(np.zeros((2, 8), np.uint32), b=4, r=2, progress=lambda *step: said.append(step))
    assert said == [("lsh", band, 4) for band in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("threshold", "num_perm", "weights", "optimum"),
    [
        (0.3, 128, (0.5, 0.5), (37, 3)),
        (0.4, 128, (0.5, 0.5), (32, 4)),
        (0.5, 128, (0.5, 0.5), (25, 5)),
        (0.5, 128, (0.2, 0.8), (30, 4)),
        (0.5, 256, (0.5, 0.5), (42, 6)),
        (0.7, 64, (0.5, 0.5), (8, 8)),
        (0.9, 128, (0.5, 0.5), (5, 25)),
    ],
)
def test_bands_are_datasketchs_optimum(threshold, num_perm, weights, optimum):
    assert bands(threshold, num_perm, weights) == optimum


@pytest.mark.parametrize("threshold", [0.15, 0.35, 0.5, 0.65, 0.85])
@pytest.mark.parametrize(("num_perm", "weights"), [(16, (0.5, 0.5)), (50, (0.3, 0.7)), (64, (0.5, 0.5))])
def test_bands_are_those_that_datasketch_finds(threshold, num_perm, weights):
    index = MinHashLSH(threshold=threshold, num_perm=num_perm, weights=weights)
    assert bands(threshold, num_perm, weights) == (index.b, index.r)


@pytest.mark.parametrize(
    ("threshold", "num_perm", "weights"),
    [(1.5, 128, (0.5, 0.5)), (-0.1, 128, (0.5, 0.5)), (0.5, 1, (0.5, 0.5)), (0.5, 128, (0.5, 0.6))],
)
def test_bands_that_datasketch_does_not_find_are_a_usage_error(threshold, num_perm, weights):
    with pytest.raises(UsageError):
        bands(threshold, num_perm, weights)


@pytest.mark.parametrize(("b", "r", "max_bucket"), [(0, 4, 16), (2, 0, 16), (3, 3, 16), (2, 4, 0)])
def test_bands_that_do_not_fit_are_a_usage_error(b, r, max_bucket):
    with pytest.raises(UsageError):
        candidates(np.zeros((2, 8), np.uint32), b=b, r=r, max_bucket=max_bucket)
