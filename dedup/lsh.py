"""Signatures -> candidate pairs: the paragraphs that agree in all rows of at least one band.

The b * r first rows of a signature are cut into b bands of r rows; two paragraphs of Jaccard similarity s
become a candidate pair with probability `1 - (1 - s**r)**b` (Leskovec, Rajaraman, Ullman, "Mining of Massive
Datasets", section 3.4). The pairs are those that `datasketch.MinHashLSH` answers, except in buckets that are
too large.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.errors import UsageError
from dedup.fold import Progress
from dedup.kernel import kernel
from dedup.sketch import EMPTY

MAX_BUCKET = 16
"""Members of the largest bucket of which all pairs are candidates.

At 16 a bucket costs at most 7.5 pairs a member. Beyond it members are linked along a line, one pair a member:
they stay connected, and a heading that stands in 100,000 files costs 100,000 pairs and not 5,000 million.
"""

_INDEX = np.uint64(0xFFFFFFFF)
_HASH_BITS = np.uint64(32)
_TOGETHER = 8  # bands hashed at a time: a signature is long, and going to it costs more than a few bands of it
_MERGE = 1 << 22  # pairs that wait before they are merged into those already found


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Buckets larger than `max_bucket`, which is to say boilerplate; sorted by band, then by member.

    `band`: int32[l], `member`: int64[l], the first paragraph in it, `size`: int64[l], how many paragraphs.
    """

    band: NDArray[np.int32]
    member: NDArray[np.int64]
    size: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs of paragraphs to verify: `a[i] < b[i]`, each pair once, sorted by a, then b.

    `a`, `b`: int64[q], numbers of paragraphs. `bands`: int32[q], in how many bands the two agree.
    `large`: the buckets of which only neighbours are among the pairs.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    bands: NDArray[np.int32]
    large: Buckets


def no_candidates() -> Candidates:
    """None."""
    none = np.zeros(0, np.int64)
    return Candidates(none, none, none.astype(np.int32), Buckets(none.astype(np.int32), none, none))


@lru_cache(maxsize=64)
def bands(threshold: float, num_perm: int = 128, weights: tuple[float, float] = (0.5, 0.5)) -> tuple[int, int]:
    """The number of bands b and the rows of each r with which candidates part best at a Jaccard similarity.

    `weights`: what a false positive and a false negative cost, adding up to 1. The optimum is datasketch's:
    the least weighted area of both errors under `1 - (1 - s**r)**b`. Raises UsageError where datasketch finds
    none.
    """
    amiss = (
        "the threshold must be in [0, 1]" * (not 0 <= threshold <= 1)
        or "too few permutations" * (num_perm < 2)
        or "the weights must be in [0, 1] and add up to 1" * (min(weights) < 0 or sum(weights) != 1)
    )
    _, b, r = (1.0, 0, 0) if amiss else _best_bands(threshold, num_perm, weights)
    if b < 2:
        raise UsageError(
            f"no bands for threshold {threshold}, {num_perm} permutations, weights {weights}: "
            f"{amiss or 'the best is a single band'}",
            hint="a threshold between 0.1 and 0.9 and 128 permutations always work",
        )
    return b, r


