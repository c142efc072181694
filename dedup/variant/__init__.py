"""Two readings of one place -> the class of their difference, its tags, and whether an editor must see it.

First the ladder (`ladder.py`): what disappears when layout, space, width, case, markup, punctuation,
variant characters and notations of numbers are made alike. What is left differs in letters, and rules on
those letters say why, in the order of `VariantClass`:

- `number-value`: both readings have numbers and only their values differ. Digits of the number that stand in
  the context count: `0`/`6` after `3` is 30/36.
- `ocr`: a lost character (U+FFFD, □), mojibake, a page number between breaks, a short text repeated across a
  break, a fragment of a foreign script inside a sentence, a lost or changed accent, letters that look alike.
- `transposition`: the same letters in another order.
- `repetition`: one reading has more, and what it has more repeats what stands right beside it. In alphabetic
  scripts whole words only: a doubled letter there is a spelling.
- `lacuna`, `addition`: one reading lacks, or has more by, at least `LONG`.
- `substantive`: the rest, and so a short one-sided difference.

Where the table of classes is silent: zero-width characters are `whitespace`; Arabic tatweel and compatibility
ideographs (with the tag `script`) are `width`; Arabic and Hebrew points, hamza carriers, Hiragana/Katakana
and Russian ё/е are `script`; decimal digits of another script are `number-form`; signs between digits, minus
and % are part of the number, so 1.5/15 is `number-value` and not `punctuation`.

Tags, in this order: classes in the order of `VariantClass` (differences that are there besides `kind`, and
later classes that fit as well), then `break` (a line break stands in a reading or right beside it), `name`,
`negation` (the readings differ in a word of negation), `number` (a reading has a number).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from dedup.model import VariantClass
from dedup.model import VariantClass as V
from dedup.script import DENSE_WEIGHT
from dedup.variant import glyphs, ladder, numerals, plain, wording
from dedup.variant.debris import debris
from dedup.variant.difference import Difference, difference, said_twice, weight
from dedup.variant.ladder import Place
from dedup.variant.layout import BREAKS, SPACES
from dedup.variant.plain import Core

LONG = 8 * DENSE_WEIGHT
"""Weight of a long gap: 8 letters of a dense script or 20 of an alphabet. Below it a one-sided difference is
a word or two, about which one asks what it says; above it a clause, about which one asks where it went."""

MEANT = 2 * DENSE_WEIGHT
"""Weight up to which something said twice may be meant."""

_WIDE = 40  # characters of context that are looked at

MARKS = ("break", "name", "negation", "number")
_ORDER = {tag: n for n, tag in enumerate([*V, *MARKS])}


class Verdict(NamedTuple):
    """What kind of difference two readings make. `rule` names the rule that decided; names are stable."""

    kind: VariantClass
    tags: tuple[str, ...]
    needs_review: bool
    rule: str


_RUNG_RULES = {
    V.SEGMENTATION: "equal-after-joining-lines",
    V.WHITESPACE: "equal-after-removing-space",
    V.WIDTH: "equal-after-nfkc",
    V.CASE: "equal-after-case-folding",
    V.MARKUP: "equal-after-removing-markup",
    V.PUNCTUATION: "equal-after-removing-punctuation",
    V.SCRIPT: "equal-in-variant-form",
    V.NUMBER_FORM: "equal-numbers",
}


def classify(
    text: str,
    other: str,
    left: str = "",
    right: str = "",
    other_left: str | None = None,
    other_right: str | None = None,
) -> Verdict:
    """Classify how `other`, another witness's raw reading, differs from `text`, the base's.

    Either may be empty. `left` and `right` are the raw text around the reading in the base, 20 characters or
    more, `other_left` and `other_right` those in the other witness (the same where they are not given).
    Linear in the readings, but for sorting. Raises `ValueError` when the readings are equal.
    """
    if other_left is None:
        other_left = left
    if other_right is None:
        other_right = right
    return classify_in(
        text, f"{left}{text}{right}", len(left), other, f"{other_left}{other}{other_right}", len(other_left)
    )


def classify_in(
    text: str, witness: str, at: int, other: str, other_witness: str, other_at: int, *, common: bool = False
) -> Verdict:
    """Classify how `other` differs from `text` (`classify`), each a reading that stands in its witness at a character.

    What is said twice may stand beside it: the longer one reading is than the other, the more is looked at.
    `common`: whether it is known that `plain.common` sinographs stand on all four sides.
    """
    if text == other:
        raise ValueError("the readings are equal: there is no variant to classify")
    if common and (verdict := _commonly(text, witness, at, other, other_witness, other_at)):
        return verdict
    verdict = _plainly(text, witness, at, other, other_witness, other_at)
    return verdict or _at_length(*_places(text, witness, at, other, other_witness, other_at))


def _places(text: str, witness: str, at: int, other: str, other_witness: str, other_at: int) -> tuple[Place, Place]:
    wide = _WIDE + abs(len(text) - len(other))
    end, other_end = at + len(text), other_at + len(other)
    return (
        Place(text, witness[max(0, at - wide) : at], witness[end : end + wide]),
        Place(other, other_witness[max(0, other_at - wide) : other_at], other_witness[other_end : other_end + wide]),
    )


def _at_length(a: Place, b: Place) -> Verdict:
    kind = ladder.climb(a, b)
    if kind is not None:
        return _on_ladder(a, b, kind)
    return _in_letters(a, b)


def most_serious(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict for a point with several readings.

    The most serious decides kind and rule: for review before not, a value or a negation before the rest, then
    the later class. Tags are united (the kinds of the others become tags); it needs review when one does.
    Raises `ValueError` when there are none.
    """
    every = list(verdicts)
    if not every:
        raise ValueError("there are no verdicts to choose from")
    if len(every) == 1 or every.count(every[0]) == len(every):
        return every[0]
    first = max(every, key=_seriousness)
    tags = {tag for verdict in every for tag in (*verdict.tags, verdict.kind)} - {first.kind}
    return Verdict(first.kind, _sorted(tags), first.needs_review, first.rule)


