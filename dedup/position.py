"""A source's text -> where its lines stand; from a position in the text to outer positions, lines, columns.

Two counts of the same characters meet here. *Inner* positions count `Source.text`, where a uniform newline is
one "\\n". *Outer* positions, those of every output, count the decoded file, where "\\r\\n" is two characters.
"""

from __future__ import annotations

import bisect
import re
from typing import overload

import numpy as np
from numpy.typing import NDArray

from dedup.model import Source

Positions = NDArray[np.int64]

_NEWLINE = ord("\n")
_ANY_NEWLINE = re.compile(r"\r\n|\r|\n")


class Lines:
    """The lines of one source: built in one pass over its text, then every look-up is a bisection.

    A line ends after its newline ("\\n", and in text that mixes newlines also "\\r" and "\\r\\n").
    A position may be anywhere from 0 to the length of the text; arrays of positions give arrays of answers.
    """

    __slots__ = ("_length", "_list", "_starts", "_step")

    def __init__(self, source: Source):
        if source.newline == "":
            starts = np.fromiter((found.end() for found in _ANY_NEWLINE.finditer(source.text)), np.int64)
        else:
            characters = np.frombuffer(source.text.encode("utf-32-le", "surrogatepass"), np.uint32)
            starts = np.flatnonzero(characters == _NEWLINE) + 1
        self._starts = np.concatenate((np.zeros(1, np.int64), starts))
        self._list: list[int] = self._starts.tolist()
        self._length = len(source.text)
        self._step = 1 if source.newline == "\r\n" else 0

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def line(self, inner: int) -> int: ...
    @overload
    def line(self, inner: Positions) -> Positions: ...
    def line(self, inner: int | Positions) -> int | Positions:
        """The 1-based line that a position stands in."""
        if isinstance(inner, np.ndarray):
            return np.searchsorted(self._starts, inner, side="right").astype(np.int64)
        return bisect.bisect_right(self._list, inner)  # numpy takes ten times as long for one

    @overload
    def outer(self, inner: int) -> int: ...
    @overload
    def outer(self, inner: Positions) -> Positions: ...
    def outer(self, inner: int | Positions) -> int | Positions:
        """The position in the decoded file, BOM not counted, newlines as they stand there."""
        return inner + self._step * (self.line(inner) - 1) if self._step else inner

    @overload
    def inner(self, outer: int) -> int: ...
    @overload
    def inner(self, outer: Positions) -> Positions: ...
    def inner(self, outer: int | Positions) -> int | Positions:
        """The way back from `outer`; a position between "\\r" and "\\n" goes to the start of the newline."""
        if not self._step:
            return outer
        starts = self._starts + np.arange(len(self._starts))
        lines = np.searchsorted(starts, outer, side="right") - 1
        ends = np.append(self._starts[1:] - 1, self._length)
        found = np.minimum(np.asarray(outer) - lines, ends[lines])
        return found.astype(np.int64) if isinstance(outer, np.ndarray) else int(found)

    def line_and_column(self, inner: int) -> tuple[int, int]:
        """Both 1-based; the column counts characters."""
        line = self.line(inner)
        return line, inner - int(self._starts[line - 1]) + 1

    def span(self, line: int) -> tuple[int, int]:
        """The inner positions `[start, end)` of a 1-based line, its newline included. Raises `IndexError`."""
        if not 1 <= line <= len(self._starts):
            raise IndexError(line)
        end = self._starts[line] if line < len(self._starts) else self._length
        return int(self._starts[line - 1]), int(end)