def _best_bands(threshold: float, num_perm: int, weights: tuple[float, float]) -> tuple[float, int, int]:
    """The least weighted error, and the bands and rows that make it.

    The areas are integrals of polynomials of degree b * r, for which Gauss's rule with half as many nodes is exact:
    datasketch, which asks scipy for them, takes a second to load.
    """
    at, weight = np.polynomial.legendre.leggauss(num_perm // 2 + 1)
    below, above = (at + 1) / 2 * threshold, threshold + (at + 1) / 2 * (1 - threshold)
    best = (np.inf, 0, 0)
    for b in range(1, num_perm + 1):
        r = np.arange(1, num_perm // b + 1)[:, None]
        false_positives = (1 - (1 - below**r) ** b) @ weight * threshold / 2
        false_negatives = (1 - above**r) ** b @ weight * (1 - threshold) / 2
        errors = weights[0] * false_positives + weights[1] * false_negatives
        least = int(np.argmin(errors))
        if errors[least] < best[0]:
            best = (float(errors[least]), b, least + 1)
    return best


def candidates(
    signatures: NDArray[np.uint32],
    *,
    b: int,
    r: int,
    max_bucket: int = MAX_BUCKET,
    progress: Progress | None = None,
) -> Candidates:
    """Find the pairs of paragraphs that agree in all `r` rows of at least one of `b` bands.

    `signatures`: uint32[p, num_perm] with b * r <= num_perm; rows that are `EMPTY` throughout are nobody's
    candidates. Paragraphs that agree in a band form a bucket. All pairs of a bucket of up to `max_bucket`
    members are candidates, in a larger one each member and the next in order; it is reported in `large`.
    Buckets are equal values, not equal hashes. Time p log p for each band, memory linear in p and in the
    pairs. `progress("lsh", bands done, b)`. Raises UsageError when the bands do not fit the signatures.
    """
    if b < 1 or r < 1 or b * r > signatures.shape[1]:
        raise UsageError(
            f"{b} bands of {r} rows do not fit signatures of {signatures.shape[1]}",
            hint="bands times rows can be at most the number of permutations",
        )
    if max_bucket < 1:
        raise UsageError(f"a bucket cannot be limited to {max_bucket} members")
    if len(signatures) > _INDEX:
        raise ValueError("more than 2**32 - 1 paragraphs in one call")
    signatures = np.ascontiguousarray(signatures, np.uint32)
    filled = np.flatnonzero(signatures.min(axis=1) != EMPTY)
    found = [np.empty(0, np.uint64)]
    waiting = 0
    large = [Buckets(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64))]
    for band in range(b):
        if band % _TOGETHER == 0:
            hashed = np.empty((min(_TOGETHER, b - band), len(filled)), np.uint64)
            _hash_bands(signatures, filled, band * r, r, hashed)
        members, first, size = _buckets(signatures, hashed[band % _TOGETHER], band * r, r)
        over = size > max_bucket
        boilerplate = np.sort(_packed(members[first[over]], size[over]))
        if len(boilerplate):
            lowest, sizes = _unpacked(boilerplate)
            large.append(Buckets(np.full(len(sizes), band, np.int32), lowest, sizes))
        links = np.where(over, size - 1, size * (size - 1) // 2)
        end = np.cumsum(links)
        pairs = np.empty(end[-1] if len(end) else 0, np.uint64)
        _link(members, first, size, end - links, max_bucket, pairs)
        found.append(pairs)
        waiting += len(pairs)
        if waiting > max(_MERGE, len(found[0])):
            found, waiting = [_distinct(found)], 0
        if progress:
            progress("lsh", band + 1, b)
    one, other = _unpacked(_distinct(found))
    agreeing = np.empty(len(one), np.int32)
    _agree(signatures, one, other, b, r, agreeing)
    return Candidates(
        one,
        other,
        agreeing,
        Buckets(
            np.concatenate([buckets.band for buckets in large]),
            np.concatenate([buckets.member for buckets in large]),
            np.concatenate([buckets.size for buckets in large]),
        ),
    )


def _buckets(
    signatures: NDArray[np.uint32], keys: NDArray[np.uint64], row: int, r: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The buckets of two and more members of one band: bucket i is `members[first[i]:first[i] + size[i]]`.

    `keys`: uint64[p], the hash of each signature's rows in this band over its number, which get sorted.
    """
    # The number of the paragraph fills the low half of a key: one sort of plain integers, for which numpy has
    # SIMD code, leaves equal hashes together and each run in order. That 32 bits of hash collide here and
    # there costs nothing, since a run is parted by its values anyhow.
    keys.sort()
    members = (keys & _INDEX).astype(np.int64)
    first, size = np.empty(len(keys) // 2, np.int64), np.empty(len(keys) // 2, np.int64)
    count = _part(signatures, keys, row, r, members, first, size)
    return members, first[:count], size[:count]


def _packed(high: NDArray[np.int64], low: NDArray[np.int64]) -> NDArray[np.uint64]:
    return high.astype(np.uint64) << _HASH_BITS | low.astype(np.uint64)


def _unpacked(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return (keys >> _HASH_BITS).astype(np.int64), (keys & _INDEX).astype(np.int64)


def _distinct(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    keys = np.concatenate(parts)
    keys.sort()
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


@kernel("u4[:,:], i8[:], i8, i8, u8[:,:]")
def _hash_bands(
    signatures: NDArray[np.uint32], filled: NDArray[np.int64], row: int, r: int, keys: NDArray[np.uint64]
) -> None:
    """For each band of `r` rows from `row` on, 32 bits of their hash over 32 bits of number, of filled signatures."""
    for i in range(len(filled)):
        for band in range(len(keys)):
            h = np.uint64(0)
            for j in range(row + band * r, row + band * r + r):
                h = (h ^ np.uint64(signatures[filled[i], j])) * np.uint64(0x9E3779B97F4A7C15)
                h ^= h >> np.uint64(29)
            h = (h ^ (h >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
            keys[band, i] = (h & ~np.uint64(0xFFFFFFFF)) | np.uint64(filled[i])


@kernel("u4[:,:], u8[:], i8, i8, i8[:], i8[:], i8[:]")
def _part(
    signatures: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    row: int,
    r: int,
    members: NDArray[np.int64],
    first: NDArray[np.int64],
    size: NDArray[np.int64],
) -> int:
    """Part the runs of equal hash by their values, keeping order; write the buckets, return their number."""
    others = np.empty(len(keys), np.int64)
    count = 0
    i = 0
    while i < len(keys):
        end = i + 1
        while end < len(keys) and (keys[end] ^ keys[i]) <= np.uint64(0xFFFFFFFF):
            end += 1
        while i < end:  # once, unless a hash stands for several values
            kept = i + 1
            different = 0
            for g in range(i + 1, end):
                equal = True
                for j in range(row, row + r):
                    if signatures[members[g], j] != signatures[members[i], j]:
                        equal = False
                        break
                if equal:
                    members[kept] = members[g]
                    kept += 1
                else:
                    others[different] = members[g]
                    different += 1
            for g in range(different):
                members[kept + g] = others[g]
            if kept - i > 1:
                first[count] = i
                size[count] = kept - i
                count += 1
            i = kept
    return count


@kernel("i8[:], i8[:], i8[:], i8[:], i8, u8[:]")
def _link(
    members: NDArray[np.int64],
    first: NDArray[np.int64],
    size: NDArray[np.int64],
    at: NDArray[np.int64],
    max_bucket: int,
    pairs: NDArray[np.uint64],
) -> None:
    """The pairs of each bucket, from `at[bucket]` on: the lower number over the higher one."""
    for bucket in range(len(first)):
        n = at[bucket]
        end = first[bucket] + size[bucket]
        for i in range(first[bucket], end - 1):
            last = end if size[bucket] <= max_bucket else i + 2
            for j in range(i + 1, last):
                pairs[n] = (np.uint64(members[i]) << np.uint64(32)) | np.uint64(members[j])
                n += 1


@kernel("u4[:,:], i8[:], i8[:], i8, i8, i4[:]")
def _agree(
    signatures: NDArray[np.uint32],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    count: int,
    r: int,
    agreeing: NDArray[np.int32],
) -> None:
    """In how many of `count` bands each pair agrees, large buckets or not."""
    for i in range(len(a)):
        total = 0
        for band in range(count):
            equal = True
            for j in range(band * r, band * r + r):
                if signatures[a[i], j] != signatures[b[i], j]:
                    equal = False
                    break
            total += equal
        agreeing[i] = total
