"""Sources -> paragraphs: blocks as a reader sees them, joined again over page breaks and hard wraps.

A source's lines come in; paragraphs go out, with the breaks inside them that layout put there and a reader reads
over. What ends a paragraph is decided line by line from what the whole source does: how wide its lines are,
whether it sets blank lines or indents between paragraphs, whether its paragraphs end in a full stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.batch import batches, heads_of, starts_of
from dedup.fold import Folded, Progress, code_points
from dedup.kernel import inner, kernel
from dedup.kinds import DIGIT, LOWER, kinds_of
from dedup.lines import (
    BLANK,
    CLOSES,
    END,
    ENDS_CLOSE,
    INDENT,
    MARKED,
    OPENS,
    PAUSES,
    RUNNING,
    START,
    STOPS,
    WIDTH,
    lines_of,
)
from dedup.script import dense

_LONG = 50  # columns: a shorter line without a full stop is a heading, a name or a date, not a cut paragraph
_WIDEST_WRAP = 140  # columns: lines that are all wider were not wrapped by anybody
_TOGETHER = 1 << 18  # characters of texts that are gone over together
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
    columns: list[list[NDArray[Any]]] = [[] for _ in range(9)]
    for some in batches(list(map(len, texts)), _TOGETHER):
        for column, values in zip(columns, _paragraphs(texts[some], some.start, folded), strict=True):
            column.append(values)
        if progress:
            progress("segment", some.stop, len(texts))
    kinds = (np.int32, *[np.int64] * 4, np.int32, np.int64, np.int64, np.bool_)
    return Paragraphs(*(np.concatenate([*c, np.zeros(0, k)]).astype(k) for c, k in zip(columns, kinds, strict=True)))


def _paragraphs(texts: Sequence[str], number: int, folded: Folded) -> tuple[NDArray[Any], ...]:
    """The columns of the paragraphs of texts, of which the first has that number.

    They are gone over as one text in which a newline stands behind each, but no line is compared with one of another.
    """
    points = code_points("\n".join([*texts, ""]))
    heads = starts_of(len(text) + 1 for text in texts)
    starts = folded.starts[number : number + len(texts) + 1]
    kinds = kinds_of(points)
    lines, bounds = lines_of(points, kinds, heads)
    if len(lines) == 0:
        return tuple(np.zeros(0, np.int64) for _ in range(9))
    of = np.repeat(np.arange(len(texts)), np.diff(bounds))
    offsets = folded.offsets[starts[0] : starts[-1]]
    if len(texts) > 1:
        offsets = offsets + np.repeat(heads[:-1].astype(offsets.dtype), np.diff(starts))
    joined = np.zeros(len(lines), np.bool_)
    unbroken = _unbroken(lines, of, folded.letters[starts[0] : starts[-1]], offsets, starts - starts[0])
    while True:  # until the text that comes out would be read as the paragraphs it was made of
        head = np.flatnonzero(~joined)
        blocks = _blocks(lines, head)
        more = _joined(points, kinds, blocks, heads_of(of[head], len(texts)), *_habits(blocks, of[head], len(texts)))
        text_before = (blocks[:-1, RUNNING] == 1) | (blocks[1:, BLANK] == 0)  # a heading is no cut sentence
        more[1:] |= unbroken[head[1:]] & text_before & (blocks[:-1, WIDTH] >= 20)
        if not more.any():
            break
        joined[head[more]] = True
    tail, inner = np.append(head[1:], len(lines)) - 1, np.flatnonzero(joined)
    start, end, before, after = lines[head, START], lines[tail, END], lines[inner - 1, END], lines[inner, START]
    first, last = (starts[0] + offsets.searchsorted(at.astype(offsets.dtype)) for at in (start, end))
    base, within = heads[of[head]], heads[of[inner]]
    space = _spaced(points, before, after)
    return (
        number + of[head],
        start - base,
        end - base,
        first,
        last,
        number + of[inner],
        before - within,
        after - within,
        space,
    )


def _blocks(lines: NDArray[np.int64], heads: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lines as they are when those between one head and the next are joined: the columns of `_lines`."""
    tails = np.append(heads[1:], len(lines)) - 1
    blocks = lines[heads]
    for column in (END, STOPS, PAUSES, ENDS_CLOSE):
        blocks[:, column] = lines[tails, column]
    blocks[:, BLANK] = np.minimum(blocks[:, BLANK], 1)
    blocks[:, WIDTH] = np.add.reduceat(lines[:, WIDTH], heads)
    blocks[:, RUNNING] = np.maximum.reduceat(lines[:, RUNNING], heads)
    open_after = np.add.reduceat(lines[:, OPENS] - lines[:, CLOSES], heads) + blocks[:, CLOSES]
    blocks[:, OPENS] = np.maximum(open_after, 0)
    return blocks


