"""A text -> what in it points to bad scanning, decoding or conversion, as counts and one penalty.

Collation weighs witnesses by it: of two texts that say the same, the one with less debris is the better base.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
        weighted = (
            4 * (self.lost + self.doubled + self.foreign)
            + 2 * (self.control + self.broken)
            + (self.mixed_width + self.markup)
        )
        return 250.0 * weighted / max(self.letters, 1)


def quality(text: str) -> Quality:
    """Count the debris of a text. Linear; about 0.1 s for a million characters."""
    half, full = _count(_HALF_WIDTH, text), _count(_FULL_WIDTH, text)
    return Quality(
        letters=sum(map(str.isalnum, text)),
        lost=_count(_LOST, text),
        doubled=sum(1 for gap in _GAP.finditer(text) if _doubled(text, gap)),
        foreign=_count(_FOREIGN, text) + _count(_TWO_ALPHABETS, text),
        broken=_count(_BROKEN, text) + _count(_BROKEN_LIGHT, text),
        mixed_width=min(half, full),
        markup=_count(_MARKUP, text),
        control=_count(_CONTROL, text),
    )


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


_D = f"[{glyphs.DENSE}]"
_LOST = re.compile(f"[\ufffd\u25a1\ue000-\uf8ff\U000f0000-\U0010fffd]+|{glyphs.MOJIBAKE}")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+|(?<!\\A)\ufeff")
_FOREIGN = re.compile(f"(?<={_D})[ ]?(?:{'|'.join(sorted(w for w in FUNCTION_WORDS if len(w) > 1))})(?=[ ]?{_D})")
_TWO_ALPHABETS = re.compile("[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")
_HALF_WIDTH = re.compile(f"(?<={_D})[,;:?!()]|[(](?={_D})")
_FULL_WIDTH = re.compile("[，；：？！（）]")
_LINE = 20  # characters a line must have for its end to be a break inside a sentence: a heading has none
_BROKEN = re.compile(f"(?<=[^\n]{{{_LINE}}}[{glyphs.DENSE}，、；])[ \t\u3000]*\n\\s*(?={_D})")
_BROKEN_LIGHT = re.compile(f"(?<=[^\n]{{{_LINE}}}[^\\W\\d_{glyphs.DENSE}])[ \t]*\n[ \t]*\n\\s*(?=[a-zà-öø-ÿа-я])")
_GAP = re.compile(r"(?<=\w)[^\S\n]*\n\s*(?=\w)")
_MARKUP = re.compile(
    r"\*\*|~~~|```|^#{1,6}[ ]|^>[ ]|</?[A-Za-z][^<>]{0,200}>|&(?:#\d{1,7}|[A-Za-z]\w{1,20});|^[■●◆]",
    re.MULTILINE,
)
_WORD_BEFORE = re.compile(r"\w{2,30}\Z")
_WORD_AFTER = re.compile(r"\w{2,30}")
_DENSE_ONLY = re.compile(f"{_D}+")
_LONGEST_DOUBLE = 4  # letters of a dense script that are looked for a second time across a break


def _doubled(text: str, gap: re.Match[str]) -> bool:
    before, after = text[max(0, gap.start() - 30) : gap.start()], text[gap.end() : gap.end() + 30]
    for length in range(1, _LONGEST_DOUBLE + 1):
        if before[-length:] == after[:length] and _DENSE_ONLY.fullmatch(after[:length]):
            return True
    last, first = _WORD_BEFORE.search(before), _WORD_AFTER.match(after)
    return bool(last and first and last[0] == first[0] and not last[0].isdigit())
