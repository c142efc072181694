"""Two readings in their places -> the verdict on their difference: the ladder first, then rules on letters.

The classes, rules and tags are those of `dedup.variant`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from dedup.model import VariantClass
from dedup.model import VariantClass as V
from dedup.script import DENSE_WEIGHT
from dedup.variant import glyphs, ladder, numerals, wording
from dedup.variant.debris import debris
from dedup.variant.difference import Difference, difference, said_twice, weight
from dedup.variant.ladder import Place
from dedup.variant.layout import BREAKS, SPACES

LONG = 8 * DENSE_WEIGHT
"""Weight of a long gap: 8 letters of a dense script or 20 of an alphabet. Below it a one-sided difference is
a word or two, about which one asks what it says; above it a clause, about which one asks where it went."""

MEANT = 2 * DENSE_WEIGHT
"""Weight up to which something said twice may be meant."""

_WIDE = 40  # characters of context that are looked at

MARKS = ("break", "name", "negation", "number")
ORDER = {tag: n for n, tag in enumerate([*V, *MARKS])}


class Verdict(NamedTuple):
    """What kind of difference two readings make. `rule` names the rule that decided; names are stable."""

    kind: VariantClass
    tags: tuple[str, ...]
    needs_review: bool
    rule: str


RUNG_RULES = {
    V.SEGMENTATION: "equal-after-joining-lines",
    V.WHITESPACE: "equal-after-removing-space",
    V.WIDTH: "equal-after-nfkc",
    V.CASE: "equal-after-case-folding",
    V.MARKUP: "equal-after-removing-markup",
    V.PUNCTUATION: "equal-after-removing-punctuation",
    V.SCRIPT: "equal-in-variant-form",
    V.NUMBER_FORM: "equal-numbers",
}


def places_of(text: str, witness: str, at: int, other: str, other_witness: str, other_at: int) -> tuple[Place, Place]:
    """Two readings with as much of their witnesses around them as may decide: see `classify_in`."""
    wide = _WIDE + abs(len(text) - len(other))
    end, other_end = at + len(text), other_at + len(other)
    return (
        Place(text, witness[max(0, at - wide) : at], witness[end : end + wide]),
        Place(other, other_witness[max(0, other_at - wide) : other_at], other_witness[other_end : other_end + wide]),
    )


def at_length(a: Place, b: Place) -> Verdict:
    """The verdict on two readings that differ, by asking every rule."""
    kind = ladder.climb(a, b)
    if kind is not None:
        return _on_ladder(a, b, kind)
    return _in_letters(a, b)


def in_order(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags, each once, in the order of classes and then of MARKS."""
    return tuple([str(tag) for tag in sorted(set(tags), key=ORDER.__getitem__)])


verdict_of = lru_cache(maxsize=1 << 10)(Verdict)  # there are few, and readings by the thousand


def _on_ladder(a: Place, b: Place, kind: V) -> Verdict:
    if kind is V.SEGMENTATION:
        return _SEGMENTATION
    tags: set[str] = set(ladder.also(a, b, kind))
    review = False
    if kind is V.WIDTH and ladder.compatible(a.text) != ladder.compatible(b.text):
        tags.add(V.SCRIPT)
    if at_break(a, b):
        tags.add("break")
    if kind is V.NUMBER_FORM:
        tags.add("number")
    if (kind is V.WHITESPACE or V.WHITESPACE in tags) and _splits_number(a) != _splits_number(b):
        # 12 34 and 1234 are one number or two
        tags.add("number")
        review = True
    return verdict_of(kind, in_order(tags), review, RUNG_RULES[kind])


_SEGMENTATION = Verdict(V.SEGMENTATION, (), False, RUNG_RULES[V.SEGMENTATION])
_SPLIT_DIGITS = re.compile(rf"\d[{glyphs.SPACE}]+\d")
_GROUPED = re.compile(rf"(?<!\d)\d{{1,3}}(?:[{glyphs.SPACE}]\d{{3}})+(?!\d)")


def _splits_number(place: Place) -> bool:
    around = place.left[-4:] + place.text + place.right[:4]
    return bool(_SPLIT_DIGITS.search(_GROUPED.sub("", around)))


def _in_letters(a: Place, b: Place) -> Verdict:
    found = difference(a, b)
    kind, rule, review, tags = _rule(found)
    tags |= _tags(found, kind)
    return verdict_of(kind, in_order(tags - {kind}), review or "negation" in tags, rule)


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
    return *by_length(x, y), set()


def by_length(x: str, y: str) -> tuple[V, str, bool]:
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
        tags |= beside_letters(a, b)
    if at_break(a, b):
        tags.add("break")
    if wording.names(found):
        tags.add("name")
    if negated_in(a, b, kind):
        tags.add("negation")
    if kind is V.NUMBER_VALUE or any(map(numerals.may_have, found.core)):
        tags.add("number")
    return tags


def negated_in(a: Place, b: Place, kind: V) -> bool:
    """Whether one of two readings says no to what the other says."""
    one, two = (sorted(wording.negations(place)) for place in (a, b))
    return one != two or (kind is V.TRANSPOSITION and bool(one))


_WORDS = re.compile(r"[^\W_]+")


def beside_letters(a: Place, b: Place) -> set[V]:
    """Differences in space, marks and punctuation that stand beside a difference in letters."""
    if a.text.isalnum() and b.text.isalnum():
        return set()
    c, d = (Place(_WORDS.sub("", place.text), place.left, place.right) for place in (a, b))
    if c.text == d.text:
        return set()
    kind = ladder.climb(c, d, V.PUNCTUATION)
    return {kind, *ladder.also(c, d, kind)} if kind else set()


def at_break(a: Place, b: Place) -> bool:
    """Whether a line break stands in one of two readings or right beside it."""
    return _beside_break(a) or _beside_break(b)


def _beside_break(place: Place) -> bool:
    before, after = place.left[-20:].rstrip(SPACES)[-1:], place.right.lstrip(SPACES)[:1]
    return bool(BREAKS.search(f"{before}{place.text}{after}"))
