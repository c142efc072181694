"""Two readings -> what decides of their difference, where both are plain and stand in plain company.

Plain are sinographs, and signs that are nothing by themselves: punctuation, space and breaks. Most readings of texts
without spaces consist of them and stand between them. Of what is around such a reading all that any rule can see are
the nearest sinographs, and space and breaks before these. Of what is not plain nothing is said here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from dedup.model import VariantClass as V
from dedup.variant import glyphs, ladder, numerals, wording
from dedup.variant.debris import may_be_lost
from dedup.variant.difference import common_end, common_start
from dedup.variant.ladder import Place
from dedup.variant.layout import BREAKS, EDGES

_FAR = 6  # signs beside a reading over which the nearest sinograph is looked for
_LONG = 30  # characters beside a reading that may belong to its number
_NONE = "\ufdef"  # no letter

SOME = "字"
"""Stands for a sinograph of which nothing matters but that it is one."""


class Reading(NamedTuple):
    """A plain reading: its signs, its letters with line breaks (`ladder.letters`) and without."""

    signs: str
    marked: str
    letters: str


class Beside(NamedTuple):
    """The letter nearest to a reading, if any, and what can be seen of the context: some sinograph, and the space and
    breaks right beside the reading. Whether the letter may be in a number, begin a title, and begin a negation that
    goes on after it."""

    letter: str
    seen: str
    number: bool
    titles: bool
    negates: bool


class Core(NamedTuple):
    """The letters in which two plain readings differ, first the base's, where no rule asks which letters these are.

    One would if `not_before` stood right before a reading or `not_after` right after it, or a title there and
    `untitled` is true, or if nothing but numbers differed: `number` says whether that is to be asked, `part`, whether
    it is where a number stands beside a reading. `alike`: whether the letters look alike. `counts`: whether some of
    them are written in numbers.
    """

    one: str
    two: str
    not_before: str
    not_after: str
    untitled: bool
    number: bool
    part: bool
    alike: bool
    counts: bool


def core(text: str, one: Reading, other: str, two: Reading) -> Core | None:
    """The letters in which readings differ (`difference.py`), if no rule asks which letters these are.

    No rule does unless they are the same moved or said twice, write numbers or belong to a name.
    """
    x, y = one.marked, two.marked
    start = common_start(x, y)
    end = len(x) - common_end(x[start:], y[start:])
    precedes, follows = x[:start].rstrip("\n")[-1:], x[end:].lstrip("\n")[:1]
    x, y = x[start:end].replace("\n", ""), y[start : len(y) - len(x) + end].replace("\n", "")
    if wording.titled(x) or wording.titled(y):
        return None
    counts = not (_NUMBERS.isdisjoint(x) and _NUMBERS.isdisjoint(y))
    number, part = _numbers_alone(text, x, other, y)
    if x and y:
        alike = len(x) == len(y) and x.translate(glyphs.CONFUSABLES) == y.translate(glyphs.CONFUSABLES)
        moved = len(x) == len(y) > 1 and not alike and sorted(x) == sorted(y)
        if moved or wording.may_be_title(follows):
            return None
        return Core(x, y, _NONE, _NONE, not follows, number, part, alike, counts)
    extra = x or y
    half = len(extra) // 2
    if extra[-1] == precedes or extra[0] == follows or extra[:half] == extra[half:]:
        return None
    not_before, not_after = _NONE if precedes else extra[-1], _NONE if follows else extra[0]
    return Core(x, y, not_before, not_after, False, number, part, False, counts)


def _numbers_alone(text: str, x: str, other: str, y: str) -> tuple[bool, bool]:
    """Whether readings may have numbers, and may be parts of some, if nothing but numbers may differ in their cores."""
    if (_IN_NUMBERS.isdisjoint(x) and _IN_NUMBERS.isdisjoint(y)) or _rest(x) != _rest(y):
        return False, False
    number = not all(map(_NUMBERS.isdisjoint, (text, other, text.translate(_LETTERS), other.translate(_LETTERS))))
    return number, ladder.may_be_part(text) or ladder.may_be_part(other)


def _rest(letters: str) -> str:
    return "".join([letter for letter in letters if letter not in _IN_NUMBERS])


@lru_cache(maxsize=1 << 15)
def reading(text: str) -> Reading | None:
    """A reading, if it is plain."""
    letters = text.translate(_LETTERS)
    if len(letters) == len(text):
        return None if _NONE in letters else Reading("", letters, letters)
    if _NONE in letters:
        return None
    marked = BREAKS.sub("\n", text.translate(_MARKED)) if BREAKS.search(text) else letters
    return Reading(text.translate(_SIGNS), marked, letters)


def written(text: str) -> str:
    """The letters of a plain reading as they are written."""
    return text.translate(_WRITTEN)


def of_any_letters(place: Place) -> Place:
    """A plain reading of which nothing can be seen but where its letters stand."""
    return Place(place.text.translate(_ANY_LETTERS), place.left, place.right)


def common(character: str) -> bool:
    """Whether it is a sinograph of which, beside a reading, no more can matter than which one it is: it has no part in
    numbers, begins no title and no negation."""
    beside = _NEXT[character]
    return beside is not None and not (beside.number or beside.titles or beside.negates)


def follows_itself(core: Core, text: str, start: int, end: int) -> bool:
    """Whether what stands beside a reading, both of them sinographs, decides of the letters of its core."""
    return core.not_before == _FORM[text[start - 1]] or core.not_after == _FORM[text[end]]


def company(
    text: str, start: int, end: int, other: str, other_start: int, other_end: int
) -> tuple[Beside, Beside, Beside, Beside] | None:
    """What stands before and after a reading, and before and after another in another text, if all is plain."""
    before = _NEXT[text[start - 1]] if start else None
    after = _NEXT[text[end]] if end < len(text) else None
    other_before = _NEXT[other[other_start - 1]] if other_start else None
    other_after = _NEXT[other[other_end]] if other_end < len(other) else None
    if before and after and other_before and other_after:
        return before, after, other_before, other_after
    before, after = before or _before(text, start), after or _after(text, end)
    other_before, other_after = other_before or _before(other, other_start), other_after or _after(other, other_end)
    if before and after and other_before and other_after:
        return before, after, other_before, other_after
    return None


def _before(text: str, at: int) -> Beside | None:
    """What stands before a reading, and no sinograph right beside it."""
    near = text[max(0, at - _FAR) : at]
    for n in range(len(near) - 1, -1, -1):
        form = _FORM[near[n]]
        if form is None or (form and ")" in near[n:] and text.find("](", 0, at) >= 0):  # a link has no letters
            return None
        if form:
            signs = near[n + 1 :]
            return _beside(near[n], form, SOME + signs[len(signs.rstrip(EDGES)) :])
    return Beside("", near, False, False, False) if len(near) < _FAR else None


def _after(text: str, at: int) -> Beside | None:
    """What stands after a reading, and no sinograph right beside it."""
    near = text[at : at + _FAR]
    for n, character in enumerate(near):
        form = _FORM[character]
        if form is None:
            return None
        if form:
            signs = near[:n]
            return _beside(character, form, signs[: n - len(signs.lstrip(EDGES))] + SOME)
    return Beside("", near, False, False, False) if len(near) < _FAR else None


@lru_cache(maxsize=1 << 12)
def _beside(character: str, form: str, seen: str) -> Beside:
    return Beside(
        form, seen, numerals.may_have(character), wording.may_be_title(form), wording.may_negate_with_more(form)
    )


def numbers_around(text: str, start: int, end: int) -> tuple[str, str] | None:
    """What can be seen before and after a reading, with the numbers that may go on there, if all is plain."""
    before, after = (
        ladder.numeric_tail(text[max(0, start - _LONG) : start]),
        ladder.numeric_head(text[end : end + _LONG]),
    )
    if max(len(before), len(after)) == _LONG or _NONE in f"{before}{after}".translate(_LETTERS):
        return None
    first, last = start - len(before), end + len(after)
    beyond = company(text, first, last, text, first, last)
    return (beyond[0].seen + before, after + beyond[1].seen) if beyond else None


def letters_after(text: str, at: int) -> str | None:
    """The letters of a text from a place on, at least `wording.LONGEST_TITLE` unless it ends, if they are plain."""
    letters = ""
    for character in text[at : at + _FAR]:
        form = _FORM[character]
        if form is None:
            return None
        letters += form
    return letters if len(letters) >= wording.LONGEST_TITLE or at + _FAR >= len(text) else None


def digits_near(text: str, start: int, end: int) -> bool:
    """Whether digits stand so near to a reading that space in it may part them."""
    return bool(_DIGITS.search(text[max(0, start - _FAR) : start]) or _DIGITS.search(text[end : end + _FAR]))


class _Forms(dict[str, str | None]):
    """Character -> its letter on the `script` rung, nothing if it is a sign, or None if it is not plain."""

    def __missing__(self, character: str) -> str | None:
        form = self[character] = _form(character)
        return form


def _form(character: str) -> str | None:
    if character in wording.DOTS or character == "]" or not ladder.stands_alone(character):
        return None
    form = ladder.on_rung(Place(character), V.SCRIPT)
    if not form:
        return ""
    both = character + form
    if not unicodedata.name(character, "").startswith("CJK ") or not _DENSE.fullmatch(both):
        return None
    return None if may_be_lost(both) else form


class _Taken(dict[int, str]):
    """Character -> what stands for it if it is a letter, itself if it is a sign and one of those to be kept, or `_NONE`
    if it is not plain."""

    def __init__(self, letter: Callable[[str], str], signs: Callable[[str], object]):
        self.letter, self.signs = letter, signs

    def __missing__(self, point: int) -> str:
        character = chr(point)
        form = _FORM[character]
        if form is None:
            taken = _NONE
        elif form:
            taken = self.letter(character)
        else:
            taken = character if self.signs(character) else ""
        self[point] = taken
        return taken


class _Next(dict[str, Beside | None]):
    """Character -> what is to be seen of it right beside a reading, if it is a sinograph."""

    def __missing__(self, character: str) -> Beside | None:
        form = _FORM[character]
        seen = self[character] = _beside(character, form, SOME) if form else None
        return seen


_DENSE = re.compile(f"[{glyphs.DENSE}]{{2}}")
_FORM = _Forms()
_LETTERS = _Taken(lambda letter: _FORM[letter] or "", signs=lambda _: False)
_MARKED = _Taken(lambda letter: _FORM[letter] or "", signs=BREAKS.match)
_SIGNS = _Taken(lambda _: "", signs=lambda _: True)
_WRITTEN = _Taken(lambda letter: letter, signs=lambda _: False)
_ANY_LETTERS = _Taken(lambda _: SOME, signs=lambda _: True)
_NUMBERS = frozenset(filter(numerals.may_have, numerals.SINOGRAPHS))
_IN_NUMBERS = frozenset(map(glyphs.variant_form, numerals.SINOGRAPHS))
_DIGITS = re.compile(r"\d")
_NEXT = _Next()
