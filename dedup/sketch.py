"""Paragraphs of the folded stream -> MinHash signatures, bit for bit those of datasketch.

A shingle is k consecutive letters of a paragraph. The shingles of a paragraph are a set, and the share of
values in which two signatures agree estimates the Jaccard similarity of the two sets (Broder, "On the
resemblance and containment of documents", 1997). The permutations are datasketch's scheme `affine32`: the
32-bit hash of a shingle goes through MurmurHash3's finaliser once, then value j is the least `(a[j] * h +
b[j]) mod 2**32` of all shingles.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from dedup.errors import UsageError
from dedup.fold import Progress
from dedup.kernel import kernel
from dedup.scratch import column
from dedup.script import dense

if TYPE_CHECKING:
    from datasketch import LeanMinHash, MinHash

# datasketch imports scipy: it is loaded where it is needed, half a second later than everything else

DENSE_SHINGLE = 5
"""Letters of a shingle where most letters of the paragraph are of a dense script (script.py)."""

LIGHT_SHINGLE = 9
"""Letters of a shingle in an alphabetic script.

Measured on 200 English web pages, of which none reuses another, 2,000 letters each, in 25 bands of 5 rows:
of a thousand million unrelated pairs 1,000 become candidates by chance with five letters, 4 with seven, 0.4
with nine, 0.07 with twelve. Past nine there is nothing left to win, and every letter more costs recall: with
4 % of the letters edited, each by itself, the same bands find 98, 87, 66 and 35 of 100 pairs. (Five letters
of Chinese statutes: 28, most of them shared formulas.) `tests/bench/sketch.py --chance` measures any texts.
"""

EMPTY = np.uint32(0xFFFFFFFF)
"""What every value of the signature of an empty paragraph is."""

SCHEME: Final = "affine32"
"""The permutation scheme of datasketch that all signatures here are of."""

_MULTIPLIER = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB
_BLOCK = 1024  # shingles hashed before they are permuted: the two buffers stay in the first-level cache
_CALL = 1 << 22  # letters a kernel call takes on: under a second between two looks at progress and Ctrl-C


def shingle_hash(shingle: str | bytes) -> int:
    """The 32-bit hash of a shingle: the `hashfunc` with which datasketch makes the signatures made here.

    `shingle` is a text, or a text in UTF-32-LE. With c[0..k-1] its code points and M = 0x9E3779B97F4A7C15,
    the hash is `splitmix64(sum((c[i] + 1) * M ** (k - 1 - i)) mod 2**64) >> 32`, a polynomial that rolls
    along the text (Karp and Rabin 1987) under the finaliser of splitmix64 (Steele, Lea and Flood 2014).
    Raises ValueError when bytes are no whole number of code points.
    """
    if isinstance(shingle, str):
        shingle = shingle.encode("utf-32-le", "surrogatepass")
    if len(shingle) % 4:
        raise ValueError("a shingle in UTF-32-LE has four bytes a code point")
    value = 0
    for i in range(0, len(shingle), 4):
        value = (value * _MULTIPLIER + int.from_bytes(shingle[i : i + 4], "little") + 1) % 2**64
    value = (value ^ value >> 30) * _MIX_1 % 2**64
    value = (value ^ value >> 27) * _MIX_2 % 2**64
    return (value ^ value >> 31) >> 32


def shingle_lengths(
    letters: NDArray[np.uint32], first: NDArray[np.int64], last: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many letters a shingle of each paragraph has.

    `letters`: uint32[n], code points. `first`, `last`: int64[p], paragraph i is `letters[first[i]:last[i]]`.
    Returns int64[p]: `DENSE_SHINGLE` or `LIGHT_SHINGLE` as most letters of the paragraph say (an even split
    counts as light); a paragraph shorter than that has its own length, being one shingle, and an empty one 0.
    Raises ValueError when a range leaves the letters.
    """
    letters, first, last = _columns(letters, first, last)
    lengths = np.empty(len(first), np.int64)
    _measure(letters, first, last, DENSE_SHINGLE, LIGHT_SHINGLE, lengths)
    return lengths


