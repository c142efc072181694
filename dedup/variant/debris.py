"""Readings that differ in letters -> the rule by which one is debris of scanning or decoding, if any."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.variant import glyphs
from dedup.variant.difference import Difference, weight
from dedup.variant.ladder import Place


@dataclass(frozen=True, slots=True)
class Debris:
    """The rule that found debris. `doubtful`: the letters do not tell which reading it is."""

    rule: str
    doubtful: bool = False


def debris(found: Difference, twice: bool, long: int) -> Debris | None:
    """Which rule makes one of two readings debris; the first of those below that fits, or None.

    `twice` says that one reading repeats what stands beside it, `long` is the weight from which a repetition
    is no longer a letter or word. The rules: mojibake, replacement-character, page-number-at-break,
    doubled-letter-at-break, doubled-word-at-break, foreign-fragment, homoglyph, accent-lost, accent-differs,
    look-alike; the last two are doubtful.
    """
    a, b = found.places
    x, y = found.whole
    if _mojibake(a.text, b.text) or _mojibake(b.text, a.text):
        return Debris("mojibake")
    if _fills(x, y) or _fills(y, x):
        return Debris("replacement-character")
    if _page_number(a, b) or _page_number(b, a):
        return Debris("page-number-at-break")
    if (doubled := _doubled_at_break(found, twice)) and weight(doubled) < long:
        return Debris("doubled-letter-at-break" if len(doubled) == 1 else "doubled-word-at-break")
    if _foreign_fragment(found, 0) or _foreign_fragment(found, 1):
        return Debris("foreign-fragment")
    if glyphs.homoglyph_form(x) == glyphs.homoglyph_form(y):
        return Debris("homoglyph")
    bare_x, bare_y = glyphs.unaccented(x), glyphs.unaccented(y)
    if bare_x == bare_y:
        lost = bare_x == x or bare_y == y
        return Debris("accent-lost") if lost else Debris("accent-differs", doubtful=True)
    if glyphs.confusable_form(x) == glyphs.confusable_form(y):
        return Debris("look-alike", doubtful=True)
    return None


def may_be_lost(text: str) -> bool:
    """Whether a text has a character that can stand for lost ones."""
    return bool(_LOST_BEGINS.search(text))


def _mojibake(text: str, other: str) -> bool:
    """Whether a text is the other's UTF-8 read as a one-byte encoding."""
    if text.isascii() or not other or max(text) > "\u2122":
        return False
    for encoding in ("latin-1", "cp1252"):
        try:
            if text.encode(encoding).decode("utf-8") == other:
                return True
        except UnicodeError:
            continue
    return False


_LOST = re.compile(f"(?:[{glyphs.DEBRIS}]|{glyphs.MOJIBAKE})+")
_LOST_BEGINS = re.compile(f"[{glyphs.DEBRIS}锟烫屯ï]")


def _fills(text: str, other: str) -> bool:
    """Whether the other reading only has letters where this one has characters that stand for lost ones."""
    lost = list(_LOST.finditer(text)) if may_be_lost(text) else []
    if not lost:
        return False
    at, done = 0, 0
    for n, run in enumerate(lost):
        piece = text[done : run.start()]
        room = 3 * len(lost[n - 1][0]) if n else 0
        found = other.find(piece, at, at + room + len(piece))
        if found < 0:
            return False
        at, done = found + len(piece), run.end()
    tail = text[done:]
    return other.endswith(tail) and 0 <= len(other) - len(tail) - at <= 3 * len(lost[-1][0])


_PAGE = re.compile(
    rf"[{glyphs.SPACE}]*[{glyphs.BREAK}]\s*(?:[-–—·]\s*|第\s*|page\s+|p\.\s*)?\d{{1,4}}(?:\s*[-–—·]|\s*页|\s*頁)?"
    rf"[{glyphs.SPACE}]*[{glyphs.BREAK}]\s*",
    re.IGNORECASE,
)
_SPACE_BEFORE = re.compile(r"\s{0,9}\Z")
_SPACE_AFTER = re.compile(r"\s{0,9}")


def _page_number(place: Place, other: Place) -> bool:
    if len(place.text) > 40 or other.text.strip():
        return False
    before, after = _SPACE_BEFORE.search(place.left[-9:]), _SPACE_AFTER.match(place.right)
    whole = (before[0] if before else "") + place.text + (after[0] if after else "")
    return bool(_PAGE.fullmatch(whole))


def _doubled_at_break(found: Difference, twice: bool) -> str:
    """The letters that one reading has a second time across a line break, or nothing."""
    side = found.longer
    if side is None:
        return ""
    more, marked = found.core[side], found.marked[side]
    if twice and ("\n" in marked or found.left(side).endswith("\n") or found.right(side).startswith("\n")):
        return more
    half = len(more) // 2
    return more[:half] if "\n" in marked.strip("\n") and more[:half] == more[half:] else ""


_WORDS = """
    a an and are as at be by for from has in is it of on or that the this to was with
    de des du et la le les und der die das y el и в на с
"""
FUNCTION_WORDS = frozenset(_WORDS.split())
"""Words so common that one inside a sentence of another script is a slip of a machine, not a borrowing."""
_FOREIGN_LETTERS = 2  # a stray piece this short is debris even when it is no word
_ALPHABETIC = re.compile(r"[^\W\d_]+")
_DENSE = re.compile(f"[{glyphs.DENSE}]+")


def _foreign_fragment(found: Difference, side: int) -> bool:
    """A short piece of one script inside a sentence of another, where the other reading has its own.

    Lower case only, and no unit after a digit: GDP, App and 5 km are at home in a Chinese sentence.
    """
    piece, own = found.core[side], found.core[1 - side]
    if not piece or len(own) > 8 or not _ALPHABETIC.fullmatch(piece):
        return False
    if _DENSE.fullmatch(piece):
        if len(piece) > _FOREIGN_LETTERS or (own and not _alphabet(own)):
            return False
        host = _beside(found, side)
        return len(host) == 2 and _alphabet(host)
    if _DENSE.search(piece) or (own and not _DENSE.fullmatch(own)) or not _DENSE.fullmatch(_beside(found, side)):
        return False
    short = piece in FUNCTION_WORDS or len(piece) <= _FOREIGN_LETTERS
    return short and piece in found.places[side].text


def _beside(found: Difference, side: int) -> str:
    """The letters right beside a piece, one on each side where there is one."""
    return found.left(side).replace("\n", "")[-1:] + found.right(side).replace("\n", "")[:1]


def _alphabet(letters: str) -> bool:
    return bool(_ALPHABETIC.fullmatch(letters)) and not _DENSE.search(letters)
