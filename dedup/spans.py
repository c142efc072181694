"""Matches -> where they stand in the texts: `Corpus.characters` for columns of letter ranges at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.corpus import CLOSING, OPENING, Corpus
from dedup.fold import code_points
from dedup.matches import Matches

_OPENING = np.array(sorted(map(ord, OPENING)), np.uint32)
_CLOSING = np.array(sorted(map(ord, CLOSING)), np.uint32)


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
    for number, rows in _by_source(source):
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
    for number, rows in _by_source(source):
        text = corpus.sources[number].text
        start[rows] = _before(text, start[rows])
        whole = rows[begins[rows]]
        start[whole] = _before(text, paragraphs.start[head[whole]])
        end[rows] = _behind(text, end[rows])
    return start, end


def _by_source(source: NDArray[np.int32]) -> list[tuple[int, NDArray[np.int64]]]:
    """The rows of each source."""
    if len(source) == 0:
        return []
    order = np.argsort(source, kind="stable")
    numbers, heads = np.unique(source[order], return_index=True)
    return list(zip(numbers.tolist(), np.split(order, heads[1:]), strict=True))


def _before(text: str, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions moved before the opening marks that stand right before them."""
    at = at.copy()
    while (moving := (at > 0) & np.isin(_characters_at(text, np.maximum(at - 1, 0)), _OPENING)).any():
        at -= moving
    return at


def _behind(text: str, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions moved behind the closing marks that stand right there."""
    at = at.copy()
    final = len(text) - 1
    while (moving := (at <= final) & np.isin(_characters_at(text, np.minimum(at, final)), _CLOSING)).any():
        at += moving
    return at


def _characters_at(text: str, at: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The code points at some positions, of a text that is not taken apart for so few."""
    return code_points("".join(map(text.__getitem__, at.tolist())))