def signatures(
    letters: NDArray[np.uint32],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    *,
    num_perm: int = 128,
    seed: int = 1,
    known: Permutations | None = None,
    progress: Progress | None = None,
) -> NDArray[np.uint32]:
    """The MinHash signature of each paragraph: uint32[p, num_perm], `EMPTY` throughout without letters.

    `letters`: uint32[n], code points. `first`, `last`: int64[p], paragraph i is `letters[first[i]:last[i]]`.
    Row i holds the hash values of `datasketch.MinHash(num_perm, seed, scheme="affine32",
    hashfunc=shingle_hash)` updated with every shingle of the paragraph (`shingle_lengths`). Linear in letters
    times `num_perm`. `known`: the permutations, where they are at hand and datasketch need not be loaded for them.
    `progress("sketch", paragraphs done, paragraphs)`. Raises UsageError for a `num_perm` or
    `seed` that datasketch does not take, ValueError when a range leaves the letters.
    """
    multiply, add = known or permutations(num_perm, seed)
    letters, first, last = _columns(letters, first, last)
    lengths = shingle_lengths(letters, first, last)
    out = column(len(first) * num_perm, np.uint32, letters=len(letters)).reshape(-1, num_perm)
    before = np.cumsum(last - first)
    done = 0
    while done < len(first):
        letters_done = before[done - 1] if done else 0
        end = max(done + 1, int(np.searchsorted(before, letters_done + _CALL, side="right")))
        part = slice(done, end)
        _sign(letters, first[part], last[part], lengths[part], multiply, add, out[part])
        done = end
        if progress:
            progress("sketch", done, len(first))
    return out


