"""A reading with line breaks -> the same on one line: what a break stands for in its script.

Between letters of scripts that put no space between words a break stands for nothing, elsewhere for a space.
"""

from __future__ import annotations

import re

from dedup.variant import glyphs

SPACES = "".join(re.findall(f"[{glyphs.SPACE}]", "".join(map(chr, range(0x3001)))))
EDGES = SPACES + glyphs.BREAK
BREAKS = re.compile(f"[{glyphs.BREAK}]+")
_LAYOUT = re.compile(f"(?<![{glyphs.SPACE}])[{glyphs.SPACE}]*[{glyphs.BREAK}][{glyphs.SPACE}{glyphs.BREAK}]*")
UNSEEN = re.compile(f"[{glyphs.SPACE}{glyphs.INVISIBLE}]+")
BLANK = re.compile(f"[{glyphs.SPACE}{glyphs.INVISIBLE}{glyphs.BREAK}]+")
_WORDLESS = re.compile(f"[{glyphs.UNSPACED}]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
HYPHEN = re.compile(f"(?<=[^\\W\\d_])[-\u2010\u00ad](?=[{glyphs.SPACE}]*[{glyphs.BREAK}])")
NO_HYPHEN = "\ufdee"  # where a hyphen at the end of a line was taken off
_NEAR = 20  # characters of context that can say which script a break stands in


def joined(text: str, left: str, right: str, either: str = "") -> str:
    """A reading with its breaks joined, and with indents and space at line ends taken away.

    `left` and `right` are the context, which says what script a break stands in and whether space in the
    reading is an indent. `either` stands for a break that may mean a space or nothing: between Hangul, or
    where no letter is near.
    """
    if not text:
        return text
    left_gap, right_gap = _gap_before(left), _gap_after(right)
    if not (BREAKS.search(text) or BREAKS.search(left_gap) or BREAKS.search(right_gap)):
        return text
    # Space beside a break of the context is an indent or hangs at the end of a line.
    if BREAKS.search(left_gap):
        text = text.lstrip(EDGES)
    if BREAKS.search(right_gap):
        text = text.rstrip(EDGES)

    def join(gap: re.Match[str]) -> str:
        start, end = gap.span()
        if (start == 0 and left_gap) or (end == len(text) and right_gap):
            return ""  # the space that joins stands in the context
        before = text[max(0, start - _NEAR) : start]
        after = text[end : end + _NEAR]
        if start < _NEAR:
            before = left[start - _NEAR :] + before
        if len(after) < _NEAR:
            after += right[: _NEAR - len(after)]
        return _joint(before, after, either)

    return _LAYOUT.sub(join, text)


def _gap_before(left: str) -> str:
    return left[len(left.rstrip(EDGES)) :]


def _gap_after(right: str) -> str:
    return right[: len(right) - len(right.lstrip(EDGES))]


def _joint(before: str, after: str, either: str) -> str:
    if before.endswith(NO_HYPHEN) or (before.endswith("-") and before[-2:-1].isalpha()):
        return ""
    last = next(filter(_says_script, reversed(before)), "")
    first = next(filter(_says_script, after), "")
    nearest = [letter for letter in (last, first) if letter]
    if any(_WORDLESS.match(letter) for letter in nearest):
        return ""
    if len(nearest) < 2 or any(_HANGUL.match(letter) for letter in nearest):
        return either
    return " "


def _says_script(character: str) -> bool:
    return character.isalpha() or "\u3001" <= character <= "\u301b" or "\uff01" <= character <= "\uff9d"
