"""The texts of a corpus -> its paragraphs, each with the passage that stands in it and the place it came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.batch import batches, starts_of
from dedup.corpus import Corpus
from dedup.draft import Draft
from dedup.edits import Edits, Shift
from dedup.fold import code_points
from dedup.lazy import Lazy
from dedup.model import Span

_IS_SPACE = np.array([chr(code).isspace() for code in range(0x3001)] + [False])  # the last is every other character
_TOGETHER = 1 << 20  # characters of sources that are gone over together, unless one has more


class Paragraph(NamedTuple):
    """A paragraph of the corpus: `span` in the corpus file, `source` where it came from."""

    id: str
    span: Span
    text: str
    cluster: str | None
    witnesses: int
    source: Span


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """The paragraphs of a corpus file in reading order, as columns: what each is called, where it stands in the file
    and in the source's file, int64[paragraphs, 2], and the draft whose home it is, by its number, int64[paragraphs]."""

    path: str
    text: str
    ids: list[str]
    span: NDArray[np.int64]
    source: NDArray[np.int64]
    draft: NDArray[np.int64]

    def rows(self) -> Iterator[tuple[str, int, int, int, int, int]]:
        """Of each what it is called, its span, that in the source, and its draft."""
        return zip(self.ids, *self.span.T.tolist(), *self.source.T.tolist(), self.draft.tolist(), strict=True)

    def texts(self) -> list[str]:
        """Of each what stands there."""
        return [self.text[start:end] for start, end in self.span.tolist()]


class Paragraphs(Lazy[Paragraph]):
    """The paragraphs of a corpus by path and in reading order. `files`: those of each file, `homes`: for the number of
    each draft its cluster, and how many witnesses that has."""

    __slots__ = ("files", "homes")

    def __init__(self, files: Sequence[File], homes: Sequence[Draft]):
        self.files = files
        self.homes: list[tuple[str | None, int]] = [(draft.id, len(draft.passage.places)) for draft in homes]
        self.homes.append((None, 1))  # number -1: it is no passage's home

    def __len__(self) -> int:
        return sum(len(of.ids) for of in self.files)

    def __iter__(self) -> Iterator[Paragraph]:
        new = tuple.__new__  # what a named tuple's own way in comes to, in a third of the time
        for of in self.files:
            path, text = of.path, of.text
            for name, start, end, first, last, draft in of.rows():
                span, source = new(Span, (path, start, end)), new(Span, (path, first, last))
                yield new(Paragraph, (name, span, text[start:end], *self.homes[draft], source))


def paragraphs_of(corpus: Corpus, edits: Edits, texts: Mapping[str, str], drafts: Sequence[Draft]) -> Paragraphs:
    """The paragraphs of the corpus. `drafts`: those whose homes are in it, of which the first has what several have.

    Of several with one text the second's id ends in -2, in the order of the sources.
    """
    at_home: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for number, draft in enumerate(drafts):
        at_home[draft.passage.places[draft.home].source].append((*draft.spans[draft.home], number))
    taken: dict[str, int] = {}
    left = [number for number, source in enumerate(corpus.sources) if source.path in texts]
    files = [
        file
        for some in batches([len(corpus.sources[number].text) for number in left], _TOGETHER)
        for file in _files(corpus, edits, left[some], texts, at_home, taken)
    ]
    return Paragraphs(sorted(files, key=lambda of: of.path), drafts)


def _files(
    corpus: Corpus,
    edits: Edits,
    numbers: Sequence[int],
    texts: Mapping[str, str],
    at_home: Mapping[int, list[tuple[int, int, int]]],
    taken: dict[str, int],
) -> Iterator[File]:
    """The paragraphs of sources' corpus files, as if they were one text: one source stands behind the other, and so do
    the files. `at_home`: start, end and number of the drafts that are at home in each source. `taken`: how many
    paragraphs have each id, without what numbers them."""
    sources = [corpus.sources[number] for number in numbers]
    of_sources = starts_of(len(source.text) + 1 for source in sources)[:-1]
    of_files = starts_of(len(texts[source.path]) + 1 for source in sources)[:-1]
    counts = [corpus.heads[number + 1] - corpus.heads[number] for number in numbers]
    rows = np.concatenate([np.arange(corpus.heads[number], corpus.heads[number + 1]) for number in numbers])
    file = np.repeat(np.arange(len(numbers)), counts)
    start, end = corpus.paragraphs.start[rows] + of_sources[file], corpus.paragraphs.end[rows] + of_sources[file]
    shift = Shift.behind([edits.of[number] for number in numbers], of_sources)
    text = "".join([f"{texts[source.path]}\n" for source in sources])
    first, last = _bare(text, shift(start), shift(end, after=True))
    done = np.maximum.accumulate(np.concatenate((np.zeros(1, np.int64), last)))  # an edit may reach into the next one
    first, last = np.maximum(first, done[:-1]), done[1:]
    left = np.flatnonzero(first < last)
    ids = []
    for a, b in zip(first[left].tolist(), last[left].tolist(), strict=True):
        key = sha256(text[a:b].encode("utf-8", "surrogatepass")).hexdigest()[:12]
        count = taken[key] = taken.get(key, 0) + 1
        ids.append(key if count == 1 else f"{key}-{count}")
    homes = [
        (x + base, y + base, n)
        for number, base in zip(numbers, of_sources.tolist(), strict=True)
        for x, y, n in at_home.get(number, ())
    ]
    draft = _homes(start, end, homes)[left]
    span = np.stack((first, last), axis=1)[left] - of_files[file[left], None]
    place = np.stack((start, end), axis=1)[left] - of_sources[file[left], None]
    bounds = file[left].searchsorted(np.arange(len(numbers) + 1)).tolist()
    for number, source, (head, tail) in zip(numbers, sources, pairwise(bounds), strict=True):
        outer = corpus.lines[number].outer(place[head:tail])
        yield File(source.path, texts[source.path], ids[head:tail], span[head:tail], outer, draft[head:tail])


def _bare(text: str, first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stretches of a text, before its end, without the space around them; one of nothing else ends before it begins."""
    points = code_points(text)
    ends = np.minimum(points[np.stack((first, last - 1))], len(_IS_SPACE) - 1)
    spaced = _IS_SPACE[ends].any(axis=0)
    first, last = first.copy(), last.copy()
    for n in np.flatnonzero((first >= last) | spaced).tolist():
        piece = text[first[n] : last[n]]
        first[n] += len(piece) - len(piece.lstrip())
        last[n] -= len(piece) - len(piece.rstrip())
    return first, last


def _homes(start: NDArray[np.int64], end: NDArray[np.int64], homes: list[tuple[int, int, int]]) -> NDArray[np.int64]:
    """For each paragraph the first home that covers more than half of it: its number, or -1. int64[paragraphs]"""
    x, y, number = np.array(homes, np.int64).reshape(-1, 3).T
    low, high = np.searchsorted(end, x, side="right"), np.searchsorted(start, y)
    counts = np.maximum(high - low, 0)
    home = np.repeat(np.arange(len(x)), counts)
    paragraph = np.arange(len(home)) - np.repeat(np.cumsum(counts) - counts - low, counts)
    a, b = start[paragraph], end[paragraph]
    most = 2 * (np.minimum(y[home], b) - np.maximum(x[home], a)) > b - a
    found = np.full(len(start), np.iinfo(np.int64).max)
    np.minimum.at(found, paragraph[most], number[home[most]])
    return np.where(found == np.iinfo(np.int64).max, -1, found)
