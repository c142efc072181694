"""A text -> its sentences, and which stretches of it are prose."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dedup.fold import code_points
from dedup.kernel import kernel
from dedup.kinds import CLOSE, NEWLINE, SPACE, STOP, kinds_of


def sentences_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of `text[start:end]`, each with the closing marks and the space that follow it."""
    points = code_points(text[start:end])
    cuts = [start + int(c) for c in _sentence_ends(points, kinds_of(points))]
    bounds = [start, *(c for c in cuts if c < end), end]
    return [(a, b) for a, b in pairwise(bounds) if a < b]


def prose(text: str, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which stretches of a text are prose: bool[n]. They have a full stop, or they are long and have a comma.

    Headings, dates, names and titles have neither.
    """
    points = code_points(text)
    found: NDArray[np.bool_] = _prose(points, kinds_of(points), start, end)
    return found


@kernel("text, u1[:]")
def _sentence_ends(points, kinds):  # type: ignore[no-untyped-def]
    ends = np.empty(len(points), np.int64)
    n = 0
    i = 0
    while i < len(points):
        if kinds[i] == STOP and points[i] != 0x3A and points[i] != 0xFF1A:
            wide = points[i] > 0x7F
            i += 1
            while i < len(points) and (kinds[i] == CLOSE or kinds[i] == STOP):
                i += 1
            if wide or (i < len(points) and (kinds[i] == SPACE or kinds[i] == NEWLINE)):
                while i < len(points) and (kinds[i] == SPACE or kinds[i] == NEWLINE):
                    i += 1
                ends[n] = i
                n += 1
        else:
            i += 1
    return ends[:n]


@kernel("text, u1[:], i8[:], i8[:]")
def _prose(points, kinds, start, end):  # type: ignore[no-untyped-def]
    prose = np.zeros(len(start), np.bool_)
    for p in range(len(start)):
        width = 0
        comma = False
        for i in range(start[p], end[p]):
            c = points[i]
            width += 2 if c >= 0x2E80 else 1
            comma |= c == 0x2C or c == 0xFF0C or c == 0x3001 or c == 0x60C  # , ， 、 and Arabic
            if kinds[i] != STOP or i == start[p] or kinds[i - 1] == SPACE or kinds[i - 1] == STOP:
                continue
            if c == 0x3A or c == 0xFF1A or c == 0x3B or c == 0xFF1B:  # colons and semicolons
                continue
            after = SPACE if i + 1 == end[p] else kinds[i + 1]
            if c > 0x7F or after in (SPACE, NEWLINE, CLOSE):
                prose[p] = True
                break
        prose[p] |= comma and width >= 80
    return prose
