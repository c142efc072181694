"""A witness aligned with the base -> where their raw characters differ, as a reader would cut it.

An alignment of letters is one of many equally short ones. Here a gap is drawn together where letters that happen to
be equal had torn it, and put where words or sentences end; a number that changed is changed as a whole; what moved
over a few words is one change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dedup.edit import string
from dedup.variant import numerals
from dedup.vote import Copy

Change = tuple[int, int, int, int]
"""Characters `[0:1]` of the base's text stand against `[2:3]` of a witness's."""

Block = tuple[int, int, int]

_SLIDE = 64  # letters over which a gap is moved to where words end
_NEAR = 12  # characters around a change in which a number can begin or end
_SWAP = 60  # characters over which what moved is still one change
_SWAPPED = 12  # pieces into which an alignment can tear such a change
_FEW = 6  # letters that are compared one by one
_WORD = re.compile(r"[^\W\d_]+")


class _Side(NamedTuple):
    """A witness: its text, its letters, and where in the text each stands."""

    text: str
    letters: str
    at: list[int]


def changes(base: Copy, copy: Copy, blocks: list[Block]) -> list[Change]:
    """Where the raw characters of a witness differ from the base's, in order; no two touch.

    `blocks`: the letters that stand equal (`edit.equal_blocks`).
    """
    one, two = (_Side(of.text, string(of.letters), of.offsets.tolist()) for of in (base, copy))
    found: list[Change] = []
    base_done = copy_done = 0  # characters behind the last letter that stands equal
    for x, y, n in _whole_characters(_drawn_together(_solid(blocks), one, two), one.at, two.at):
        _add(found, one.text, two.text, base_done, one.at[x], copy_done, two.at[y])
        _compare(found, one, two, x, y, n)
        base_done, copy_done = one.at[x + n - 1] + 1, two.at[y + n - 1] + 1
    _add(found, one.text, two.text, base_done, len(one.text), copy_done, len(two.text))
    return _swaps(_whole_numbers(_joined(found), one.text, two.text), one.text, two.text)


def _joined(found: list[Change]) -> list[Change]:
    """Changes of which those that touch or overlap are one; they overlap where a character is several letters."""
    joined: list[Change] = []
    for change in found:
        if joined and (joined[-1][1] >= change[0] or joined[-1][3] > change[2]):
            first = joined[-1]
            joined[-1] = (first[0], max(first[1], change[1]), first[2], max(first[3], change[3]))
        else:
            joined.append(change)
    return joined


# --- letters


def _solid(blocks: list[Block]) -> list[Block]:
    """Blocks without the single letters that happen to be equal in the middle of a rewritten stretch."""
    kept = []
    for number, (x, y, n) in enumerate(blocks):
        if n == 1 and 0 < number < len(blocks) - 1:
            before, after = blocks[number - 1], blocks[number + 1]
            left = min(x - before[0] - before[2], y - before[1] - before[2])
            right = min(after[0] - x - 1, after[1] - y - 1)
            if left >= 2 and right >= 2:
                continue
        kept.append((x, y, n))
    return kept


def _drawn_together(blocks: list[Block], one: _Side, two: _Side) -> list[Block]:
    """Blocks between which the gaps are whole, and stand where words end."""
    stack: list[Block] = []
    for block in blocks:
        stack.append(block)
        while len(stack) > 2 and _unite(stack, one.letters, two.letters):
            pass
    for number in range(1, len(stack)):
        _settle(stack, number, one, two)
    return [block for block in stack if block[2]]


def _unite(stack: list[Block], x: str, y: str) -> bool:
    """Whether the last block but one could be moved so that the gaps on its two sides became one; then it was."""
    (x0, y0, n0), (x1, y1, n1), (x2, y2, n2) = stack[-3:]
    gaps = x1 - x0 - n0, y1 - y0 - n0, x2 - x1 - n1, y2 - y1 - n1
    if gaps[0] and gaps[2] and not gaps[1] and not gaps[3]:
        letters, start, block, end = x, x0 + n0, x1, x2
    elif gaps[1] and gaps[3] and not gaps[0] and not gaps[2]:
        letters, start, block, end = y, y0 + n0, y1, y2
    else:
        return False
    run = letters[block : block + n1]
    if letters[start : start + n1] == run:
        stack[-3:] = [(x0, y0, n0 + n1), (x2, y2, n2)]
    elif letters[end - n1 : end] == run:
        stack[-3:] = [(x0, y0, n0), (x2 - n1, y2 - n1, n2 + n1)]
    else:
        return False
    return True


def _settle(blocks: list[Block], number: int, one: _Side, two: _Side) -> None:
    """Move a one-sided gap before a block to where words or sentences end, if its letters allow it."""
    (x0, y0, n0), (x1, y1, n1) = blocks[number - 1 : number + 1]
    gap_x, gap_y = x1 - x0 - n0, y1 - y0 - n0
    if bool(gap_x) == bool(gap_y):
        return
    of, start, size = (one, x0 + n0, gap_x) if gap_x else (two, y0 + n0, gap_y)
    letters = of.letters
    low = high = 0
    while low > -min(_SLIDE, n0 - 1) and letters[start + low - 1] == letters[start + low + size - 1]:
        low -= 1
    while high < min(_SLIDE, n1 - 1) and letters[start + high] == letters[start + high + size]:
        high += 1
    if low == high:
        return
    low = max(low, high - size + 1)  # of what is said twice, the second time is too much
    best = max(
        range(low, high + 1),
        key=lambda shift: (_parts(of, start + shift) + _parts(of, start + shift + size), -shift),
    )
    blocks[number - 1] = (x0, y0, n0 + best)
    blocks[number] = (x1 + best, y1 + best, n1 - best)


def _parts(of: _Side, letter: int) -> int:
    """How much the text is parted before a letter: not (0), by a space (1), by punctuation or a break (2)."""
    if not 0 < letter < len(of.letters):
        return 2
    between = of.text[of.at[letter - 1] + 1 : of.at[letter]]
    return 0 if not between else 2 if between.strip(" ") else 1


def _whole_characters(blocks: list[Block], one: list[int], two: list[int]) -> Iterator[Block]:
    """Blocks whose edges are edges of characters: some characters fold to several letters."""
    for block in blocks:
        x, y, n = block
        while n and ((x and one[x] == one[x - 1]) or (y and two[y] == two[y - 1])):
            x, y, n = x + 1, y + 1, n - 1
        while n and (
            (x + n < len(one) and one[x + n] == one[x + n - 1]) or (y + n < len(two) and two[y + n] == two[y + n - 1])
        ):
            n -= 1
        if n:
            yield x, y, n


# --- raw characters


def _compare(found: list[Change], one: _Side, two: _Side, x: int, y: int, n: int) -> None:
    """Add the differences inside a block of equal letters, by halving it where the raw characters differ."""
    base, copy, xs, ys = one.text, two.text, one.at, two.at
    stack = [(x, y, n)]
    while stack:
        x, y, n = stack.pop()
        if base[xs[x] : xs[x + n - 1] + 1] == copy[ys[y] : ys[y + n - 1] + 1]:
            continue
        if n > _FEW:
            half = n // 2
            stack += (x + half, y + half, n - half), (x, y, half + 1)  # what is between is in the first
            continue
        for i in range(n):
            x0, y0 = xs[x + i], ys[y + i]
            if base[x0] != copy[y0]:
                _add(found, base, copy, x0, x0 + 1, y0, y0 + 1)
            if i < n - 1:
                _add(found, base, copy, x0 + 1, xs[x + i + 1], y0 + 1, ys[y + i + 1])


def _add(found: list[Change], base: str, copy: str, x0: int, x1: int, y0: int, y1: int) -> None:
    """Add one difference, without what both have at its ends; a run of space is not cut in two."""
    one, two = base[x0:x1], copy[y0:y1]
    if one == two or x1 < x0 or y1 < y0:
        return
    head = tail = 0
    most = min(len(one), len(two))
    while head < most and one[head] == two[head]:
        head += 1
    while head and (one[head - 1].isspace() and (one[head : head + 1].isspace() or two[head : head + 1].isspace())):
        head -= 1
    while tail < most - head and one[-1 - tail] == two[-1 - tail]:
        tail += 1
    while (
        tail
        and one[len(one) - tail].isspace()
        and (
            one[len(one) - tail - 1 : len(one) - tail].isspace() or two[len(two) - tail - 1 : len(two) - tail].isspace()
        )
    ):
        tail -= 1
    change = (x0 + head, x1 - tail, y0 + head, y1 - tail)
    if not found or found[-1] != change:
        found.append(change)


# --- numbers and what moved


def _whole_numbers(found: list[Change], one: str, two: str) -> list[Change]:
    """Changes of which those inside a number are one of the whole number: 13 against 11, not 3 against 1."""
    whole: list[Change] = []
    at = 0
    while at < len(found):
        x0, x1, y0, y1 = found[at]
        at += 1
        while True:
            left, right = _reach(one, two, (x0, x1, y0, y1))
            if left and whole and left >= x0 - whole[-1][1]:
                x0, _, y0, _ = whole.pop()
            elif right and at < len(found) and right >= found[at][0] - x1:
                _, x1, _, y1 = found[at]
                at += 1
            else:
                break
        whole.append((x0 - left, x1 + right, y0 - left, y1 + right))
    return whole


def _reach(one: str, two: str, change: Change) -> tuple[int, int]:
    """How far the numbers that a change cuts reach out of it on both sides."""
    x0, x1, y0, y1 = change
    left = right = 0
    for text, start, end in ((one, x0, x1), (two, y0, y1)):
        if not (numerals.may_cut(text, start) or (start != end and numerals.may_cut(text, end))):
            continue
        low, high = max(0, start - _NEAR), end + _NEAR
        if not numerals.may_have(text[low:high]):
            continue
        for numeral in numerals.find(text[low:high]):
            first, last = low + numeral.start, low + numeral.end
            if first < start < last:
                left = max(left, start - first)
            if first < end < last:
                right = max(right, last - end)
    return left, right


def _swaps(found: list[Change], one: str, two: str) -> list[Change]:
    """Changes of which those that together only move letters over a short way are one."""
    letters = [(_letters(one[x0:x1]), _letters(two[y0:y1])) for x0, x1, y0, y1 in found]
    swapped: list[Change] = []
    at = 0
    while at < len(found):
        end = _balance(found, at, letters, one, two)
        first, last = found[at], found[end]
        swapped.append((first[0], last[1], first[2], last[3]))
        at = end + 1
    return swapped


def _balance(found: list[Change], at: int, letters: list[tuple[str, str]], one: str, two: str) -> int:
    """The last of the changes from `at` on in which every letter that goes comes again, if something moved.

    It did where one side of a change is longer, and where equally many letters stand against each other but the words
    that they belong to are the same in another order.
    """
    if _same_letters(*letters[at]):
        return at
    near = letters[at : at + _SWAPPED]
    gone, come = ("".join([pair[side] for pair in near]) for side in (0, 1))
    if not (set(letters[at][0]).issubset(come) and set(letters[at][1]).issubset(gone)):
        return at  # a letter never comes again
    all_gone = all_come = ""
    begin = found[at]
    one_sided = False
    for end in range(at, min(at + _SWAPPED, len(found))):
        if found[end][1] - begin[0] > _SWAP or found[end][3] - begin[2] > _SWAP:
            break
        gone, come = letters[end]
        one_sided |= len(gone) != len(come)
        all_gone += gone
        all_come += come
        if _same_letters(all_gone, all_come) and (one_sided or _words_moved(found[at], found[end], one, two)):
            return end
    return at


def _same_letters(one: str, two: str) -> bool:
    return len(one) == len(two) and (one == two or sorted(one) == sorted(two))


def _words_moved(first: Change, last: Change, one: str, two: str) -> bool:
    """Whether from the first change to the last two texts have the same words, and not in the same order.

    Words that a change cuts count as a whole: the letters that "people method" shares with "method people" tear both.
    """
    words, others = _words(one, first[0], last[1]), _words(two, first[2], last[3])
    return words != others and sorted(words) == sorted(others)


def _words(text: str, start: int, end: int) -> list[str]:
    """The words of which at least a letter stands in a stretch, as far as they reach `_SWAP` out of it."""
    return [
        word[0].casefold()
        for word in _WORD.finditer(text, max(0, start - _SWAP), end + _SWAP)
        if word.start() < end and word.end() > start
    ]


def _letters(text: str) -> str:
    return (text if not text or text.isalnum() else "".join(filter(str.isalnum, text))).casefold()