def _unbroken(
    lines: NDArray[np.int64],
    of: NDArray[np.int64],
    stream: NDArray[np.uint32],
    offsets: NDArray[np.int32],
    starts: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Before which lines stand letters that with those after the break stand unbroken elsewhere in the same source.

    None does where the line before ends as a sentence does, or where an item begins. `of`: int64[lines], the source of
    each; `stream`, `offsets`: the letters of all sources, and where they stand; `starts`: int64[sources + 1], the first
    of each.
    """
    half = 3  # letters on each side
    unbroken = np.zeros(len(lines), np.bool_)
    open_end = (lines[:-1, STOPS] == 0) & (lines[:-1, ENDS_CLOSE] == 0)
    maybe = np.flatnonzero(open_end & (lines[1:, MARKED] == 0)) + 1
    at = offsets.searchsorted(lines[maybe, START].astype(offsets.dtype))
    first, last = starts[of[maybe]], starts[of[maybe] + 1]
    fits = (at - half >= first) & (at + half <= last) & (last - first >= 4 * half)
    if fits.any():
        unbroken[maybe[fits]] = _again(stream, starts, at[fits], heads_of(of[maybe[fits]], len(starts) - 1), half)
    return unbroken


@kernel("u4[:], i8[:], i8[:], i8[:], i8")
def _again(stream, starts, at, bounds, half):  # type: ignore[no-untyped-def]
    """Whether the `half` letters on each side of a place, which all fit, stand together elsewhere in the same source
    too: bool[places]. `starts`: of each source the first letter; `bounds`: of each source the first place."""
    oldest = np.uint64(1)
    for _ in range(2 * half - 1):
        oldest *= _MULTIPLIER
    most = 0
    for s in range(len(starts) - 1):
        most = max(most, bounds[s + 1] - bounds[s])
    size = 1024  # of a table of the runs of letters at the places, and how often each is in the stream
    while size < 4 * most:
        size *= 2
    grams = np.empty(size, np.uint64)
    often = np.empty(size, np.int8)
    row = np.empty(len(at), np.int64)
    again = np.empty(len(at), np.bool_)
    for s in range(len(starts) - 1):
        if bounds[s] == bounds[s + 1]:
            continue
        for free in range(size):
            often[free] = -1  # the row is free
        for i in range(bounds[s], bounds[s + 1]):
            gram = np.uint64(0)
            for k in range(at[i] - half, at[i] + half):
                gram = gram * _MULTIPLIER + np.uint64(stream[k])
            row[i] = _row(grams, often, gram)
            grams[row[i]], often[row[i]] = gram, 0
        gram = np.uint64(0)
        for k in range(starts[s], starts[s + 1]):
            if k >= starts[s] + 2 * half:
                gram -= np.uint64(stream[k - 2 * half]) * oldest
            gram = gram * _MULTIPLIER + np.uint64(stream[k])
            if k >= starts[s] + 2 * half - 1:
                found = _row(grams, often, gram)
                often[found] += 0 <= often[found] < 2
        for i in range(bounds[s], bounds[s + 1]):
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


def _habits(lines: NDArray[np.int64], of: NDArray[np.int64], sources: int) -> tuple[NDArray[Any], ...]:
    """What each source does: the column its lines are wrapped at (0: not wrapped), whether it sets paragraphs apart
    otherwise than by the line, and whether its list items and its other paragraphs end in a full stop. `of`: the source
    of each line."""

    def share(which: NDArray[np.bool_], among: NDArray[np.bool_]) -> NDArray[np.float64]:
        some, every = (np.bincount(of[rows], minlength=sources) for rows in (which & among, among))
        return some / np.maximum(every, 1)

    width, marked = lines[:, WIDTH], lines[:, MARKED] == 1
    stops, blank, follows = lines[:, STOPS] > 0, lines[:, BLANK] > 0, np.append(False, of[1:] == of[:-1])
    run_on = np.append((follows & ~blank & ~marked)[1:], False)[: len(lines)]  # lines that another follows at once
    edge = _quantile(width[run_on], of[run_on], sources, 0.9).astype(np.int64)
    wrapped = (np.bincount(of[run_on], minlength=sources) >= 2) & (edge >= 16) & (edge <= _WIDEST_WRAP)
    wrapped &= share(width >= 0.75 * edge[of], run_on) >= 0.6
    wrapped &= share(~stops, run_on) >= 0.4
    wrapped &= share(width > 1.25 * edge[of], of >= 0) <= 0.1  # a wrapped text has hardly a line that is not
    apart = (share(blank, follows) > 0.02) | (share(lines[:, INDENT] > 0, follows) > 0.02)
    items, others = (width >= _LONG) & marked, (width >= _LONG) & ~marked
    items_stop, others_stop = (share(~stops, some) <= 0.5 for some in (items, others))
    return np.where(wrapped, edge, 0), apart, items_stop, others_stop


def _quantile(values: NDArray[np.int64], of: NDArray[np.int64], sources: int, share: float) -> NDArray[np.float64]:
    """What `np.quantile` says of the values of each source, 0 where it has none: float64[sources]."""
    ordered = values[np.lexsort((values, of))].astype(np.float64)
    bounds = heads_of(of, sources)
    found = np.zeros(sources)
    some = np.flatnonzero(np.diff(bounds))
    place = (np.diff(bounds)[some] - 1) * share
    low = np.floor(place)
    at, part = bounds[some] + low.astype(np.int64), place - low
    a, b = ordered[at], ordered[np.minimum(at + 1, bounds[some + 1] - 1)]
    found[some] = np.where(part < 0.5, a + (b - a) * part, b - (b - a) * (1 - part))
    return found


@kernel("text, u1[:], i8[:,:], i8[:], i8[:], b1[:], b1[:], b1[:]")
def _joined(points, kinds, lines, bounds, column, apart, items_stop, others_stop):  # type: ignore[no-untyped-def]
    """For each line whether it goes on with the paragraph of the line before. `bounds`: of each source the first line;
    what it does: see `_habits`."""
    joined = np.zeros(len(lines), np.bool_)
    for s in range(len(bounds) - 1):
        depth = item = running = 0
        for j in range(bounds[s], bounds[s + 1]):
            before = lines[max(0, j - 1)]
            line = lines[j]
            together = False
            if line[MARKED] == 0 and j > bounds[s]:
                closes = depth > 0 and line[CLOSES] > 0
                open_end = before[STOPS] == 0 and not (before[ENDS_CLOSE] == 1 and depth == 0)
                if line[BLANK] == 0 and column[s] > 0:
                    full = 0.75 * column[s] <= before[WIDTH] + before[INDENT] <= 1.25 * column[s]
                    together = closes or (full and line[INDENT] <= before[INDENT] and (apart[s] or open_end))
                elif closes:
                    together = True
                elif line[INDENT] == 0 and line[BLANK] > 0 and open_end:
                    usual = items_stop[s] if item else others_stop[s]
                    lower = kinds[line[START]] == LOWER
                    long = (before[WIDTH] >= _LONG or joined[j - 1]) and running > 0
                    unit = kinds[before[END] - 1] == DIGIT and _counted(points[line[START]])
                    together = before[PAUSES] == 1 or unit or (long and (usual or lower))
            joined[j] = together
            if together:
                depth = max(0, depth - line[CLOSES]) + line[OPENS]
                running |= line[RUNNING]
            else:
                depth = line[OPENS]
                item = line[MARKED]
                running = line[RUNNING]
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
