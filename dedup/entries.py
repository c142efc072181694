"""Drafts -> the entries of their apparatus: every point of variation, with the readings that are told of it.

All is worked out for many drafts at once, in columns: most drafts have only a few points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from dedup.apparatus import NAMING, bounds, mark, numbered
from dedup.collate import Point, kinds_of
from dedup.collate.points import Points, Row
from dedup.corpus import Corpus
from dedup.draft import Draft
from dedup.read.decode import restore_newlines
from dedup.spans import by_source
from dedup.variant import Verdict

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of drafts, those of one behind those of another, as columns.

    Of each point: `points`, what was found there, `marks`, what it is called, and `starts`, where in its file the home
    has it. Its readings are those from `bounds[point]` to `bounds[point + 1]`, by place: all that differ from the
    canonical text, and the first that agrees. Of each reading: `witness`, its number among the cluster's, which are by
    path and place, `path`, `start` and `end`, characters of that file, `text`, what it has there, `inner`, the same
    with the newlines that the program uses inside, and `verdict`, how it differs from the canonical one, if it does.
    """

    points: list[Row]
    marks: list[str]
    starts: list[int]
    bounds: list[int]
    witness: list[int]
    path: list[str]
    start: list[int]
    end: list[int]
    text: list[str]
    inner: list[str]
    verdict: list[Verdict | None]


def entries(corpus: Corpus, drafts: Sequence[Draft]) -> Entries:
    """The entries of drafts that have points."""
    where = _Where(corpus, drafts)
    point, place, verdict = _told(where)
    every = np.arange(len(where.points))
    home = where.home[where.draft]
    starts = _outer(corpus, where.source[where.head + home], where.inner(every, home))
    inner = where.inner(point, place)
    source = where.source[where.head[point] + place]
    numbers = source.tolist()
    texts = _texts(corpus, source, inner)
    start, end = _outer(corpus, source, inner).T.tolist()
    return Entries(
        where.points,
        _marks(where),
        starts[:, 0].tolist(),
        np.searchsorted(point, np.arange(len(every) + 1)).tolist(),
        where.rank[where.head[point] + place].tolist(),
        [corpus.sources[n].path for n in numbers],
        start,
        end,
        _with_newlines(corpus, numbers, texts),
        texts,
        verdict,
    )


class _Where:
    """Where the witnesses of drafts stand, and what they have at each point.

    Of each draft: `home` and `medoid`, the numbers of these places. Of each witness, those of a draft in the order of
    its places: `of`, the number of the draft, `source`, that of the source, `begin`, its first character, and `rank`,
    its number by path and place; `by_rank`: the witnesses of drafts in that order.
    Of each point: `points`, what was found there, `draft`, the number of that, `head`, its first witness, and `first`,
    where in `spans` its witnesses' readings begin, as characters from the beginnings of the witnesses.
    """

    def __init__(self, corpus: Corpus, drafts: Sequence[Draft]):
        self.corpus, self.drafts = corpus, drafts
        self.home = np.array([draft.home for draft in drafts])
        self.medoid = np.array([draft.passage.medoid for draft in drafts])
        widths = np.array([len(draft.spans) for draft in drafts])
        heads = np.cumsum(widths) - widths
        self.source = np.array([place.source for draft in drafts for place in draft.passage.places])
        self.begin, end = np.array([span for draft in drafts for span in draft.spans]).T
        self.of = np.repeat(np.arange(len(drafts)), widths)
        self.by_rank = np.lexsort((end, self.begin, corpus.by_path[self.source], self.of))
        self.rank = np.empty_like(self.by_rank)
        self.rank[self.by_rank] = np.arange(len(self.of)) - heads[self.of]
        of_drafts = [rows_of(draft.collation.points) for draft in drafts]
        self.points: list[Row] = list(chain.from_iterable(of_drafts))
        self.draft = np.repeat(np.arange(len(drafts)), list(map(len, of_drafts)))
        self.head = heads[self.draft]
        self.width = widths[self.draft]
        self.first = np.cumsum(self.width) - self.width
        self.spans = np.concatenate([bounds(draft.collation).reshape(-1, 2) for draft in drafts])

    def inner(self, point: Column, place: Column) -> Column:
        """What witnesses have at points, as characters of their sources' texts: int64[n, 2]."""
        found: Column = self.spans[self.first[point] + place] + self.begin[self.head[point] + place, None]
        return found

    def places(self, point: Column, cell: Column) -> Column:
        """The places of those who have the cells of points, of which each has one for each witness by its rank."""
        found: Column = self.by_rank[self.head[point] + cell - self.first[point]] - self.head[point]
        return found


def rows_of(points: Sequence[Point]) -> list[Row]:
    """Points without their bounds."""
    if isinstance(points, Points):
        return points.rows
    kinds = kinds_of(points)
    return [(p.at, p.text, p.differs, p.agrees, kind) for p, kind in zip(points, kinds, strict=True)]


