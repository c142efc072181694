"""The texts of an index -> a corpus of which only those pieces are at hand that were asked for.

Positions are those of all letters, so a stage of matching runs over it as over any corpus. What is not at hand costs
nothing: letters and weights are 0 there, and no page of memory is touched.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dedup.corpus import Corpus
from dedup.fold import Folded
from dedup.index.columns import PIECE, unpack_letters, unpack_offsets
from dedup.index.store import Index
from dedup.script import DENSE_WEIGHT, weigh


class Held:
    """The columns of some texts, filled piece by piece. Those that do not come from the index are there at once.

    `folded`: their letters and offsets. `weights`, `cumulated`: as in `Corpus`.
    """

    def __init__(self, index: Index, own: Folded, ids: NDArray[np.int64], sizes: NDArray[np.int64]):
        """`ids`: int64[m], for each text its number in `own`, or behind all of these that of a content of the index.
        `sizes`: int64[m], letters."""
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        size = int(starts[-1])
        self.folded = Folded(untouched(size, np.uint32), untouched(size, np.int32), starts)
        self.weights = untouched(size, np.uint8)
        self.cumulated = untouched(size + 1, np.int32 if size * DENSE_WEIGHT < 1 << 31 else np.int64)
        self._index = index
        self._content = ids - (len(own.starts) - 1)
        counts = -(-sizes // PIECE)
        self._heads = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
        self._text = np.repeat(np.arange(len(ids)), counts)  # of each piece
        self._number = np.arange(len(self._text)) - self._heads[self._text]
        self._first = np.append(starts[self._text] + PIECE * self._number, size)
        self._letters_there = self._content[self._text] < 0
        self._offsets_there = self._letters_there.copy()
        for text in np.flatnonzero(self._content < 0).tolist():
            here, there = slice(*starts[text : text + 2]), slice(*own.starts[ids[text] : ids[text] + 2])
            self.folded.letters[here], self.folded.offsets[here] = own.letters[there], own.offsets[there]
        self._before = self._cumulated()
        self.cumulated[starts] = self._before[self._heads]
        self._weigh(np.flatnonzero(self._letters_there))

    def take(self, first: NDArray[np.int64], last: NDArray[np.int64]) -> bool:
        """Have letters `[first, last)`, each range inside one text and none empty. Whether any was not there yet."""
        begin, end = self._piece(first), self._piece(last - 1) + 1
        count = len(self._text) + 1
        open_ranges = np.cumsum(np.bincount(begin, minlength=count) - np.bincount(end, minlength=count))[:-1]
        missing = np.flatnonzero((open_ranges > 0) & ~self._letters_there)
        for first_letter, last_letter, letters in self._packed("p.letters", missing):
            self.folded.letters[first_letter:last_letter] = unpack_letters(letters, last_letter - first_letter)
        self._weigh(missing)
        self._letters_there[missing] = True
        return len(missing) > 0

    def take_offsets(self, letters: NDArray[np.int64]) -> None:
        """Have the offsets of letters."""
        wanted = np.zeros(len(self._text), np.bool_)
        wanted[self._piece(letters)] = True
        missing = np.flatnonzero(wanted & ~self._offsets_there)
        for first, last, start, bits, further in self._packed("p.start, p.offsets, p.further", missing):
            self.folded.offsets[first:last] = unpack_offsets(bits, further) + int(start)
        self._offsets_there[missing] = True

    def _piece(self, letters: NDArray[np.int64]) -> NDArray[np.int64]:
        """The piece in which each of some letters stands."""
        text = np.searchsorted(self.folded.starts, letters, side="right") - 1
        return np.asarray(self._heads[text] + (letters - self.folded.starts[text]) // PIECE)

    def _packed(self, columns: str, pieces: NDArray[np.int64]) -> Iterator[tuple[Any, ...]]:
        """The first letter of each of some pieces, its last one, and what the index has of it."""
        if len(pieces) == 0:
            return
        key = (self._content[self._text[pieces]] << 32) | self._number[pieces]
        distinct, which = np.unique(key, return_inverse=True)
        wanted = {"content": (distinct >> 32).astype(np.uint32), "number": distinct.astype(np.uint32)}
        sql = f"select p.content, p.number, {columns} from pieces p join wanted using (content, number)"
        content, number, *packed = self._index.query(sql, wanted=wanted).values()
        rows = np.lexsort((number, content))[which].tolist()
        bounds = self._first[pieces].tolist(), self._first[pieces + 1].tolist()
        yield from zip(*bounds, *([column[row] for row in rows] for column in packed), strict=True)

    def _cumulated(self) -> NDArray[np.int64]:
        """The weight of all letters before each piece."""
        weight = np.zeros(len(self._text) + 1, np.int64)
        stored = np.unique(self._content[self._content >= 0])
        sql = "select p.content, p.number, p.weight from pieces p join wanted w on p.content = w.content"
        content, number, weights = self._index.query(sql, wanted={"content": stored.astype(np.uint32)}).values()
        order = np.lexsort((number, content))
        heads = np.searchsorted(content[order], stored)
        weights = weights[order]
        for text, at in enumerate(self._content.tolist()):
            here = slice(*self._heads[text : text + 2] + 1)
            if at < 0:
                own = weigh(self.folded.letters[slice(*self.folded.starts[text : text + 2])])
                weight[here] = np.add.reduceat(own, np.arange(0, len(own), PIECE), dtype=np.int64) if len(own) else 0
            else:
                head = heads[np.searchsorted(stored, at)]
                weight[here] = weights[head : head + here.stop - here.start]
        return np.cumsum(weight)

    def _weigh(self, pieces: NDArray[np.int64]) -> None:
        """Fill in the weights of pieces whose letters have come."""
        for run in np.split(pieces, np.flatnonzero(np.diff(pieces) > 1) + 1):
            if len(run) == 0:
                continue
            first, last = int(self._first[run[0]]), int(self._first[run[-1] + 1])
            self.weights[first:last] = weigh(self.folded.letters[first:last])
            cumulated = self.cumulated[first : last + 1]
            cumulated[0] = 0
            np.cumsum(self.weights[first:last], dtype=cumulated.dtype, out=cumulated[1:])
            cumulated += self._before[run[0]]


@dataclass(frozen=True)
class HeldCorpus(Corpus):
    """A corpus with the columns of `held`."""

    held: Held

    @cached_property
    def weights(self) -> NDArray[np.uint8]:
        """As in `Corpus`, where letters are at hand."""
        return self.held.weights

    @cached_property
    def cumulated(self) -> NDArray[np.signedinteger]:
        """As in `Corpus`, where letters are at hand and where texts begin."""
        return self.held.cumulated


def untouched(length: int, dtype: DTypeLike) -> NDArray[Any]:
    """So many zeros, of which memory is taken page by page: numpy asks for pages of 2 MB."""
    size = length * np.dtype(dtype).itemsize
    return np.frombuffer(mmap.mmap(-1, size, access=mmap.ACCESS_COPY), dtype) if size else np.zeros(0, dtype)
