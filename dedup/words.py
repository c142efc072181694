"""A folded stream -> its words: what a text is made of where its order is not to be trusted, as columns.

A word of an alphabet is a run of letters with nothing between them. A dense script has no such runs, so there every
letter begins one: two letters of Han or Hangul, four of a syllabary, which is about what its words have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from dedup.corpus import Corpus
from dedup.script import dense

PAIRS_A_WORD = 1
"""Words are rare as long as all words so rare stand in no more pairs of places than this for each word of the
corpus: work on pairs of rare words is then linear in its words."""

_HAN_WORD, _SYLLABLE_WORD = 2, 4  # letters
_HAN = 0x3400  # the first of Han, Yi and Hangul; syllabaries of dense scripts stand below
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_INDEX = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a corpus in order of place, and the places of each.

    `first`, `last`: int64[w], the letters of each, half-open. `starts`: int64[sources + 1], the first word of each
    source. `number`: int32[w], equal words have equal numbers. `places`: int32[numbers], in how many places each
    stands: `at[bounds[n]:bounds[n + 1]]`, ascending. `at`: int64[w], `bounds`: int64[numbers + 1], `rank`: int64[w],
    where each word stands in `at`. `source`: int32[w]. `share`: float64[w], what a word counts: half where the next one
    begins before it ends.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    starts: NDArray[np.int64]
    number: NDArray[np.int32]
    places: NDArray[np.int32]
    at: NDArray[np.int64]
    bounds: NDArray[np.int64]
    rank: NDArray[np.int64]
    source: NDArray[np.int32]
    share: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.number)


def words(corpus: Corpus) -> Words:
    """The words of a corpus; a copy of a whole source has none. Linear in letters, but for sorting the words."""
    folded = corpus.folded
    copies = corpus.original != np.arange(len(corpus.sources))
    keys, first, last, starts = _cut(folded.letters, folded.offsets, folded.starts, copies)
    # 32 bits of hash over 32 bits of place: one sort of plain integers; two words in 2**32 that meet do no harm
    keys.sort()
    at = (keys & _INDEX).astype(np.int64)
    new = np.append(True, keys[1:] >> np.uint64(32) != keys[:-1] >> np.uint64(32))[: len(keys)]
    bounds = np.append(np.flatnonzero(new), len(keys))
    number = np.empty(len(keys), np.int32)
    number[at] = np.cumsum(new) - 1
    rank = np.empty(len(keys), np.int64)
    rank[at] = np.arange(len(keys))
    places = np.diff(bounds).astype(np.int32)
    source = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
    share = np.append(np.where(first[1:] < last[:-1], 0.5, 1.0), 1.0)[: len(keys)]
    return Words(first, last, starts, number, places, at, bounds, rank, source, share)


def rare(places: NDArray[np.int32]) -> int:
    """In how many places a word may stand and still be rare (PAIRS_A_WORD). `places`: of each distinct word."""
    sizes = np.bincount(places) if len(places) else np.zeros(1, np.int64)
    n = np.arange(len(sizes))
    pairs = np.cumsum(sizes * (n * (n - 1) // 2))
    return int(np.searchsorted(pairs, PAIRS_A_WORD * int((sizes * n).sum()), side="right")) - 1


@njit(cache=True, nogil=True)
def _cut(letters, offsets, starts, skip):  # type: ignore[no-untyped-def]
    """32 bits of the hash of each word over its number, its letters, and the first word of each source."""
    keys = np.empty(len(letters), np.uint64)
    first = np.empty(len(letters), np.int64)
    last = np.empty(len(letters), np.int64)
    bounds = np.zeros(len(starts), np.int64)
    n = 0
    for s in range(len(starts) - 1):
        i = starts[s]
        end = starts[s + 1]
        while i < end and not skip[s]:
            j = i
            key = np.uint64(0)
            of_dense = dense(letters[i])
            stop = min(end, i + (_HAN_WORD if letters[i] >= _HAN else _SYLLABLE_WORD)) if of_dense else end
            while j < stop and dense(letters[j]) == of_dense:
                if not of_dense and j > i and offsets[j] - offsets[j - 1] > 1:
                    break
                key = (key + np.uint64(letters[j]) + np.uint64(1)) * _MULTIPLIER
                key ^= key >> np.uint64(29)
                j += 1
            keys[n] = (key & ~_INDEX) | np.uint64(n)
            first[n] = i
            last[n] = j
            i = i + 1 if of_dense else j
            n += 1
        bounds[s + 1] = n
    return keys[:n], first[:n], last[:n], bounds