def jaccard(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> float:
    """The estimated Jaccard similarity of two signatures, uint32[num_perm] each: the share of equal values.

    Its standard error is `sqrt(J * (1 - J) / num_perm)`, 0.044 at most for 128 values. Two empty paragraphs
    are alike (1.0), as in datasketch. Raises ValueError when the signatures differ in length.
    """
    if a.shape != b.shape:
        raise ValueError(f"signatures of {a.size} and {b.size} values cannot be compared")
    return float(np.count_nonzero(a == b)) / a.size


def jaccards(signatures: NDArray[np.uint32], a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
    """`jaccard` of many pairs: float64[q] for the pairs `signatures[a[i]]`, `signatures[b[i]]`.

    `signatures`: uint32[p, num_perm]. `a`, `b`: int64[q], each in [0, p); ValueError otherwise.
    """
    a, b = np.ascontiguousarray(a, np.int64), np.ascontiguousarray(b, np.int64)
    for side in (a, b):
        if len(side) and (side.min() < 0 or side.max() >= len(signatures)):
            raise ValueError("a pair names a paragraph that has no signature")
    if len(a) != len(b):
        raise ValueError("the two columns of pairs differ in length")
    equal = np.empty(len(a), np.int64)
    _count_equal(np.ascontiguousarray(signatures), a, b, equal)
    share: NDArray[np.float64] = equal / signatures.shape[1]
    return share


def to_minhash(signature: NDArray[np.uint32], seed: int = 1) -> MinHash:
    """A signature, uint32[num_perm], as a `datasketch.MinHash`; it can be updated with shingles in UTF-32-LE.

    `seed` is the one the signature was made with: the values carry no trace of it.
    """
    from datasketch import MinHash  # noqa: PLC0415

    return MinHash(
        seed=seed,
        hashfunc=shingle_hash,
        hashvalues=signature,
        permutations=permutations(len(signature), seed),
        scheme=SCHEME,
    )


def to_lean(signature: NDArray[np.uint32], seed: int = 1) -> LeanMinHash:
    """A signature, uint32[num_perm], as a `datasketch.LeanMinHash`: frozen, compact, with a byte format."""
    from datasketch import LeanMinHash  # noqa: PLC0415

    return LeanMinHash(seed=seed, hashvalues=signature, scheme=SCHEME)


def from_minhash(minhash: MinHash) -> NDArray[np.uint32]:
    """The signature, uint32[num_perm], that a `MinHash` or `LeanMinHash` holds, as a copy.

    Raises UsageError when its scheme is another than `affine32`: the values could not be compared. Seed and
    hash function leave no trace in the values; that they are those of the other signatures is the caller's
    word.
    """
    if minhash.scheme != SCHEME:
        raise UsageError(
            f"a MinHash of scheme {minhash.scheme!r} cannot be compared with signatures of scheme {SCHEME!r}",
            hint=f"make it again with MinHash(scheme={SCHEME!r})",
        )
    return np.array(minhash.hashvalues, np.uint32)


Permutations = tuple[NDArray[np.uint32], NDArray[np.uint32]]
"""What shingle hashes are multiplied by, and what is added: uint32[num_perm] each."""


@lru_cache(maxsize=8)
def permutations(num_perm: int, seed: int) -> Permutations:
    """The permutations of datasketch's `affine32`. Raises UsageError for what datasketch does not take."""
    if not 1 <= num_perm <= 2**32 - 1 or not 0 <= seed < 2**32:
        raise UsageError(f"datasketch does not take num_perm={num_perm!r}, seed={seed!r}")
    # as MinHash._init_permutations draws them; to load datasketch, and scipy with it, takes a second
    draw = np.random.RandomState(seed)
    multiply = draw.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return multiply, draw.randint(0, 1 << 32, num_perm, dtype=np.uint32)


def _columns(
    letters: NDArray[np.uint32], first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    letters = np.ascontiguousarray(letters, np.uint32)
    first, last = np.ascontiguousarray(first, np.int64), np.ascontiguousarray(last, np.int64)
    # a kernel that is handed a wrong range reads other memory and says nothing
    if len(first) != len(last):
        raise ValueError("every paragraph needs a first and a last letter")
    if len(first) and (first.min() < 0 or last.max() > len(letters) or (first > last).any()):
        raise ValueError("a paragraph leaves the letters it should be made of")
    return letters, first, last


@kernel("u4[:], i8[:], i8[:], i8, i8, i8[:]")
def _measure(
    letters: NDArray[np.uint32],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    dense_length: int,
    light_length: int,
    lengths: NDArray[np.int64],
) -> None:
    for p in range(len(first)):
        size = last[p] - first[p]
        length = light_length
        count = 0
        for i in range(first[p], last[p]):
            count += dense(letters[i])
            if 2 * count > size:
                length = dense_length
                break
        lengths[p] = min(size, length)


@kernel("u4[:], i8[:], i8[:], i8[:], u4[:], u4[:], u4[:,:]")
def _sign(
    letters: NDArray[np.uint32],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    lengths: NDArray[np.int64],
    multiply: NDArray[np.uint32],
    add: NDArray[np.uint32],
    out: NDArray[np.uint32],
) -> None:
    """Write the signature of each paragraph to its row of `out`."""
    multiplier = np.uint64(_MULTIPLIER)
    one = np.uint64(1)
    raw = np.empty(_BLOCK, np.uint64)
    hashes = np.empty(_BLOCK + 3, np.uint32)
    least = np.empty(len(multiply), np.uint32)
    for p in range(len(first)):
        k = lengths[p]
        for j in range(len(least)):  # slices cost two seconds of compiling
            least[j] = EMPTY
        value = np.uint64(0)
        leading = one  # multiplier ** k, the weight of the letter that leaves
        for i in range(first[p], first[p] + k):
            value = value * multiplier + np.uint64(letters[i]) + one
            leading *= multiplier
        raw[0] = value
        start = first[p]
        stop = last[p] - k + 1 if k else start
        while start < stop:
            n = min(stop - start, _BLOCK)
            for i in range(1 if start == first[p] else 0, n):
                left = np.uint64(letters[start + i - 1]) + one
                entered = np.uint64(letters[start + i + k - 1]) + one
                value = value * multiplier + (entered - left * leading)
                raw[i] = value
            for i in range(n):
                h = raw[i]
                h = (h ^ (h >> np.uint64(30))) * np.uint64(_MIX_1)
                h = (h ^ (h >> np.uint64(27))) * np.uint64(_MIX_2)
                x = np.uint32((h ^ (h >> np.uint64(31))) >> np.uint64(32))
                # MurmurHash3's fmix32, the premix of affine32
                x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B))
                x = np.uint32((x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35))
                hashes[i] = np.uint32(x ^ (x >> np.uint32(16)))
            # Four shingles a turn halve the time: the minima are read and written once for the four. The last
            # turn is filled up with the last hash, which changes no minimum.
            for i in range(n, n + 3):
                hashes[i] = hashes[n - 1]
            for i in range(0, n, 4):
                h0, h1, h2, h3 = hashes[i], hashes[i + 1], hashes[i + 2], hashes[i + 3]
                for j in range(len(multiply)):
                    v0 = np.uint32(multiply[j] * h0 + add[j])
                    v1 = np.uint32(multiply[j] * h1 + add[j])
                    v2 = np.uint32(multiply[j] * h2 + add[j])
                    v3 = np.uint32(multiply[j] * h3 + add[j])
                    least[j] = min(least[j], v0, v1, v2, v3)
            start += n
        for j in range(len(least)):
            out[p, j] = least[j]


@kernel("u4[:,:], i8[:], i8[:], i8[:]")
def _count_equal(
    signatures: NDArray[np.uint32],
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    equal: NDArray[np.int64],
) -> None:
    for i in range(len(a)):
        count = 0
        for j in range(signatures.shape[1]):
            count += signatures[a[i], j] == signatures[b[i], j]
        equal[i] = count
