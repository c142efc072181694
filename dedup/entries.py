"""Drafts -> the entries of their apparatus: every point of variation, with the readings that are told of it.

Where readings stand is worked out for many drafts at once, in columns: most drafts have only a few points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from dedup.apparatus import NAMING, bounds, mark, numbered
from dedup.collate import Point
from dedup.corpus import Corpus
from dedup.draft import Draft
from dedup.variant import Verdict

Has = tuple[int, int, int, str, Verdict | None]
"""A reading: the number of its witness (`ranked`), characters `[start, end)` of the file, the text there as it is
inside the program, and how it differs from the canonical one, if it does."""


class Entry(NamedTuple):
    """A point of variation: what it is called, its readings by place, and where in its file the home has it."""

    mark: str
    point: Point
    readings: list[Has]
    start: int


def entries(corpus: Corpus, drafts: Sequence[Draft]) -> Iterator[list[Entry]]:
    """For each draft the entries of its points in order: all readings that differ from the canonical text, and the
    first that agrees."""
    where = _Where(corpus, drafts)
    called, row = iter(where.marks()), 0
    new = tuple.__new__  # what a named tuple's own way in comes to, in a third of the time
    for draft in drafts:
        order = ranked(corpus, draft)
        rank = sorted(range(len(order)), key=order.__getitem__)
        sources = [place.source for place in draft.passage.places]
        texts = [corpus.sources[source].text for source in sources]
        apart = len(set(sources)) == len(sources)
        points = draft.collation.points
        told = []
        for number, (point, name) in enumerate(zip(points, numbered(islice(called, len(points))), strict=True)):
            differs = point.differs
            if len(order) == 2 and len(differs) == 1 and not draft.decided:
                who = order
            else:
                who = _who(point, where, row, texts) if number in draft.decided else [*differs, point.agrees]
                who.sort(key=rank.__getitem__)
            readings: list[Has] = []
            for n in who:
                at = row + n
                own = texts[n][where.inner_start[at] : where.inner_end[at]]
                readings.append((rank[n], where.start[at], where.end[at], own, differs.get(n)))
            if not apart:  # of two witnesses in one source the first may have the later reading
                readings.sort(key=lambda of: (corpus.by_path[sources[order[of[0]]]], of[1:3], of[0]))
            told.append(new(Entry, (name, point, readings, where.start[row + draft.home])))
            row += len(order)
        yield told


def ranked(corpus: Corpus, draft: Draft) -> list[int]:
    """The places of a passage as the cluster's witnesses are numbered: by path and place."""
    sources = [corpus.by_path[place.source] for place in draft.passage.places]
    return sorted(range(len(sources)), key=lambda n: (sources[n], *draft.spans[n]))


def _who(point: Point, where: _Where, row: int, texts: Sequence[str]) -> list[int]:
    """Whose readings are told of a point on which was decided: the text there need not be that of the vote."""
    rows = range(row, row + len(texts))
    own = [text[where.inner_start[at] : where.inner_end[at]] for at, text in zip(rows, texts, strict=True)]
    return [n for n, text in enumerate(own) if text != point.text or n == own.index(point.text)]


class _Where:
    """Where the readings of drafts stand, a row for each point and each witness of its draft in the order of places.

    `inner_start`, `inner_end`: characters of the source; `start`, `end`: those of its file.
    """

    def __init__(self, corpus: Corpus, drafts: Sequence[Draft]):
        self.corpus, self.drafts = corpus, drafts
        widths = np.array([len(draft.spans) for draft in drafts])
        rows = np.array([len(draft.collation.points) for draft in drafts]) * widths
        self.draft = np.repeat(np.arange(len(drafts)), rows)
        number = np.arange(len(self.draft)) - np.repeat(np.cumsum(rows) - rows, rows)
        self.place = number % np.repeat(widths, rows)
        witness = np.repeat(np.cumsum(widths) - widths, rows) + self.place
        begin = np.array([start for draft in drafts for start, _ in draft.spans])[witness]
        source = np.array([place.source for draft in drafts for place in draft.passage.places])
        self.source = source[witness]
        self.inner = np.concatenate([bounds(draft.collation).reshape(-1, 2) for draft in drafts]) + begin[:, None]
        self.inner_start, self.inner_end = self.inner.T.tolist()
        self.start, self.end = self.inner_start, self.inner_end
        longer = [n for n in set(source.tolist()) if corpus.sources[n].newline == "\r\n"]
        if longer:
            outer = self.inner.copy()
            for n in longer:
                outer[self.source == n] = corpus.lines[n].outer(self.inner[self.source == n])
            self.start, self.end = outer.T.tolist()

    def marks(self) -> list[str]:
        """What each point is called after the medoid of its passage, not yet numbered: as `apparatus.marks` has it."""
        folded, sources = self.corpus.folded, self.corpus.sources
        passages = [draft.passage for draft in self.drafts]
        medoids = [passage.places[passage.medoid] for passage in passages]
        own = (self.place == np.array([passage.medoid for passage in passages])[self.draft]).nonzero()[0]
        source, first, last = np.array(medoids)[self.draft[own]].T
        spans = self.inner[own]
        letters = np.empty_like(spans)
        for n in {place.source for place in medoids}:
            of_source, (low, high) = source == n, folded.starts[n : n + 2].tolist()
            offsets = folded.offsets[low:high]
            at = spans[of_source].astype(offsets.dtype)  # or else all offsets would be brought to the type of these
            letters[of_source] = low + offsets.searchsorted(at)
        before, after = np.maximum(np.minimum(letters.T, last), first)
        columns = np.array(
            (np.maximum(before - NAMING, first), before, after, np.minimum(after + NAMING, last), source, *spans.T)
        )
        columns[:4] *= 4
        codes = memoryview(np.ascontiguousarray(folded.letters, "<u4")).cast("B")  # type: ignore[arg-type]
        return [
            mark(codes[left:low], sources[n].text[start:end], codes[high:right])
            for left, low, high, right, n, start, end in columns.T.tolist()
        ]
