"""Sources -> columns: everything the matching stages need of a heap of texts, in arrays over one stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dedup.batch import heads_of
from dedup.fold import Folded, Progress, fold
from dedup.model import Source
from dedup.position import Lines
from dedup.script import cumulate, weigh
from dedup.segment import Paragraphs, segment

OPENING = frozenset("（《〈「『【〔〖([{“‘«")
CLOSING = frozenset("。．.！!？?…；;：:，,、）》〉」』】〕〗)]}”’»")


@dataclass(frozen=True)
class Corpus:
    """Sources with their folded stream and their paragraphs.

    `original`: int32[sources], for each source the first one with the same text, which for most is itself. Only
    originals are matched: a copy of a whole source tells nothing but that it is one.

    They are sorted by what they say, so that no stage can make anything of what they are called; results are put
    into the order of paths when they are told.
    """

    sources: tuple[Source, ...]
    folded: Folded
    paragraphs: Paragraphs
    original: NDArray[np.int32]

    @cached_property
    def weights(self) -> NDArray[np.uint8]:
        """The weight of each letter (script.weigh): uint8[letters]."""
        return weigh(self.folded.letters)

    @cached_property
    def cumulated(self) -> NDArray[np.signedinteger]:
        """The weight of all letters before each (script.cumulate): int32[letters + 1], int64 where it needs more."""
        return cumulate(self.weights)

    @cached_property
    def by_path(self) -> NDArray[np.int32]:
        """The rank of each source's path among all paths: int32[sources]."""
        order = sorted(range(len(self.sources)), key=lambda number: self.sources[number].path)
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order))
        return rank

    @cached_property
    def lines(self) -> tuple[Lines, ...]:
        """For each source, where its lines are and how its positions read outside."""
        return tuple(Lines(source) for source in self.sources)

    @cached_property
    def heads(self) -> list[int]:
        """For each source the first of its paragraphs, and how many there are in all."""
        heads: list[int] = heads_of(self.paragraphs.source, len(self.sources)).tolist()
        return heads

    @cached_property
    def breaks(self) -> list[int]:
        """For each source the first of the breaks inside its paragraphs, and how many breaks there are in all."""
        heads: list[int] = heads_of(self.paragraphs.break_source, len(self.sources)).tolist()
        return heads

    @cached_property
    def _spans(self) -> dict[tuple[int, int], tuple[int, int]]:
        """What `characters` found: a merge asks for the same places again and again."""
        return {}

    def letters(self, first: int, last: int) -> str:
        """Letters `[first, last)` of the stream as a string."""
        return self.folded.letters[first:last].tobytes().decode("utf-32-le", "surrogatepass")

    def characters(self, first: int, last: int) -> tuple[int, int]:
        """The characters `[start, end)` of its source's text that letters `[first, last)` stand for.

        Closing marks behind the last letter and opening marks before the first belong to them; a stretch that
        begins or ends with its paragraph's letters begins or ends with the paragraph.
        """
        if (known := self._spans.get((first, last))) is not None:
            return known
        text = self.sources[self.folded.source_of(first)].text
        start, end = int(self.folded.offsets[first]), int(self.folded.offsets[last - 1]) + 1
        head = self.paragraphs.last.searchsorted(first, side="right")
        tail = self.paragraphs.first.searchsorted(last, side="left") - 1
        if self.paragraphs.first[head] == first:
            start = int(self.paragraphs.start[head])
        while start > 0 and text[start - 1] in OPENING:
            start -= 1
        if self.paragraphs.last[tail] == last:
            end = int(self.paragraphs.end[tail])
        while end < len(text) and text[end] in CLOSING:
            end += 1
        self._spans[first, last] = start, end
        return start, end


def build(
    sources: Sequence[Source], *, forms: Mapping[int, str] | None = None, progress: Progress | None = None
) -> Corpus:
    """Fold and segment sources; their order does not matter. `forms`: see `fold`."""
    ordered = tuple(sorted(sources, key=lambda source: (source.text, source.path)))
    texts = [source.text for source in ordered]
    folded = fold(texts, forms=forms, progress=progress)
    if progress:
        progress("letters", len(folded.letters), len(folded.letters))
    return Corpus(ordered, folded, segment(texts, folded, progress=progress), _originals(texts, folded))


def _originals(texts: Sequence[str], folded: Folded) -> NDArray[np.int32]:
    seen: dict[str, int] = {}
    letters = np.diff(folded.starts)
    return np.array([seen.setdefault(text, n) if letters[n] else n for n, text in enumerate(texts)], np.int32)
