"""A folded stream -> its words: what a text is made of where its order is not to be trusted, as columns.

A word of an alphabet is a run of letters with nothing between them. A dense script has no such runs, so there every
letter begins one: two letters of Han or Hangul, four of a syllabary, which is about what its words have.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedup import scratch
from dedup.corpus import Corpus
from dedup.fold import Folded
from dedup.kernel import inner, kernel
from dedup.script import dense

PAIRS_A_WORD = 1
"""Words are rare as long as all words so rare stand in no more pairs of places than this for each word of the
corpus: work on pairs of rare words is then linear in its words."""

_HAN_WORD, _SYLLABLE_WORD = 2, 4  # letters
_HAN = 0x3400  # the first of Han, Yi and Hangul; syllabaries of dense scripts stand below
_PART = 1 << 23  # words numbered at a time
_STRIDE = 1 << 21  # letters or words of sources gone over at a time, about
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_INDEX = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a corpus in order of place, and the places of each.

    `first`, `last`: int32[w], the letters of each, half-open. `starts`: int64[sources + 1], the first word of each
    source. `number`: int32[w], equal words have equal numbers. `places`: int32[numbers], in how many places each
    stands: `at[bounds[n]:bounds[n + 1]]`, ascending. `at`: int32[w], `bounds`: int64[numbers + 1], `rank`: int32[w],
    where each word stands in `at`. `source`: int32[w]. `share`: float32[w], what a word counts: half where the next one
    begins before it ends. `position`: int[w + 1], the weight of all letters before each, and of all.
    """

    first: NDArray[np.int32]
    last: NDArray[np.int32]
    starts: NDArray[np.int64]
    number: NDArray[np.int32]
    places: NDArray[np.int32]
    at: NDArray[np.int32]
    bounds: NDArray[np.int64]
    rank: NDArray[np.int32]
    source: NDArray[np.int32]
    share: NDArray[np.float32]
    position: NDArray[np.signedinteger]

    def __len__(self) -> int:
        return len(self.number)

    def at_letters(self, letters: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first word that begins at each of some letters or behind it: int64[n]."""
        found = np.empty(len(letters), np.int64)
        for done in range(0, len(letters), _STRIDE):
            part = letters[done : done + _STRIDE].astype(np.int32)
            order = np.argsort(part)  # by place, so that what is looked at lies together
            found[done + order] = np.searchsorted(self.first, part[order])
        return found


def words(corpus: Corpus) -> Words:
    """The words of a corpus; a copy of a whole source has none. Linear in letters, but for sorting the words."""
    size = len(corpus.folded.letters)
    keys, first, last, starts = cut(corpus.folded, corpus.original != np.arange(len(corpus.sources)))
    count = len(keys)
    # 32 bits of hash over 32 bits of place: one sort of plain integers; two words in 2**32 that meet do no harm
    keys.sort()
    bounds = np.empty(_distinct(keys) + 1, np.int64)
    at, number, rank = (scratch.column(count, np.int32, letters=size) for _ in range(3))
    _list(keys, at, bounds)
    for done in range(0, count, _PART):
        _number(keys, done, min(done + _PART, count), number, rank)
        scratch.let_go()
    del keys
    places = np.diff(bounds).astype(np.int32)
    source, share = (scratch.column(count, kind, letters=size) for kind in (np.int32, np.float32))
    position = scratch.column(count + 1, corpus.cumulated.dtype, letters=size)
    position[count] = corpus.cumulated[-1]
    for part in parts(starts):
        _describe(part, first, last, starts, corpus.cumulated, source, share, position)
        scratch.let_go()
    return Words(first, last, starts, number, places, at, bounds, rank, source, share, position)


def cut(
    folded: Folded, skip: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """The words of a stream, but of sources to `skip`: 32 bits of the hash of each over its number, its letters as in
    `Words`, and the first word of each source. Raises `ValueError` for 2**31 letters and more."""
    size = len(folded.letters)
    if size >= 1 << 31:
        raise ValueError("more than 2**31 - 1 letters in one call")
    keys, first, last = (scratch.column(size, kind) for kind in (np.uint64, np.int32, np.int32))
    starts = np.zeros(len(folded.starts), np.int64)
    for part in parts(folded.starts):
        _cut(part, folded.letters, folded.offsets, folded.starts, skip, starts, keys, first, last)
        scratch.let_go()
    count = int(starts[-1])
    return keys[:count], first[:count], last[:count], starts


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Which words a corpus has, and no more: what `Words` says of how often each stands, in a fifth of the memory.

    `keys`: uint32[letters], the hash of the word that begins at each letter, 0 where none does. `distinct`: uint32[v],
    all hashes, ascending, and `places`: int64[v], in how many places each stands.
    """

    keys: NDArray[np.uint32]
    distinct: NDArray[np.uint32]
    places: NDArray[np.int64]


def vocabulary(corpus: Corpus) -> Vocabulary:
    """The vocabulary of a corpus; a copy of a whole source has none. Linear in letters, but for sorting."""
    folded = corpus.folded
    keys, ordered = (scratch.column(len(folded.letters), np.uint32) for _ in range(2))
    copies = corpus.original != np.arange(len(corpus.sources))
    for part in parts(folded.starts):
        _mark(part, folded.letters, folded.offsets, folded.starts, copies, keys)
        scratch.let_go()
    ordered[:] = keys
    ordered.sort()
    ordered = ordered[np.searchsorted(ordered, np.uint32(1)) :]  # of another type it would be made one of that
    head = np.flatnonzero(np.concatenate((np.ones(min(1, len(ordered)), np.bool_), ordered[1:] != ordered[:-1])))
    return Vocabulary(keys, ordered[head], np.diff(head, append=len(ordered)))


def parts(starts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of sources, `starts` being where each begins, that are gone over at a time: first and last, half-open.

    Between two of them pages can be given back.
    """
    ends = np.searchsorted(starts, np.arange(_STRIDE, starts[-1] + _STRIDE, _STRIDE), side="right") - 1
    return list(pairwise(sorted({0, len(starts) - 1, *ends.tolist()})))


def rare(places: NDArray[np.signedinteger]) -> int:
    """In how many places a word may stand and still be rare (PAIRS_A_WORD). `places`: of each distinct word."""
    return rare_among(np.bincount(places) if len(places) else np.zeros(1, np.int64))


def rare_among(sizes: NDArray[np.int64]) -> int:
    """The same. `sizes`: how many distinct words stand in no place, in one, in two and so on."""
    n = np.arange(len(sizes))
    pairs = np.cumsum(sizes * (n * (n - 1) // 2))
    return int(np.searchsorted(pairs, PAIRS_A_WORD * int((sizes * n).sum()), side="right")) - 1


@kernel("u8[:]")
def _distinct(keys):  # type: ignore[no-untyped-def]
    count = 0
    for r in range(len(keys)):
        count += r == 0 or (keys[r] ^ keys[r - 1]) > _INDEX
    return count


@kernel("u8[:], i4[:], i8[:]")
def _list(keys, at, bounds):  # type: ignore[no-untyped-def]
    """The words in order of their sorted keys, and where each number begins and ends there."""
    numbers = 0
    for r in range(len(keys)):
        if r == 0 or (keys[r] ^ keys[r - 1]) > _INDEX:
            bounds[numbers] = r
            numbers += 1
        at[r] = keys[r] & _INDEX
    bounds[numbers] = len(keys)


@kernel("u8[:], i8, i8, i4[:], i4[:]")
def _number(keys, first, last, number, rank):  # type: ignore[no-untyped-def]
    """Number the words `[first, last)`, which stand anywhere among the sorted keys: few words are touched at a time."""
    numbers = 0
    for r in range(len(keys)):
        if r == 0 or (keys[r] ^ keys[r - 1]) > _INDEX:
            numbers += 1
        place = np.int64(keys[r] & _INDEX)
        if first <= place < last:
            number[place] = numbers - 1
            rank[place] = r


@kernel("UniTuple(i8, 2), i4[:], i4[:], i8[:], i4[:], i4[:], f4[:], i4[:]")
def _describe(part, first, last, starts, cumulated, source, share, position):  # type: ignore[no-untyped-def]
    for s in range(part[0], part[1]):
        for w in range(starts[s], starts[s + 1]):
            source[w] = s
            position[w] = cumulated[first[w]]
            share[w] = 0.5 if w + 1 < len(first) and first[w + 1] < last[w] else 1.0


@kernel("UniTuple(i8, 2), u4[:], i4[:], i8[:], b1[:], i8[:], u8[:], i4[:], i4[:]")
def _cut(part, letters, offsets, starts, skip, bounds, keys, first, last):  # type: ignore[no-untyped-def]
    """Write 32 bits of the hash of each word over its number, and its letters, and the first word of each source."""
    n = bounds[part[0]]
    for s in range(part[0], part[1]):
        i = starts[s]
        end = starts[s + 1]
        while i < end and not skip[s]:
            of_dense, stop, key = _word(letters, offsets, i, end)
            keys[n] = (key & ~_INDEX) | np.uint64(n)
            first[n] = i
            last[n] = stop
            i = i + 1 if of_dense else stop
            n += 1
        bounds[s + 1] = n


@kernel("UniTuple(i8, 2), u4[:], i4[:], i8[:], b1[:], u4[:]")
def _mark(part, letters, offsets, starts, skip, keys):  # type: ignore[no-untyped-def]
    """Write 32 bits of the hash of each word where it begins, none of them 0."""
    for s in range(part[0], part[1]):
        i = starts[s]
        end = starts[s + 1]
        while i < end and not skip[s]:
            of_dense, stop, key = _word(letters, offsets, i, end)
            keys[i] = max(np.uint64(1), key >> np.uint64(32))
            i = i + 1 if of_dense else stop


@inner
def _word(letters, offsets, i, end):  # type: ignore[no-untyped-def]
    """The word that begins at a letter of a source that ends at `end`: whether it is of a dense script, where it ends,
    and its hash."""
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
    return of_dense, j, key
