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
_SOME = "字"  # stands for a sinograph of which nothing matters but that it is one
_NONE = "\ufdef"  # no letter


class Reading(NamedTuple):
    """A plain reading: its signs, its letters with line breaks (`ladder.letters`) and without. `number`: whether it
    has a number. `part`: whether it may be a part of one."""

    signs: str
    marked: str
    letters: str
    number: bool
    part: bool


class Beside(NamedTuple):
    """The letter nearest to a reading, if any, and what can be seen of the context: some sinograph, and the space and
    breaks right beside the reading. `number`: whether the letter may be in a number."""

    letter: str
    seen: str
    number: bool


class Core(NamedTuple):
    """The letters in which two plain readings differ, first the base's, where no rule asks which letters these are.

    One would if `not_before` stood right before a reading or `not_after` right after it, or a letter with which a
    title begins and `untitled` is true, or if nothing but numbers differed: `number` says whether that is to be asked,
    `part`, whether it is where a number stands beside a reading.
    """

    one: str
    two: str
    not_before: str
    not_after: str
    untitled: bool
    number: bool
    part: bool


def core(one: Reading, two: Reading) -> Core | None:
    """The letters in which readings differ (`difference.py`), if no rule asks which letters these are.

    No rule does unless they look alike, are the same moved or said twice, write numbers or belong to a name.
    """
    if len(one.letters) == len(two.letters) and _looks(one) == _looks(two):
        return None
    x, y = one.marked, two.marked
    start = common_start(x, y)
    end = common_end(x[start:], y[start:])
    precedes, follows = x[:start].replace("\n", "")[-1:], x[len(x) - end :].replace("\n", "")[:1]
    x, y = x[start : len(x) - end].replace("\n", ""), y[start : len(y) - end].replace("\n", "")
    if wording.titled(x) or wording.titled(y):
        return None
    part = one.part or two.part
    number = one.number or two.number
    if (part or number) and _rest(one) != _rest(two):
        part = number = False
    if x and y:
        moved = len(x) == len(y) > 1 and sorted(x) == sorted(y)
        return None if moved or wording.may_be_title(follows) else Core(x, y, _NONE, _NONE, not follows, number, part)
    extra = x or y
    half = len(extra) // 2
    if extra[-1] == precedes or extra[0] == follows or extra[:half] == extra[half:]:
        return None
    return Core(x, y, _NONE if precedes else extra[-1], _NONE if follows else extra[0], False, number, part)


def _looks(of: Reading) -> str:
    return glyphs.confusable_form(of.letters)


def _rest(of: Reading) -> str:
    return "".join([letter for letter in of.letters if letter not in _IN_NUMBERS])


@lru_cache(maxsize=1 << 13)
def reading(text: str) -> Reading | None:
    """A reading, if it is plain."""
    letters = text.translate(_LETTERS)
    if _NONE in letters:
        return None
    if len(letters) == len(text):
        signs, marked = "", letters
    else:
        signs = text.translate(_SIGNS)
        marked = BREAKS.sub("\n", text.translate(_MARKED)) if BREAKS.search(text) else letters
    number = not (_NUMBERS.isdisjoint(text) and _NUMBERS.isdisjoint(letters))
    return Reading(signs, marked, letters, number, ladder.may_be_part(text))


def before(text: str, at: int) -> Beside | None:
    """What stands in a text before a reading that begins there, if it is plain."""
    if at and (next_to_it := _NEXT[text[at - 1]]):
        return next_to_it
    near = text[max(0, at - _FAR) : at]
    for n in range(len(near) - 1, -1, -1):
        form = _FORM[near[n]]
        if form is None or (form and ")" in near[n:] and text.find("](", 0, at) >= 0):  # a link has no letters
            return None
        if form:
            signs = near[n + 1 :]
            return Beside(form, _SOME + signs[len(signs.rstrip(EDGES)) :], numerals.may_have(near[n]))
    return Beside("", near, False) if len(near) < _FAR else None


def after(text: str, at: int) -> Beside | None:
    """What stands in a text after a reading that ends there, if it is plain."""
    if at < len(text) and (next_to_it := _NEXT[text[at]]):
        return next_to_it
    near = text[at : at + _FAR]
    for n, character in enumerate(near):
        form = _FORM[character]
        if form is None:
            return None
        if form:
            signs = near[:n]
            return Beside(form, signs[: n - len(signs.lstrip(EDGES))] + _SOME, numerals.may_have(character))
    return Beside("", near, False) if len(near) < _FAR else None


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
    """Character -> its letter, itself if it is a sign and one of those to be kept, or `_NONE` if it is not plain."""

    def __init__(self, letters: bool, signs: Callable[[str], object]):
        self.letters, self.signs = letters, signs

    def __missing__(self, point: int) -> str:
        character = chr(point)
        form = _FORM[character]
        if form is None:
            taken = _NONE
        elif form:
            taken = form if self.letters else ""
        else:
            taken = character if self.signs(character) else ""
        self[point] = taken
        return taken


class _Next(dict[str, Beside | None]):
    """Character -> what is to be seen of it right beside a reading, if it is a sinograph."""

    def __missing__(self, character: str) -> Beside | None:
        form = _FORM[character]
        seen = self[character] = Beside(form, _SOME, numerals.may_have(character)) if form else None
        return seen


_DENSE = re.compile(f"[{glyphs.DENSE}]{{2}}")
_FORM = _Forms()
_LETTERS = _Taken(letters=True, signs=lambda _: False)
_MARKED = _Taken(letters=True, signs=BREAKS.match)
_SIGNS = _Taken(letters=False, signs=lambda _: True)
_NUMBERS = frozenset(filter(numerals.may_have, numerals.SINOGRAPHS))
_IN_NUMBERS = frozenset(map(glyphs.variant_form, numerals.SINOGRAPHS))
_NEXT = _Next()