def _seriousness(verdict: Verdict) -> tuple[bool, bool, int, int, tuple[str, ...], str]:
    at_stake = verdict.kind is V.NUMBER_VALUE or "negation" in verdict.tags
    tags = tuple(sorted(verdict.tags))
    return verdict.needs_review, at_stake, _ORDER[verdict.kind], len(tags), tags, verdict.rule


# --- the short way, by which most readings go: it says what the long one would


class _Outline(NamedTuple):
    """What decides of plain readings: the verdict, if there is nothing in the `core`, and the one on a negation.

    `negates`: whether a reading may be one. `spaced`: whether digits near them decide of space."""

    verdict: Verdict
    core: Core | None
    negated: Verdict
    negates: bool
    spaced: bool


def _plainly(text: str, witness: str, at: int, other: str, other_witness: str, other_at: int) -> Verdict | None:
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
        places = _places(text, witness, at, other, other_witness, other_at)
        return negated if _negated(*places, verdict.kind) else verdict
    return verdict


def _commonly(text: str, witness: str, at: int, other: str, other_witness: str, other_at: int) -> Verdict | None:
    """What `_plainly` says where common sinographs stand on all sides, as they mostly do, if that is soon said."""
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


@lru_cache(maxsize=1 << 14)
def _among_common(text: str, other: str) -> _Outline | None:
    return _outline(text, other, plain.SOME, plain.SOME, plain.SOME, plain.SOME)


def _outline(text: str, other: str, before: str, after: str, other_before: str, other_after: str) -> _Outline | None:
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
        *(_LOOK_ALIKE if core.alike else _by_length(core.one, core.two)),
        (one.signs, before, after),
        (two.signs, other_before, other_after),
        bool(one.letters and two.letters),
        core.counts,
    )
    return _Outline(verdict, core, negated, wording.may_negate(one.letters) or wording.may_negate(two.letters), False)


_outlined = lru_cache(maxsize=1 << 14)(_outline)


@lru_cache(maxsize=1 << 12)
def _counted(text: str, left: str, right: str, other: str, other_left: str, other_right: str) -> Verdict:
    """The verdict on readings that may be numbers or parts of some, and differ in nothing but these."""
    return _at_length(Place(text, left, right), Place(other, other_left, other_right))


_LOOK_ALIKE = V.OCR, "look-alike", True


def _in_other_forms(a: Place, b: Place) -> Verdict | None:
    """The verdict on readings of the same letters, if it is in these that they are written differently."""
    if plain.written(a.text) == plain.written(b.text):
        return None
    if ladder.compatible(a.text) or ladder.compatible(b.text):
        return _at_length(a, b)
    one, two = plain.of_any_letters(a), plain.of_any_letters(b)
    tags: set[str] = {"break"} if _at_break(a, b) else set()
    if one.text != two.text:
        besides = _laid_out(*one, *two)
        tags |= {besides.kind, *besides.tags}
    return _verdict(V.SCRIPT, _sorted(tags), False, _RUNG_RULES[V.SCRIPT])


@lru_cache(maxsize=1 << 12)
def _laid_out(text: str, left: str, right: str, other: str, other_left: str, other_right: str) -> Verdict:
    """The verdict on readings that have the same letters, whatever these are."""
    return _at_length(Place(text, left, right), Place(other, other_left, other_right))


_Signs = tuple[str, str, str]  # the signs of a reading, and what can be seen before and after it


@lru_cache(maxsize=1 << 12)
def _told(
    kind: V, rule: str, review: bool, one: _Signs, two: _Signs, whole: bool, number: bool
) -> tuple[Verdict, Verdict]:
    """The verdict on a difference in letters, and that on one which is a negation.

    `whole`: whether both readings have letters. `number`: whether they differ in some of a number.
    """
    a, b = Place(*one), Place(*two)
    tags = _beside_letters(a, b) if whole else set()
    marks = (["break"] if _at_break(a, b) else []) + (["number"] if number else [])
    tags_alone, with_negation = (_sorted([*tags, *marks, *more]) for more in ((), ("negation",)))
    return Verdict(kind, tags_alone, review, rule), Verdict(kind, with_negation, review, rule)


