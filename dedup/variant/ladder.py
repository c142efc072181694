"""Two readings -> the first class of difference whose removal makes them equal, and what it needs besides.

The ladder has a rung for each class from `segmentation` to `number-form`, in the order of the classes. A rung
takes one kind of difference away; standing on a rung, its own and all earlier differences are gone. The
first rung on which two readings are equal is their class. So `（` against a line break and `(` is `width`,
not `segmentation`, and the tag `segmentation` says that the break was there too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from dedup.model import VariantClass as V
from dedup.variant import glyphs, numerals
from dedup.variant.layout import BLANK, BREAKS, EDGES, HYPHEN, NO_HYPHEN, UNSEEN, joined
from dedup.variant.markup import MARKS, without_markup

RUNGS = (V.SEGMENTATION, V.WHITESPACE, V.WIDTH, V.CASE, V.MARKUP, V.PUNCTUATION, V.SCRIPT, V.NUMBER_FORM)
_RANK = {kind: rank for rank, kind in enumerate(RUNGS)}
_BIT = {kind: 1 << rank for kind, rank in _RANK.items()}
_TO = {kind: (2 << rank) - 1 for kind, rank in _RANK.items()}  # a rung and all before it
_LETTERS = _TO[V.SCRIPT] - _BIT[V.SEGMENTATION]

# Signs inside numbers are letters, not punctuation: 1.5 is not 15. They climb as noncharacters.
_OPEN, _CLOSE, _ANY = "\ufdd0", "\ufdd1", "\ufdd2"
_SHIELD = {sign: chr(0xFDD3 + n) for n, sign in enumerate(".,:/-%‰")}
_SHIELDED = re.compile(f"[{_SHIELD['.']}-{_SHIELD['‰']}]")


class Place(NamedTuple):
    """A reading with the text around it in its own witness."""

    text: str
    left: str = ""
    right: str = ""


def climb(a: Place, b: Place, top: V = V.NUMBER_FORM) -> V | None:
    """The first rung up to `top` on which both readings are equal, or None."""
    last = _RANK[top]
    if _differ_to(a, b, min(last, _RANK[V.SCRIPT])):
        return V.NUMBER_FORM if top is V.NUMBER_FORM and _numeric(a, b) and _equal_numbers(a, b) else None
    bare = a.text.isalnum() and b.text.isalnum()
    if not bare and (a.text == b.text or _equal_layout(a, b)):
        return V.SEGMENTATION
    for kind in RUNGS[1 : last + 1]:
        if bare and kind in _NOT_IN_LETTERS:
            continue
        if kind is V.NUMBER_FORM:
            return V.NUMBER_FORM if _numeric(a, b) and _equal_numbers(a, b) else None
        if on_rung(a, kind) == on_rung(b, kind):
            return kind
    return None


_NOT_IN_LETTERS = frozenset({V.WHITESPACE, V.MARKUP, V.PUNCTUATION})


def also(a: Place, b: Place, kind: V) -> tuple[V, ...]:
    """The earlier classes of difference that stand between two readings besides `kind`, their first rung."""
    taken = _BIT[kind]
    if kind is V.NUMBER_FORM:
        dates = not _equal_numbers(a, b, dates=(False,))
        a, b = (p._replace(text=numerals.rewrite(p.text, _written, dates=dates)) for p in (a, b))
    found: list[V] = []
    for _ in RUNGS:
        rest_a, rest_b = _taken(a, taken), _taken(b, taken)
        if rest_a == rest_b:
            break
        rest = climb(a._replace(text=rest_a), b._replace(text=rest_b), RUNGS[max(0, _RANK[kind] - 1)])
        if rest is None or taken & _BIT[rest]:
            break
        found.append(rest)
        taken |= _BIT[rest]
    return tuple(sorted(found, key=_RANK.__getitem__))


def on_rung(place: Place, kind: V) -> str:
    """A reading without the differences of `kind` and of all earlier classes."""
    return _taken(place, _TO[kind])


def letters(place: Place) -> str:
    """A reading on the `script` rung, but with each line break kept as one newline."""
    kept = _taken(place, _LETTERS)
    if kept.isalnum():
        return kept
    return _SHIELDED.sub("", BREAKS.sub("\n", kept))


def same_but_for_numbers(a: Place, b: Place) -> bool:
    """Whether both readings have numbers, and nothing but the values of those numbers differs."""
    if not _numeric(a, b):
        return False
    skeletons = []
    for place in (_whole_numbers(a, b), _whole_numbers(b, a)):
        skeleton = _SHIELDED.sub("", _numbered(place, lambda _: _ANY, dates=False))
        if _ANY not in skeleton:
            return False
        skeletons.append(_ANYS.sub(_ANY, skeleton))
    return skeletons[0] == skeletons[1]


_ANYS = re.compile(f"{_ANY}+")


def _taken(place: Place, rungs: int) -> str:
    """A reading without the differences of a set of rungs (bit r is rung r)."""
    text = _alone(place, rungs)
    return _taken_in_context(place, rungs) if text is None else text


def _taken_in_context(place: Place, rungs: int) -> str:
    text = place.text
    if rungs & _BIT[V.MARKUP]:
        text = without_markup(text, place.left, place.right)
    if rungs & 3 == 1:
        text = joined(text, place.left, place.right)
    text = _recast(text, rungs)
    if rungs & _BIT[V.PUNCTUATION]:
        text = _shielded(text, place)
    if rungs & _BIT[V.WHITESPACE]:
        # without any space it is all one whether a break stood for a space or for nothing
        text = (BLANK if rungs & 1 else UNSEEN).sub("", text)
    if rungs & _BIT[V.PUNCTUATION]:
        text = glyphs.without_punctuation(text)
    return text


def _recast(text: str, rungs: int) -> str:
    """A text without differences in the forms of its letters, whatever stands around it."""
    if rungs & _BIT[V.WIDTH]:
        text = _of_one_width(text)
    if rungs & _BIT[V.CASE]:
        text = text.casefold() if text.isascii() else unicodedata.normalize("NFC", text.casefold())
    if rungs & _BIT[V.SCRIPT]:
        text = glyphs.variant_form(text)
    return text


# --- most characters are the same on a rung wherever they stand


def _alone(place: Place, rungs: int) -> str | None:
    """What `_taken` says where each character can be taken by itself, or None where one is of account to another."""
    if rungs & 3 == 1 or place.left[-1:].isdigit() or place.right[:1].isdigit():
        return None
    text = place.text.translate(_ALONE[rungs])
    return None if _NOT_ALONE in text else text


def _differ_to(a: Place, b: Place, rank: int) -> bool:
    """Whether readings of such characters differ on a rung; then they do on all before it, and in layout too."""
    rungs = (2 << rank) - 1
    x = _alone(a, rungs)
    return x is not None and (y := _alone(b, rungs)) is not None and x != y


_NOT_ALONE = "\ufdec"


class _Alone(dict[int, str]):
    """Character -> what it is without the differences of a set of rungs, or `_NOT_ALONE`."""

    def __init__(self, rungs: int):
        self.rungs = rungs

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if 0x4E00 <= point < 0xA000:  # they differ in their variant forms alone
            form = glyphs.variant_form(character) if self.rungs & _BIT[V.SCRIPT] else character
        else:
            form = _taken_in_context(Place(character), self.rungs) if stands_alone(character) else _NOT_ALONE
        self[point] = form
        return form


_ALONE = [_Alone(rungs) for rungs in range(1 << len(RUNGS))]


def stands_alone(character: str) -> bool:
    """Whether it is no digit, no mark of markup, no hyphen, and nothing that composes with what stands before it."""
    plain = unicodedata.normalize("NFKD", character)
    if unicodedata.category(character)[0] in "MC" or unicodedata.category(plain[0])[0] == "M":
        return character in EDGES
    joins = "\u1160" <= plain[0] <= "\u11ff"  # vowels and finals of Hangul
    return not (joins or _DIGIT.search(character + plain) or MARKS.search(character) or character == "\u2010")


# --- layout


def _equal_layout(a: Place, b: Place) -> bool:
    # A break between Hangul or without context may stand for a space or for nothing; a hyphen before a break
    # may be the word's own or the line's.
    hyphens = (NO_HYPHEN, "-") if HYPHEN.search(a.text) or HYPHEN.search(b.text) else ("-",)
    if len(hyphens) == 1:
        one, two = joined(*a), joined(*b)
        if one == two:
            return True  # most are
        if (one, two) == (a.text, b.text) and NO_HYPHEN not in one + two:
            return False  # there is no break to join
    forms: list[set[str]] = []
    for place in (a, b):
        texts = {HYPHEN.sub(hyphen, place.text) for hyphen in hyphens}
        forms.append(
            {joined(t, place.left, place.right, either).replace(NO_HYPHEN, "") for t in texts for either in ("", " ")}
        )
    return not forms[0].isdisjoint(forms[1])


# --- width

_COMPATIBILITY = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")


def _of_one_width(text: str) -> str:
    # Tatweel stretches an Arabic word as a full-width form stretches a letter.
    return text if text.isascii() else unicodedata.normalize("NFKC", text).replace("\u0640", "")


def compatible(text: str) -> bool:
    """Whether a text has compatibility ideographs or radicals, which NFKC makes ordinary sinographs."""
    return bool(_COMPATIBILITY.search(text))


# --- numbers

_NUMERIC = "0-9０-９〇零一二三四五六七八九十百千万亿壹贰叁肆柒捌玖拾佰仟萬億两兩点.,:/%‰．，：／％"
_TAIL = re.compile(f"[{_NUMERIC}年月]{{1,30}}\\Z")
_HEAD = re.compile(f"[{_NUMERIC}年月日]{{1,30}}")
_ENDS = re.compile(f"[{_NUMERIC}年月日\\-–—]")
_DIGIT = re.compile(r"\d")
_BETWEEN = re.compile(rf"(?<=[\d{_CLOSE}{_ANY}])[.,:/\-\u2010-\u2015\u2212~\u301c\u00b7\u3001](?=[\d{_OPEN}{_ANY}])")
_SIGN = re.compile(r"(?<![\w)\]])[-\u2212](?=\d)|(?<=\d)[%‰]")
_SAME_SIGN = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212~\u301c", "-"),
    "\u00b7": ".",
    "\u3001": ",",
}


def _shielded(text: str, place: Place) -> str:
    before, after = place.left[-1:], place.right[:1]
    if not (_DIGIT.search(text) or _ANY in text or before.isdigit() or after.isdigit()):
        return text
    if len(text) > 0 and before:
        before = unicodedata.normalize("NFKC", before)[-1:]
    text = before + text + after

    def shield(sign: re.Match[str]) -> str:
        return _SHIELD[_SAME_SIGN.get(sign[0], sign[0])]

    text = _SIGN.sub(shield, _BETWEEN.sub(shield, text))
    return text[len(before) : len(text) - len(after)]


def _numeric(a: Place, b: Place) -> bool:
    return _may_be_numeric(a) or _may_be_numeric(b)


def _may_be_numeric(place: Place) -> bool:
    return numerals.may_have(f"{place.left[-1:]}{place.text}{place.right[:1]}")


def _whole_numbers(place: Place, other: Place) -> Place:
    """The reading, longer by the digits that belong to its number but stand in the context."""
    ends = place.text[:1] + place.text[-1:] + other.text[:1] + other.text[-1:]
    if not may_be_part(ends) or BREAKS.search(place.text) or BREAKS.search(other.text):
        return place
    before, after = numeric_tail(place.left), numeric_head(place.right)
    left, right = place.left[: len(place.left) - len(before)], place.right[len(after) :]
    return Place(before + place.text + after, left, right)


def numeric_tail(text: str) -> str:
    """What a text ends with that may be the beginning of a number, 30 characters at most."""
    tail = _TAIL.search(text[-30:])
    return tail[0] if tail else ""


def numeric_head(text: str) -> str:
    """What a text begins with that may be the end of a number, 30 characters at most."""
    head = _HEAD.match(text)
    return head[0] if head else ""


def may_be_part(text: str) -> bool:
    """Whether a reading may continue a number that stands in the context."""
    return bool(_ENDS.search(text))


def _numbered(place: Place, write: Callable[[numerals.Numeral], str], *, dates: bool) -> str:
    text = numerals.rewrite(_on_one_line(place), write, dates=dates)
    return glyphs.without_punctuation(UNSEEN.sub("", _shielded(text, place)))


@lru_cache(maxsize=8)
def _on_one_line(place: Place) -> str:
    text = joined(without_markup(place.text, place.left, place.right), place.left, place.right)
    return glyphs.variant_form(_of_one_width(text).casefold())


def _equal_numbers(a: Place, b: Place, dates: tuple[bool, ...] = (False, True)) -> bool:
    whole_a, whole_b = _whole_numbers(a, b), _whole_numbers(b, a)
    for dated in dates:
        if dated and not any(numerals.may_date(_on_one_line(place)) for place in (whole_a, whole_b)):
            return False  # it is all the same as without dates
        form = _numbered(whole_a, _written, dates=dated)
        if _OPEN not in form:
            return False
        if form == _numbered(whole_b, _written, dates=dated):
            return True
    return False


def _written(numeral: numerals.Numeral) -> str:
    return f"{_OPEN}{numeral.kind[0]}{_plain(numeral.value)}{_CLOSE}"


def _plain(value: Fraction) -> str:
    sign = _SHIELD["-"] if value < 0 else ""
    return f"{sign}{abs(value.numerator)}{_SHIELD['/']}{value.denominator}"
