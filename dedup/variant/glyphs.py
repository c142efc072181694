"""Tables of characters: which are dense, invisible, punctuation or debris, which are forms of one another.

Two characters are *variant forms* when they write the same word (國/国, 説/說, カ/か, ё/е), *confusable* when
they are different letters that a scanner or a typist takes for one another (0/O, rn/m, 己/已).
"""

from __future__ import annotations

import re
import unicodedata

from dedup.script import DENSE_RANGES
from dedup.sinograph import unified

HANGUL = (0xAC00, 0xD7A4)


def _ranges(pairs: list[tuple[int, int]]) -> str:
    return "".join(f"\\U{low:08x}-\\U{high - 1:08x}" for low, high in pairs)


DENSE = _ranges(list(DENSE_RANGES))
"""Letters of dense scripts, for use inside a character class of a regular expression."""

UNSPACED = _ranges([pair for pair in DENSE_RANGES if pair != HANGUL]) + "\u3001-\u301b\uff01-\uff9d"
"""Dense scripts that put no space between words, with their full-width punctuation."""

BREAK = "\n\r\v\f\x85\u2028\u2029"
"""Characters that end a line, a page or a paragraph."""

SPACE = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Horizontal space."""

INVISIBLE = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
"""Joiners, direction marks, variation selectors, soft hyphens: characters that show nothing by themselves."""

DEBRIS = "\ufffd\u25a1\ue000-\uf8ff\U000f0000-\U0010fffd\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
"""What stands where a letter was lost: U+FFFD, □, private use, control characters."""

MOJIBAKE = "(?:锟斤拷|烫烫烫|屯屯屯|ï»¿)"

_POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic points
    "\U000e0100-\U000e01ef]"  # ideographic variation selectors
    "|(?<=[\u0400-\u04ff])[\u0300\u0301]"  # Cyrillic stress marks
)
_ACCENTS = re.compile("[\u0300-\u036f]")


def variant_form(text: str) -> str:
    """One form for all variant forms of the same word. The text is NFKC and case-folded.

    Sinographs by OpenCC's tables, one by one; Katakana as Hiragana; Arabic and Hebrew without points, hamza
    carriers and Persian letters as the plain Arabic ones; Russian without ё, stress and the letters abolished
    in 1918; æ as ae and œ as oe.
    """
    if text.isascii():
        return text
    return _POINTS.sub("", text).translate(_VARIANTS)


def confusable_form(text: str) -> str:
    """One form for all letters that are taken for one another. The text is in `variant_form`."""
    return _RUNS.sub(lambda run: _RUN_FORMS[run[0]], text.translate(CONFUSABLES))


def homoglyph_form(text: str) -> str:
    """Cyrillic and Greek letters that look like Latin ones as those."""
    return text if text.isascii() else text.translate(_HOMOGLYPHS)


def unaccented(text: str) -> str:
    """Without the marks above and below Latin, Greek and Cyrillic letters."""
    return text if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFD", text))


def is_punctuation(character: str) -> bool:
    """Whether it is punctuation or an ornament: no letter, digit, unit, currency or sign of arithmetic."""
    category = unicodedata.category(character)
    if category == "So":
        return "\u2500" <= character <= "\u27bf" and character not in "\u25a1\u25cb"
    return category[0] == "P" or category == "Sk" or character in "~|\u301c"


class _Punctuation(dict[int, int | None]):
    def __missing__(self, point: int) -> int | None:
        form = None if is_punctuation(chr(point)) else point
        self[point] = form
        return form


_PUNCTUATION = _Punctuation()


def without_punctuation(text: str) -> str:
    """The text with all punctuation and ornaments removed."""
    return text.translate(_PUNCTUATION)


class _Forms(dict[int, str]):
    """Character -> another form of it; all others stand for themselves."""

    def __missing__(self, point: int) -> str:
        return self.setdefault(point, chr(point))


class _Variants(_Forms):
    """Character -> its variant form."""

    def __missing__(self, point: int) -> str:
        return self.setdefault(point, unified(chr(point)))


def _one_to_one(sources: str, targets: str) -> dict[int, str]:
    return {ord(a): b for a, b in zip(sources, targets, strict=True)}


_VARIANTS = _Variants(
    {
        **{point: chr(point - 0x60) for point in range(0x30A1, 0x30F7)},  # Katakana
        **_one_to_one("ёѣѳѵ", "еефи"),
        **_one_to_one("أإآٱؤئىیک", "اااا" + "وييي" + "ك"),
        **{ord("æ"): "ae", ord("œ"): "oe"},
    }
)

_HOMOGLYPHS = _Forms(_one_to_one("асеорхуіјѕԁһӏկոսαορνικυχ", "aceopxyijsdhlkouaopvikux"))

_LOOK_ALIKES = """
己已巳 人入 日曰 土士 未末 大太犬 天夫 戊戌戍 千干于 刀刁 木本 白自 王玉 田由甲申 问间 贝见 侯候 崇祟
徒徙 博搏 折拆 孤狐 拔拨 卬印 沽洁 微徽 辩辨辫 令今 乌鸟 免兔 晴睛 治冶 析柝 壶壸 エ工 ロ口 ト卜 ニ二
八ハ 夕タ 力カ ばぱ びぴ ぶぷ べぺ ぼぽ
"""
CONFUSABLES = _Forms(
    {
        **_HOMOGLYPHS,
        **_one_to_one("о〇1i|!5", "oolllls"),
        ord("0"): "o",
        **_one_to_one("8", "b"),
        **{ord(letter): row[0] for row in _LOOK_ALIKES.split() for letter in row},
        **{ord(letter): form for letter, form in zip("かたえろとには", "力夕エロトニ八", strict=True)},
    }
)
"""Single letters. By then Katakana stand as Hiragana: the last row says what カタエロトニハ look like."""

_RUN_FORMS = {"rn": "m", "vv": "w", "cl": "d"}
_RUNS = re.compile("|".join(_RUN_FORMS))
