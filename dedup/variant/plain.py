"""Two readings -> what decides of their difference, where both are plain and stand in plain company.

Plain are sinographs, and signs that are nothing by themselves: punctuation, space and breaks. Most readings of texts
without spaces consist of them and stand between them. Of what is around such a reading all that any rule can see are
the nearest sinographs and the signs before these. Of what is not plain nothing is said here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from dedup.model import VariantClass as V
from dedup.variant import glyphs, ladder, numerals, wording
from dedup.variant.debris import may_be_lost
from dedup.variant.difference import common_end, common_start
from dedup.variant.ladder import Place

_FAR = 6  # signs beside a reading over which the nearest sinograph is looked for
_SOME = "字"  # stands for a sinograph of which nothing matters but that it is one


class Reading(NamedTuple):
    """A plain reading: its signs, its letters with line breaks (`ladder.letters`) and without, what these look like.
    `number`: whether it has a number. `part`: whether it may be a part of one."""

    signs: str
    marked: str
    letters: str
    looks: str
    number: bool
    part: bool


class Beside(NamedTuple):
    """The letter nearest to a reading, if any, and what can be seen of the context: some sinograph, and the signs
    between."""

    letter: str
    seen: str


class Plain(NamedTuple):
    """Two plain readings, first the base's, and what is before and after each."""

    one: Reading
    two: Reading
    before: Beside
    after: Beside
    other_before: Beside
    other_after: Beside


def plain(a: Place, b: Place) -> Plain | None:
    """Two readings in their places, if all is plain."""
    one, two = _reading(a.text), _reading(b.text)
    if one is None or two is None:
        return None
    before, after, other_before, other_after = _before(a.left), _after(a.right), _before(b.left), _after(b.right)
    if before is None or after is None or other_before is None or other_after is None:
        return None
    return Plain(one, two, before, after, other_before, other_after)


def core(a: Place, b: Place, pair: Plain) -> tuple[str, str] | None:
    """The letters in which readings differ (`difference.py`), where no rule asks which letters these are.

    No rule does unless they look alike, are the same moved or said twice, write numbers or belong to a name.
    """
    one, two, before, after, other_before, other_after = pair
    if one.looks == two.looks:
        return None
    if (one.number or two.number or one.part or two.part) and ladder.only_numbers_differ(a, b):
        return None
    x, y = one.marked, two.marked
    start = common_start(x, y)
    end = common_end(x[start:], y[start:])
    more, other = x[start : len(x) - end].replace("\n", ""), y[start : len(y) - end].replace("\n", "")
    if wording.titled(more) or wording.titled(other):
        return None
    follows = x[len(x) - end :].replace("\n", "")[:1]
    if more and other:
        moved = len(more) == len(other) > 1 and sorted(more) == sorted(other)
        return None if moved or wording.may_be_title(follows or after.letter) else (more, other)
    if other:
        before, after = other_before, other_after
    precedes, extra = x[:start].replace("\n", "")[-1:], more or other
    half = len(extra) // 2
    twice = extra[-1] == (precedes or before.letter) or extra[0] == (follows or after.letter)
    return None if twice or extra[:half] == extra[half:] else (more, other)


@lru_cache(maxsize=1 << 14)
def _reading(text: str) -> Reading | None:
    forms = [_FORM[character] for character in text]
    if None in forms:
        return None
    signs = "".join([character for character, form in zip(text, forms, strict=True) if not form])
    letters = "".join([form for form in forms if form])
    marked = ladder.letters(Place(text)) if signs else letters
    number = numerals.may_have(f"{text} {letters}")
    return Reading(signs, marked, letters, glyphs.confusable_form(letters), number, ladder.may_be_part(text))


def _before(left: str) -> Beside | None:
    if left and (next_to_it := _NEXT[left[-1]]):
        return next_to_it
    near = left[-_FAR:]
    for n in range(len(near) - 1, -1, -1):
        form = _FORM[near[n]]
        if form is None or (form and ")" in near[n:] and "](" in left):  # a link has no letters
            return None
        if form:
            return Beside(form, _SOME + near[n + 1 :])
    return Beside("", near) if len(near) < _FAR else None


def _after(right: str) -> Beside | None:
    if right and (next_to_it := _NEXT[right[0]]):
        return next_to_it
    near = right[:_FAR]
    for n, character in enumerate(near):
        form = _FORM[character]
        if form is None:
            return None
        if form:
            return Beside(form, near[:n] + _SOME)
    return Beside("", near) if len(near) < _FAR else None


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


class _Next(dict[str, Beside | None]):
    """Character -> what is to be seen of it right beside a reading, if it is a sinograph."""

    def __missing__(self, character: str) -> Beside | None:
        form = _FORM[character]
        seen = self[character] = Beside(form, _SOME) if form else None
        return seen


_DENSE = re.compile(f"[{glyphs.DENSE}]{{2}}")
_FORM = _Forms()
_NEXT = _Next()
