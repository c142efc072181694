"""Signatures and candidates beside datasketch's own, on one core: `python tests/bench/sketch.py`.

`--chance FILE...` measures instead how many pairs of texts that share nothing become candidates by chance,
for each length of a shingle: give it files none of which reuses another.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import numpy as np
from datasketch import MinHash, MinHashLSH

from dedup.fold import fold, fold_text
from dedup.lsh import bands, candidates
from dedup.sketch import shingle_hash, shingle_lengths, signatures, to_lean

SEEDS = Path(__file__).parents[2] / "seeds"


def best(action, turns=5):
    """The shortest time of several turns, in seconds, and what the action returned."""
    shortest = float("inf")
    for _ in range(turns):
        start = time.perf_counter()
        result = action()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def paragraphs():
    """The lines of the seeds, folded: letters, first, last."""
    lines = [line for path in sorted(SEEDS.glob("*.txt")) for line in path.read_text("utf-8").split("\n")]
    folded = fold(lines)
    long = np.diff(folded.starts) > 0
    return folded.letters, folded.starts[:-1][long], folded.starts[1:][long]


def compare_signatures():
    """Signatures of the seeds' lines: the kernel (on 50 copies, for the clock) and MinHash.bulk."""
    letters, first, last = paragraphs()
    lengths = shingle_lengths(letters, first, last)
    columns = list(zip(first.tolist(), last.tolist(), lengths.tolist(), strict=True))
    count = sum(b - a - k + 1 for a, b, k in columns)
    copies = 50
    shift = np.repeat(np.arange(copies) * len(letters), len(first))
    many = np.tile(letters, copies), np.tile(first, copies) + shift, np.tile(last, copies) + shift
    signatures(letters, first, last)  # compiled, or out of the cache
    seconds, ours = best(lambda: signatures(*many))
    kernel = copies * count / seconds / 1e6
    text = letters.tobytes()

    def cut():
        return [[text[4 * i : 4 * (i + k)] for i in range(a, b - k + 1)] for a, b, k in columns]

    shingles = cut()
    print(f"{len(first)} lines of the seeds, {count} shingles, 128 permutations, one core")
    print("                                  million shingles/s   kernel is faster by")
    print(f"  kernel, from letters                  {kernel:8.2f}")
    for name, turns, action in (
        ("bulk, sha1, from letters", 3, lambda: MinHash.bulk(cut(), num_perm=128)),
        ("bulk, sha1, shingles given", 3, lambda: MinHash.bulk(shingles, num_perm=128)),
        ("bulk, shingle_hash, given", 1, lambda: MinHash.bulk(shingles, num_perm=128, hashfunc=shingle_hash)),
    ):
        seconds, theirs = best(action, turns)
        speed = count / seconds / 1e6
        print(f"  MinHash.{name:28}  {speed:8.2f}            {kernel / speed:8.0f} x")
    same = all((a == b.hashvalues).all() for a, b in zip(ours, theirs, strict=False))
    print(f"  signatures equal bit for bit with shingle_hash: {same}")


def compare_candidates(count=20_000):
    """Candidate pairs of texts of 200 letters, every second one an edited copy of the one before it."""
    rng = np.random.default_rng(1)
    texts = rng.integers(0x4E00, 0x9FA5, (count, 200)).astype(np.uint32)
    edited = rng.random((count // 2, 200)) < 0.03
    texts[1::2] = np.where(edited, texts[1::2], texts[::2])
    last = np.arange(1, count + 1) * 200
    found = signatures(texts.ravel(), last - 200, last)
    b, r = bands(0.5)
    candidates(found[:10], b=b, r=r)
    ours, columns = best(lambda: candidates(found, b=b, r=r, max_bucket=count))
    minhashes = [to_lean(row) for row in found]

    def index_and_query():
        index = MinHashLSH(num_perm=128, params=(b, r))
        for i, minhash in enumerate(minhashes):
            index.insert(i, minhash)
        return {(i, j) for i, minhash in enumerate(minhashes) for j in index.query(minhash) if i < j}

    theirs, pairs = best(index_and_query, turns=1)
    same = pairs == set(zip(columns.a.tolist(), columns.b.tolist(), strict=True))
    print(f"{count} signatures, {b} bands of {r}, {len(pairs)} candidate pairs:")
    print(f"  candidates  {ours:8.3f} s")
    print(f"  MinHashLSH  {theirs:8.3f} s    candidates is {theirs / ours:.0f} times as fast; equal: {same}")


def measure_chance(files, size):
    """Expected candidates among a thousand million pairs of unrelated texts of `size` letters, by k."""
    b, r = bands(0.5)
    folded = [fold_text(Path(path).read_text("utf-8")) for path in files]
    texts = [text[:size] for text in folded if len(text) >= size]
    print(f"{len(texts)} texts of {size} letters, {b} bands of {r}: k, mean Jaccard, candidates in 1e9 pairs,")
    print("and the share of pairs found where 4 % of the letters are edited")
    for k in (3, 4, 5, 6, 7, 8, 9, 10, 12, 14):
        sets = [{text[i : i + k] for i in range(size - k + 1)} for text in texts]
        shared = np.array([len(x & y) / len(x | y) for x, y in itertools.combinations(sets, 2)])
        chance = 1e9 * (1 - (1 - shared**r) ** b).mean()
        kept = 0.96**k
        found = 1 - (1 - (kept / (2 - kept)) ** r) ** b
        print(f"  {k:2d}  {shared.mean():.5f}  {chance:10.2f}  {found:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--chance", nargs="+", metavar="FILE", default=[])
    parser.add_argument("--size", type=int, default=2000, help="letters of each text for --chance")
    given = parser.parse_args()
    if given.chance:
        measure_chance(given.chance, given.size)
    else:
        compare_signatures()
        compare_candidates()
