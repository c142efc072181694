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
    """A plain reading: its signs, its letters with line breaks (`ladder.letters`) and without; whether it has a number,
    and whether it may be a part of one."""

    signs: str
    marked: str
    letters: str
    number: bool
    part: bool


class Beside(NamedTuple):
    """The letter nearest to a reading, if any, and what can be seen of the context: some sinograph, and the signs
    between."""

    letter: str
    seen: str


class Plain(NamedTuple):
    """Two plain readings in their places, first the base's, with what is before and after them."""

    places: tuple[Place, Place]
    readings: tuple[Reading, Reading]
    before: tuple[Beside, Beside]
    after: tuple[Beside, Beside]

    def seen(self, text: str, other: str) -> tuple[Place, Place]:
        """Two texts in the company of the readings, as much as there can be seen of it."""
        (before, other_before), (after, other_after) = self.before, self.after
        return Place(text, before.seen, after.seen), Place(other, other_before.seen, other_after.seen)


def plain(a: Place, b: Place) -> Plain | None:
    """Two readings in their places, if all is plain."""
    x, y = _reading(a.text), _reading(b.text)
    if x is None or y is None:
        return None
    before, other_before, after, other_after = _before(a.left), _before(b.left), _after(a.right), _after(b.right)
    if before is None or other_before is None or after is None or other_after is None:
        return None
    return Plain((a, b), (x, y), (before, other_before), (after, other_after))


def core(pair: Plain) -> tuple[str, str] | None:
    """The letters in which readings differ (`difference.py`), where no rule asks which letters these are.

    No rule does unless they look alike, are the same moved or said twice, or belong to a name or a number.
    """
    (_, x, all_x, number, part), (_, y, all_y, other_number, other_part) = pair.readings
    if number or other_number or ((part or other_part) and any(map(_beside_number, pair.places))):
        return None
    if glyphs.confusable_form(all_x) == glyphs.confusable_form(all_y):
        return None
    start = common_start(x, y)
    end = common_end(x[start:], y[start:])
    more, other = (marked[start : len(marked) - end].replace("\n", "") for marked in (x, y))
    if wording.titled(more) or wording.titled(other):
        return None
    side, extra = (0, more) if more else (1, other)
    after = x[len(x) - end :].replace("\n", "")[:1] or pair.after[side].letter
    if more and other:
        moved = len(more) == len(other) > 1 and sorted(more) == sorted(other)
        return None if moved or wording.may_be_title(after) else (more, other)
    before = x[:start].replace("\n", "")[-1:] or pair.before[side].letter
    half = len(extra) // 2
    twice = before == extra[-1] or after == extra[0] or extra[:half] == extra[half:]
    return None if twice else (more, other)


def _beside_number(place: Place) -> bool:
    return numerals.may_have(place.left[-1:] + place.right[:1])


@lru_cache(maxsize=1 << 14)
def _reading(text: str) -> Reading | None:
    forms = [_FORM[character] for character in text]
    if None in forms:
        return None
    marked = ladder.letters(Place(text))
    signs = [character for character, form in zip(text, forms, strict=True) if not form]
    letters = marked.replace("\n", "")
    number = numerals.may_have(text) or numerals.may_have(letters)
    return Reading("".join(signs), marked, letters, number, ladder.may_be_part(text))


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
