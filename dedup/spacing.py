"""What is done to the texts of a corpus -> the space in and between their paragraphs too, brought into order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import repeat
from operator import ne
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.corpus import Corpus
from dedup.edits import Edits, Stretches
from dedup.lazy import Lazy
from dedup.read.decode import restore_newlines


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
    for number, of in enumerate(edits.of):
        start, end, had, new = _spaces(corpus, of, number)
        changed = np.fromiter(map(ne, had, new), np.bool_, len(had)) & _untouched(of, start, end)
        which = changed.nonzero()[0].tolist()
        spaced = Stretches(start[changed].tolist(), end[changed].tolist(), map(new.__getitem__, which))
        edits.spaced[number] = spaced, list(map(had.__getitem__, which))
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


def _untouched(edits: Stretches, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which stretches no edit touches, the place of an insertion counted as a character: bool[n]. Of an empty one the
    characters on both sides are looked at."""
    empty = start == end
    first, last = np.array(edits.start, np.int64), np.array(edits.end, np.int64)
    begun = np.sort(first).searchsorted(np.where(empty, end + 1, end))
    done = np.sort(np.maximum(last, first + 1)).searchsorted(np.where(empty, start - 1, start), side="right")
    free: NDArray[np.bool_] = begun == done
    return free


def _spaces(
    corpus: Corpus, edits: Stretches, number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str], list[str]]:
    """The space of a source: the breaks inside its paragraphs, and what stands around and between them, in order.

    Start and end, int64[n] each, what is there, and how the corpus has it.
    """
    of, text = corpus.paragraphs, corpus.sources[number].text
    own = slice(corpus.heads[number], corpus.heads[number + 1])
    if own.start == own.stop:
        none = np.zeros(0, np.int64)
        return none, none, [], []
    breaks = slice(corpus.breaks[number], corpus.breaks[number + 1])
    a = np.concatenate(([0], of.end[own]))
    b = np.concatenate((of.start[own], [len(text)]))
    start, end = np.concatenate((of.break_start[breaks], a)), np.concatenate((of.break_end[breaks], b))
    had = [text[x:y] for x, y in zip(start.tolist(), end.tolist(), strict=True)]
    inside = [" " if spaced else "" for spaced in of.break_space[breaks].tolist()]
    first = len(inside)
    new = [*inside, *map(_space, had[first:])]
    ends = [len(text), *(x for x, y in zip(edits.start, edits.end, strict=True) if y == len(text))]
    for gap in {0, *np.flatnonzero(np.isin(b, ends)).tolist()}:
        new[first + gap] = _space(had[first + gap], gap == 0, bool(b[gap] in ends))
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
