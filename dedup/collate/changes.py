"""A witness aligned with the base -> where their raw characters differ, as a reader would cut it.

A gap between equal letters is put where words or sentences end (`gaps`); a number that changed is changed as a whole;
what moved over a few words is one change.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dedup.collate.gaps import gaps
from dedup.edit import Blocks
from dedup.variant import numerals
from dedup.vote import Copy

Change = tuple[int, int, int, int]
"""Characters `[0:1]` of the base's text stand against `[2:3]` of a witness's."""

_NEAR = 12  # characters around a change in which a number can begin or end
_SWAP = 60  # characters over which what moved is still one change
_SWAPPED = 12  # pieces into which an alignment can tear such a change
_WORD = re.compile(r"[^\W\d_]+")


def changes(base: Copy, copy: Copy, blocks: Blocks) -> list[Change]:
    """Where the raw characters of a witness differ from the base's, in order; no two touch.

    `blocks`: the letters that stand equal (`edit.equal_blocks`).
    """
    found: list[Change] = list(map(tuple, gaps(base, copy, blocks).tolist()))
    return _swaps(_whole_numbers(found, base.text, copy.text), base.text, copy.text)


# --- numbers and what moved


def _whole_numbers(found: list[Change], one: str, two: str) -> list[Change]:
    """Changes of which those inside a number are one of the whole number: 13 against 11, not 3 against 1."""
    cut = _cut_numbers(found, one, two)
    if True not in cut:
        return found
    whole: list[Change] = []
    at = 0
    while at < len(found):
        x0, x1, y0, y1 = found[at]
        at += 1
        if not cut[at - 1]:
            whole.append((x0, x1, y0, y1))
            continue
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


def _cut_numbers(found: list[Change], one: str, two: str) -> list[bool]:
    """Of each change whether there may be a number that it cuts: most cut none. On both its sides the texts agree."""
    inside = numerals.INSIDE
    a, b = f"{one}\n", f"{two}\n"  # so that something stands on both sides of every place
    return [
        (inside[a[x0 - 1]] and (inside[a[x0]] or inside[b[y0]]))
        or (inside[a[x1]] and (inside[a[x1 - 1]] or inside[b[y1 - 1]]))
        for x0, x1, y0, y1 in found
    ]


def _reach(one: str, two: str, change: Change) -> tuple[int, int]:
    """How far the numbers that a change cuts reach out of it on both sides."""
    x0, x1, y0, y1 = change
    left = right = 0
    for text, start, end in ((one, x0, x1), (two, y0, y1)):
        if not (numerals.may_cut(text, start) or (start != end and numerals.may_cut(text, end))):
            continue
        within = max(0, start - _NEAR), end + _NEAR
        first = numerals.across(text, start, *within)
        last = first if start == end else numerals.across(text, end, *within)
        if first:
            left = max(left, start - first[0])
        if last:
            right = max(right, last[1] - end)
    return left, right


def _swaps(found: list[Change], one: str, two: str) -> list[Change]:
    """Changes of which those that together only move letters over a short way are one."""
    gone = "".join([one[x0:x1] for x0, x1, _, _ in found]).casefold()
    come = "".join([two[y0:y1] for _, _, y0, y1 in found]).casefold()
    if not any(map(str.isalnum, set(gone).intersection(come))):
        return found
    letters = [(_letters(one[x0:x1]), _letters(two[y0:y1])) for x0, x1, y0, y1 in found]
    all_gone, all_come = ("".join([pair[side] for pair in letters]) for side in (0, 1))
    swapped: list[Change] = []
    at = 0
    while at < len(found):
        gone, come = letters[at]
        if gone == come or gone[:1] not in all_come or come[:1] not in all_gone:
            swapped.append(found[at])
            at += 1
            continue
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


@lru_cache(1 << 10)
def _letters(text: str) -> str:
    return (text if not text or text.isalnum() else "".join(filter(str.isalnum, text))).casefold()
