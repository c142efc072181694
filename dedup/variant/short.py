"""Two plain readings -> the verdict on their difference, by the short way, which says what the long one would.

Most readings go it. What can be seen of them, and of what stands beside them, is in `plain`; the long way is `verdict`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from dedup.model import VariantClass as V
from dedup.variant import ladder, plain, wording
from dedup.variant.ladder import Place
from dedup.variant.plain import Core
from dedup.variant.verdict import (
    RUNG_RULES,
    Verdict,
    at_break,
    at_length,
    beside_letters,
    by_length,
    in_order,
    negated_in,
    places_of,
    verdict_of,
)


class _Outline(NamedTuple):
    """What decides of plain readings: the verdict, if there is nothing in the `core`, and the one on a negation.

    `negates`: whether a reading may be one. `spaced`: whether digits near them decide of space."""

    verdict: Verdict
    core: Core | None
    negated: Verdict
    negates: bool
    spaced: bool


def plainly(text: str, witness: str, at: int, other: str, other_witness: str, other_at: int) -> Verdict | None:
    """The verdict on plain readings (`plain.py`), if nothing but what can be seen of them here decides it."""
    end, other_end = at + len(text), other_at + len(other)
    company = plain.company(witness, at, end, other_witness, other_at, other_end)
    if company is None:
        return None
    before, after, other_before, other_after = company
    outline = _outlined(text, other, before.seen, after.seen, other_before.seen, other_after.seen)
    if outline is None:
        return None
    verdict, core, negated, negates, spaced = outline
    counted = core is not None and (
        core.number or (core.part and (before.number or after.number or other_before.number or other_after.number))
    )
    if (spaced or counted) and (
        plain.digits_near(witness, at, end) or plain.digits_near(other_witness, other_at, other_end)
    ):
        return None
    if core is None:
        return verdict
    if core.not_before in (before.letter, other_before.letter) or core.not_after in (after.letter, other_after.letter):
        return None
    if core.untitled and after.titles:
        follow = plain.letters_after(witness, end)
        if follow is None or wording.begins_with_title(follow):
            return None
    if counted:
        if negates or before.negates or other_before.negates:
            return None
        around = plain.numbers_around(witness, at, end), plain.numbers_around(other_witness, other_at, other_end)
        return _counted(text, *around[0], other, *around[1]) if around[0] and around[1] else None
    if negates or before.negates or other_before.negates:
        places = places_of(text, witness, at, other, other_witness, other_at)
        return negated if negated_in(*places, verdict.kind) else verdict
    return verdict


def commonly(text: str, witness: str, at: int, other: str, other_witness: str, other_at: int) -> Verdict | None:
    """What `plainly` says where common sinographs stand on all sides, as they mostly do, if that is soon said."""
    outline = _among_common(text, other)
    if outline is None:
        return None
    core = outline.core
    if core is None:
        return None if outline.spaced else outline.verdict
    if core.number or outline.negates:
        return None
    if plain.follows_itself(core, witness, at, at + len(text)) or plain.follows_itself(
        core, other_witness, other_at, other_at + len(other)
    ):
        return None
    return outline.verdict


@lru_cache(maxsize=1 << 15)
def _among_common(text: str, other: str) -> _Outline | None:
    return _outlined(text, other, plain.SOME, plain.SOME, plain.SOME, plain.SOME)


@lru_cache(maxsize=1 << 15)
def _outlined(text: str, other: str, before: str, after: str, other_before: str, other_after: str) -> _Outline | None:
    one, two = plain.reading(text), plain.reading(other)
    if one is None or two is None:
        return None
    if one.letters == two.letters:
        a, b = Place(text, before, after), Place(other, other_before, other_after)
        verdict = _in_other_forms(a, b) or _laid_out(*plain.of_any_letters(a), *plain.of_any_letters(b))
        return _Outline(verdict, None, verdict, False, V.WHITESPACE in (verdict.kind, *verdict.tags))
    core = plain.core(text, one, other, two)
    if core is None:
        return None
    verdict, negated = _told(
        *(_LOOK_ALIKE if core.alike else by_length(core.one, core.two)),
        (one.signs, before, after),
        (two.signs, other_before, other_after),
        bool(one.letters and two.letters),
        core.counts,
    )
    return _Outline(verdict, core, negated, wording.may_negate(one.letters) or wording.may_negate(two.letters), False)


@lru_cache(maxsize=1 << 12)
def _counted(text: str, left: str, right: str, other: str, other_left: str, other_right: str) -> Verdict:
    """The verdict on readings that may be numbers or parts of some, and differ in nothing but these."""
    return at_length(Place(text, left, right), Place(other, other_left, other_right))


_LOOK_ALIKE = V.OCR, "look-alike", True


def _in_other_forms(a: Place, b: Place) -> Verdict | None:
    """The verdict on readings of the same letters, if it is in these that they are written differently."""
    if plain.written(a.text) == plain.written(b.text):
        return None
    if ladder.compatible(a.text) or ladder.compatible(b.text):
        return at_length(a, b)
    one, two = plain.of_any_letters(a), plain.of_any_letters(b)
    tags: set[str] = {"break"} if at_break(a, b) else set()
    if one.text != two.text:
        besides = _laid_out(*one, *two)
        tags |= {besides.kind, *besides.tags}
    return verdict_of(V.SCRIPT, in_order(tags), False, RUNG_RULES[V.SCRIPT])


@lru_cache(maxsize=1 << 12)
def _laid_out(text: str, left: str, right: str, other: str, other_left: str, other_right: str) -> Verdict:
    """The verdict on readings that have the same letters, whatever these are."""
    return at_length(Place(text, left, right), Place(other, other_left, other_right))


_Signs = tuple[str, str, str]  # the signs of a reading, and what can be seen before and after it


@lru_cache(maxsize=1 << 12)
def _told(
    kind: V, rule: str, review: bool, one: _Signs, two: _Signs, whole: bool, number: bool
) -> tuple[Verdict, Verdict]:
    """The verdict on a difference in letters, and that on one which is a negation.

    `whole`: whether both readings have letters. `number`: whether they differ in some of a number.
    """
    a, b = Place(*one), Place(*two)
    tags = beside_letters(a, b) if whole else set()
    marks = (["break"] if at_break(a, b) else []) + (["number"] if number else [])
    tags_alone, with_negation = (in_order([*tags, *marks, *more]) for more in ((), ("negation",)))
    return Verdict(kind, tags_alone, review, rule), Verdict(kind, with_negation, review, rule)
