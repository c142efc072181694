"""Pairs of stretches -> what holds their rare words together: the share of the frequent words that both sides have.

Two lists of the same names, or two translations of one chapter, have rare words in common, in order, and little else.
Texts of one origin have the words between them in common as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernel import kernel
from dedup.words import Vocabulary, Words, rare

HELD = 0.65
"""The least share that two stretches of one text have."""

GRANTED = 2
"""So many frequent words are granted to either side, so that one that is changed in a short text does not weigh."""

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def glue(words: Words, stretches: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of the frequent words of either side that the other side has, of the side where it is less.

    `stretches`: int64[n, 4], words: first and last of both sides, half-open. Frequent is what is not `rare`. Returns
    float64[n]. Linear in the words of the stretches.
    """
    return shares(stretches, words.number, words.places > rare(words.places))


def glue_at(words: Vocabulary, letters: NDArray[np.int64]) -> NDArray[np.float64]:
    """The same of ranges of letters, a_start, a_end, b_start and b_end: int64[n, 4] (`stretches_of`)."""
    size = (letters[:, 1::2] - letters[:, ::2]).ravel()
    ends = np.cumsum(size)
    keys = words.keys[np.arange(size.sum()) + np.repeat(letters[:, ::2].ravel() - (ends - size), size)]
    begins = np.flatnonzero(keys)
    packed = keys[begins].astype(np.uint64) << _HALF | np.arange(len(begins), dtype=np.uint64)
    packed.sort()  # of plain integers: several times as fast as `np.unique` finds the inverse
    ordered = packed >> _HALF
    head = np.concatenate((np.ones(min(1, len(begins)), np.bool_), ordered[1:] != ordered[:-1]))
    number = np.empty(len(begins), np.int32)
    number[packed & _LOW] = np.cumsum(head) - 1
    frequent = words.places > rare(words.places)
    stretches = np.searchsorted(begins, np.stack((ends - size, ends), axis=1)).reshape(-1, 4)
    return shares(stretches, number, frequent[np.searchsorted(words.distinct, ordered[head].astype(np.uint32))])


def shares(stretches: NDArray[np.int64], number: NDArray[np.int32], frequent: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The same. `number`: of each word, as in `Words`; `frequent`: of each distinct one."""
    found = np.ones(len(stretches), np.float64)
    if len(stretches):
        _glue(stretches, number, frequent, np.full(len(frequent), -1, np.int64), found)
    return found


def stretches_of(words: Words, letters: NDArray[np.int64]) -> NDArray[np.int64]:
    """The words that begin in ranges of letters: int64[n, 4], first and last of both sides, half-open, as both are."""
    return words.at_letters(letters.ravel()).reshape(letters.shape)


@kernel("i8[:,:], i4[:], b1[:], i8[:], f8[:]")
def _glue(stretches, number, frequent, seen, shares):  # type: ignore[no-untyped-def]
    """`seen`: int64[distinct words] of -1, scratch: the last stretch (two a row) that has a word."""
    for r in range(len(stretches)):
        for side in range(2):
            for j in range(stretches[r, 2 - 2 * side], stretches[r, 3 - 2 * side]):
                seen[number[j]] = 2 * r + side
            common = 0
            count = 0
            for i in range(stretches[r, 2 * side], stretches[r, 2 * side + 1]):
                if frequent[number[i]]:
                    count += 1
                    common += seen[number[i]] == 2 * r + side
            shares[r] = min(shares[r], (common + GRANTED) / (count + GRANTED))
