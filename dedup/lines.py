"""Code points -> the lines that are not blank, as rows of numbers: what of each decides where paragraphs end."""

from __future__ import annotations

import numpy as np

from dedup.kernel import inner, kernel
from dedup.kinds import CLOSE, DIGIT, MARK, NEWLINE, OPEN, PAUSE, SPACE, STOP

(
    START, END, BLANK, WIDTH, INDENT, STOPS, MARKED, OPENS, CLOSES, PAUSES, ENDS_CLOSE, RUNNING,
) = range(12)  # fmt: skip
"""Columns of a line: characters `[START, END)`, the blank lines before it, its width and indent, whether a full stop
ends it, and so on."""


@kernel("text, u1[:], i8[:]")
def lines_of(points, kinds, heads):  # type: ignore[no-untyped-def]
    """The lines of texts that are not blank, and of each text the first: start, end, blank lines before, width, indent,
    and what they begin and end with. `heads`: int64[texts + 1], where each text begins; a newline stands behind it."""
    count = 0
    for i in range(len(points)):
        if kinds[i] == NEWLINE:
            count += 1
    lines = np.zeros((count, 12), np.int64)
    bounds = np.zeros(len(heads), np.int64)
    n = 0
    for text in range(len(heads) - 1):
        blank = 0
        i = heads[text]
        stop = heads[text + 1] - 1
        while i <= stop:
            begin = i
            while i < stop and kinds[i] != NEWLINE:
                i += 1
            start = begin
            while start < i and kinds[start] == SPACE:
                start += 1
            end = i
            while end > start and kinds[end - 1] == SPACE:
                end -= 1
            if start == end:
                blank += 1
            else:
                row = lines[n]
                row[START] = start
                row[END] = end
                row[BLANK] = blank
                indent = 0
                for k in range(begin, start):
                    indent += 2 if points[k] == 0x3000 else (4 if points[k] == 9 else 1)
                row[INDENT] = indent
                width = 0
                depth = 0
                closed = 0  # closing brackets that have no opening one on this line
                for k in range(start, end):
                    width += 2 if points[k] >= 0x2E80 else 1
                    if kinds[k] == PAUSE or (kinds[k] == STOP and k + 1 < end):
                        row[RUNNING] = 1
                    if kinds[k] == OPEN:
                        depth += 1
                    elif (kinds[k] == CLOSE and points[k] > 0x7F and points[k] != 0x201D and points[k] != 0x2019) or (
                        kinds[k] == CLOSE and (points[k] == 0x29 or points[k] == 0x5D or points[k] == 0x7D)
                    ):
                        if depth > 0:
                            depth -= 1
                        else:
                            closed += 1
                row[WIDTH] = width
                row[OPENS] = depth
                row[CLOSES] = closed
                last = end - 1
                while last > start and (kinds[last] == CLOSE or kinds[last] == MARK):
                    last -= 1
                row[STOPS] = kinds[last] == STOP or (last < end - 1 and closed == 0 and kinds[end - 1] == CLOSE)
                k = end - 1
                while k > start and kinds[k] == DIGIT:
                    k -= 1
                if k < end - 1 and kinds[k] == SPACE:  # a line of a table of contents ends with its page number
                    tab = points[k] == 9
                    while k > start and kinds[k] == SPACE:
                        k -= 1
                    leader = kinds[k] == STOP and kinds[k - 1] == STOP
                    row[STOPS] |= tab or leader
                row[PAUSES] = kinds[end - 1] == PAUSE
                row[ENDS_CLOSE] = kinds[end - 1] == CLOSE
                row[MARKED] = _begins_item(points, kinds, start, end)
                n += 1
                blank = 0
            i += 1
        bounds[text + 1] = n
    return lines[:n], bounds


@inner
def _begins_item(points, kinds, start, end):  # type: ignore[no-untyped-def]
    """Whether a line begins as a heading, a list item or a table row does: with a mark, or a number and a point."""
    if kinds[start] == MARK:
        return 1
    if points[start] == 0x2D and start + 1 < end and kinds[start + 1] == SPACE:
        return 1
    k = start
    if kinds[k] == OPEN:
        k += 1
    digits = k
    while k < end and k - digits < 4 and (kinds[k] == DIGIT or _numeral(points[k])):
        k += 1
    if k > digits and k < end:
        c = points[k]
        if c == 0x3001 or c == 0xFF0E or c == 0xFF09 or c == 0x29:  # 、．）)
            return 1
        if c == 0x2E and k + 1 < end and kinds[k + 1] == SPACE:
            return 1
    return 0


@inner
def _numeral(point):  # type: ignore[no-untyped-def]
    return (
        point == 0x4E00 or point == 0x4E8C or point == 0x4E09 or point == 0x56DB or point == 0x4E94
        or point == 0x516D or point == 0x4E03 or point == 0x516B or point == 0x4E5D or point == 0x5341
    )  # fmt: skip