# --- the long way


def _sorted(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple([str(tag) for tag in sorted(set(tags), key=_ORDER.__getitem__)])


_verdict = lru_cache(maxsize=1 << 10)(Verdict)  # there are few, and readings by the thousand


def _on_ladder(a: Place, b: Place, kind: V) -> Verdict:
    if kind is V.SEGMENTATION:
        return _SEGMENTATION
    tags: set[str] = set(ladder.also(a, b, kind))
    review = False
    if kind is V.WIDTH and ladder.compatible(a.text) != ladder.compatible(b.text):
        tags.add(V.SCRIPT)
    if _at_break(a, b):
        tags.add("break")
    if kind is V.NUMBER_FORM:
        tags.add("number")
    if (kind is V.WHITESPACE or V.WHITESPACE in tags) and _splits_number(a) != _splits_number(b):
        # 12 34 and 1234 are one number or two
        tags.add("number")
        review = True
    return _verdict(kind, _sorted(tags), review, _RUNG_RULES[kind])


_SEGMENTATION = Verdict(V.SEGMENTATION, (), False, _RUNG_RULES[V.SEGMENTATION])
_SPLIT_DIGITS = re.compile(rf"\d[{glyphs.SPACE}]+\d")
_GROUPED = re.compile(rf"(?<!\d)\d{{1,3}}(?:[{glyphs.SPACE}]\d{{3}})+(?!\d)")


def _splits_number(place: Place) -> bool:
    around = place.left[-4:] + place.text + place.right[:4]
    return bool(_SPLIT_DIGITS.search(_GROUPED.sub("", around)))


def _in_letters(a: Place, b: Place) -> Verdict:
    found = difference(a, b)
    kind, rule, review, tags = _rule(found)
    tags |= _tags(found, kind)
    return _verdict(kind, _sorted(tags - {kind}), review or "negation" in tags, rule)


def _rule(found: Difference) -> tuple[V, str, bool, set[str]]:
    """Class, rule, whether it needs review, and the later classes that fit as well."""
    if ladder.same_but_for_numbers(*found.places):
        return V.NUMBER_VALUE, "values-differ", True, set()
    twice = said_twice(found)
    if waste := debris(found, twice, LONG):
        return V.OCR, waste.rule, waste.doubtful, {V.REPETITION} if twice else set()
    x, y = found.core
    if len(x) > 1 and len(x) == len(y) and sorted(x) == sorted(y):
        return V.TRANSPOSITION, "swapped-order" if y in x + x else "same-letters-moved", True, set()
    if twice:
        # 看看, 研究研究, "that that": a word said twice may be meant, a clause said twice is not
        return V.REPETITION, "said-twice", weight(x or y) <= MEANT, set()
    return *_by_length(x, y), set()


def _by_length(x: str, y: str) -> tuple[V, str, bool]:
    """What different letters are if nothing is known of them but how many there are."""
    if x and y:
        return V.SUBSTANTIVE, "letters-differ", True
    if weight(x or y) < LONG:
        return V.SUBSTANTIVE, "short-one-sided", True
    return (V.ADDITION, "long-insertion", True) if y else (V.LACUNA, "long-gap", True)


def _tags(found: Difference, kind: V) -> set[str]:
    a, b = found.places
    tags: set[str] = set()
    if all(found.whole) and kind is not V.NUMBER_VALUE:
        tags |= _beside_letters(a, b)
    if _at_break(a, b):
        tags.add("break")
    if wording.names(found):
        tags.add("name")
    if _negated(a, b, kind):
        tags.add("negation")
    if kind is V.NUMBER_VALUE or any(map(numerals.may_have, found.core)):
        tags.add("number")
    return tags


def _negated(a: Place, b: Place, kind: V) -> bool:
    """Whether one of two readings says no to what the other says."""
    one, two = (sorted(wording.negations(place)) for place in (a, b))
    return one != two or (kind is V.TRANSPOSITION and bool(one))


_WORDS = re.compile(r"[^\W_]+")


def _beside_letters(a: Place, b: Place) -> set[V]:
    """Differences in space, marks and punctuation that stand beside a difference in letters."""
    if a.text.isalnum() and b.text.isalnum():
        return set()
    c, d = (Place(_WORDS.sub("", place.text), place.left, place.right) for place in (a, b))
    if c.text == d.text:
        return set()
    kind = ladder.climb(c, d, V.PUNCTUATION)
    return {kind, *ladder.also(c, d, kind)} if kind else set()


def _at_break(a: Place, b: Place) -> bool:
    return _beside_break(a) or _beside_break(b)


def _beside_break(place: Place) -> bool:
    before, after = place.left[-20:].rstrip(SPACES)[-1:], place.right.lstrip(SPACES)[:1]
    return bool(BREAKS.search(f"{before}{place.text}{after}"))
