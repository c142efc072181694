"""A witness aligned with the base -> where their raw characters differ, as a reader would cut it.

A gap between equal letters is put where words or sentences end (`gaps`); a number that changed is changed as a whole;
what moved over a few words is one change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.batch import batches
from dedup.collate.gaps import Pair, gaps
from dedup.collate.traits import ANY, COMMON, NUMBER, caseless, traits
from dedup.edit import equal_blocks
from dedup.kernel import inner, kernel
from dedup.variant import numerals

Change = tuple[int, int, int, int]
"""Characters `[0:1]` of the base's text stand against `[2:3]` of a witness's."""

_NEAR = 12  # characters around a change in which a number can begin or end
_SWAP = 60  # characters over which what moved is still one change
_SWAPPED = 12  # pieces into which an alignment can tear such a change
_TOGETHER = 1 << 16  # characters of pairs that are looked at together, unless one has more
_MANY = 1 << 12  # pairs of letters that went and came above which they are not compared one by one
_WORD = re.compile(r"[^\W\d_]+")


class Changed(NamedTuple):
    """What a witness changes in the base's text.

    `changes`: where the raw characters differ, in order; no two touch. `common`: for each whether common sinographs
    (`plain.common`) stand on all its sides, as far as that is known. `equal`: how many letters stand equal.
    """

    changes: list[Change]
    common: list[bool]
    equal: int


def changed(pairs: Sequence[Pair]) -> list[Changed]:
    """What witnesses change, each in the text of its base. Of many some are looked at together, not all."""
    sizes = [len(one.text) + len(two.text) for one, two in pairs]
    return [of for some in batches(sizes, _TOGETHER) for of in _changed(pairs[some])]


def _changed(pairs: Sequence[Pair]) -> list[Changed]:
    blocks = [equal_blocks(base.letters, copy.letters) for base, copy in pairs]
    found = gaps(pairs, blocks)
    bounds = found.bounds.tolist()
    pair = np.repeat(np.arange(len(pairs)), np.diff(found.bounds))
    ends = found.spans + found.starts[pair].repeat(2, axis=1)
    common = _among(found.points, ends).tolist()
    cut = _may_cut(found.points, ends)
    moved = _may_move(found.points, ends, found.bounds)
    moved[pair[cut]] = True
    changes: list[Change] = list(map(tuple, found.spans.tolist()))
    every = [
        Changed(changes[first:last], common[first:last], sum([n for _, _, n in of]))
        for (first, last), of in zip(pairwise(bounds), blocks, strict=True)
    ]
    for n in np.flatnonzero(moved).tolist():
        one, two = (copy.text for copy in pairs[n])
        before = every[n].changes
        whole = _swaps(_whole_numbers(before, cut[bounds[n] : bounds[n + 1]].tolist(), one, two), one, two)
        if whole != before:
            known = dict(zip(before, every[n].common, strict=True))
            every[n] = Changed(whole, [known.get(change, False) for change in whole], every[n].equal)
    return every


def _among(points: NDArray[np.uint32], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which changes have common sinographs on both sides, where the texts agree: bool[changes].

    `ends`: int64[changes, 4], among the points of all texts.
    """
    before, behind = traits(points[ends[:, 0] - 1]), traits(points[ends[:, 1]])
    return np.asarray(before & behind & COMMON, np.bool_)


def _may_cut(points: NDArray[np.uint32], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which changes may cut a number: bool[changes]. Most cut none."""
    start, end = ends[:, ::2], ends[:, 1::2]  # of both texts
    before, first, last, behind = (traits(points[at]) for at in (start - 1, start, end - 1, end))
    return np.asarray(((before & first | behind & last) & NUMBER).any(axis=1), np.bool_)


def _may_move(points: NDArray[np.uint32], ends: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of which pairs letters may go that come as well: bool[pairs]. `bounds`: see `Gaps`."""
    sides: list[NDArray[Any]] = []
    for first, last in (ends[:, :2].T, ends[:, 2:].T):
        sizes = last - first
        heads = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        letters = caseless(points[np.repeat(first - heads[:-1], sizes) + np.arange(heads[-1])])
        sides += letters, heads[bounds]
    moved = np.empty(len(bounds) - 1, np.bool_)
    _come_again(*sides, moved)
    return moved


@kernel("u4[:], i8[:], u4[:], i8[:], b1[:]")
def _come_again(gone, gone_at, come, come_at, moved):  # type: ignore[no-untyped-def]
    """Fill `moved`. `gone`, `come`: 0 for what is no letter; those of pair p are from `at[p]` to `at[p + 1]`."""
    for p in range(len(moved)):
        moved[p] = _meet(gone[gone_at[p] : gone_at[p + 1]], come[come_at[p] : come_at[p + 1]])


@inner
def _meet(gone, come):  # type: ignore[no-untyped-def]
    """Whether some letters may be the same: they are compared if that is little work."""
    left = right = 0
    for letter in gone:
        left += letter > 0
    for letter in come:
        right += letter > 0
    if left * right > _MANY:
        return True
    if left and right:
        for one in gone:
            for other in come:
                if one and other and (one == other or ANY in (one, other)):
                    return True
    return False


# --- numbers and what moved


def _whole_numbers(found: list[Change], cut: list[bool], one: str, two: str) -> list[Change]:
    """Changes of which those inside a number are one of the whole number: 13 against 11, not 3 against 1.

    `cut`: which may be inside one.
    """
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
