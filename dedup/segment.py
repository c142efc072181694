"""Sources -> paragraphs: blocks as a reader sees them, joined again over page breaks and hard wraps.

A source's lines come in; paragraphs go out, with the breaks inside them that layout put there and a reader reads
over. What ends a paragraph is decided line by line from what the whole source does: how wide its lines are,
whether it sets blank lines or indents between paragraphs, whether its paragraphs end in a full stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.fold import Folded, Progress, code_points
from dedup.kernel import inner, kernel
from dedup.kinds import CLOSE, DIGIT, LOWER, MARK, NEWLINE, OPEN, PAUSE, SPACE, STOP, kinds_of
from dedup.script import dense

_LONG = 50  # columns: a shorter line without a full stop is a heading, a name or a date, not a cut paragraph
_WIDEST_WRAP = 140  # columns: lines that are all wider were not wrapped by anybody
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Paragraphs of all sources in reading order, as columns.

    `source`: int32[p]. `start`, `end`: int64[p], characters of the source's text, surrounding space left out.
    `first`, `last`: int64[p], the half-open range of its letters in the folded stream (empty where it has none).
    `break_source`, `break_start`, `break_end`: the breaks inside paragraphs that a reader reads over, in order;
    `break_space`: bool, whether a space stands for the break (between words) or nothing (between sinographs).
    """

    source: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    break_source: NDArray[np.int32]
    break_start: NDArray[np.int64]
    break_end: NDArray[np.int64]
    break_space: NDArray[np.bool_]


def segment(texts: Sequence[str], folded: Folded, *, progress: Progress | None = None) -> Paragraphs:
    """Cut texts into paragraphs. Linear in characters."""
    columns: list[list[NDArray[np.int64]]] = [[] for _ in range(9)]
    for number, text in enumerate(texts):
        base = folded.starts[number]
        letters = folded.offsets[base : folded.starts[number + 1]]
        stream = folded.letters[base : folded.starts[number + 1]]
        start, end, break_start, break_end, break_space = _paragraphs(text, stream, letters)
        row = (
            np.full(len(start), number),
            start,
            end,
            base + np.searchsorted(letters, start),
            base + np.searchsorted(letters, end),
            np.full(len(break_start), number),
            break_start,
            break_end,
            break_space,
        )
        for column, values in zip(columns, row, strict=True):
            column.append(values)
        if progress:
            progress("segment", number + 1, len(texts))
    kinds = (np.int32, *[np.int64] * 4, np.int32, np.int64, np.int64, np.bool_)
    return Paragraphs(*(np.concatenate([*c, np.zeros(0, k)]).astype(k) for c, k in zip(columns, kinds, strict=True)))


def _paragraphs(text: str, stream: NDArray[np.uint32], offsets: NDArray[np.int32]) -> tuple[NDArray[np.int64], ...]:
    """One text's paragraphs: starts, ends; starts, ends of the breaks inside them; whether a space stands there."""
    points = code_points(text)
    kinds = kinds_of(points)
    lines = _lines(points, kinds)
    if len(lines) == 0:
        none = np.zeros(0, np.int64)
        return none, none, none, none, none.astype(np.bool_)
    joined = np.zeros(len(lines), np.bool_)
    unbroken = _unbroken(lines, stream, offsets)
    while True:  # until the text that comes out would be read as the paragraphs it was made of
        heads = np.flatnonzero(~joined)
        blocks = _blocks(lines, heads)
        more = _joined(points, kinds, blocks, *_habits(blocks))
        text_before = (blocks[:-1, _RUNNING] == 1) | (blocks[1:, _BLANK] == 0)  # a heading is no cut sentence
        more[1:] |= unbroken[heads[1:]] & text_before & (blocks[:-1, _WIDTH] >= 20)
        if not more.any():
            break
        joined[heads[more]] = True
    tails = np.append(heads[1:], len(lines)) - 1
    inner = np.flatnonzero(joined)
    before, after = lines[inner - 1, _END], lines[inner, _START]
    return lines[heads, _START], lines[tails, _END], before, after, _spaced(points, before, after)