def _told(where: _Where) -> tuple[Column, Column, list[Verdict | None]]:
    """The readings that are told: of which point each is, of which place, and how it differs."""
    differs = [row[2] for row in where.points]
    point = np.repeat(np.arange(len(differs)), list(map(len, differs)))
    place = np.fromiter(chain.from_iterable(differs), np.int64, len(point))
    verdicts = [*chain.from_iterable(of.values() for of in differs), None]
    cells = where.width.sum()
    number = np.full(cells, -1)  # of its verdict, for each point and each witness by its rank; -1 is None's
    number[where.first[point] + where.rank[where.head[point] + place]] = np.arange(len(point))
    told = number >= 0
    agrees = np.fromiter((row[3] for row in where.points), np.int64, len(where.points))
    told[where.first + where.rank[where.head + agrees]] = True
    for one, who in _decided(where):
        own = where.first[one] + np.arange(where.width[one])
        told[own] = np.isin(where.places(np.full(len(own), one), own), who)
    cell = told.nonzero()[0]
    point = np.repeat(np.arange(len(differs)), where.width)[cell]
    place = where.places(point, cell)
    order = _by_place(where, point, place)
    verdict = map(verdicts.__getitem__, number[cell][order].tolist())
    return point[order], place[order], list(verdict)


def _decided(where: _Where) -> Iterator[tuple[int, list[int]]]:
    """Points on which was decided, and whose readings are told of each: the text there need not be that of the vote."""
    bounds = np.searchsorted(where.draft, np.arange(len(where.drafts)))
    for draft, first in zip(where.drafts, bounds.tolist(), strict=True):
        if not draft.decided:
            continue
        places = np.arange(len(draft.spans))
        sources = [where.corpus.sources[place.source].text for place in draft.passage.places]
        for number in draft.decided:
            text = where.points[first + number][1]
            spans = where.inner(np.full(len(places), first + number), places).tolist()
            own = [source[start:end] for source, (start, end) in zip(sources, spans, strict=True)]
            yield first + number, [n for n, of in enumerate(own) if of != text or n == own.index(text)]


def _by_place(where: _Where, point: Column, place: Column) -> Column:
    """The readings of each point, which are in the order of witnesses, by place: of two witnesses in one source the
    first may have the later reading."""
    order = np.arange(len(point))
    source = where.source[where.by_rank]
    twice = (source[1:] == source[:-1]) & (where.of[1:] == where.of[:-1])
    apart = np.ones(len(where.drafts), np.bool_)
    apart[where.of[1:][twice]] = False
    (again,) = (~apart[where.draft[point]]).nonzero()
    start, end = where.inner(point[again], place[again]).T
    path = where.corpus.by_path[where.source[where.head[point[again]] + place[again]]]
    order[again] = again[np.lexsort((end, start, path, point[again]))]
    return order


def _outer(corpus: Corpus, source: Column, inner: Column) -> Column:
    """Characters of sources' texts as those of their files: int64[n, 2]."""
    outer = inner
    for n, own in by_source(source):
        if corpus.sources[n].newline == "\r\n":
            outer = inner.copy() if outer is inner else outer
            outer[own] = corpus.lines[n].outer(inner[own])
    return outer


def _texts(corpus: Corpus, source: Column, inner: Column) -> list[str]:
    texts = map([source.text for source in corpus.sources].__getitem__, source.tolist())
    return [text[start:end] for text, start, end in zip(texts, *inner.T.tolist(), strict=True)]


def _with_newlines(corpus: Corpus, source: Sequence[int], texts: list[str]) -> list[str]:
    """Texts of sources as they stand in the files."""
    if all(corpus.sources[n].newline in ("", "\n") for n in set(source)):
        return texts
    return [restore_newlines(text, corpus.sources[n].newline) for n, text in zip(source, texts, strict=True)]


def _marks(where: _Where) -> list[str]:
    """What each point is called after the medoid of its passage: as `apparatus.marks` has it."""
    folded = where.corpus.folded
    medoids = np.array([draft.passage.places[draft.passage.medoid] for draft in where.drafts])
    source, first, last = medoids[where.draft].T
    spans = where.inner(np.arange(len(source)), where.medoid[where.draft])
    letters = np.empty_like(spans)
    for n, own in by_source(source):
        low, high = folded.starts[n : n + 2].tolist()
        offsets = folded.offsets[low:high]
        at = spans[own].astype(offsets.dtype)  # or else all offsets would be brought to the type of these
        letters[own] = low + offsets.searchsorted(at)
    before, after = np.maximum(np.minimum(letters.T, last), first)
    codes = folded.letters.astype("<u4", copy=False).data.cast("B")
    around = np.maximum(before - NAMING, first), before, after, np.minimum(after + NAMING, last)
    columns = (4 * np.stack(around)).tolist()
    named = [
        mark(codes[low:at], reading, codes[end:high])
        for low, at, end, high, reading in zip(*columns, _texts(where.corpus, source, spans), strict=True)
    ]
    counts = np.bincount(where.draft, minlength=len(where.drafts)).tolist()
    names = iter(named)
    return [name for count in counts for name in numbered(islice(names, count))]
