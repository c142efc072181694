"""Matches -> where they stand in the texts: `Corpus.characters` for columns of letter ranges at once."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.corpus import CLOSING, OPENING, Corpus
from dedup.matches import Matches


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Characters `[start, end)` of the sources' files, and the lines in which they begin and end: int64[n] each.

    `source`: int32[n]. The positions are outer ones, lines are 1-based.
    """

    source: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    line: NDArray[np.int64]
    last_line: NDArray[np.int64]


def of_matches(corpus: Corpus, matches: Matches) -> tuple[Spans, Spans]:
    """Both sides of matches."""
    return (
        spans(corpus, matches.source_a, matches.a_start, matches.a_end),
        spans(corpus, matches.source_b, matches.b_start, matches.b_end),
    )


def spans(corpus: Corpus, source: NDArray[np.int32], first: NDArray[np.int64], last: NDArray[np.int64]) -> Spans:
    """Where letters `[first, last)` of the stream stand: int32[n], int64[n], int64[n], no range empty."""
    inner_start, inner_end = characters(corpus, source, first, last)
    start, end = np.empty_like(inner_start), np.empty_like(inner_end)
    line, last_line = np.empty_like(inner_start), np.empty_like(inner_end)
    for number, rows in by_source(source):
        lines = corpus.lines[number]
        start[rows], end[rows] = lines.outer(inner_start[rows]), lines.outer(inner_end[rows])
        line[rows], last_line[rows] = lines.line(inner_start[rows]), lines.line(inner_end[rows] - 1)
    return Spans(source, start, end, line, last_line)


def characters(
    corpus: Corpus, source: NDArray[np.int32], first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The characters of each source's text that letters stand for: as `Corpus.characters` says of one range."""
    offsets, paragraphs = corpus.folded.offsets, corpus.paragraphs
    start, end = offsets[first].astype(np.int64), offsets[last - 1].astype(np.int64) + 1
    head = np.searchsorted(paragraphs.last, first, side="right")
    tail = np.searchsorted(paragraphs.first, last, side="left") - 1
    begins, ends = paragraphs.first[head] == first, paragraphs.last[tail] == last
    end = np.where(ends, paragraphs.end[tail], end)
    start = np.where(begins, paragraphs.start[head], start)
    texts = [corpus.sources[number].text for number in source.tolist()]
    return _before(texts, start), _behind(texts, end)


def by_source(source: NDArray[np.signedinteger]) -> list[tuple[int, NDArray[np.int64]]]:
    """The rows of each source."""
    if len(source) == 0:
        return []
    order = np.argsort(source, kind="stable")
    numbers, heads = np.unique(source[order], return_index=True)
    return list(zip(numbers.tolist(), np.split(order, heads[1:]), strict=True))


def _before(texts: Sequence[str], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions, each in its text, moved before the opening marks that stand right before them."""
    moved = [_moved(text, place, -1, OPENING) for text, place in zip(texts, (at - 1).tolist(), strict=True)]
    return np.array(moved, np.int64) + 1


def _behind(texts: Sequence[str], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions, each in its text, moved behind the closing marks that stand right there."""
    return np.array([_moved(text, place, 1, CLOSING) for text, place in zip(texts, at.tolist(), strict=True)], np.int64)


def _moved(text: str, at: int, step: int, over: Set[str]) -> int:
    while 0 <= at < len(text) and text[at] in over:
        at += step
    return at