def _blocks(lines: NDArray[np.int64], heads: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lines as they are when those between one head and the next are joined: the columns of `_lines`."""
    tails = np.append(heads[1:], len(lines)) - 1
    blocks = lines[heads]
    for column in (_END, _STOPS, _PAUSES, _ENDS_CLOSE):
        blocks[:, column] = lines[tails, column]
    blocks[:, _BLANK] = np.minimum(blocks[:, _BLANK], 1)
    blocks[:, _WIDTH] = np.add.reduceat(lines[:, _WIDTH], heads)
    blocks[:, _RUNNING] = np.maximum.reduceat(lines[:, _RUNNING], heads)
    open_after = np.add.reduceat(lines[:, _OPENS] - lines[:, _CLOSES], heads) + blocks[:, _CLOSES]
    blocks[:, _OPENS] = np.maximum(open_after, 0)
    return blocks


def _unbroken(lines: NDArray[np.int64], stream: NDArray[np.uint32], offsets: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Before which lines stand letters that with those after the break stand unbroken elsewhere in the same source.

    None does where the line before ends as a sentence does, or where an item begins.
    """
    half = 3  # letters on each side
    unbroken = np.zeros(len(lines), np.bool_)
    open_end = (lines[:-1, _STOPS] == 0) & (lines[:-1, _ENDS_CLOSE] == 0)
    maybe = np.flatnonzero(open_end & (lines[1:, _MARKED] == 0)) + 1
    at = np.searchsorted(offsets, lines[maybe, _START])
    fits = (at >= half) & (at + half <= len(stream))
    if fits.any() and len(stream) >= 4 * half:
        unbroken[maybe[fits]] = _again(stream, at[fits], half)
    return unbroken


@kernel("u4[:], i8[:], i8")
def _again(stream, at, half):  # type: ignore[no-untyped-def]
    """Whether the `half` letters on each side of a place, which all fit, stand together elsewhere too: bool[places]."""
    oldest = np.uint64(1)
    for _ in range(2 * half - 1):
        oldest *= _MULTIPLIER
    size = 1024  # of a table of the runs of letters at the places, and how often each is in the stream
    while size < 4 * len(at):
        size *= 2
    grams = np.empty(size, np.uint64)
    often = np.full(size, -1, np.int8)  # -1: the row is free
    row = np.empty(len(at), np.int64)
    for i in range(len(at)):
        gram = np.uint64(0)
        for k in range(at[i] - half, at[i] + half):
            gram = gram * _MULTIPLIER + np.uint64(stream[k])
        row[i] = _row(grams, often, gram)
        grams[row[i]], often[row[i]] = gram, 0
    gram = np.uint64(0)
    for k in range(len(stream)):
        if k >= 2 * half:
            gram -= np.uint64(stream[k - 2 * half]) * oldest
        gram = gram * _MULTIPLIER + np.uint64(stream[k])
        if k >= 2 * half - 1:
            found = _row(grams, often, gram)
            often[found] += 0 <= often[found] < 2
    again = np.empty(len(at), np.bool_)
    for i in range(len(at)):
        again[i] = often[row[i]] > 1
    return again


@inner
def _row(grams, often, gram):  # type: ignore[no-untyped-def]
    """The row of a run of letters in the table, or a free one."""
    mask = len(grams) - 1
    row = np.int64(gram >> _HALF) & mask
    while often[row] >= 0 and grams[row] != gram:
        row = (row + 1) & mask
    return row


# columns of a line
(
    _START, _END, _BLANK, _WIDTH, _INDENT, _STOPS, _MARKED, _OPENS, _CLOSES, _PAUSES, _ENDS_CLOSE, _RUNNING,
) = range(12)  # fmt: skip


@kernel("text, u1[:]")
def _lines(points, kinds):  # type: ignore[no-untyped-def]
    """The lines that are not blank: start, end, blank lines before, width, indent, and what they begin and end with."""
    count = 1
    for i in range(len(points)):
        if kinds[i] == NEWLINE:
            count += 1
    lines = np.zeros((count, 12), np.int64)
    n = 0
    blank = 0
    i = 0
    while i <= len(points):
        begin = i
        while i < len(points) and kinds[i] != NEWLINE:
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
            row[_START] = start
            row[_END] = end
            row[_BLANK] = blank
            indent = 0
            for k in range(begin, start):
                indent += 2 if points[k] == 0x3000 else (4 if points[k] == 9 else 1)
            row[_INDENT] = indent
            width = 0
            depth = 0
            closed = 0  # closing brackets that have no opening one on this line
            for k in range(start, end):
                width += 2 if points[k] >= 0x2E80 else 1
                if kinds[k] == PAUSE or (kinds[k] == STOP and k + 1 < end):
                    row[_RUNNING] = 1
                if kinds[k] == OPEN:
                    depth += 1
                elif (kinds[k] == CLOSE and points[k] > 0x7F and points[k] != 0x201D and points[k] != 0x2019) or (
                    kinds[k] == CLOSE and (points[k] == 0x29 or points[k] == 0x5D or points[k] == 0x7D)
                ):
                    if depth > 0:
                        depth -= 1
                    else:
                        closed += 1
            row[_WIDTH] = width
            row[_OPENS] = depth
            row[_CLOSES] = closed
            last = end - 1
            while last > start and (kinds[last] == CLOSE or kinds[last] == MARK):
                last -= 1
            row[_STOPS] = kinds[last] == STOP or (last < end - 1 and closed == 0 and kinds[end - 1] == CLOSE)
            k = end - 1
            while k > start and kinds[k] == DIGIT:
                k -= 1
            if k < end - 1 and kinds[k] == SPACE:  # a line of a table of contents ends with its page number
                tab = points[k] == 9
                while k > start and kinds[k] == SPACE:
                    k -= 1
                leader = kinds[k] == STOP and kinds[k - 1] == STOP
                row[_STOPS] |= tab or leader
            row[_PAUSES] = kinds[end - 1] == PAUSE
            row[_ENDS_CLOSE] = kinds[end - 1] == CLOSE
            row[_MARKED] = _begins_item(points, kinds, start, end)
            n += 1
            blank = 0
        i += 1
    return lines[:n]


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


def _habits(lines: NDArray[np.int64]) -> tuple[int, bool, bool, bool]:
    """What a source does: the column its lines are wrapped at (0: not wrapped), whether it sets paragraphs apart
    otherwise than by the line, and whether its list items and its other paragraphs end in a full stop."""
    width, blank, stops = lines[:, _WIDTH], lines[:, _BLANK], lines[:, _STOPS]
    run_on = np.flatnonzero((blank[1:] == 0) & (lines[1:, _MARKED] == 0))  # lines that another follows at once
    column = 0
    if len(run_on) >= 2:
        edge = int(np.quantile(width[run_on], 0.9))
        full = np.mean(width[run_on] >= 0.75 * edge)
        broken = np.mean(stops[run_on] == 0)
        wider = np.mean(width > 1.25 * edge)  # a wrapped text has hardly a line that is not
        if 16 <= edge <= _WIDEST_WRAP and full >= 0.6 and broken >= 0.4 and wider <= 0.1:
            column = edge
    apart = bool(np.mean(blank[1:] > 0) > 0.02 or np.mean(lines[1:, _INDENT] > 0) > 0.02) if len(lines) > 1 else False
    long = width >= _LONG
    items, others = long & (lines[:, _MARKED] == 1), long & (lines[:, _MARKED] == 0)
    items_stop = bool(np.mean(stops[items]) >= 0.5) if items.any() else True
    others_stop = bool(np.mean(stops[others]) >= 0.5) if others.any() else True
    return column, apart, items_stop, others_stop


@kernel("text, u1[:], i8[:,:], i8, b1, b1, b1")
def _joined(points, kinds, lines, column, apart, items_stop, others_stop):  # type: ignore[no-untyped-def]
    """For each line whether it goes on with the paragraph of the line before."""
    joined = np.zeros(len(lines), np.bool_)
    depth = lines[0, _OPENS]
    item = lines[0, _MARKED]
    running = lines[0, _RUNNING]
    for j in range(1, len(lines)):
        before = lines[j - 1]
        line = lines[j]
        together = False
        if line[_MARKED] == 0:
            closes = depth > 0 and line[_CLOSES] > 0
            open_end = before[_STOPS] == 0 and not (before[_ENDS_CLOSE] == 1 and depth == 0)
            if line[_BLANK] == 0 and column > 0:
                full = 0.75 * column <= before[_WIDTH] + before[_INDENT] <= 1.25 * column
                together = closes or (full and line[_INDENT] <= before[_INDENT] and (apart or open_end))
            elif closes:
                together = True
            elif line[_INDENT] == 0 and line[_BLANK] > 0 and open_end:
                usual = items_stop if item else others_stop
                lower = kinds[line[_START]] == LOWER
                long = (before[_WIDTH] >= _LONG or joined[j - 1]) and running
                unit = kinds[before[_END] - 1] == DIGIT and _counted(points[line[_START]])
                together = before[_PAUSES] == 1 or unit or (long and (usual or lower))
        joined[j] = together
        if together:
            depth = max(0, depth - line[_CLOSES]) + line[_OPENS]
            running |= line[_RUNNING]
        else:
            depth = line[_OPENS]
            item = line[_MARKED]
            running = line[_RUNNING]
    return joined


@inner
def _counted(point):  # type: ignore[no-untyped-def]
    """Whether a character is a unit that its number is not parted from: year, month, day, per cent, 10,000 ..."""
    return (
        point == 0x5E74 or point == 0x6708 or point == 0x65E5 or point == 0x65F6 or point == 0x5206
        or point == 0x53F7 or point == 0x4E07 or point == 0x4EBF or point == 0x4E2A or point == 0x25 or point == 0xFF05
    )  # fmt: skip


@kernel("text, i8[:], i8[:]")
def _spaced(points, before, after):  # type: ignore[no-untyped-def]
    space = np.empty(len(before), np.bool_)
    for i in range(len(before)):
        left = before[i] - 1
        right = after[i]
        space[i] = (
            points[left] < 0x2E80
            and points[right] < 0x2E80
            and points[left] != 0x2D
            and not (dense(points[left]) or dense(points[right]))
        )
    return space
