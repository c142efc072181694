"""A text -> what in it points to bad scanning, decoding or conversion, as counts and one penalty.

Collation weighs witnesses by it: of two texts that say the same, the one with less debris is the better base.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.fold import code_points
from dedup.variant import glyphs
from dedup.variant.debris import FUNCTION_WORDS


@dataclass(frozen=True, slots=True)
class Quality:
    """Counts of debris in a text of `letters` letters and digits.

    `lost`: runs of U+FFFD, □, private use or mojibake. `doubled`: a letter or word repeated across a break.
    `foreign`: a function word of an alphabet inside a sentence of a dense script, or Latin and Cyrillic
    letters in one word. `broken`: breaks inside a sentence (in alphabets only blank lines count, single
    breaks are wrapping). `mixed_width`: half-width punctuation beside dense letters in a text that has
    full-width punctuation as well; the rarer of the two is counted. `markup`: residue of Markdown or HTML.
    `control`: stray control characters.
    """

    letters: int
    lost: int = 0
    doubled: int = 0
    foreign: int = 0
    broken: int = 0
    mixed_width: int = 0
    markup: int = 0
    control: int = 0

    @property
    def penalty(self) -> float:
        """Weighted debris per 1000 letters; 0.0 is clean.

        Damaged letters weigh 1, breaks and control characters 1/2, marks and widths 1/4.
        """
        return self.damage + (500.0 * self.broken + 1000.0 * self.doubled) / max(self.letters, 1)

    @property
    def damage(self) -> float:
        """The penalty without what stands at breaks, which merging closes."""
        weighted = 4 * (self.lost + self.foreign) + 2 * self.control + self.mixed_width + self.markup
        return 250.0 * weighted / max(self.letters, 1)


def quality(text: str) -> Quality:
    """Count the debris of a text. Linear; about 0.2 s for a million characters."""
    count = _Counter(text)
    found = _damaged(count) if _SUSPECT.search(text) else Quality(letters=count.letters())
    if "\n" not in text:
        return found
    doubled = sum(1 for gap in _GAP.finditer(text) if _doubled(text, gap))
    return replace(found, doubled=doubled, broken=count(_BROKEN) + count(_BROKEN_LIGHT))


def damage(text: str) -> float:
    """`quality(text).damage`, fast where a text has none or was asked about before."""
    return _damage(text) if _SUSPECT.search(text) else 0.0


@lru_cache(maxsize=1 << 13)  # a merge asks about its own texts again
def _damage(text: str) -> float:
    return _damaged(_Counter(text)).damage


def _damaged(count: _Counter) -> Quality:
    """The debris of a text without what stands at breaks."""
    half = count(_HALF_WIDTH)
    return Quality(
        letters=count.letters(),
        lost=count(_LOST),
        foreign=count(_FOREIGN) + count(_TWO_ALPHABETS),
        mixed_width=min(half, count(_FULL_WIDTH)) if half else 0,
        markup=count(_MARKUP),
        control=count(_CONTROL),
    )


@dataclass(frozen=True, slots=True)
class _Sign:
    """A pattern, and the characters with which whatever it finds begins (as in a character class)."""

    pattern: re.Pattern[str]
    begins: str


class _Counter:
    """Counts signs in one text. In a long one it looks only where a sign can begin: debris is rare."""

    def __init__(self, text: str):
        self.text = text
        self.points = code_points(text) if len(text) >= _LONG else None
        self.present = None if self.points is None else np.bincount(self.points)

    def __call__(self, sign: _Sign) -> int:
        find = sign.pattern
        if self.points is None or self.present is None:
            return len(find.findall(self.text))
        begins = _table(sign.begins)
        often = int(self.present[np.flatnonzero(begins[: len(self.present)])].sum())
        if often * _RARE > len(self.text):
            return len(find.findall(self.text))
        count = done = 0
        for at in np.flatnonzero(begins[self.points]).tolist() if often else ():
            if at >= done and (found := find.match(self.text, at)):
                count += 1
                done = found.end()
        return count

    def letters(self) -> int:
        """How many letters and digits there are."""
        if self.present is None:
            return sum(map(str.isalnum, self.text))
        return sum(int(self.present[point]) for point in np.flatnonzero(self.present) if chr(point).isalnum())


_LONG = 1 << 14  # characters of a long text
_RARE = 10  # where one character in so many can begin a sign, looking at all of them is faster


@cache
def _table(characters: str) -> NDArray[np.bool_]:
    """The characters of a character class: bool[code points]."""
    table = np.zeros(0x110000, np.bool_)
    for low, high in re.findall(r"(?s)(.)(?:-(.))?", characters):
        table[ord(low) : ord(high or low) + 1] = True
    return table


_D = f"[{glyphs.DENSE}]"
_LOST = _Sign(
    re.compile(f"[\ufffd\u25a1\ue000-\uf8ff\U000f0000-\U0010fffd]+|{glyphs.MOJIBAKE}"),
    begins="\ufffd\u25a1\ue000-\uf8ff\U000f0000-\U0010fffd锟烫屯ï",
)
_CONTROL = _Sign(
    re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+|(?<!\\A)\ufeff"),
    begins="\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff",
)
_FOREIGN_WORDS = sorted(w for w in FUNCTION_WORDS if len(w) > 1)
_FOREIGN = _Sign(
    re.compile(f"(?<={_D})[ ]?(?:{'|'.join(_FOREIGN_WORDS)})(?=[ ]?{_D})"),
    begins=" " + "".join(sorted({w[0] for w in _FOREIGN_WORDS})),
)
_TWO_ALPHABETS = _Sign(re.compile("[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]"), begins="A-Za-z\u0400-\u04ff")
_HALF_WIDTH = _Sign(re.compile(f"(?<={_D})[,;:?!()]|[(](?={_D})"), begins=",;:?!()")
_FULL_WIDTH = _Sign(re.compile("[，；：？！（）]"), begins="，；：？！（）")
_LINE = 20  # characters a line must have for its end to be a break inside a sentence: a heading has none
_BROKEN = _Sign(
    re.compile(f"(?<=[^\n]{{{_LINE}}}[{glyphs.DENSE}，、；])[ \t\u3000]*\n\\s*(?={_D})"),
    begins=" \t\u3000\n",
)
_BROKEN_LIGHT = _Sign(
    re.compile(f"(?<=[^\n]{{{_LINE}}}[^\\W\\d_{glyphs.DENSE}])[ \t]*\n[ \t]*\n\\s*(?=[a-zà-öø-ÿа-я])"),
    begins=" \t\n",
)
_GAP = re.compile(r"(?<=\w)[^\S\n]*\n\s*(?=\w)")
_MARKUP = _Sign(
    re.compile(
        r"\*\*|~~~|```|^#{1,6}[ ]|^>[ ]|</?[A-Za-z][^<>]{0,200}>|&(?:#\d{1,7}|[A-Za-z]\w{1,20});|^[■●◆]",
        re.MULTILINE,
    ),
    begins="*~`#><&■●◆",
)
_SUSPECT = re.compile(
    "["
    + "".join(sign.begins.strip() for sign in (_LOST, _CONTROL, _FOREIGN, _TWO_ALPHABETS, _HALF_WIDTH, _MARKUP))
    + "]"
)
"""What damage begins with; a foreign word has more than the space before it."""
_WORD_BEFORE = re.compile(r"\w{2,30}\Z")
_WORD_AFTER = re.compile(r"\w{2,30}")
_DENSE_ONLY = re.compile(f"{_D}+")
_LONGEST_DOUBLE = 4  # letters of a dense script that are looked for a second time across a break


def _doubled(text: str, gap: re.Match[str]) -> bool:
    after = text[gap.end() : gap.end() + 30]
    if text[gap.start() - 1] not in after:  # what stands twice ends twice
        return False
    before = text[max(0, gap.start() - 30) : gap.start()]
    for length in range(1, _LONGEST_DOUBLE + 1):
        if before[-length:] == after[:length] and _DENSE_ONLY.fullmatch(after[:length]):
            return True
    last, first = _WORD_BEFORE.search(before), _WORD_AFTER.match(after)
    return bool(last and first and last[0] == first[0] and not last[0].isdigit())
