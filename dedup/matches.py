"""Matches as columns: every two places that share a passage, and how they are told outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from dedup.corpus import Corpus
from dedup.model import Relation, Tier

MANY_COPIES = 16
"""Of a source with so many copies only the original is told of in every match."""

RELATIONS = tuple(Relation)

_TIERS: dict[tuple[bool, ...], tuple[Tier, ...]] = {
    found: tuple(tier for tier, by in zip(get_args(Tier), found, strict=True) if by)
    for found in product((False, True), repeat=3)
}


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Verified pairs of letter ranges, half-open, as columns sorted by (a_start, b_start); a stands before b.

    `source_a`, `source_b`: int32[n]. `a_start` .. `b_end`: int64[n], letters. `equal`: int64[n], letters that stand
    equal in the alignment. `score`: int64[n], see EQUAL. `anchors`, `anchored`: int64[n], how many anchors seeded
    the pair, and the letters in them. `lsh`: bool[n], whether paragraphs of both sides were candidates.
    `relation`: int8[n], positions in `RELATIONS`. `words`: int64[n], how many words both sides have where a match was
    made of its words (rework.py), else 0; `equal` then counts the letters of those words, in whatever order, and
    `score` is EQUAL times the bits that they say. `part`: bool[n], whether a match is part of a reworked one.
    """

    source_a: NDArray[np.int32]
    source_b: NDArray[np.int32]
    a_start: NDArray[np.int64]
    a_end: NDArray[np.int64]
    b_start: NDArray[np.int64]
    b_end: NDArray[np.int64]
    equal: NDArray[np.int64]
    score: NDArray[np.int64]
    anchors: NDArray[np.int64]
    anchored: NDArray[np.int64]
    lsh: NDArray[np.bool_]
    relation: NDArray[np.int8]
    words: NDArray[np.int64]
    part: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, rows: NDArray[Any]) -> Matches:
        return Matches(*(getattr(self, field.name)[rows] for field in fields(self)))

    def without(self, relation: Relation) -> Matches:
        """The matches of other relations."""
        return self[np.flatnonzero(self.relation != RELATIONS.index(relation))]

    def joined(self, other: Matches) -> Matches:
        """These matches and behind them the other ones."""
        return Matches(*(np.concatenate((getattr(self, f.name), getattr(other, f.name))) for f in fields(self)))

    def told(self, corpus: Corpus) -> Matches:
        """The same matches as they are told: in copies of whole sources too, without the parts of reworked ones, sorted
        by path and place, the side of the first path first."""
        rank = corpus.by_path
        everywhere = self[np.flatnonzero(~self.part)]._in_copies(corpus)
        turn = rank[everywhere.source_a] > rank[everywhere.source_b]
        columns = {field.name: getattr(everywhere, field.name) for field in fields(everywhere)}
        for one, other in (("source_a", "source_b"), ("a_start", "b_start"), ("a_end", "b_end")):
            x, y = columns[one], columns[other]
            columns[one], columns[other] = np.where(turn, y, x), np.where(turn, x, y)
        turned = Matches(**columns)
        keys = (
            turned.b_end,
            turned.a_end,
            turned.b_start,
            rank[turned.source_b],
            turned.a_start,
            rank[turned.source_a],
        )
        return turned[np.lexsort(keys)]

    def _in_copies(self, corpus: Corpus) -> Matches:
        """These matches, and for every copy of a source the same ones in it; in one of many copies, only its own."""
        copies: dict[int, list[int]] = defaultdict(list)
        for number in np.flatnonzero(corpus.original != np.arange(len(corpus.original))).tolist():
            copies[int(corpus.original[number])].append(number)
        few = {original: numbers for original, numbers in copies.items() if len(numbers) < MANY_COPIES}
        if not few:
            return self
        old, sources_a, sources_b = [np.arange(len(self))], [self.source_a], [self.source_b]
        of_copy = corpus.original[self.source_b] != self.source_b
        has_copy = np.isin(self.source_a, list(few)) | np.isin(self.source_b, list(few))
        for row in np.flatnonzero(has_copy & ~of_copy).tolist():
            a, b = int(self.source_a[row]), int(self.source_b[row])
            in_a, in_b = [a, *few.get(a, ())], [b, *few.get(b, ())]
            pairs = zip(in_a, in_a, strict=True) if a == b else product(in_a, in_b)
            more = [pair for pair in pairs if pair != (a, b)]
            old.append(np.full(len(more), row))
            sources_a.append(np.array([x for x, _ in more], np.int32))
            sources_b.append(np.array([y for _, y in more], np.int32))
        rows, source_a, source_b = np.concatenate(old), np.concatenate(sources_a), np.concatenate(sources_b)
        starts = corpus.folded.starts
        shift_a = starts[source_a] - starts[self.source_a[rows]]
        shift_b = starts[source_b] - starts[self.source_b[rows]]
        columns = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        columns |= {"source_a": source_a, "source_b": source_b}
        columns |= {name: columns[name] + shift_a for name in ("a_start", "a_end")}
        columns |= {name: columns[name] + shift_b for name in ("b_start", "b_end")}
        return Matches(**columns)

    def sides(self, row: int) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Source, first and last letter of both sides of a match."""
        return (
            (int(self.source_a[row]), int(self.a_start[row]), int(self.a_end[row])),
            (int(self.source_b[row]), int(self.b_start[row]), int(self.b_end[row])),
        )

    def tiers(self, rows: Sequence[int]) -> tuple[Tier, ...]:
        """The tiers that found any of these matches."""
        lsh = anchor = words = False
        for row in rows:
            lsh, anchor, words = lsh or self.lsh[row], anchor or self.anchors[row], words or self.words[row]
        return _TIERS[bool(lsh), bool(anchor), bool(words)]

    @property
    def spans(self) -> NDArray[np.int64]:
        """The letters of both sides, a_start, a_end, b_start and b_end: int64[n, 4]."""
        return np.stack((self.a_start, self.a_end, self.b_start, self.b_end), axis=1)

    @property
    def similarity(self) -> NDArray[np.float64]:
        """Twice the equal letters over the letters of both sides (the normalised Indel similarity): float64[n]."""
        return 2 * self.equal / (self.a_end - self.a_start + self.b_end - self.b_start)
