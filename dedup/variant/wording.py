"""Readings -> the words of negation and the names they touch: what an editor wants to hear of first.

Modest on purpose: lists of words, no parser. Chinese, Japanese, English, Russian, French, German, Spanish,
Thai and Arabic negations; names by capitals inside a sentence, Chinese titles and surnames, the interpunct.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dedup.variant import glyphs
from dedup.variant.difference import Difference
from dedup.variant.ladder import Place

_NO_NEGATION = (
    "不仅|不但|不过|不断|不管|不论|不同|不久|不少|差不多|无论|无比|无锡|非常|非洲|南非|北非|是非|除非|非但|莫非|"
    "未来|莫斯科|莫大|没收|沉没|淹没|勿忙|不僅|不斷|不過|不論|不過|無論|無比|未來|沒收"
)
_HAN = "没有|沒有|不|没|沒|未|非|无|無|勿|莫|否|毋"
_LATIN = (
    "not|no|never|without|none|nor|neither|cannot|nothing|nobody|ne|pas|jamais|sans|non|nicht|kein|keine|keinen|"
    "keiner|nie|ohne|nunca|sin|не|нет|ни|без|никогда|нельзя|لا|لم|لن|ليس"
)
_NEGATION = re.compile(
    rf"(?P<exempt>{_NO_NEGATION})|{_HAN}|ません|ない|なかった|ไม่|\b(?:{_LATIN})\b|(?<=\w)n['’]t\b",
    re.IGNORECASE,
)
_NEGATION_WORDS = "|".join((_NO_NEGATION, _HAN, "ません|ない|なかった|ไม่", _LATIN, "n't")).split("|")
_NEGATION_BEGINS = re.compile(f"[{''.join(sorted({word[0] for word in _NEGATION_WORDS}))}]", re.IGNORECASE)
_LONGEST_NEGATION = max(map(len, _NEGATION_WORDS))
_NEGATES = frozenset(word[0] for word in _HAN.split("|"))
_NEGATES_WITH_MORE = frozenset(word[0] for word in _HAN.split("|") if len(word) > 1)
_AROUND = 12  # characters of context that can belong to a word of negation or exempt from it


def may_negate(letters: Iterable[str]) -> bool:
    """Whether sinographs begin a word of negation."""
    return not _NEGATES.isdisjoint(letters)


def may_negate_with_more(letter: str) -> bool:
    """Whether a word of negation can begin with a sinograph and go on after it."""
    return letter in _NEGATES_WITH_MORE


def negations(place: Place) -> list[str]:
    """The words of negation of which at least one character stands in the reading."""
    before = place.left[-_AROUND:]
    start, end = len(before), len(before) + len(place.text)
    text = before + place.text + place.right[:_AROUND]
    if not _NEGATION_BEGINS.search(text, max(0, start - _LONGEST_NEGATION), end):
        return []
    found = _NEGATION.finditer(text)
    return [
        _SAME.get(word[0].lower(), word[0].lower())
        for word in found
        if not word["exempt"] and word.start() < end and word.end() > start
    ]


_SAME = {"沒有": "没有", "沒": "没", "無": "无"}

_TITLES = (
    "总统|主席|总理|首相|国王|女王|总书记|书记|部长|省长|市长|大臣|将军|元帅|教授|博士|同志|先生|女士|夫人|"
    "秘书长|委员长|总干事|议长|外长|大使|院士|老师|医生|さん|様|氏"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤习"
)
_TITLE = re.compile(_TITLES)
LONGEST_TITLE = max(map(len, _TITLES.split("|")))
_TITLE_BEGINS = frozenset(title[0] for title in _TITLES.split("|"))
_TITLED = re.compile(f"[{_SURNAMES}][{glyphs.DENSE}]{{0,2}}(?:{_TITLES})")
_DENSE = re.compile(f"[{glyphs.DENSE}]+")
DOTS = frozenset("·•・‧")
"""Interpuncts, between the parts of a name."""

_NAME_LETTERS = 8
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE_END = re.compile(r"(?:\A|[.!?:。！？：\n])[\s\"'“”‘’«»()\[\]*_#>-]*\Z")


def titled(letters: str) -> bool:
    """Whether there is a surname with a title in letters."""
    return len(letters) > 1 and bool(_TITLED.search(letters))


def may_be_title(letter: str) -> bool:
    """Whether a title begins with a letter."""
    return letter in _TITLE_BEGINS


def begins_with_title(letters: str) -> bool:
    """Whether letters begin with a title."""
    return bool(_TITLE.match(letters))


def names(found: Difference) -> bool:
    """Whether the readings differ in a name, where that can be seen."""
    x, y = found.core
    short = max(len(x), len(y)) <= _NAME_LETTERS
    dense = _DENSE.fullmatch(x + y)
    if short and x and y and dense and begins_with_title(found.right(0).replace("\n", "")):
        return True
    if any(titled(core) for core in (x, y) if len(core) <= 2 * _NAME_LETTERS):
        return True
    a, b = found.places
    if short and not DOTS.isdisjoint((a.left[-1:], a.right[:1], b.left[-1:], b.right[:1])):
        return True
    return not dense and _capitals(a) != _capitals(b)


def _capitals(place: Place) -> set[str]:
    """The words with a capital that do not begin a sentence."""
    around = place.left[-_AROUND:]
    text = around + place.text
    return {
        word[0]
        for word in _WORD.finditer(text, len(around))
        if word[0][0].isupper()
        and not word[0].isupper()
        and not _SENTENCE_END.search(text[max(0, word.start() - _AROUND) : word.start()])
    }
