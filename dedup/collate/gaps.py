"""The letters that stand equal in two witnesses -> where their raw characters differ, as columns.

An alignment of letters is one of many equally short ones. Here a gap is drawn together where letters that happen to
be equal had torn it, and put where words or sentences end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dedup.batch import starts_of
from dedup.edit import Blocks
from dedup.fold import code_points
from dedup.kernel import inner, kernel
from dedup.vote import Copy

_SLIDE = 64  # letters over which a gap is moved to where words end

Pair = tuple[Copy, Copy]
"""The base and a witness."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Where the raw characters of witnesses differ from their bases', those of one pair behind those of another.

    `points`: uint32[characters], the code points of all texts, of each pair first the base's, with a newline behind
    each; `starts`: int64[pairs, 2], where in them the two texts begin. `spans`: int64[changes, 4], in order, no two
    touch: characters `[0:1]` of the base's text stand against `[2:3]` of the witness's. `bounds`: int64[pairs + 1],
    those of pair p are from `bounds[p]` to `bounds[p + 1]`.
    """

    points: NDArray[np.uint32]
    starts: NDArray[np.int64]
    spans: NDArray[np.int64]
    bounds: NDArray[np.int64]


def gaps(pairs: Sequence[Pair], blocks: Sequence[Blocks]) -> Gaps:
    """Where the witnesses of one or more pairs differ. `blocks`: of each the letters that stand equal
    (`edit.equal_blocks`)."""
    copies = [copy for pair in pairs for copy in pair]
    texts = [copy.text for copy in copies]
    points = code_points("\n".join([*texts, ""]))
    at = starts_of(len(text) + 1 for text in texts)
    equal = np.fromiter(chain.from_iterable(chain.from_iterable(blocks)), np.int64).reshape(-1, 3)
    found = np.empty((sum([len(base.text) + 2 for base, _ in pairs]), 4), np.int64)
    bounds = np.zeros(len(pairs) + 1, np.int64)
    letters = np.concatenate([copy.letters for copy in copies])
    offsets = np.concatenate([copy.offsets for copy in copies])
    first = starts_of([len(copy.letters) for copy in copies])
    _gaps(points, at, letters, offsets, first, equal, starts_of(map(len, blocks)), found, bounds)
    return Gaps(points, at[:-1].reshape(-1, 2), found[: bounds[-1]], bounds)


@kernel("text, i8[:], u4[:], i8[:], i8[:], i8[:,:], i8[:], i8[:,:], i8[:]")
def _gaps(points, at, letters, offsets, first, blocks, head, found, bounds):  # type: ignore[no-untyped-def]
    """Fill `found` and `bounds` (`Gaps`). Of text t the points begin at `at[t]` and the letters at `first[t]`, of pair
    p the blocks at `head[p]`."""
    for p in range(len(bounds) - 1):
        t = 2 * p
        bounds[p + 1] = bounds[p] + _differing(
            points[at[t] : at[t + 1] - 1],
            points[at[t + 1] : at[t + 2] - 1],
            letters[first[t] : first[t + 1]],
            letters[first[t + 1] : first[t + 2]],
            offsets[first[t] : first[t + 1]],
            offsets[first[t + 1] : first[t + 2]],
            blocks[head[p] : head[p + 1]],
            found[bounds[p] :],
        )


@inner
def _differing(one, two, x, y, xs, ys, blocks, found):  # type: ignore[no-untyped-def]
    """Fill `found` with the changes of one pair; how many there are."""
    count = _drawn_together(blocks, _solid(blocks), x, y)
    for number in range(1, count):
        _settle(blocks, number, one, two, x, y, xs, ys)
    size = done = other_done = 0  # characters behind the last letter that stands equal
    for number in range(count):
        a, b, n = _whole_characters(blocks[number, 0], blocks[number, 1], blocks[number, 2], xs, ys)
        for i in range(n):
            size = _add(found, size, one, two, done, xs[a + i], other_done, ys[b + i])
            done, other_done = xs[a + i] + 1, ys[b + i] + 1
            if one[done - 1] != two[other_done - 1]:
                size = _add(found, size, one, two, done - 1, done, other_done - 1, other_done)
    return _add(found, size, one, two, done, len(one), other_done, len(two))


# --- letters


@inner
def _solid(blocks):  # type: ignore[no-untyped-def]
    """Leave single letters out that happen to be equal in the middle of a rewritten stretch; how many blocks remain."""
    count = 0
    for number in range(len(blocks)):
        if blocks[number, 2] == 1 and 0 < number < len(blocks) - 1:
            left, right = _between(blocks, number - 1), _between(blocks, number)
            if min(left) >= 2 and min(right) >= 2:
                continue
        _put(blocks, count, blocks[number, 0], blocks[number, 1], blocks[number, 2])
        count += 1
    return count


@inner
def _put(blocks, number, x, y, n):  # type: ignore[no-untyped-def]
    blocks[number, 0], blocks[number, 1], blocks[number, 2] = x, y, n


@inner
def _between(blocks, number):  # type: ignore[no-untyped-def]
    """How many letters of each witness stand between a block and the next."""
    n = blocks[number, 2]
    return blocks[number + 1, 0] - blocks[number, 0] - n, blocks[number + 1, 1] - blocks[number, 1] - n


@inner
def _drawn_together(blocks, count, x, y):  # type: ignore[no-untyped-def]
    """Move blocks so that the gaps between them are whole; how many blocks remain."""
    top = 0
    for number in range(count):
        _put(blocks, top, blocks[number, 0], blocks[number, 1], blocks[number, 2])
        top += 1
        while top > 2 and _unite(blocks, top - 2, x, y):
            top -= 1
    return top


@inner
def _unite(blocks, number, x, y):  # type: ignore[no-untyped-def]
    """Whether a block could be moved so that the gaps on its two sides became one; then it is in one of its neighbours,
    and the next has its place."""
    (left_x, left_y), (right_x, right_y) = _between(blocks, number - 1), _between(blocks, number)
    n = blocks[number, 2]
    next_x, next_y, next_n = blocks[number + 1, 0], blocks[number + 1, 1], blocks[number + 1, 2]
    if left_x and right_x and not left_y and not right_y:
        letters, block, left, right = x, blocks[number, 0], left_x, right_x
    elif left_y and right_y and not left_x and not right_x:
        letters, block, left, right = y, blocks[number, 1], left_y, right_y
    else:
        return False
    if _equal(letters, block - left, letters, block, n):
        blocks[number - 1, 2] += n
        _put(blocks, number, next_x, next_y, next_n)
    elif _equal(letters, block + right, letters, block, n):
        _put(blocks, number, next_x - n, next_y - n, next_n + n)
    else:
        return False
    return True


@inner
def _equal(one, at, two, to, n):  # type: ignore[no-untyped-def]
    for i in range(n):  # noqa: SIM110, kernels have no generators
        if one[at + i] != two[to + i]:
            return False
    return True


@inner
def _settle(blocks, number, one, two, x, y, xs, ys):  # type: ignore[no-untyped-def]
    """Move a one-sided gap before a block to where words or sentences end, if its letters allow it."""
    gap_x, gap_y = _between(blocks, number - 1)
    if (gap_x == 0) == (gap_y == 0):
        return
    n0, n1 = blocks[number - 1, 2], blocks[number, 2]
    if gap_x:
        text, letters, at, start, size = one, x, xs, blocks[number, 0] - gap_x, gap_x
    else:
        text, letters, at, start, size = two, y, ys, blocks[number, 1] - gap_y, gap_y
    low = high = 0
    while low > -min(_SLIDE, n0 - 1) and letters[start + low - 1] == letters[start + low + size - 1]:
        low -= 1
    while high < min(_SLIDE, n1 - 1) and letters[start + high] == letters[start + high + size]:
        high += 1
    if low == high:
        return
    low = max(low, high - size + 1)  # of what is said twice, the second time is too much
    best, most = low, -1
    for shift in range(low, high + 1):
        parts = _parts(text, at, start + shift) + _parts(text, at, start + shift + size)
        if parts > most:
            best, most = shift, parts
    blocks[number - 1, 2] += best
    blocks[number, 0] += best
    blocks[number, 1] += best
    blocks[number, 2] -= best


@inner
def _parts(text, at, letter):  # type: ignore[no-untyped-def]
    """How much the text is parted before a letter: not (0), by a space (1), by punctuation or a break (2)."""
    if not 0 < letter < len(at):
        return 2
    parts = 0
    for between in range(at[letter - 1] + 1, at[letter]):
        parts = max(parts, 1 if text[between] == 0x20 else 2)
    return parts


@inner
def _whole_characters(x, y, n, xs, ys):  # type: ignore[no-untyped-def]
    """A block whose edges are edges of characters: some characters fold to several letters."""
    while n and ((x and xs[x] == xs[x - 1]) or (y and ys[y] == ys[y - 1])):
        x, y, n = x + 1, y + 1, n - 1
    while n and ((x + n < len(xs) and xs[x + n] == xs[x + n - 1]) or (y + n < len(ys) and ys[y + n] == ys[y + n - 1])):
        n -= 1
    return x, y, n


# --- raw characters


@inner
def _add(found, size, one, two, x0, x1, y0, y1):  # type: ignore[no-untyped-def]
    """Add one difference, without what both have at its ends; a run of space is not cut in two. How many there are.

    With a difference that it touches or overlaps it is one; they overlap where a character is several letters.
    """
    if x1 < x0 or y1 < y0 or (x1 - x0 == y1 - y0 and _equal(one, x0, two, y0, x1 - x0)):
        return size
    head = tail = 0
    most = min(x1 - x0, y1 - y0)
    while head < most and one[x0 + head] == two[y0 + head]:
        head += 1
    while (
        head
        and _space(one[x0 + head - 1])
        and ((x0 + head < x1 and _space(one[x0 + head])) or (y0 + head < y1 and _space(two[y0 + head])))
    ):
        head -= 1
    while tail < most - head and one[x1 - 1 - tail] == two[y1 - 1 - tail]:
        tail += 1
    while (
        tail
        and _space(one[x1 - tail])
        and ((x1 - tail > x0 and _space(one[x1 - tail - 1])) or (y1 - tail > y0 and _space(two[y1 - tail - 1])))
    ):
        tail -= 1
    x0, x1, y0, y1 = x0 + head, x1 - tail, y0 + head, y1 - tail
    if size and (found[size - 1, 1] >= x0 or found[size - 1, 3] > y0):
        found[size - 1, 1] = max(found[size - 1, 1], x1)
        found[size - 1, 3] = max(found[size - 1, 3], y1)
        return size
    found[size, 0], found[size, 1], found[size, 2], found[size, 3] = x0, x1, y0, y1
    return size + 1


@inner
def _space(point):  # type: ignore[no-untyped-def]
    """Whether it is space (`str.isspace`)."""
    if point <= 0x20:
        return point == 0x20 or 0x09 <= point <= 0x0D or point >= 0x1C
    return point in (0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000) or 0x2000 <= point <= 0x200A
