"""What is done to the texts of a corpus -> the space in and between their paragraphs too, brought into order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, repeat
from operator import ne
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.batch import batches, starts_of
from dedup.corpus import Corpus
from dedup.edits import Edits, Shift, Stretches
from dedup.lazy import Lazy
from dedup.read.decode import restore_newlines

_TOGETHER = 1 << 18  # characters of sources that are gone over together
_APART = "\n\n\n"  # stands between their texts, so that no edit of one stands beside one of another


class Layout(NamedTuple):
    """A break or a run of blank lines that the corpus has otherwise: `text` in the source, `canonical` in it."""

    path: str
    start: int
    end: int
    text: str
    canonical: str


Columns = tuple[NDArray[np.int64], NDArray[np.int64], list[str], list[str]]
"""Layouts at one path, by place: the starts of all, the ends, the texts, and what the corpus has."""

NO_LAYOUTS: Columns = np.zeros(0, np.int64), np.zeros(0, np.int64), [], []


class Layouts(Lazy[Layout]):
    """Layouts in the order of sources, as columns: `of`, those of each path."""

    __slots__ = ("of",)

    def __init__(self, of: Mapping[str, Columns]):
        self.of = of

    def __len__(self) -> int:
        return sum(len(start) for start, *_ in self.of.values())

    def __iter__(self) -> Iterator[Layout]:
        for path, (start, end, text, canonical) in self.of.items():
            yield from map(Layout, repeat(path), start.tolist(), end.tolist(), text, canonical)


def tidy(corpus: Corpus, edits: Edits) -> None:
    """Close the breaks inside paragraphs, and bring the space between them to one blank line at most."""
    for some in batches([len(source.text) for source in corpus.sources], _TOGETHER):
        texts, several = [source.text for source in corpus.sources[some]], edits.of[some]
        heads = starts_of(len(text) + len(_APART) for text in texts)
        done = Shift.behind(several, heads[:-1])
        start, end, had, new = _spaces(corpus, some, texts, heads, done)
        changed = np.fromiter(map(ne, had, new), np.bool_, len(had)) & _untouched(done, start, end)
        start, end, which = start[changed], end[changed], changed.nonzero()[0].tolist()
        bounds = start.searchsorted(heads).tolist()
        of_source = zip(range(some.start, some.stop), several, heads.tolist(), pairwise(bounds), strict=False)
        for number, of, base, (first, last) in of_source:
            own = which[first:last]
            begin, stop = (start[first:last] - base).tolist(), (end[first:last] - base).tolist()
            spaced = Stretches(begin, stop, map(new.__getitem__, own))
            edits.spaced[number] = spaced, list(map(had.__getitem__, own))
            of.add(spaced.start, spaced.end, spaced.text)


def layouts_of(corpus: Corpus, edits: Edits) -> Layouts:
    """Where `tidy` changed space."""
    layouts = {}
    for source, lines, (spaced, had) in zip(corpus.sources, corpus.lines, edits.spaced, strict=True):
        if had:
            start, end = (lines.outer(np.array(at, np.int64)) for at in (spaced.start, spaced.end))
            texts = [restore_newlines(text, source.newline) for text in had]
            layouts[source.path] = start, end, texts, spaced.text
    return Layouts(layouts)


def _untouched(done: Shift, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which stretches no edit touches, the place of an insertion counted as a character: bool[n]. Of an empty one the
    characters on both sides are looked at."""
    empty = start == end
    begun = np.sort(done.start).searchsorted(np.where(empty, end + 1, end))
    ended = np.sort(np.maximum(done.end, done.start + 1)).searchsorted(np.where(empty, start - 1, start), side="right")
    free: NDArray[np.bool_] = begun == ended
    return free


def _spaces(
    corpus: Corpus, some: slice, texts: Sequence[str], heads: NDArray[np.int64], done: Shift
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str], list[str]]:
    """The space of some sources: the breaks inside their paragraphs, and what stands around and between these, in
    order. `heads`: where their texts begin if one stands behind another, `done`: what was done to them so.

    Start and end, int64[n] each, what is there, and how the corpus has it.
    """
    of = corpus.paragraphs
    own = slice(corpus.heads[some.start], corpus.heads[some.stop])
    breaks = slice(corpus.breaks[some.start], corpus.breaks[some.stop])
    counts = np.diff(corpus.heads[some.start : some.stop + 1])
    base, whole = heads[of.source[own] - some.start], heads[:-1] + np.array(list(map(len, texts)), np.int64)
    rows, filled = np.arange(len(base)), np.flatnonzero(counts)
    before = np.cumsum(counts > 0)[of.source[own] - some.start]  # the sources up to a paragraph's that have one
    tail = (np.cumsum(counts + (counts > 0)) - 1)[filled]  # of each of these sources the last gap
    head = tail - counts[filled]
    a, b = np.empty((2, len(rows) + len(filled)), np.int64)
    a[rows + before], b[rows + before - 1] = of.end[own] + base, of.start[own] + base
    a[head], b[tail] = heads[filled], whole[filled]
    within = heads[of.break_source[breaks] - some.start]
    start = np.concatenate((of.break_start[breaks] + within, a))
    end = np.concatenate((of.break_end[breaks] + within, b))
    text = _APART.join(texts)
    had = [text[x:y] for x, y in zip(start.tolist(), end.tolist(), strict=True)]
    inside = [" " if spaced else "" for spaced in of.break_space[breaks].tolist()]
    first = len(inside)
    new = [*inside, *map(_space, had[first:])]
    ending = np.isin(b, np.concatenate((whole, done.start[np.isin(done.end, whole)])))
    begins = np.isin(np.arange(len(b)), head)
    for gap in np.flatnonzero(ending | begins).tolist():
        new[first + gap] = _space(had[first + gap], bool(begins[gap]), bool(ending[gap]))
    order = np.lexsort((end, start))
    in_order = order.tolist()
    return start[order], end[order], list(map(had.__getitem__, in_order)), list(map(new.__getitem__, in_order))


@lru_cache(maxsize=4096)
def _space(text: str, first: bool = False, last: bool = False) -> str:
    """Space between paragraphs as the corpus has it: no space at line ends, no more than one blank line."""
    if text and not text.isspace():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if last:
        return "\n"
    newlines = min(text.count("\n"), 2)
    indent = text[text.rfind("\n") + 1 :] if newlines or first else text
    return ("" if first else "\n" * newlines) + indent
